"""A new price applies to everything that was ever recorded, as if it had applied from the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.test_attribution import (
    PRICED,
    UNPRICED,
    audit,
    content,
    conversations,
    everything,
    lenient,
    scan,
)
from tests.support.ledger_rows import NOW_US, rows, totals_after_sweep
from tests.support.transcripts import OTHER, Line, response, result, tool_use, usage, write
from tests.test_aggregator import adds_up, spoken
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.upkeep import reprice as room
from usage_dashboard.store.upkeep.reprice import reprice

OPUS, HAIKU = PRICED
OWN = {"input": 1, "output": 2, "cache_write_5m": 3, "cache_write_1h": 4, "cache_read": 0.5, "web_search": 7}
PRICES: tuple[Any, ...] = (
    None,
    {"multiplier": 0.8},
    {"multiplier": "0.333333"},
    {"models": {OPUS: {"output": 100}}},
    {"models": {OPUS: OWN, UNPRICED: OWN}},
    {"multiplier": 3, "models": {HAIKU: {"cache_read": 9, "web_search": 0.001}, UNPRICED: OWN}},
)
LONG_AGO = "2026-01-05T10:00:00Z"


def priced(ledger: Path, prices: Any, now_us: int = NOW_US) -> None:
    """The user changes the setting `prices` and looks at a report, with a command that sweeps first."""
    ledger.mkdir(exist_ok=True)
    (ledger / "config.json").write_text(json.dumps({"prices": prices}))
    sweep(str(ledger), now_us)


def placed(home: Path, conversation: dict[str, list[Line]]) -> None:
    """The transcripts of `conversation`, and no others, where a sweep finds them."""
    folder = home / ".claude" / "projects" / "-any"
    for old in folder.rglob("*.jsonl"):
        old.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in conversation.items():
        write(folder, lines, subagent=name)


def sums(ledger: Path) -> list[tuple[Any, ...]]:
    """Costs of all totals, those of tools included."""
    costs = "SELECT SUM(unpriced), SUM(cost), SUM(cost_prompt), SUM(cost_read), SUM(savings) FROM rollup"
    return rows(
        ledger, f"{costs} UNION ALL SELECT 0, SUM(cost_output), SUM(cost_prompt), 0, 0 FROM tool_rollup"
    )


@lenient
@given(
    conversation=conversations((*PRICED, UNPRICED)),
    before=st.sampled_from(PRICES),
    after=st.sampled_from(PRICES),
    at_once=st.sampled_from([1, 2, 2000]),
)
def test_a_repriced_ledger_equals_one_that_had_these_prices_from_the_start(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    conversation: dict[str, list[Line]],
    before: Any,
    after: Any,
    at_once: int,
) -> None:
    placed(home, conversation)
    changed, straight = tmp_path_factory.mktemp("changed"), tmp_path_factory.mktemp("straight")
    priced(changed, before)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "AT_ONCE", at_once)
        priced(changed, after)
    priced(straight, after)
    assert content(changed) == content(straight)
    audit(changed)


def test_each_kind_of_token_has_its_own_price(ledger: Path, project: Path) -> None:
    spent = usage(1, 10, w5=100, w1h=1_000, read=10_000)
    spent["server_tool_use"]["web_search_requests"] = 3
    write(project, response("m1", spent=spent))
    priced(ledger, {"models": {OPUS: OWN}})
    # Nano-dollars: 1000 and 2000, 3000, 4000, 500 a token, and 7,000,000 a search.
    whole, prompt, read = 1_000 + 20_000 + 300_000 + 4_000_000 + 5_000_000 + 21_000_000, 4_301_000, 5_000_000
    saved = 10_000 * 500 - 100 * 2_000 - 1_000 * 3_000
    assert rows(ledger, "SELECT cost, cost_prompt, cost_read, savings FROM response") == [
        (whole, prompt, read, saved)
    ]


def test_a_zeroed_copy_does_not_make_a_long_prompt_cheaper(ledger: Path, project: Path) -> None:
    found = []
    for session, spent in ((OTHER, usage(200_001, 100)), ("copy", usage(0, 0))):
        billed: Line = {"sessionId": session, "requestSessionId": OTHER}
        write(project, response("m1", model="claude-sonnet-4-5", spent=spent, **billed), session)
        priced(ledger, None)
        found += rows(
            ledger, "SELECT c.prompt_bucket, cost FROM response r JOIN price_class c ON c.id = class"
        )
    assert found == [(2, 1_202_256_000)] * 2


def test_every_share_of_a_cost_follows_a_multiplier(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", tool_use("t1"), spent=usage(100, 100)), result("t1"), *response("m2")])
    priced(ledger, None)
    before = sums(ledger)
    priced(ledger, {"multiplier": 2})
    assert sums(ledger) == [tuple(2 * cost for cost in row) for row in before]
    audit(ledger)


def test_a_model_gets_its_price_later_and_loses_it_again(ledger: Path, project: Path) -> None:
    write(project, response("m1", model=UNPRICED, spent=usage(10, 100)))
    priced(ledger, None)
    assert (everything(ledger).unpriced_models, everything(ledger).totals.priced_nusd) == ([UNPRICED], None)
    priced(ledger, {"models": {UNPRICED: OWN}})
    assert (everything(ledger).unpriced_models, everything(ledger).totals.priced_nusd) == ([], 210_000)
    priced(ledger, None)
    assert (everything(ledger).unpriced_models, everything(ledger).totals.priced_nusd) == ([UNPRICED], None)
    assert {row[0] for row in rows(ledger, "SELECT cost_estimate FROM usage")} == {None}


def test_the_same_prices_in_other_words_change_nothing(ledger: Path, project: Path) -> None:
    write(project, response("m1"))
    priced(ledger, {"multiplier": 0.8, "models": {OPUS: OWN, HAIKU: OWN}})
    turned = {"models": {HAIKU: dict(reversed(OWN.items())), OPUS: OWN}, "multiplier": "0.80"}
    db = open_writer(str(ledger))
    table = PriceLookup(lambda: turned).table
    with transaction(db):
        assert reprice(db, table.fingerprint, PriceLookup(lambda: turned).cost) is False
        assert reprice(db, "another", PriceLookup(lambda: turned).cost) is True
    db.close()


def test_prices_that_changed_before_the_first_command_hold_for_what_hooks_recorded(
    ledger: Path, project: Path
) -> None:
    path = write(project, response("m1", spent=usage(0, 1000)))
    scan(ledger, path)
    assert everything(ledger).totals.cost_nusd == 20_000_000
    priced(ledger, {"multiplier": 0.5})
    assert everything(ledger).totals.cost_nusd == 10_000_000


def test_hooks_record_at_the_old_price_until_everything_is_repriced(ledger: Path, project: Path) -> None:
    write(project, response("m1", spent=usage(0, 1000)))
    priced(ledger, None)
    (ledger / "config.json").write_text('{"prices": {"multiplier": 0.5}}')
    scan(ledger, write(project, [m for name in ("m1", "m2") for m in response(name, spent=usage(0, 1000))]))
    assert everything(ledger).totals.cost_nusd == 40_000_000
    sweep(str(ledger), NOW_US)
    assert everything(ledger).totals.cost_nusd == 20_000_000


def test_the_price_of_the_day_of_the_call_holds_after_a_change_too(ledger: Path, project: Path) -> None:
    days = ("2026-10-06T23:59:59.999Z", "2026-10-07T00:00:00.000Z")
    for number, at in enumerate(days):
        lines = response(f"m{number}", model="claude-sonnet-5-5", at=at, spent=usage(0, 0, read=1_000_000))
        write(project, lines, f"s{number}")
    priced(ledger, None)
    before = rows(ledger, "SELECT cost FROM response ORDER BY at_us")
    assert before[0] != before[1]
    priced(ledger, {"multiplier": 10})
    assert rows(ledger, "SELECT cost / 10 FROM response ORDER BY at_us") == before


def old_and_new(project: Path) -> None:
    spent = usage(123, 457, 1001, 703, 5003)
    spent["server_tool_use"]["web_search_requests"] = 2
    for session, at in (("old", LONG_AGO), (OTHER, "2026-11-22T10:00:00Z")):
        write(
            project,
            [
                *response(f"{session}1", tool_use(f"{session}t"), at=at, spent=spent, sessionId=session),
                result(f"{session}t", "x" * 300, sessionId=session),
                *response(f"{session}2", at=at, spent=spent, sessionId=session),
                *response(f"{session}3", at=at, spent=spent, sessionId=session, model=UNPRICED),
            ],
            session,
        )


@pytest.mark.parametrize("prices", PRICES, ids=repr)
def test_totals_without_rows_are_repriced_with_their_tools(
    ledger: Path, project: Path, tmp_path: Path, prices: Any
) -> None:
    old_and_new(project)
    for first in ({"multiplier": 0.9}, PRICES[4]):
        changed, straight = tmp_path / f"changed{len(first)}", tmp_path / f"straight{len(first)}"
        priced(changed, first)
        assert rows(changed, "SELECT COUNT(*) FROM response") == [(3,)]
        priced(changed, prices)
        priced(straight, prices)
        for found, wanted in zip(sums(changed), sums(straight), strict=True):
            assert all(abs(a - b) <= 6 for a, b in zip(found, wanted, strict=True)), (first, found, wanted)


@pytest.mark.parametrize("prices", PRICES, ids=repr)
def test_labels_of_totals_without_rows_still_add_up_and_none_is_negative(
    ledger: Path, project: Path, prices: Any
) -> None:
    old_and_new(project)
    priced(ledger, {"multiplier": 10})
    priced(ledger, prices)
    report = everything(ledger)
    assert {name: t.cost_nusd for name, t in report.tools.items() if t.cost_nusd < 0} == {}
    adds_up(spoken(report))


def test_shares_of_totals_without_rows_do_not_round_up_beyond_the_whole(ledger: Path, project: Path) -> None:
    tools = [tool_use(f"t{n}", name) for n, name in enumerate(("Bash", "Read", "Edit"))]
    results = [result(f"t{n}") for n in range(3)]
    write(project, [*response("m1", *tools, spent=usage(0, 3)), *results, *response("m2", spent=usage(3, 0))])
    for multiplier in (1, "0.333333"):  # a third of 20,000 nano-dollars a token is 6,666.66
        priced(ledger, {"multiplier": multiplier}, NOW_US + 200 * 86_400_000_000)
    assert min(label.cost_nusd for label in everything(ledger).tools.values()) == 0
    adds_up(spoken(everything(ledger)))


@lenient
@given(
    conversation=conversations((*PRICED, UNPRICED)),
    before=st.sampled_from(PRICES),
    after=st.sampled_from(PRICES),
)
def test_any_totals_without_rows_still_add_up_at_new_prices(
    home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    conversation: dict[str, list[Line]],
    before: Any,
    after: Any,
) -> None:
    ledger = tmp_path_factory.mktemp("pruned")
    placed(home, conversation)
    for prices in (before, after):
        priced(ledger, prices, NOW_US + 200 * 86_400_000_000)
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(0,)]
    report = everything(ledger)
    assert {name: t.cost_nusd for name, t in report.tools.items() if t.cost_nusd < 0} == {}
    adds_up(spoken(report))


def test_a_report_of_pruned_calls_without_a_price_says_so(ledger: Path, project: Path) -> None:
    old_and_new(project)
    priced(ledger, PRICES[4])
    priced(ledger, None)
    report = everything(ledger)
    assert report.unpriced_models == [UNPRICED]
    assert (report.models[UNPRICED].calls, report.models[UNPRICED].priced_nusd) == (2, None)


ARN = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123def456"


@pytest.mark.parametrize("privacy", ["keep", "hash", "drop"])
@pytest.mark.parametrize("model", ["glm-5", ARN, "team model " * 9])
def test_a_model_kept_under_another_name_costs_the_same_now_and_after_a_change(
    ledger: Path, project: Path, tmp_path: Path, privacy: str, model: str
) -> None:
    write(project, response("m1", model=model, spent=usage(0, 1000)))
    prices = {"models": {model: OWN}}
    found = []
    for name, first in (("straight", prices), ("changed", {"multiplier": 7})):
        (folder := tmp_path / name).mkdir()
        for setting in (first, prices):
            settings = {"prices": setting, "privacy": {"labels": privacy}}
            (folder / "config.json").write_text(json.dumps(settings))
            sweep(str(folder), NOW_US)
        found.append(rows(folder, "SELECT cost FROM response"))
    assert found[0] == found[1]


def test_two_models_with_dropped_names_do_not_share_a_price(ledger: Path, project: Path) -> None:
    write(project, [*response("m1", model="glm-5"), *response("m2", model="kimi-3")])
    ledger.mkdir()
    prices = {"models": {"glm-5": OWN, "kimi-3": {**OWN, "output": 2000}}}
    (ledger / "config.json").write_text(json.dumps({"privacy": {"labels": "drop"}, "prices": prices}))
    totals_after_sweep(ledger)
    costs = {row[0] for row in rows(ledger, "SELECT cost FROM response")}
    assert costs == {None} or len(costs) == 2
