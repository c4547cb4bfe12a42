"""`demo`: made-up work that shows every screen and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_command import ROOT, run
from tests.support.command import Ask, AskJson
from tests.support.demo_home import NOW_US
from tests.support.transcripts import response, write
from usage_dashboard.cli.commands.demo import SCREENS
from usage_dashboard.cli.demo import transcripts, work
from usage_dashboard.cli.lazy_group import COMMANDS
from usage_dashboard.model.events import DAY_US
from usage_dashboard.pricing.lookup import PriceLookup

ONCE = (
    ("report", "--by", "tool"), ("sessions",), ("session", "last"), ("limits",), ("budget", "list"),
    ("live", "--once"), ("--json",),
)  # fmt: skip
SAID = "Made-up usage in a temporary folder: nothing of yours is read or changed\n"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which a command may make temporary ones."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """When each file below `folder` was changed, and what is in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


@pytest.mark.parametrize("words", ONCE, ids=" ".join)
def test_it_shows_every_screen_and_leaves_nothing(ask: Ask, temporary: Path, words: tuple[str, ...]) -> None:
    done = ask("demo", *words)
    assert (done.exit_code, done.stderr) == (0, SAID)
    assert "No data recorded" not in done.stdout
    assert list(temporary.iterdir()) == []


def test_it_shows_the_week_where_nothing_is_named(ask: Ask) -> None:
    shown = ask("demo").stdout
    assert "tokens this week" in shown
    assert "63% used" in shown
    assert "38% used" in shown
    assert shown == ask("demo", "week").stdout


def test_it_touches_nothing_of_the_users(home: Path, project: Path, temporary: Path) -> None:
    write(project, response("m1"))
    assert run("import").returncode == 0
    before = state(home)
    done = run("demo", "sessions", "--window", "all", "--json")
    assert done.returncode == 0
    assert "/home/dev" not in done.stdout
    assert len(json.loads(done.stdout)["by_session"]) > 20
    assert state(home) == before
    assert list(temporary.iterdir()) == []


def test_it_works_where_nothing_can_be_written_at_home(home: Path, temporary: Path) -> None:
    home.chmod(0o500)
    try:
        assert run("demo").returncode == 0
    finally:
        home.chmod(0o700)
    assert list(home.iterdir()) == []


def test_it_is_not_about_the_users_budgets_or_folders(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAILY_BUDGET_USD", "1")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path))
    before = dict(os.environ)
    found = json.loads(ask("demo", "budget", "list", "--json").stdout)["budgets"]
    assert [each["source"] for each in found] == ["config", "config"]
    assert dict(os.environ) == before


def test_a_failure_is_that_of_the_command(ask: Ask, temporary: Path) -> None:
    done = ask("demo", "session", "nosuch")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Error: No session's id begins with `nosuch`\nhint: " in done.stderr
    wrong = ask("demo", "week", "--nosuch")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "Usage: usage-dashboard demo week " in wrong.stderr
    assert list(temporary.iterdir()) == []


def test_help_makes_nothing_up(ask: Ask, temporary: Path) -> None:
    for words in (("demo", "--help"), ("demo", "week", "--help"), ("demo", "budget", "list", "--help")):
        done = ask(*words)
        assert (done.exit_code, done.stderr) == (0, "")
    listed = ask("demo", "--help").stdout.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed] == [name for name in SCREENS if name in COMMANDS]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to send to one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_stays_when_it_is_ended(temporary: Path, number: int) -> None:
    command = [sys.executable, "-m", "usage_dashboard", "demo", "live", "--interval", "60"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert len(list(temporary.iterdir())) == 1
        process.send_signal(number)
        process.communicate(timeout=30)
    assert list(temporary.iterdir()) == []


def test_the_work_is_the_same_at_any_time() -> None:
    def spent(now_us: int) -> list[list[tuple[int, int]]]:
        return [
            [(at_us - now_us, tokens) for at_us, tokens in made.spent]
            for made in work.generate_sessions(now_us, "/h")
        ]

    assert spent(NOW_US) == spent(NOW_US)
    assert spent(NOW_US) == spent(NOW_US + 3 * DAY_US + 12_345_000_000)


def test_no_session_is_in_the_future_and_the_last_one_is_at_work() -> None:
    found = work.generate_sessions(NOW_US, "/h")
    assert all(session.at_us < NOW_US for session in found)
    assert NOW_US - found[-1].at_us < 300_000_000
    assert found[0].began_us < NOW_US - 33 * DAY_US


def test_its_models_are_in_the_table_of_prices() -> None:
    known = {model.id for model in PriceLookup().table.models()}
    assert {work.OPUS, work.SONNET, work.FABLE, work.HAIKU} <= known


@pytest.mark.usefixtures("lent")
def test_it_has_something_of_everything(document: AskJson) -> None:
    found = document("report", "--window", "all")
    totals = found["totals"]
    assert totals["unpriced_models"] == []
    assert totals["incomplete_calls"] > 0
    assert totals["web_searches"] > 0
    assert totals["background"]["total_tokens"] > 0
    assert totals["background_unknown_sessions"] == 1
    assert len(found["by_model"]) == 4
    assert {row["name"] for row in found["by_agent"]} == {"main", "background", "Explore", "general-purpose"}
    assert len(found["by_project"]) == 4
    assert len(found["by_day"]) > 20
    tools = {row["tool"]: row for row in found["by_tool"]}
    assert tools["mcp__tickets__search"]["server"] == "tickets"
    assert tools["Bash"]["failed"] > 0
    assert tools["Bash"]["median_ms"] > 0


@pytest.mark.usefixtures("lent")
def test_its_allowances_have_a_history(document: AskJson) -> None:
    found = document("limits")
    used = {limit["window"]: (limit["used_percent"], limit["source"]) for limit in found["limits"]}
    assert used == {"seven_day": (63, "statusline"), "five_hour": (38, "statusline")}
    (weeks,) = found["history"]
    assert len(weeks) >= 5
    assert all(0 < week["highest_percent"] <= 100 for week in weeks)
    assert [hit["window"] for hit in found["hits"]] == ["five_hour"]


@pytest.mark.usefixtures("lent")
def test_its_own_totals_explain_every_token(document: AskJson) -> None:
    found = document("audit")
    assert found["background_unknown_sessions"] == 1
    assert all(row["unexplained_tokens"] == 0 for row in found["sessions"])
    differences = [row["client_cost_usd"] - row["cost_estimate_usd"] for row in found["sessions"]]
    assert max(map(abs, differences)) < 1e-6


def test_a_subagent_may_start_another_one() -> None:
    metas = [thread.meta for session in work.generate_sessions(NOW_US, "/h") for thread in session.threads]
    nested = [meta for meta in metas if meta is not None and meta["spawnDepth"] == 2]
    assert nested
    ids = {thread.id for session in work.generate_sessions(NOW_US, "/h") for thread in session.threads}
    assert all(meta["parentAgentId"] in ids for meta in nested)


def test_the_files_are_where_the_client_leaves_them(world: Path) -> None:
    below = world / ".claude" / "projects"
    session = work.generate_sessions(NOW_US, str(world))[-1]
    assert list(below.rglob(f"{session.name}.jsonl"))
    some: dict[str, Any] = json.loads(next(below.rglob("agent-*.meta.json")).read_text())
    assert {"agentType", "toolUseId", "spawnDepth", "model"} <= set(some)
    assert transcripts.CLIENT in next(below.rglob("*.jsonl")).read_text()


def test_the_page_has_something_to_show_at_any_hour(lent: Path, page: Callable[..., str]) -> None:
    for name in ("5h", "24H", "7D", "1M"):
        assert "No data" not in page("report", "--window", name)
