"""What the counter hook notes beside usage: limits that were hit, and how busy sessions usually are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hook.conftest import Hook, silent
from tests.support.hook_scene import NOW, Scene, days, stamp
from tests.support.ledger_rows import rows
from tests.support.times import HOUR_US
from tests.support.transcripts import OTHER, SESSION, packed, response, usage

SECOND_US = 1_000_000
HITS = "SELECT at_us, window FROM limit_hit ORDER BY at_us"
BASELINE = "SELECT value FROM meta WHERE name = 'baseline'"


def hit(scene: Scene, at_us: int = NOW, session: str = SESSION, error: str = "rate_limit") -> None:
    """Have a turn end since an allowance is used up."""
    scene.run("record", scene.event("StopFailure", session, error=error), at_us)


def refused(scene: Scene, at_us: int, window: str = "seven_day", session: str = SESSION) -> None:
    """Have Claude Code write the line of a refused request."""
    line = response("synthetic", at=stamp(at_us), model="<synthetic>", spent=usage(0, 0), sessionId=session)[
        0
    ]
    line |= {"isApiErrorMessage": True, "apiErrorStatus": 429, "error": "rate_limit"}
    line |= {"apiError": "usage_limit_reached", "quotaLimits": {"rateLimitType": window}}
    with (scene.project / f"{session}.jsonl").open("ab") as file:
        file.write(packed([line]))


def baseline(scene: Scene) -> list[int]:
    """When it was worked out, from how many sessions, and their usual tokens and subagents."""
    ((text,),) = rows(scene.ledger, BASELINE)
    return [int(part) for part in text.split()]


def test_a_turn_that_ends_at_a_limit_is_a_hit(hook: Hook, scene: Scene) -> None:
    assert silent(hook("counter", scene.event("StopFailure", error="rate_limit")))
    ((at_us, window),) = rows(scene.ledger, HITS)
    assert (at_us > NOW // 2, window) == (True, "")


@pytest.mark.parametrize("error", ["overloaded", "billing_error", "", "RATE_LIMIT"])
def test_a_turn_that_ends_otherwise_is_not_a_hit(scene: Scene, error: str) -> None:
    hit(scene, error=error)
    scene.run("record", scene.event("Stop", error="rate_limit"), NOW)
    assert rows(scene.ledger, HITS) == []


def test_the_line_that_comes_too_makes_no_second_hit_but_names_the_limit(scene: Scene) -> None:
    refused(scene, NOW - 2 * SECOND_US)
    hit(scene)
    assert rows(scene.ledger, HITS) == [(NOW - 2 * SECOND_US, "seven_day")]


def test_the_line_that_comes_later_names_the_limit(scene: Scene) -> None:
    hit(scene)
    assert rows(scene.ledger, HITS) == [(NOW, "")]
    refused(scene, NOW - 2 * SECOND_US, "five_hour")
    scene.run("record", scene.event("SessionEnd"), NOW + SECOND_US)
    assert rows(scene.ledger, HITS) == [(NOW, "five_hour")]


def test_a_line_alone_is_a_hit_and_reading_it_again_is_not_another(scene: Scene) -> None:
    refused(scene, NOW)
    for _ in range(2):
        scene.run("record", scene.event("Stop"), NOW)
        (scene.project / "copy.jsonl").write_bytes((scene.project / f"{SESSION}.jsonl").read_bytes())
        scene.run("record", scene.event("Stop", "copy"), NOW)
    assert rows(scene.ledger, HITS) == [(NOW, "seven_day")]


def test_another_time_and_another_session_are_other_hits(scene: Scene) -> None:
    hit(scene)
    hit(scene, NOW + HOUR_US)
    hit(scene, NOW + HOUR_US, OTHER)
    assert rows(scene.ledger, HITS) == [(NOW, ""), (NOW + HOUR_US, ""), (NOW + HOUR_US, "")]


@pytest.mark.parametrize(
    "limits", [None, {}, {"rateLimitType": 7}, {"rateLimitType": "a b"}, {"rateLimitType": "x" * 99}]
)
def test_a_limit_without_a_valid_name_stays_unnamed(scene: Scene, limits: Any) -> None:
    refused(scene, NOW)
    path = scene.project / f"{SESSION}.jsonl"
    path.write_bytes(packed([response("x")[0] | {"apiError": "usage_limit_reached", "quotaLimits": limits}]))
    scene.run("record", scene.event("Stop"), NOW)
    assert [window for _, window in rows(scene.ledger, HITS)] == [""]


def test_the_end_of_a_session_works_out_how_busy_sessions_are(scene: Scene) -> None:
    for number, tokens in enumerate((1000, 3000, 2000)):
        session = f"s{number}"
        scene.write_usage(tokens, f"m{number}", days(-3), session)
        scene.write_usage(tokens, f"n{number}", days(-2), session)
        for agent in range(number):
            scene.write_usage(1, f"a{number}-{agent}", days(-2), session, agentId=f"a{agent}")
    scene.run("record", scene.event("SessionEnd", "s0"), NOW)
    assert baseline(scene) == [NOW, 3, 3001, 2]


def test_it_is_worked_out_once_a_day(scene: Scene) -> None:
    scene.write_usage(1000, "m1", days(-1))
    scene.run("record", scene.event("SessionEnd"), NOW)
    scene.write_usage(9000, "m2", days(-0.5), OTHER)
    scene.run("record", scene.event("SessionEnd", OTHER), days(0.99))
    assert baseline(scene) == [NOW, 1, 1000, 0]
    scene.run("record", scene.event("SessionEnd", OTHER), days(1))
    assert baseline(scene)[:3] == [days(1), 2, 9000]


def test_after_the_clock_was_set_back_it_is_worked_out_again(scene: Scene) -> None:
    scene.write_usage(1000, "m1", days(-1))
    scene.run("record", scene.event("SessionEnd"), days(300))
    scene.run("record", scene.event("SessionEnd"), NOW)
    assert baseline(scene) == [NOW, 1, 1000, 0]


def test_sessions_of_more_than_a_month_ago_do_not_count(scene: Scene) -> None:
    scene.write_usage(90_000, "m1", days(-40))
    scene.write_usage(1000, "m2", days(-1), OTHER)
    scene.run("record", scene.event("SessionEnd"), NOW)
    assert baseline(scene) == [NOW, 1, 1000, 0]


def test_nine_of_ten_sessions_are_the_usual(scene: Scene) -> None:
    for number in range(20):
        scene.write_usage(1000 * (number + 1), f"m{number}", days(-1), f"s{number}")
    scene.run("record", scene.event("SessionEnd", "s1"), NOW)
    assert baseline(scene) == [NOW, 20, 18_000, 0]


@pytest.mark.parametrize("name", ["Stop", "SessionStart", "PostToolUse"])
def test_other_events_work_nothing_out(scene: Scene, name: str) -> None:
    scene.write_usage(1000, "m1")
    scene.run("record", scene.event(name, agent_type="", source="startup"), NOW)
    assert rows(scene.ledger, BASELINE) == []
