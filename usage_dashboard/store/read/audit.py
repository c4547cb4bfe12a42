"""The ledger against Claude Code's own totals, per session and model."""

from __future__ import annotations

from usage_dashboard.model.background import COST, TOKENS
from usage_dashboard.model.events import BACKGROUND
from usage_dashboard.store.read.totals import count_unknown_background
from usage_dashboard.store.write.background import read_intervals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

OUTPUT = 1


class AuditRow:
    """One session's usage of one model: what the client counted, and what the ledger has.

    Tokens of every kind: `client` in all, `visible` in transcripts or telemetry, `background` derived from
    the client's own totals. `unexplained` is the difference, the sum of the absolute values of each kind.
    `incomplete` calls were cut off. Money is nano-USD; `cost` is None without a price. `known` is False
    where a process of the session wrote no totals, so that what it hid is in none of these.
    """

    __slots__ = (
        "background", "client", "client_cost", "cost", "incomplete", "known", "model", "only_output",
        "session", "unexplained", "visible",
    )  # fmt: skip

    def __init__(self, session: str, model: str) -> None:
        self.session = session
        self.model = model
        self.client = self.visible = self.background = self.unexplained = self.incomplete = 0
        self.client_cost = 0
        self.cost: int | None = 0
        self.only_output = self.known = True

    @property
    def coverage(self) -> int | None:
        """The percentage of the client's tokens that the ledger explains, rounded down; None if unknown."""
        if not self.known:
            return None
        return 100 if self.client == 0 else max(0, self.client - self.unexplained) * 100 // self.client

    @property
    def fails(self) -> bool:
        """Whether something is unexplained, other than the estimated output of calls that were cut off."""
        return self.unexplained > 0 and not (self.incomplete and self.only_output)


def check_session(db: Connection, session: int, name: str) -> list[AuditRow] | None:
    """Audit a session by model; None while the client's own totals of it are not known."""
    counted = read_intervals(db, session)
    if counted is None:
        return None
    audited: dict[str, AuditRow] = {}
    rest: dict[str, list[int]] = {}
    surplus = 0
    for interval in counted:
        visible, beyond = interval.visible()
        surplus += sum(beyond[kind] for kind in TOKENS)
        for model in interval.state.models:
            row = audited.setdefault(model, AuditRow(name, model))
            growth, shown = interval.growth(model), visible[model]
            row.client += sum(growth[kind] for kind in TOKENS)
            row.client_cost += growth[COST]
            row.visible += sum(shown[kind] for kind in TOKENS)
            row.incomplete += interval.incomplete(model)
            left = rest.setdefault(model, [0] * (COST + 1))
            rest[model] = [a + b - c for a, b, c in zip(left, growth, shown, strict=True)]
            row.cost = _add_known(row.cost, shown[COST] if shown[COST] or not any(shown) else None)
    for model, counts, cost in _read_background(db, session, counted[0].state.at_us):
        row = audited.setdefault(model, AuditRow(name, model))
        row.background += sum(counts[kind] for kind in TOKENS)
        row.cost = _add_known(row.cost, cost)
        rest[model] = [a - b for a, b in zip(rest.get(model, [0] * len(counts)), counts, strict=False)]
    for model, left in rest.items():
        audited[model].unexplained = sum(abs(left[kind]) for kind in TOKENS)
        audited[model].only_output = not any(left[kind] for kind in TOKENS if kind != OUTPUT)
    for row in list(audited.values())[:1]:  # of the session, whichever model it is
        row.unexplained += surplus
        row.only_output = row.only_output and not surplus
    known = count_unknown_background(db, [name]) == 0
    for row in audited.values():
        row.known = known
    return [audited[model] for model in sorted(audited) if model]


def _read_background(
    db: Connection, session: int, since_us: int
) -> list[tuple[str, tuple[int, ...], int | None]]:
    """(model, counts, nano-USD) of the background rows that were derived from the totals since `since_us`."""
    query = (
        "SELECT COALESCE(a.name, m.name), r.cost, r.input, r.output, r.cache_creation, r.cache_1h,"
        " r.cache_read, r.thinking, r.searches"
        " FROM response r JOIN price_class c ON c.id = r.class JOIN label m ON m.id = c.model"
        " LEFT JOIN label a ON a.id = r.asked"
        " WHERE r.session = ? AND r.kind = ? AND r.request IS NULL AND r.at_us >= ?"
    )
    rows = db.execute(query, (session, BACKGROUND, since_us))
    return [(model, tuple(count or 0 for count in counts), cost) for model, cost, *counts in rows]


def _add_known(left: int | None, right: int | None) -> int | None:
    return None if left is None or right is None else left + right
