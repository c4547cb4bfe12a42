"""What a shell may complete a word to: names of windows, filters and settings, and those in the ledger.

A shell that asks gets an answer whatever the state of the ledger: nothing, where it cannot be read.
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
    """The windows whose names begin with `incomplete`, in any case of letters."""
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
    """`last` and the sessions whose ids begin with `incomplete`, the newest first, with their projects."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - loaded when a shell asks

    last = [CompletionItem("last", help="the newest")] if "last".startswith(incomplete) else []
    found = _query_ledger(_SESSIONS, len(incomplete), incomplete, MOST)
    return last + [CompletionItem(name, help=project) for name, project in found]


def complete_filters(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """What a filter may be, such as `project=shop`; the many sessions once they are asked for."""
    found = []
    for key in DIMENSIONS:
        begun = f"{key}="
        if begun.startswith(incomplete) or incomplete.startswith(begun):
            value = incomplete[len(begun) :]
            if key != "session":
                found += [begun + name for name in _read_labels(key, value)]
            elif incomplete:
                found += [begun + name for name, _ in _query_ledger(_SESSIONS, len(value), value, MOST)]
    return found


def _read_labels(kind: str, incomplete: str) -> list[str]:
    return [name for (name,) in _query_ledger(_LABELS, kind) if name.startswith(incomplete)]


def _query_ledger(query: str, *values: object) -> list[tuple[str, ...]]:
    """The rows of a query on the ledger; none where there is no ledger that could be read at once."""
    try:
        db = open_reader(paths.ledger_home(), WAIT_SECONDS)
        if db is None:
            return []
        with closing(db):
            return db.execute(query, values).fetchall()
    except (DatabaseError, UsageDashboardError, OSError):
        return []
