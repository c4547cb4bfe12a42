"""Every list of a report adds up to its totals, and its JSON has the promised keys and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.test_attribution import PRICED, UNPRICED, conversations, everything, lenient, recorded, scan
from tests.support.ledger_rows import totals_after_sweep
from tests.support.transcripts import OTHER, SESSION, Line, response, result, tool_use, usage, write
from usage_dashboard.aggregator import Report, ToolTotals, Totals, build_report
from usage_dashboard.model.events import BACKGROUND, MAIN, SUBAGENT, ToolResult
from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.totals import ROLLUP_SUMS, TOOL_ROLLUP_SUMS
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.envelope import build_envelope, iso_time, to_dollars
from usage_dashboard.reports.window_usage import WindowUsage, read_usage

calm = settings(deadline=None)

TOKENS = (
    "total_tokens", "input_tokens", "output_tokens", "cache_creation", "cache_creation_1h", "cache_read",
    "thinking_tokens", "web_searches",
)  # fmt: skip
LISTS = ("by_model", "by_agent", "by_day", "by_project", "by_channel", "by_tool", "by_session")
Bucket = tuple[int, str, str, str, int, str, str, *tuple[int, ...]]


def bucket(
    place: int = 0,
    session: str = "s1",
    kind: int = MAIN,
    agent: str = "main",
    model: str = "m",
    **sums: int,
) -> Bucket:
    counts = {"calls": 1, **sums}
    return (place, session, "shop", "cli", kind, agent, model, *(counts.get(name, 0) for name in ROLLUP_SUMS))


def share(tool: str, place: int = 0, model: str = "m", server: str = "", **sums: int) -> Any:
    where = (place, "s1", "shop", "cli", MAIN, "main", model, tool, server)
    return (*where, *(sums.get(name, 0) for name in TOOL_ROLLUP_SUMS))


def day(at_us: int) -> str:
    return f"day {at_us // 86_400_000_000}"


@st.composite
def buckets(draw: st.DrawFn) -> Bucket:
    kind = draw(st.sampled_from([MAIN, SUBAGENT, BACKGROUND]))
    sums = {name: draw(st.integers(0, 10**12)) for name in ROLLUP_SUMS}
    sums["calls"] = draw(st.integers(1, 9))
    sums["unpriced"] = draw(st.sampled_from([0, sums["calls"]]))
    if sums["unpriced"]:
        sums |= dict.fromkeys(("cost", "cost_prompt", "cost_read", "savings"), 0)
    # No kind of token costs anything where there is none of it, and no part is larger than its whole.
    sums["cache_1h"] = min(sums["cache_1h"], sums["cache_creation"])
    sums["cost_read"] *= bool(sums["cache_read"])
    sums["cost_prompt"] *= bool(sums["input"] or sums["cache_creation"])
    place, session = draw(st.integers(0, 400)), draw(st.sampled_from(["s1", "s2"]))
    return bucket(place, session, kind, draw(st.sampled_from("ab")), draw(st.sampled_from("mnop")), **sums)


def spoken(found: Report) -> dict[str, Any]:
    """What a report is as JSON, there and back."""
    usage = WindowUsage(Window("all", 0))
    usage.report = found
    document: dict[str, Any] = json.loads(json.dumps(build_envelope(usage, [])))
    return document


def nano(row: dict[str, Any]) -> int:
    return round((row["cost_estimate_usd"] or 0) * 1e9)


def adds_up(document: dict[str, Any]) -> None:
    totals = document["totals"]
    for name in LISTS:
        rows = document[name]
        sums = {field: sum(row[field] for row in rows) for field in (*TOKENS, "calls")}
        assert sums == {field: totals[field] for field in sums}, name
        assert sum(nano(row) for row in rows) == nano(totals), name


@calm
@given(st.lists(buckets(), max_size=12))
def test_every_list_of_any_buckets_adds_up(found: list[Bucket]) -> None:
    adds_up(spoken(build_report(found, [], day)))


@lenient
@given(conversation=conversations((*PRICED, UNPRICED)))
def test_every_list_of_any_ledger_adds_up(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    document = build_envelope(read_usage(str(ledger), Window("all", 0), Zone("UTC")), [])
    adds_up(json.loads(json.dumps(document)))


@calm
@given(st.lists(buckets(), max_size=12), st.randoms())
def test_the_order_of_buckets_does_not_matter(found: list[Bucket], random: Any) -> None:
    before = spoken(build_report(found, [], day))
    random.shuffle(found)
    assert spoken(build_report(found, [], day)) == before


def test_the_json_has_the_promised_keys_and_no_others(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", tool_use("t1")), result("t1"), *response("m2")])
    totals_after_sweep(ledger)
    document = build_envelope(read_usage(str(ledger), Window("all", 0), Zone("UTC")), [])
    assert list(document) == ["version", "window", "totals", "limits", *LISTS]
    rows: dict[str, Any] = {name: document[name] for name in LISTS}
    row = {"calls", *TOKENS, "cost_estimate_usd"}
    span = {"started", "ended", "duration_seconds"}
    assert {name: set(rows[name][0]) for name in LISTS} == {
        "by_model": row | {"model", "tasks", "cache_hit_rate"},
        "by_agent": row | {"name", "type", "model", "tasks", "turns"},
        "by_day": row | {"day", "tasks", "turns"},
        "by_project": row | {"project", "tasks", "cache_hit_rate"},
        "by_channel": row | {"channel", "tasks"},
        "by_tool": row | {"tool", "tool_calls", "failed", "median_ms", "server"},
        "by_session": row | {"session"} | span,
    }
    assert set(document["totals"]) == row | {  # type: ignore[call-overload]
        "tasks", "turns", "cache_savings_usd", "background", "background_unknown_sessions",
        "cache_hit_rate", "incomplete_calls", "unpriced_models",
    }  # fmt: skip
    assert set(document["totals"]["background"]) == {*TOKENS, "calls_lower_bound"}  # type: ignore[index]
    assert set(document["window"]) == {"name", "since", "until", "reset_at", "reset_source"}  # type: ignore[call-overload]


def test_without_a_ledger_everything_is_zero_and_nothing_is_made(ledger: Path) -> None:
    found = read_usage(str(ledger), Window("all", 0), Zone("UTC"))
    document = json.loads(json.dumps(build_envelope(found, [])))
    totals = document["totals"]
    assert (found.recorded, ledger.exists()) == (False, False)
    assert {totals[field] for field in (*TOKENS, "calls", "tasks", "turns", "incomplete_calls")} == {0}
    assert (totals["cost_estimate_usd"], totals["cache_hit_rate"], totals["unpriced_models"]) == (0, None, [])
    assert [document[name] for name in LISTS] == [[]] * len(LISTS)


def test_a_cost_is_null_only_where_nothing_has_a_price() -> None:
    known, unknown = bucket(model="m", cost=7), bucket(model="n", unpriced=1, output=5)
    document = spoken(build_report([known, unknown], [], day))
    assert document["totals"]["cost_estimate_usd"] == 7e-9
    assert document["totals"]["unpriced_models"] == ["n"]
    assert {row["model"]: row["cost_estimate_usd"] for row in document["by_model"]} == {"m": 7e-9, "n": None}
    alone = spoken(build_report([unknown], [share("Bash", model="n", calls=1, output=2)], day))
    assert alone["totals"]["cost_estimate_usd"] is None
    assert {row["tool"]: row["cost_estimate_usd"] for row in alone["by_tool"]} == {
        "Bash": None,
        "(reply)": None,
    }


@pytest.mark.parametrize("turned", [False, True])
def test_what_a_priced_model_paid_for_a_tool_stays_beside_a_call_of_an_unpriced_one(turned: bool) -> None:
    both = [bucket(model="m", cost=90, cost_prompt=90, input=9), bucket(model="n", unpriced=1, output=5)]
    shares = [share("Bash", model="m", input=9, cost_prompt=90), share("Bash", model="n", calls=1, output=5)]
    document = spoken(build_report(both, shares[::-1] if turned else shares, day))
    adds_up(document)


def test_labels_of_what_has_no_price_have_no_cost_beside_background_that_has() -> None:
    hidden = bucket(kind=BACKGROUND, agent="background", model="m", cost=7, output=1)
    seen = bucket(model="n", unpriced=1, output=5)
    costs = {
        row["tool"]: row["cost_estimate_usd"]
        for row in spoken(build_report([hidden, seen], [], day))["by_tool"]
    }
    assert costs == {"(reply)": None, "(background)": 7e-9}
    hidden = bucket(kind=BACKGROUND, agent="background", model="n", unpriced=1, output=1)
    seen = bucket(model="m", cost=5, output=5)
    labels = spoken(build_report([hidden, seen], [], day))["by_tool"]
    assert {row["tool"]: row["cost_estimate_usd"] for row in labels} == {
        "(reply)": 5e-9,
        "(background)": None,
    }


def test_background_has_its_label_and_is_in_every_list() -> None:
    costs: dict[str, Any] = {"cost": 99, "cost_prompt": 30, "cost_read": 20, "cache_read": 8}
    counts: dict[str, Any] = {"calls": 3, "input": 1, "output": 2, "cache_creation": 4}
    hidden = bucket(kind=BACKGROUND, agent="background", **costs, **counts)
    seen = bucket(output=1, input=1, cache_read=1, cost=1110, cost_prompt=100, cost_read=10)
    document = spoken(build_report([hidden, seen], [], day))
    adds_up(document)
    labels = {row["tool"]: nano(row) for row in document["by_tool"]}
    assert labels == {"(background)": 99, "(reply)": 1000, "(prompt)": 100, "(context)": 10}
    found = document["totals"]["background"]
    assert (found["calls_lower_bound"], found["total_tokens"], found["output_tokens"]) == (3, 15, 2)
    (label,) = [row for row in document["by_tool"] if row["tool"] == "(background)"]
    assert (label["calls"], label["input_tokens"], label["output_tokens"], nano(label)) == (3, 1, 2, 99)
    assert [row["type"] for row in document["by_agent"]] == ["background", "main"]


def test_turns_are_the_main_threads_and_tasks_are_sessions() -> None:
    found = [bucket(calls=3), bucket(kind=SUBAGENT, agent="Explore", calls=2), bucket(session="s2", calls=1)]
    totals = spoken(build_report(found, [], day))["totals"]
    assert (totals["tasks"], totals["turns"], totals["calls"]) == (2, 4, 6)


def test_total_tokens_count_every_kind_once() -> None:
    one = bucket(input=1, output=20, cache_creation=300, cache_1h=200, cache_read=4000, thinking=19)
    assert spoken(build_report([one], [], day))["totals"]["total_tokens"] == 4321


def test_the_cache_hit_rate_is_reads_of_all_prompt_tokens() -> None:
    one = bucket(input=1, output=500, cache_creation=1, cache_1h=1, cache_read=6)
    assert spoken(build_report([one], [], day))["totals"]["cache_hit_rate"] == 0.75
    assert Totals().cache_hit_rate is None


def test_a_tool_that_is_called_like_a_label_keeps_its_tokens(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", tool_use("t1", "(reply)"), spent=usage(0, 50)), result("t1")])
    write(project, response("m2", spent=usage(0, 7), sessionId=OTHER), OTHER)
    totals_after_sweep(ledger)
    adds_up(spoken(everything(ledger)))


def test_an_agent_that_got_its_name_later_leaves_no_empty_row_behind(ledger: Path, project: Path) -> None:
    lines = response("m1", *[{"type": "text", "text": "a"}] * 2, isSidechain=True, agentId="a1")
    path = write(project, lines[:1], subagent="a1")
    totals_after_sweep(ledger)
    write(project, [lines[0], {**lines[1], "attributionAgent": "Explore"}], subagent="a1")
    totals_after_sweep(ledger)
    assert path.exists()
    document = spoken(everything(ledger))
    assert [(row["name"], row["calls"]) for row in document["by_agent"]] == [("Explore", 1)]


def test_lists_go_from_the_most_tokens_to_the_least_and_days_by_date() -> None:
    found = [
        bucket(place, model=name, output=n) for place, name, n in ((96, "a", 1), (0, "c", 5), (0, "b", 5))
    ]
    document = spoken(build_report(found, [], day))
    assert [row["model"] for row in document["by_model"]] == ["b", "c", "a"]
    assert [row["day"] for row in document["by_day"]] == ["day 0", "day 1"]


def test_durations_of_tools_are_of_the_calls_that_the_report_keeps(ledger: Path, project: Path) -> None:
    for session, duration in ((SESSION, 10), (OTHER, 1000)):
        lines = response(f"m-{session}", tool_use(f"t-{session}"), sessionId=session, cwd=f"/srv/{duration}")
        scan(ledger, write(project, lines, session))
        outcome = (ToolResult(id_hash(f"t-{session}"), 0, failed=False), (session, ""), "Bash")
        scan(ledger, None, outcome, duration)
    kept = read_usage(str(ledger), Window("all", 0), Zone("UTC"), {"project": ["1000"]})
    (tool,) = [row for row in spoken(kept.report)["by_tool"] if row["tool"] == "Bash"]
    assert (tool["tool_calls"], tool["median_ms"]) == (1, 1000)


def test_a_session_says_when_it_was_seen(ledger: Path, project: Path) -> None:
    first = response("m1", at="2026-11-22T10:00:00.900Z")
    write(project, [*first, *response("m2", at="2026-11-22T10:20:01.000Z")])
    totals_after_sweep(ledger)
    document: dict[str, Any] = build_envelope(read_usage(str(ledger), Window("all", 0), Zone("UTC")), [])
    (row,) = document["by_session"]
    assert (row["session"], row["started"], row["ended"], row["duration_seconds"]) == (
        SESSION, "2026-11-22T10:00:00Z", "2026-11-22T10:20:01Z", 1200,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("at_us", "said"),
    [(None, None), (0, None), (1_795_380_275_999_999, "2026-11-22T20:44:35Z")],
)
def test_instants_are_utc_to_the_second(at_us: int | None, said: str | None) -> None:
    assert iso_time(at_us) == said


@pytest.mark.parametrize(
    ("nusd", "said"), [(None, None), (0, 0), (-5, -5e-9), (123_456_789_012, 123.456789012)]
)
def test_dollars_keep_every_nano(nusd: int | None, said: float | None) -> None:
    assert to_dollars(nusd) == said


@pytest.mark.parametrize(
    ("durations", "median"), [([], None), ([7], 7), ([1, 4], 2), ([9, 1, 5], 5), ([40, 10, 20, 1000], 30)]
)
def test_the_median_of_an_even_count_lies_between_the_middle_two(
    durations: list[int], median: int | None
) -> None:
    totals = ToolTotals()
    totals.durations_ms = durations
    assert totals.median_ms == median
