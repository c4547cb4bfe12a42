"""Where files are: the only reader of HOME and of the variables that move folders.

Strings rather than `pathlib`, which costs a hook more than its work, and no `os` on the way of a hook.
"""

from usage_dashboard.runtime.os_light import POSIX, getenv, join_path, parent_folder, real_path


def ledger_home() -> str:
    """The folder of the ledger: `USAGE_DASHBOARD_HOME`, else `~/.claude-usage`."""
    return getenv("USAGE_DASHBOARD_HOME") or join_path(user_home(), ".claude-usage")


def user_home() -> str:
    """The user's home folder."""
    home = getenv("HOME") if POSIX else ""
    if home:
        return home.rstrip("/") or "/"
    import os  # noqa: PLC0415 - seldom: on Windows, or without HOME

    return os.path.expanduser("~")


def ledger_file(home: str) -> str:
    """The SQLite ledger below the folder `home`."""
    return join_path(home, "usage.db")


def config_file(home: str) -> str:
    """The settings below the folder `home`."""
    return join_path(home, "config.json")


def fault_file(home: str) -> str:
    """The log of our own errors below the folder `home`."""
    return join_path(home, "faults.log")


def claude_config_dirs() -> list[str]:
    """List the folders in which Claude Code keeps settings and transcripts, the one in force first.

    `CLAUDE_CONFIG_DIR` is one path, as Claude Code takes it: a comma or a `~` in it is a part of a name.
    It may be a comma list (a habit of usage tools) if no such folder exists but every part of it does.
    `~/.claude` is the default, and `~/.config/claude` where some releases kept it.
    """
    import os  # noqa: PLC0415 - seldom in a hook, where the transcript shows the folder

    moved = os.environ.get("CLAUDE_CONFIG_DIR", "")
    named = [moved] if moved else []
    if "," in moved and not os.path.isdir(moved):
        parts = [os.path.expanduser(part.strip()) for part in moved.split(",") if part.strip()]
        named = parts if parts and all(os.path.isdir(part) for part in parts) else named
    usual = [join_path(user_home(), ".claude"), join_path(user_home(), ".config", "claude")]
    return list(dict.fromkeys(os.path.abspath(folder) for folder in named + usual))


def cowork_folders() -> list[str]:
    """List where Claude's desktop app keeps Cowork's sessions: on macOS, on Windows, on Linux."""
    import os  # noqa: PLC0415 - no hook comes here

    home = user_home()
    packaged = ("Packages", "Claude_pzs8sxrjxfjjc", "LocalCache", "Roaming")
    data = [
        join_path(home, "Library", "Application Support"),
        os.environ.get("APPDATA") or join_path(home, "AppData", "Roaming"),
        join_path(os.environ.get("LOCALAPPDATA") or join_path(home, "AppData", "Local"), *packaged),
        os.environ.get("XDG_CONFIG_HOME") or join_path(home, ".config"),
    ]
    return [join_path(folder, "Claude", "local-agent-mode-sessions") for folder in data]


def chosen_claude_folder() -> str:
    """Return the Claude Code folder that the environment chooses, without symbolic links; empty if none."""
    moved = getenv("CLAUDE_CONFIG_DIR")
    if POSIX and moved.startswith("/") and "," not in moved:
        return real_path(moved)
    return real_path(claude_config_dirs()[0]) if moved else ""


def claude_folder(transcript: str) -> str:
    """Return the Claude Code folder of a transcript (`<folder>/projects/<project>/<session>.jsonl`).

    For any other path it is the folder in force. Symbolic links are resolved, so that a folder has one
    name.
    """
    projects = parent_folder(parent_folder(transcript))
    folder = parent_folder(projects)
    return real_path(folder if projects == join_path(folder, "projects") else claude_config_dirs()[0])


def claude_state_files(folder: str) -> list[str]:
    """List where Claude Code may keep its own state for a folder: in it, or beside `~/.claude`."""
    files = [join_path(folder, ".claude.json")]
    if folder == real_path(join_path(user_home(), ".claude")):
        files.append(join_path(user_home(), ".claude.json"))
    return files
