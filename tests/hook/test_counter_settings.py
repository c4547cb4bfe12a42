"""A value that was edited by hand stops no hook from recording: costs stay unknown until it is right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.hook.conftest import silent
from tests.support.ledger_rows import rows, totals_after_sweep
from tests.support.transcripts import response, usage, write
from usage_dashboard.install.doctor.examine import examine_all

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hook.conftest import Hook

WRONG: tuple[object, ...] = (
    {"multiplier": "x"}, {"foo": 1}, {"multiplier": -1}, {"models": {"m": {}}}, [], "cheap", 3,
)  # fmt: skip
UNPRICED = [{"prices": value} for value in WRONG]
PRICED: list[dict[str, object]] = [
    {"models": {"alias": ["x"]}},
    {"retention_days": "long"},
    {"timezone": 7},
    {"budgets": {}},
]


def stop_event(path: Path) -> dict[str, object]:
    return {"hook_event_name": "Stop", "session_id": path.stem, "transcript_path": str(path)}


@pytest.mark.parametrize("settings", [*UNPRICED, *PRICED], ids=json.dumps)
def test_rows_are_recorded_and_priced_once_the_setting_is_right(
    hook: Hook, project: Path, ledger: Path, settings: dict[str, object]
) -> None:
    ledger.mkdir(mode=0o700)
    (ledger / "config.json").write_text(json.dumps(settings))
    path = write(project, response("m1", spent=usage(1000, 0)))
    assert silent(hook("counter", stop_event(path)))
    assert rows(ledger, "SELECT COUNT(*), COUNT(cost) FROM response") == [(1, settings in PRICED)]
    name = next(iter(settings)).replace("models", "models.alias")
    assert [
        finding.level
        for finding in examine_all(str(ledger), str(project), managed=str(project / "none"))
        if finding.check == "config" and name in finding.message
    ] == ["problem"]
    (ledger / "config.json").write_text("{}")
    totals_after_sweep(ledger)
    assert rows(ledger, "SELECT COUNT(*), COUNT(cost) FROM response") == [(1, 1)]


def test_prices_that_break_later_take_no_cost_back(hook: Hook, project: Path, ledger: Path) -> None:
    path = write(project, response("m1", spent=usage(1000, 0)))
    assert silent(hook("counter", stop_event(path)))
    (ledger / "config.json").write_text('{"prices": {"multiplier": "x"}}')
    write(project, [*response("m1", spent=usage(1000, 0)), *response("m2", model="claude-haiku-4-5")])
    assert silent(hook("counter", stop_event(path)))
    assert rows(ledger, "SELECT COUNT(*), COUNT(cost) FROM response") == [(2, 1)]
    (ledger / "config.json").write_text("{}")
    totals_after_sweep(ledger)
    assert rows(ledger, "SELECT COUNT(*), COUNT(cost) FROM response") == [(2, 2)]
