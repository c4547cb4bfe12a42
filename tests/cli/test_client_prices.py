"""Models newer than the release are priced by what Claude Code itself was sent, and labeled so."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.transcripts import response, usage, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import AskJson, Page

NEW = "claude-opus-9"
COSTS = {
    "inputTokens": 7, "outputTokens": 35, "promptCacheWriteTokens": 8.75, "promptCacheWrite1hTokens": 14,
    "promptCacheReadTokens": 0.7, "webSearchRequests": 0.01,
}  # fmt: skip


def send(home: Path, costs: object, place: str = ".claude.json") -> None:
    path = home / place
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"additionalModelCostsCache": costs, "userID": "x"}))


def spend(project: Path, model: str = NEW) -> None:
    write(project, response("m1", model=model, spent=usage(1_000_000, 0)))


def cost(document: AskJson) -> Any:
    return document("report", "--window", "all")["totals"]["cost_estimate_usd"]


def listed(document: AskJson) -> dict[str, Any]:
    return {
        model["model"]: model for model in document("prices")["models"] if model["source"] == "claude-code"
    }


@pytest.mark.parametrize("place", [".claude.json", ".claude/.claude.json"])
def test_a_new_model_gets_the_clients_price_also_after_it_was_recorded(
    page: Page, document: AskJson, home: Path, project: Path, place: str
) -> None:
    spend(project, f"{NEW}-20270101")
    page("import")
    assert cost(document) is None
    send(home, {f"{NEW}-20270101": COSTS, "gpt-9": COSTS}, place)
    assert cost(document) == 7.0
    (home / place).unlink()
    assert cost(document) == 7.0
    assert list(listed(document)) == [NEW]
    shown = page("prices")
    assert f"{NEW} (client) " in shown
    assert f"(client): from Claude Code, which was sent the prices of {NEW}\n" in shown


def test_what_the_release_or_the_user_knows_comes_first(
    page: Page, document: AskJson, home: Path, project: Path
) -> None:
    send(home, {"claude-opus-5-5": COSTS, NEW: COSTS})
    spend(project, "claude-opus-5-5")
    assert cost(document) == 4.0
    assert list(listed(document)) == [NEW]
    own = {"input": 1, "output": 2, "cache_write_5m": 3, "cache_write_1h": 4, "cache_read": 0.5}
    page("config", "set", "prices", json.dumps({"models": {NEW: own}}))
    assert listed(document) == {}


def test_long_prompts_and_fast_mode_have_their_prices(document: AskJson, home: Path, project: Path) -> None:
    twice = {name: 2 * amount for name, amount in COSTS.items() if name != "webSearchRequests"}
    send(home, {NEW: {**COSTS, "longPrompt": {**twice, "abovePromptTokens": 200_000}, "fast": twice}})
    spend(project)
    assert cost(document) == 14.0
    (row,) = listed(document)[NEW]["prices"]
    assert (row["above"]["prompt_tokens"], row["fast"]["output"], row["web_search"]) == (200_000, 70.0, 10.0)


def test_without_a_price_for_an_hour_it_is_that_of_five_minutes(
    document: AskJson, home: Path, project: Path
) -> None:
    spend(project)
    send(home, {NEW: {name: value for name, value in COSTS.items() if "1h" not in name}})
    document("week")
    (row,) = listed(document)[NEW]["prices"]
    assert row["cache_write_1h"] == row["cache_write_5m"] == 8.75


@pytest.mark.parametrize(
    "costs",
    [None, [], 7, {NEW: None}, {NEW: []}, {NEW: {}}, {NEW: {**COSTS, "inputTokens": -1}},
     {NEW: {**COSTS, "outputTokens": "much"}}, {NEW: {**COSTS, "inputTokens": 10**9}},
     {NEW: {**COSTS, "webSearchRequests": "x"}}, {NEW: {**COSTS, "longPrompt": {"inputTokens": 1}}}],
    ids=repr,
)  # fmt: skip
def test_what_is_not_a_price_is_none(document: AskJson, home: Path, project: Path, costs: object) -> None:
    send(home, costs)
    spend(project)
    assert cost(document) is None
    assert listed(document) == {}
