"""A login with another account begins a series: old percentages are not shown as its own."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.hook_scene import NOW, Scene
from tests.support.times import DAY_US
from usage_dashboard.limits.current import current_limits, folder_id, record_cached
from usage_dashboard.store.connection import open_reader


def log_in(scene: Scene, home: Path, account: str) -> None:
    """Name the account in the client's own file, and let a session start."""
    (home / ".claude.json").write_text(
        json.dumps(
            {
                "oauthAccount": {"accountUuid": account},
                "cachedUsageUtilization": {
                    "fetchedAtMs": NOW // 1000,
                    "accountUuid": "aaaa",
                    "utilization": {},
                },
            }
        )
    )
    record_cached(str(scene.ledger), str(scene.claude), NOW)


def percentages(scene: Scene) -> list[float]:
    db = open_reader(str(scene.ledger), 1)
    assert db is not None
    limits = current_limits(db, folder_id(db, str(scene.claude)), NOW)
    db.close()
    return [limit.used / 1000 for limit in limits]


def test_a_login_begins_a_series(scene: Scene, home: Path) -> None:
    scene.record_percentage(96)
    log_in(scene, home, "aaaa")
    assert percentages(scene) == [96]
    log_in(scene, home, "bbbb")
    assert percentages(scene) == []
    scene.record_percentage(3)  # with the same reset, by chance
    assert percentages(scene) == [3]
    log_in(scene, home, "aaaa")
    assert percentages(scene) == []
    log_in(scene, home, "bbbb")
    log_in(scene, home, "bbbb")
    scene.record_percentage(4, at_us=NOW + DAY_US)
    assert percentages(scene) == [4]
