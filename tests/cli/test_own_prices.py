"""Prices and aliases under the names that the user knows, whatever the ledger keeps of them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.transcripts import response, usage, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Ask, AskJson, Page

FIVE = {"input": 3, "output": 15, "cache_write_5m": 3.75, "cache_write_1h": 6, "cache_read": 0.3}
ARN = "arn:aws:bedrock:eu-central-1:999988887777:application-inference-profile/zz9plural"
LONG = "company-internal-gateway/" + "very-" * 12 + "long-name"
NAMES = (ARN, LONG, "glm-4.7", "My Gateway (Sonnet)", "(internal)")


def spend(project: Path, model: str, name: str = "s", tokens: int = 1_000_000) -> None:
    write(project, response(name, spent=usage(tokens, 0), model=model), name)


def cost(document: AskJson) -> Any:
    return document("report", "--window", "all")["totals"]["cost_estimate_usd"]


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("privacy", ["keep", "hash", "drop"])
@pytest.mark.parametrize("setting", ["prices", "models.alias"])
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_a_name_is_priced_before_and_after_it_was_recorded(
    page: Page, document: AskJson, project: Path, *, model: str, privacy: str, setting: str, first: bool
) -> None:
    value = {"models": {model: FIVE}} if setting == "prices" else {model: "claude-sonnet-4-6"}
    page("config", "set", "privacy.labels", privacy)
    if first:
        page("config", "set", setting, json.dumps(value))
    spend(project, model)
    page("import")
    if not first:
        assert cost(document) is None
        page("config", "set", setting, json.dumps(value))
    assert cost(document) == 3.0
    page("config", "unset", setting)
    assert cost(document) is None


def test_of_two_dropped_names_neither_is_guessed(page: Page, document: AskJson, project: Path) -> None:
    page("config", "set", "privacy.labels", "drop")
    page("config", "set", "prices", json.dumps({"models": {"one": FIVE}}))
    spend(project, "one", "a")
    assert cost(document) == 3.0
    spend(project, "two", "b")
    assert cost(document) is None


def test_what_was_dropped_by_an_older_release_is_not_guessed(
    page: Page, document: AskJson, project: Path, ledger: Path
) -> None:
    page("config", "set", "privacy.labels", "drop")
    spend(project, "one", "a")
    page("import")
    with closing(sqlite3.connect(ledger / "usage.db")) as db, db:
        db.execute("DELETE FROM meta WHERE name = 'dropped_models'")
    page("config", "set", "prices", json.dumps({"models": {"one": FIVE}}))
    spend(project, "one", "b")
    assert cost(document) is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("prices", '{"multiplier": "x"}', "`prices.multiplier` is not a number"),
        ("prices", '{"foo": 1}', "`prices` has the unknown key `foo`; it may have multiplier, models"),
        ("prices", '{"multiplier": -1}', "`prices.multiplier` is negative"),
        ("prices", '{"models": {"m": {"input": 1}}}', "`prices.models.m` is a new model and lacks `output`"),
        ("prices", '{"models": {"claude-opus-5-5": {"input": -1}}}',
         "`prices.models.claude-opus-5-5.input` is negative"),
        ("prices", '{"models": {"claude-opus-5-5": {"inptu": 1}}}',
         "`prices.models.claude-opus-5-5` has the unknown key `inptu`"),
        ("models.alias", '{"mine": "claude-sonet-4-6"}',
         "`models.alias.mine` is `claude-sonet-4-6`, of which no price is known"),
        ("models.alias", '{"mine": 1}', "`models.alias` has to be an object of names"),
        ("models.alias", '["mine"]', "`models.alias` has to be an object of names"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_one_sentence(
    ask: Ask, ledger: Path, name: str, value: str, said: str
) -> None:
    done = ask("config", "set", name, value)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {said}")
    assert not (ledger / "config.json").exists()
