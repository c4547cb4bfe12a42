"""Rows past their time go when a session ends, a few at a time and never beyond what a sweep would drop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.hook_scene import NOW
from tests.support.ledger_rows import rows
from tests.support.times import DAY_US
from usage_dashboard.model.events import BUCKET_US
from usage_dashboard.store.connection import open_writer
from usage_dashboard.store.meta import rows_since_us
from usage_dashboard.store.upkeep.retention import AT_ONCE, prune_for

if TYPE_CHECKING:
    from tests.support.hook_scene import Scene


TOTALS = "SELECT SUM(calls), SUM(output), SUM(cost) FROM rollup"


def times(scene: Scene) -> list[int]:
    return [at_us for (at_us,) in rows(scene.ledger, "SELECT at_us FROM response ORDER BY at_us")]


def spend(scene: Scene, *days_ago: float) -> None:
    for number, days in enumerate(days_ago):
        scene.write_usage(10, f"m{number}-{days}", NOW - round(days * DAY_US))


def end_session(scene: Scene, now_us: int) -> None:
    scene.run("record", scene.event("SessionEnd"), now_us)


def test_old_rows_go_and_totals_stay(scene: Scene) -> None:
    spend(scene, 20, 10, 1)
    before = rows(scene.ledger, TOTALS)
    end_session(scene, NOW + 75 * DAY_US)
    assert times(scene) == [NOW - 10 * DAY_US, NOW - DAY_US]
    assert rows(scene.ledger, TOTALS) == before
    assert len(rows(scene.ledger, "SELECT id FROM pruned")) == 1


def test_as_many_days_are_kept_as_the_setting_says(scene: Scene) -> None:
    spend(scene, 20, 10, 1)
    scene.configure(retention_days=100)
    end_session(scene, NOW + 75 * DAY_US)
    assert len(times(scene)) == 3
    scene.configure(retention_days=80)
    end_session(scene, NOW + 75 * DAY_US)
    assert times(scene) == [NOW - DAY_US]


def test_with_a_setting_that_is_not_allowed_nothing_is_dropped(scene: Scene) -> None:
    spend(scene, 20)
    for wrong in ({"retention_days": "365"}, {"retention_days": 365, "budgets": {}}):
        (scene.ledger / "config.json").write_text(json.dumps(wrong))
        end_session(scene, NOW + 400 * DAY_US)
        assert len(times(scene)) == 1


def test_other_events_drop_nothing(scene: Scene) -> None:
    spend(scene, 20)
    for name in ("Stop", "SessionStart", "PostToolUse"):
        scene.run("record", scene.event(name), NOW + 400 * DAY_US)
    assert len(times(scene)) == 1


def test_without_time_nothing_is_dropped_and_what_is_left_goes_the_next_time(scene: Scene) -> None:
    spend(scene, *(20 - number / 10 for number in range(8)))
    db = open_writer(str(scene.ledger))
    assert prune_for(db, NOW, 0.0) == 0
    assert len(times(scene)) == 8
    assert prune_for(db, NOW, 60.0) == 8
    assert (times(scene), prune_for(db, NOW, 60.0)) == ([], 0)
    db.close()


def test_the_oldest_go_first_and_a_quarter_of_an_hour_goes_as_a_whole(scene: Scene) -> None:
    start = (NOW - 20 * DAY_US) // BUCKET_US * BUCKET_US
    for number in range(3):
        for part in range(2):
            scene.write_usage(1, f"q{number}-{part}", start + number * BUCKET_US + part)
    db = open_writer(str(scene.ledger))
    db.execute("UPDATE rollup SET calls = calls + ?", (AT_ONCE,))  # each is more than one step's worth
    assert prune_for(db, start + 2 * BUCKET_US + 5, 60.0) == 4
    assert times(scene) == [start + 2 * BUCKET_US, start + 2 * BUCKET_US + 1]
    assert rows_since_us(db) == start + 2 * BUCKET_US
    db.close()
