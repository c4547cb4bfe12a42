"""`privacy.labels` applied to what is recorded: as if it had been set before, and no total changes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.ledger_dump import dump_ledger
from tests.support.transcripts import OTHER, response, result, tool_use, usage, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.command import Ask, AskJson, Page

WORDS = (b"secretshop", b"otherclient", b"my-agent", b"github", b"gateway-model", b"second-model", b"speedy")


def write_history(project: Path) -> None:
    """Two projects, models, agents, servers and marks of the user's, beside Claude Code's own names."""
    tool = tool_use("t1", "mcp__github__search")
    write(
        project,
        [
            *response("m1", tool, model="gateway-model", cwd="/home/dev/secretshop", spent=usage(1000, 50)),
            result("t1"),
            *response("m2", tool_use("t2"), model="second-model", cwd="/home/dev/secretshop"),
            result("t2"),
            *response("m3", model="claude-opus-5-5", cwd="/home/dev/secretshop"),
        ],
        "a",
    )
    away: dict[str, Any] = {"cwd": "/home/dev/otherclient", "sessionId": OTHER, "entrypoint": "my-agent"}
    write(project, [*response("n1", model="gateway-model", **away), *response("n2", **away)], OTHER)


def totals(document: AskJson) -> Any:
    found = document("report", "--window", "all")
    found["totals"].pop("unpriced_models")  # by their names
    return found["totals"], [row["total_tokens"] for row in found["by_session"]]


@pytest.mark.parametrize("privacy", ["hash", "drop"])
def test_the_ledger_is_as_if_it_had_been_set_before(
    page: Page, document: AskJson, project: Path, ledger: Path, privacy: str
) -> None:
    write_history(project)
    page("import")
    before = totals(document)
    page("config", "set", "privacy.labels", privacy)
    said = page("forget", "--labels", "--yes")
    assert said.startswith(f"{'Hashed' if privacy == 'hash' else 'Dropped'}: ")
    assert totals(document) == before
    late = dump_ledger(ledger)
    if privacy == "drop":
        (ledger / "usage.db").unlink()
        page("import")
        assert late == dump_ledger(ledger)
    assert document("audit")


@pytest.mark.parametrize("privacy", ["hash", "drop"])
def test_no_word_of_the_users_is_left_in_any_file(
    page: Page, project: Path, ledger: Path, privacy: str
) -> None:
    write_history(project)
    page("import")
    page("config", "set", "privacy.labels", privacy)
    page("forget", "--labels", "--yes")
    kept = b"".join(file.read_bytes() for file in ledger.iterdir() if file.name.startswith("usage.db"))
    assert [word for word in WORDS if word in kept] == []


def test_from_hashed_to_dropped_and_again_nothing_is_left_to_do(page: Page, ask: Ask, project: Path) -> None:
    write_history(project)
    page("import")
    page("config", "set", "privacy.labels", "hash")
    page("forget", "--labels", "--yes")
    done = ask("forget", "--labels", "--yes")
    assert (done.exit_code, done.stdout) == (0, "No name is recorded that is not hashed\n")


def test_setting_it_offers_the_rest_and_says_how_many(page: Page, project: Path) -> None:
    assert page("config", "set", "privacy.labels", "hash") == "`privacy.labels` is hash\n"
    page("config", "set", "privacy.labels", "keep")
    write_history(project)
    page("import")
    said = page("config", "set", "privacy.labels", "drop")
    assert "names are recorded as before" in said
    assert "hint: usage-dashboard forget --labels\n" in said


def test_it_has_to_be_confirmed_and_needs_a_setting_to_apply(ask: Ask, page: Page, project: Path) -> None:
    write_history(project)
    page("import")
    done = ask("forget", "--labels")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "`privacy.labels` is `keep`" in done.stderr
    page("config", "set", "privacy.labels", "hash")
    done = ask("forget", "--labels")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "hint: usage-dashboard forget --labels --yes" in done.stderr
    assert ask("forget", "--labels", "--project", "x").exit_code == 2


def test_prices_of_ones_own_apply_to_what_was_relabeled(
    page: Page, document: AskJson, project: Path, ledger: Path
) -> None:
    write(project, response("m1", model="gateway-model", spent=usage(1_000_000, 0)), "a")
    price = {"input": 3, "output": 15, "cache_write_5m": 3.75, "cache_write_1h": 6, "cache_read": 0.3}
    page("config", "set", "prices", json.dumps({"models": {"gateway-model": price}}))
    page("import")
    for privacy in ("hash", "drop"):
        page("config", "set", "privacy.labels", privacy)
        page("forget", "--labels", "--yes")
        assert document("report", "--window", "all")["totals"]["cost_estimate_usd"] == 3.0
    with closing(sqlite3.connect(ledger / "usage.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
