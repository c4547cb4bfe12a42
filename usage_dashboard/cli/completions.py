"""Complete windows, filters, settings, and the names in the ledger, for the user's shell.

A ledger that cannot be read completes nothing; it never fails the shell.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from usage_dashboard.config import paths, settings
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.windows import NAMES
from usage_dashboard.reports.filters import DIMENSIONS
from usage_dashboard.store.connection import DatabaseError, open_reader

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

WAIT_SECONDS = 0.2
MOST = 40

_SESSIONS = (
    "SELECT s.name, p.name FROM session s JOIN label p ON p.id = s.project"
    " WHERE s.last_us > 0 AND substr(s.name, 1, ?) = ? ORDER BY s.last_us DESC LIMIT ?"
)
_LABELS = "SELECT name FROM label WHERE kind = ? ORDER BY name"


def complete_windows(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The windows whose names begin with `incomplete`, in upper or lower case."""
    return [name for name in NAMES if name.lower().startswith(incomplete.lower())]


def complete_settings(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The settings whose names begin with `incomplete`."""
    return [name for name in settings.BY_NAME if name.startswith(incomplete)]


def complete_projects(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The projects of the ledger whose names begin with `incomplete`."""
    return _read_labels("project", incomplete)


def complete_models(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The models of the ledger whose names begin with `incomplete`."""
    return _read_labels("model", incomplete)


def complete_sessions(
    _context: click.Context, _parameter: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """`last` and the sessions whose ids begin with `incomplete`, newest first, with their projects."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - loaded when a shell asks

    last = [CompletionItem("last", help="the newest")] if "last".startswith(incomplete) else []
    rows = _query_ledger(_SESSIONS, len(incomplete), incomplete, MOST)
    return last + [CompletionItem(name, help=project) for name, project in rows]


def complete_filters(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The filters that begin with `incomplete`, such as `project=shop`; sessions only once asked for."""
    matching = []
    for key in DIMENSIONS:
        begun = f"{key}="
        if begun.startswith(incomplete) or incomplete.startswith(begun):
            value = incomplete[len(begun) :]
            if key != "session":
                matching += [begun + name for name in _read_labels(key, value)]
            elif incomplete:
                matching += [begun + name for name, _ in _query_ledger(_SESSIONS, len(value), value, MOST)]
    return matching


def _read_labels(kind: str, incomplete: str) -> list[str]:
    return [name for (name,) in _query_ledger(_LABELS, kind) if name.startswith(incomplete)]


def _query_ledger(query: str, *values: object) -> list[tuple[str, ...]]:
    """The rows of a query; none if the ledger is missing, busy or unreadable."""
    try:
        db = open_reader(paths.ledger_home(), WAIT_SECONDS)
        if db is None:
            return []
        with closing(db):
            return db.execute(query, values).fetchall()
    except (DatabaseError, UsageDashboardError, OSError):
        return []
