"""Names that a ledger may hold: bounded, printable, and hashed or dropped where the user wants that.

A project's, an agent's or an MCP server's name is the user's text. It is kept only as what a label
is: at most 64 printable characters. Names that are Claude Code's or Anthropic's own say nothing
about a user and are always kept.
"""

from __future__ import annotations

from usage_dashboard.model.ids import id_hash
from usage_dashboard.store.meta import create_salt, read_salt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Connection

MOST_CHARACTERS = 64
MAIN_AGENT, UNNAMED_AGENT, HIDDEN_AGENT = "main", "subagent", "background"

DROPPED = "other"
"""What all names are that `privacy.labels` drops."""

OWN_TOOLS = frozenset(
    (
        "Agent", "Artifact", "AskUserQuestion", "Bash", "BashOutput", "Edit", "EnterPlanMode",
        "EnterWorktree", "ExitPlanMode", "ExitWorktree", "Glob", "Grep", "KillShell", "LS",
        "ListMcpResources", "Monitor", "MultiEdit", "NotebookEdit", "NotebookRead", "PowerShell", "Read",
        "ReadMcpResource", "SendMessage", "Skill", "StructuredOutput", "Task", "TaskCreate", "TaskGet",
        "TaskList", "TaskOutput", "TaskStop", "TaskUpdate", "TodoRead", "TodoWrite", "ToolSearch",
        "WebFetch", "WebSearch", "Workflow", "Write", "web_fetch", "web_search", "code_execution",
    )
)  # fmt: skip
OWN_AGENTS = frozenset(
    (MAIN_AGENT, "general-purpose", "Explore", "Plan", "statusline-setup", UNNAMED_AGENT, HIDDEN_AGENT)
)
OWN_CHANNELS = frozenset(
    (
        "cli",
        "sdk-cli",
        "sdk-ts",
        "sdk-py",
        "claude-vscode",
        "claude-desktop",
        "claude-code-github-action",
        "unknown",
    )
)
OWN = {"tool": OWN_TOOLS, "agent": OWN_AGENTS, "channel": OWN_CHANNELS, "server": frozenset(("",))}


class Labels:
    """The ids of names in one ledger. `privacy` gives the setting `privacy.labels`, when a name needs it.

    With its `salt`, the ledger is not asked for it.
    """

    def __init__(self, db: Connection, privacy: Callable[[], str] = lambda: "keep", salt: str = "") -> None:
        self._db = db
        self._privacy = privacy
        self._ids: dict[tuple[str, str], int] = {}
        self._salt = salt

    def id(self, kind: str, name: str) -> int:
        """The id of `name` among the labels of `kind`, which is bounded first."""
        known = self._ids.get((kind, name))
        if known is None:
            known = self._ids[kind, name] = self._stored(kind, self.bounded(kind, name))
        return known

    def bounded(self, kind: str, name: str) -> str:
        """What may be kept of `name`."""
        if name in OWN.get(kind, ()) or (kind == "model" and is_public_model(name)):
            return name
        if kind == "project" and name == "~":
            return name
        if _is_hash(name):
            return name  # bounded before: the name of a stored class comes here again
        privacy = self._privacy()
        if privacy == "drop":
            return DROPPED
        prefix = _hash_prefix(name)
        # A tool with the name of one of the labels in brackets would be taken for it.
        kept = privacy == "keep" and prefix == "other" and not name.startswith("(")
        if kept and 0 < len(name) <= MOST_CHARACTERS and name.isprintable():
            return name
        return hashed_label(self.salt(), name)

    def salt(self) -> str:
        """This ledger's own random text, so that hashes of known names match in no other ledger."""
        if not self._salt:
            self._salt = read_salt(self._db) or create_salt(self._db)
        return self._salt

    def _stored(self, kind: str, name: str) -> int:
        found = self._db.execute("SELECT id FROM label WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        if found is None:
            self._db.execute("INSERT INTO label (kind, name) VALUES (?, ?)", (kind, name))
            found = self._db.execute("SELECT last_insert_rowid()").fetchone()
        return int(found[0])


def hashed_label(salt: str, name: str) -> str:
    """What a ledger with this `salt` keeps of a name that it does not keep as it is."""
    return f"{_hash_prefix(name)}-{id_hash(salt + name) & 0xFFFFFFFF:08x}"


def server_of(tool: str) -> str:
    """The MCP server in a tool's name such as `mcp__github__search`, empty for other tools."""
    parts = tool.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""


def session_name(name: str) -> str:
    """A session's id as the client gave it, if it is one; otherwise a hash of it."""
    plain = name.replace("-", "").replace("_", "")
    if 0 < len(name) <= MOST_CHARACTERS and plain.isascii() and plain.isalnum():
        return name
    return f"other-{id_hash(name) & 0xFFFFFFFF:08x}"


def _hash_prefix(name: str) -> str:
    return "bedrock" if "arn:" in name else "other"


def _is_hash(name: str) -> bool:
    kind, _, digits = name.partition("-")
    return kind in ("other", "bedrock") and len(digits) == 8 and all(c in "0123456789abcdef" for c in digits)


def is_public_model(name: str) -> bool:
    """Whether `name` is one of Anthropic's, which says nothing about a user and is always kept."""
    plain = name.replace("-", "").replace(".", "")
    return name.startswith("claude-") and len(name) <= MOST_CHARACTERS and plain.isascii() and plain.isalnum()
