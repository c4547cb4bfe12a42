"""Where things are: the only reader of HOME and of the variables that move folders.

Strings and `os.path` rather than `pathlib`, which costs a hook more than its work.
"""

import os


def ledger_home() -> str:
    """The folder of the ledger: `USAGE_DASHBOARD_HOME`, else `~/.claude-usage`."""
    return os.environ.get("USAGE_DASHBOARD_HOME") or os.path.join(user_home(), ".claude-usage")


def user_home() -> str:
    """The user's home folder."""
    return os.path.expanduser("~")


def ledger_file(home: str) -> str:
    """The SQLite ledger below the folder `home`."""
    return os.path.join(home, "usage.db")


def config_file(home: str) -> str:
    """The settings below the folder `home`."""
    return os.path.join(home, "config.json")


def fault_file(home: str) -> str:
    """The log of our own faults below the folder `home`."""
    return os.path.join(home, "faults.log")


def claude_config_dirs() -> list[str]:
    """The folders in which Claude Code keeps settings and transcripts, the one in force first.

    `CLAUDE_CONFIG_DIR` may be a comma list (a habit of usage tools); `~/.claude` is the default
    and `~/.config/claude` where some releases kept it.
    """
    moved = os.environ.get("CLAUDE_CONFIG_DIR", "")
    named = [os.path.expanduser(part.strip()) for part in moved.split(",") if part.strip()]
    usual = [os.path.join(user_home(), ".claude"), os.path.join(user_home(), ".config", "claude")]
    return list(dict.fromkeys(os.path.abspath(folder) for folder in named + usual))


def claude_folder(transcript: str) -> str:
    """The Claude Code folder that a transcript (`<folder>/projects/<project>/<session>.jsonl`) lies in.

    The folder in force where the path is another one. Symbolic links are followed, so that a folder has
    one name.
    """
    projects = os.path.dirname(os.path.dirname(transcript))
    if os.path.basename(projects) == "projects":
        return os.path.realpath(os.path.dirname(projects))
    return os.path.realpath(claude_config_dirs()[0])


def claude_state_files(folder: str) -> list[str]:
    """Where Claude Code keeps its own state for the folder `folder`: in it, or beside `~/.claude`."""
    files = [os.path.join(folder, ".claude.json")]
    if folder == os.path.realpath(os.path.join(user_home(), ".claude")):
        files.append(os.path.join(user_home(), ".claude.json"))
    return files
