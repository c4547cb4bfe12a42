"""The tree of a session's subagents, each below the one that started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.aggregator import sum_buckets
from usage_dashboard.cli.terminal import layout
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import iso_time, token_fields
from usage_dashboard.reports.wording import numbers, ranking
from usage_dashboard.store.read import session_detail

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from sqlite3 import Connection

    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.store.read.session_detail import StoredSession, StoredSubagent

COLUMNS = (
    TableColumn("", left=True),
    TableColumn("Depth", 2),
    TableColumn("Started", 5, style="dim", left=True),
    TableColumn("Duration", 4),
    TableColumn("Calls", 3),
    TableColumn("Output", 6),
    TableColumn("Tokens", style="figure"),
    TableColumn("Cost (est.)"),
)
ROWS_MOST = 24
INDENT_MOST = 6


class SubagentNode:
    """A subagent and those that it started; `depth` is 1 below the main thread, None if unknown."""

    __slots__ = ("depth", "nodes", "subagent", "totals")

    def __init__(self, db: Connection, session: StoredSession, subagent: StoredSubagent) -> None:
        self.subagent = subagent
        self.totals = sum_buckets(session_detail.read_subagent_buckets(db, session, subagent))
        self.nodes: list[SubagentNode] = []
        self.depth: int | None = None

    def iterate_tree(self, level: int = 0) -> Iterator[tuple[int, SubagentNode]]:
        """Yield this node and all below it, each with its level."""
        yield level, self
        for node in self.nodes:
            yield from node.iterate_tree(level + 1)


def build_tree(db: Connection, session: StoredSession) -> list[SubagentNode]:
    """Build the trees of `session`, and return their roots in the order in which they began."""
    nodes = {
        subagent.id: SubagentNode(db, session, subagent)
        for subagent in session_detail.read_subagents(db, session)
    }
    roots = []
    for node in nodes.values():
        parent = nodes.get(node.subagent.parent or 0)
        if parent is None or _is_below(parent, node, nodes):
            roots.append(node)
        else:
            parent.nodes.append(node)
    for root in roots:
        if root.subagent.parent == 0:
            for level, node in root.iterate_tree():
                node.depth = level + 1
    return roots


def format_tree(roots: Sequence[SubagentNode], reader: CommandReader, width: int) -> list[StyledLine]:
    """A table with each subagent indented below its parent, and one row for all beyond a screen."""
    leveled = [(level, node) for root in roots for level, node in root.iterate_tree()]
    listed = leveled if len(leveled) <= ROWS_MOST else leveled[: ROWS_MOST - 1]
    rows = [_node_row(level, node, reader) for level, node in listed]
    rest = ranking.sum_totals(node.totals for _, node in leveled[len(listed) :])
    if len(listed) < len(leveled):
        name = numbers.format_count(len(leveled) - len(listed), "other subagent")
        amounts = (f"{rest.calls:,}", numbers.format_output(rest), numbers.format_tokens(rest.total_tokens))
        rows.append(TableRow([name, "", "", "", *amounts, numbers.format_cost(rest)], "dim"))
    return layout.lay_out_table(COLUMNS, [("Subagents", rows)], width)


def tree_to_json(roots: Sequence[SubagentNode]) -> list[dict[str, object]]:
    """The trees as plain values: each subagent's own figures and the list of those that it started."""
    return [
        {
            "agent": node.subagent.agent,
            "depth": node.depth,
            "started": iso_time(node.subagent.first_us),
            "ended": iso_time(node.subagent.last_us),
            "duration_seconds": _duration_seconds(node),
            **token_fields(node.totals),
            "subagents": tree_to_json(node.nodes),
        }
        for node in roots
    ]


def _is_below(node: SubagentNode, ancestor: SubagentNode, nodes: dict[int, SubagentNode]) -> bool:
    """Whether `node` is `ancestor` or below it: recorded parents may form a circle, a tree may not."""
    met: set[int] = set()
    at: SubagentNode | None = node
    while at is not None and at.subagent.id not in met:
        if at is ancestor:
            return True
        met.add(at.subagent.id)
        at = nodes.get(at.subagent.parent or 0)
    return False


def _node_row(level: int, node: SubagentNode, reader: CommandReader) -> TableRow:
    return TableRow(
        [
            layout.GAP * min(level, INDENT_MOST) + node.subagent.agent,
            numbers.UNKNOWN if node.depth is None else str(node.depth),
            numbers.format_short_time(node.subagent.first_us, reader.zone, reader.now_us),
            numbers.format_duration(_duration_seconds(node)),
            f"{node.totals.calls:,}",
            numbers.format_output(node.totals),
            numbers.format_tokens(node.totals.total_tokens),
            numbers.format_cost(node.totals),
        ]
    )


def _duration_seconds(node: SubagentNode) -> int:
    return (node.subagent.last_us - node.subagent.first_us) // SECOND_US
