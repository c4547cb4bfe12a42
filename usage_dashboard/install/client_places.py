"""Where Claude Code's clients are installed: patterns of paths, with what makes each of them.

A pattern names a package (a folder with `package.json`) or an executable. `~` is the user's home, `$NAME` a
variable of the environment; a pattern whose variable is not set is passed over.
"""

from __future__ import annotations

import glob
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PACKAGE = "@anthropic-ai/claude-code"

# Global packages of Node's package managers, `npm install -g` and the like.
_PACKAGE_FOLDERS = (
    "~/.claude/local/node_modules",  # `claude migrate-installer` of 1.0
    "$CLAUDE_CONFIG_DIR/local/node_modules",
    "$NPM_CONFIG_PREFIX/lib/node_modules",
    "$npm_config_prefix/lib/node_modules",
    "~/.npm-global/lib/node_modules",
    "~/.npm-packages/lib/node_modules",
    "~/.local/lib/node_modules",
    "~/.nvm/versions/node/*/lib/node_modules",
    "$NVM_DIR/versions/node/*/lib/node_modules",
    "~/.fnm/node-versions/*/installation/lib/node_modules",
    "~/.local/share/fnm/node-versions/*/installation/lib/node_modules",
    "~/Library/Application Support/fnm/node-versions/*/installation/lib/node_modules",
    "~/.volta/tools/image/packages/@anthropic-ai/claude-code/lib/node_modules",
    "~/.asdf/installs/nodejs/*/lib/node_modules",
    "~/.local/share/mise/installs/node/*/lib/node_modules",
    "~/.local/share/mise/installs/npm-anthropic-ai-claude-code/*/lib/node_modules",
    "~/.bun/install/global/node_modules",
    "~/.local/share/pnpm/global/*/node_modules",
    "~/Library/pnpm/global/*/node_modules",
    "$PNPM_HOME/global/*/node_modules",
    "~/.config/yarn/global/node_modules",
    "$APPDATA/npm/node_modules",
    "$NVM_SYMLINK/node_modules",
    "/usr/local/lib/node_modules",
    "/usr/lib/node_modules",
    "/opt/homebrew/lib/node_modules",
)

# The native installer, Homebrew's cask, and the desktop app, all of which name the version in the path.
_EXECUTABLES = (
    "~/.local/bin/claude",
    "~/.local/bin/claude.exe",
    "~/.local/share/claude/versions/*",
    "~/.local/share/claude/versions/*/claude",
    "$XDG_DATA_HOME/claude/versions/*",
    "$XDG_DATA_HOME/claude/versions/*/claude",
    "/opt/homebrew/Caskroom/claude-code*/*/claude",
    "/usr/local/Caskroom/claude-code*/*/claude",
    "/home/linuxbrew/.linuxbrew/Caskroom/claude-code*/*/claude",
    "$LOCALAPPDATA/Microsoft/WinGet/Packages/Anthropic.ClaudeCode_*/claude.exe",
    "$LOCALAPPDATA/Microsoft/WinGet/Links/claude.exe",
    "~/Library/Application Support/Claude/claude-code/*/claude",
    "~/Library/Application Support/Claude/claude-code/*/claude.app/Contents/MacOS/claude",
    "~/Library/Application Support/Claude/claude-code/*/*/claude.app/Contents/MacOS/claude",
    "~/.config/Claude/claude-code/*/claude",
    "$APPDATA/Claude/claude-code/*/claude.exe",
)

_EDITORS = (
    *(".vscode", ".vscode-insiders", ".vscode-oss", ".vscode-server", ".vscode-server-insiders"),
    *(".vscode-remote", ".cursor", ".cursor-server", ".windsurf", ".windsurf-server", ".windsurf-next"),
    *(".devin", ".antigravity", ".antigravity-server", ".trae", ".trae-server", ".kiro", ".positron"),
)
_EXTENSION_FOLDERS = (
    *(f"~/{editor}/extensions" for editor in _EDITORS),
    "~/.local/share/code-server/extensions",
    "~/.openvscode-server/extensions",
    "$VSCODE_EXTENSIONS",
)
# Where an extension keeps its own client: the native binary, or `cli.js` up to about 2.1.100.
_IN_EXTENSION = (
    "resources/native-binary/claude",
    "resources/native-binary/claude.exe",
    "resources/native-binaries/*/claude",
    "resources/native-binaries/*/claude.exe",
    "resources/claude-code",
    "resources/claude-code/cli.js",
)


def list_candidates(environ: Mapping[str, str], home: str) -> Iterator[str]:
    """Every path that may be a client: of PATH, of the installers, of the editors' extensions."""
    yield from _on_path(environ)
    for folder in _PACKAGE_FOLDERS:
        yield from _matches(f"{folder}/{PACKAGE}", environ, home)
    for pattern in _EXECUTABLES:
        yield from _matches(pattern, environ, home)
    for folder in _EXTENSION_FOLDERS:
        for extension in _matches(f"{folder}/anthropic.claude-code*", environ, home):
            if not _is_obsolete(extension):
                yield from _each_of(extension, _IN_EXTENSION)


def _on_path(environ: Mapping[str, str]) -> Iterator[str]:
    """The clients on PATH, and the packages of the Node.js that it names."""
    names = ("claude.exe", "claude.cmd", "claude.ps1", "claude") if sys.platform == "win32" else ("claude",)
    for folder in dict.fromkeys(environ.get("PATH", "").split(os.pathsep)):
        # The current folder is no place to run programs from unasked.
        if os.path.isabs(folder):
            yield from _each_of(folder, (*names, f"node_modules/{PACKAGE}", f"../lib/node_modules/{PACKAGE}"))


def _each_of(folder: str, patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        yield from sorted(glob.glob(os.path.join(glob.escape(folder), pattern)))


def _matches(pattern: str, environ: Mapping[str, str], home: str) -> list[str]:
    start, _, rest = pattern.partition("/")
    if start.startswith("$"):
        start = environ.get(start[1:], "")
        if not os.path.isabs(start):
            return []
    elif start == "~":
        start = home
    return sorted(glob.glob(glob.escape(start) + "/" + rest if rest else glob.escape(start)))


def _is_obsolete(extension: str) -> bool:
    """Whether the editor has marked an extension's folder as one to remove, after an update."""
    folder, name = os.path.split(extension)
    try:
        with open(os.path.join(folder, ".obsolete"), encoding="utf-8") as file:
            return f'"{name}":true' in file.read().replace(" ", "")
    except (OSError, UnicodeDecodeError):
        return False
