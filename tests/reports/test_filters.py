"""Filters: one by a row gives that row, and every list still adds up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.model.test_attribution import PRICED, UNPRICED, conversations, lenient, recorded
from tests.support.ledger_rows import totals_after_sweep
from tests.support.transcripts import Line, response, result, tool_use, usage, write
from tests.test_aggregator import TOKENS, adds_up, bucket, nano, share
from usage_dashboard.aggregator import PROMPT, REPLY
from usage_dashboard.model.events import BACKGROUND
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.envelope import build_envelope
from usage_dashboard.reports.filters import DIMENSIONS, Filters
from usage_dashboard.reports.window_usage import read_usage

if TYPE_CHECKING:
    from usage_dashboard.reports.filters import Wanted

NAMED = {"agent": "name"}


def found(ledger: Path, wanted: Wanted) -> Any:
    """The document of what matches `wanted`."""
    return build_envelope(read_usage(str(ledger), Window("all", 0), Zone("UTC"), wanted), [])


def figures(row: dict[str, Any]) -> list[int]:
    """The figures of a row that add up."""
    return [*(row[field] for field in (*TOKENS, "calls")), nano(row)]


def day(at_us: int) -> str:
    return f"day {at_us // 86_400_000_000}"


@lenient
@given(conversation=conversations((*PRICED, UNPRICED)))
def test_a_filter_by_any_row_of_any_list_gives_that_row(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    everything = found(ledger, {})
    for dimension in DIMENSIONS:
        name = NAMED.get(dimension, dimension)
        for value in {row[name] for row in everything[f"by_{dimension}"]}:
            kept = found(ledger, {dimension: [value]})
            adds_up(kept)
            rows = [row for row in everything[f"by_{dimension}"] if row[name] == value]
            sums = [sum(column) for column in zip(*map(figures, rows), strict=True)]
            assert figures(kept["totals"]) == sums, (dimension, value)


@lenient
@given(conversation=conversations((*PRICED, UNPRICED)))
def test_all_tools_and_labels_together_are_everything(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    whole = found(ledger, {})
    shares = found(ledger, {"tool": [row["tool"] for row in whole["by_tool"]]})
    for name in ("by_model", "by_agent", "by_day", "by_project", "by_channel", "by_tool", "by_session"):
        kept, rows = ([figures(row) for row in document[name]] for document in (shares, whole))
        assert kept == rows, name


@pytest.fixture
def busy(ledger: Path, project: Path) -> Path:
    """A ledger of two models, on two days, with two tools of an MCP server."""
    opus = response(
        "m1",
        tool_use("t1", "mcp__github__search"),
        tool_use("t2", "mcp__github__read"),
        spent=usage(10, 100, 1000),
        at="2026-11-21T23:50:00.000Z",
    )
    haiku = response(
        "m2", tool_use("t3"), spent=usage(4, 40, 400), at="2026-11-22T00:10:00.000Z", model="claude-haiku-5-5"
    )
    write(project, [*opus, result("t1"), result("t2"), *haiku, result("t3")])
    totals_after_sweep(ledger)
    return ledger


@pytest.mark.parametrize(
    ("wanted", "tokens"),
    [
        ({"model": ["haiku"]}, 444),
        ({"model": ["Opus", "Haiku"]}, 1554),
        ({"day": ["2026-11-21"]}, 1110),
        ({"day": ["2026-11-21"], "model": ["haiku"]}, 0),
        ({"tool": ["mcp__github__search", "mcp__github__read"], "day": ["2026-11-21"]}, 100),
        ({"tool": ["github (MCP)"], "day": ["2026-11-21"]}, 100),
        ({"tool": ["github (MCP)"], "model": ["haiku"]}, 404),
        ({"tool": ["nothing"]}, 0),
    ],
)
def test_filters_combine(busy: Path, wanted: Wanted, tokens: int) -> None:
    document = found(busy, wanted)
    adds_up(document)
    assert document["totals"]["total_tokens"] == tokens


def test_a_day_is_one_of_the_users_zone(busy: Path) -> None:
    kept = read_usage(str(busy), Window("all", 0), Zone("Asia/Tokyo"), {"day": ["2026-11-22"]})
    assert (kept.report.totals.calls, list(kept.report.days)) == (2, ["2026-11-22"])


def test_what_a_cache_saved_on_a_tool_is_not_known(busy: Path) -> None:
    assert found(busy, {"tool": ["Bash"]})["totals"]["cache_savings_usd"] is None
    assert found(busy, {"model": ["haiku"]})["totals"]["cache_savings_usd"] is not None


def test_calls_of_a_tool_are_its_own_and_those_of_its_lists() -> None:
    kept = Filters({"tool": ["Bash"]}, day).build_report(
        [bucket(output=9), bucket(place=96, output=5)], [share("Bash", calls=2, output=3)], day
    )
    assert kept.attributed
    (tool,) = kept.tools.values()
    assert (tool.tool_calls, tool.output, list(kept.days)) == (2, 3, ["day 0"])
    assert kept.totals.calls == 0


def test_a_share_of_a_model_without_a_price_has_no_cost() -> None:
    kept = Filters({"tool": ["Bash"]}, day).build_report(
        [bucket(model="n", unpriced=1, output=9)], [share("Bash", model="n", calls=1, output=3)], day
    )
    assert (kept.totals.priced_nusd, kept.unpriced_models) == (None, ["n"])


def test_labels_in_brackets_can_be_asked_for() -> None:
    hidden = bucket(kind=BACKGROUND, agent="background", output=7, cost=7)
    rows = [hidden, bucket(output=9, input=4, cost=13, cost_prompt=4)]
    tools = [share("Bash", calls=1, output=3, input=1, cost_output=3, cost_prompt=1)]
    kept = Filters({"tool": [REPLY, PROMPT]}, day).build_report(rows, tools, day)
    assert {name: (t.output, t.input, t.cost_nusd, t.calls) for name, t in kept.tools.items()} == {
        REPLY: (6, 0, 6, 1),
        PROMPT: (0, 3, 3, 0),
    }
    assert (kept.totals.turns, kept.totals.tasks, kept.background.calls) == (1, 1, 0)
    kept = Filters({"tool": ["(background)"]}, day).build_report(rows, tools, day)
    assert (kept.totals.output, kept.background.output) == (7, 7)
