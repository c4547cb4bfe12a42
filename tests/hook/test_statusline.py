"""The status line: it records the limits that the client reports, and shows them in one line."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import time
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hook.conftest import Hook, silent
from tests.support.hook_process import ROOT, hook_command
from tests.support.hook_scene import NOW, RESET, Scene, days
from tests.support.ledger_rows import rows
from tests.support.times import DAY_US, HOUR_US
from tests.support.transcripts import OTHER

PLAIN = {"NO_COLOR": "1"}
WEEK = {"used_percentage": 42.5, "resets_at": RESET // 10**6}
BLOCK = {"used_percentage": 10, "resets_at": (NOW + HOUR_US) // 10**6}
KEPT = "SELECT window, used, resets_us, source FROM quota ORDER BY window, id"


def status(scene: Scene, dollars: float | None = None, answered: int = 100, **limits: Any) -> dict[str, Any]:
    """The status JSON of a session."""
    payload = scene.event("") | {"cost": {"total_cost_usd": dollars, "total_api_duration_ms": answered}}
    return payload | ({"rate_limits": limits} if limits else {})


def test_it_records_what_was_reported_and_shows_it_in_one_line(scene: Scene) -> None:
    shown = scene.show(status(scene, 1.5, seven_day=WEEK, five_hour=BLOCK), environ=PLAIN)
    assert shown == "week ▓▓▓░░┃░░ 42% →59% Fri 12:00 │ 5h ░░░░░░┃░ 10% →12% 1h 0m │ $1.50 est."
    assert rows(scene.ledger, KEPT) == [
        ("five_hour", 10_000, NOW + HOUR_US, "statusline"),
        ("seven_day", 42_500, RESET, "statusline"),
    ]


def test_as_a_process_it_prints_one_line_and_nothing_else(hook: Hook, scene: Scene) -> None:
    soon = time.time_ns() // 10**9 + 3 * 3600
    payload = status(scene, 0.25, seven_day={"used_percentage": 7, "resets_at": soon})
    done = hook("statusline", payload)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 1)
    assert re.fullmatch(r"\x1b\[32mweek ░{7}┃ 7% →7% 2h 59m\x1b\[0m │ \$0\.25 est\.\n", done.stdout.decode())


@pytest.mark.parametrize(
    ("used", "color"),
    [(49, "32"), (50, "33"), (80, "38;5;208"), (95, "38;5;208"), (95.1, "1;31"), (96, "1;31")],
)
def test_an_allowance_has_the_color_of_its_level(scene: Scene, used: float, color: str) -> None:
    shown = scene.show(status(scene, seven_day=WEEK | {"used_percentage": used}))
    assert re.findall(r"\x1b\[([0-9;]+)m", shown) == [color, "0"]
    assert "\x1b" not in scene.show(status(scene), environ=PLAIN)
    assert "\x1b" in scene.show(status(scene), environ={"NO_COLOR": ""})


@pytest.mark.parametrize("limits", [{}, {"five_hour": None}, {"seven_day": {"resets_at": 1}}])
def test_limits_that_were_not_reported_are_not_recorded_as_zero(scene: Scene, limits: dict[str, Any]) -> None:
    assert scene.show(status(scene, 1.5, **limits), environ=PLAIN) == "$1.50 est."
    assert rows(scene.ledger, KEPT) == []


def test_before_the_first_answer_nothing_is_shown(hook: Hook, scene: Scene) -> None:
    assert silent(hook("statusline", status(scene)))


def test_what_another_session_reported_is_shown_with_its_age_once_it_is_old(scene: Scene) -> None:
    scene.show(status(scene, seven_day=WEEK))
    other = scene.event("", OTHER)
    assert scene.show(other, NOW + 14 * 60_000_000, environ=PLAIN) == "week ▓▓▓░░┃░░ 42% →59% Fri 12:00"
    shown = scene.show(other, days(1.5), environ=PLAIN)
    assert shown == "week ▓▓▓░░░░┃ 42% →59% 12h 0m (1d 12h old)"
    assert scene.show(other, RESET, environ=PLAIN) == ""


def test_a_spend_limit_may_be_passed(scene: Scene) -> None:
    month = {"used_percentage": 130.4, "resets_at": days(9) // 10**6}
    assert (
        scene.show(status(scene, spend_limit=month), environ=PLAIN) == "spend ▓▓▓▓▓▓▓▓ 130% Fri Dec 04 12:00"
    )


def test_early_in_a_window_no_end_is_projected(scene: Scene) -> None:
    begun = {"used_percentage": 2, "resets_at": (NOW + 7 * DAY_US - HOUR_US) // 10**6}
    assert scene.show(status(scene, seven_day=begun), environ=PLAIN) == "week ┃░░░░░░░ 2% Wed 11:00"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ("200", "week … │ 5h … │ $1.50 est. │ background 33% est."),
        ("100", "week … │ 5h … │ $1.50 est. │ background 33% est."),
        ("80", "week … │ 5h … │ $1.50 est."),
        ("60", "week …"),
        ("5", "week …"),
        ("0", "week … │ 5h … │ $1.50 est. │ background 33% est."),
        ("wide", "week … │ 5h … │ $1.50 est. │ background 33% est."),
        ("9" * 5000, "week … │ 5h … │ $1.50 est. │ background 33% est."),
    ],
    ids=lambda text: text[:9],
)
def test_as_much_is_shown_as_fits(scene: Scene, columns: str, shown: str) -> None:
    scene.write_usage(50_000, "m1")  # 1 of the 1.50 dollars
    payload = status(scene, 1.5, seven_day=WEEK, five_hour=BLOCK)
    line = scene.show(payload, environ=PLAIN | {"COLUMNS": columns})
    assert re.sub(r"(week|5h) [^│]*(?<! )", r"\1 …", line) == shown
    assert columns not in ("200", "100", "80", "60") or len(line) <= int(columns)


@pytest.mark.parametrize(
    ("locale", "plain"),
    [
        ({"LC_ALL": "C"}, True),
        ({"LC_ALL": "de_DE.ISO-8859-1", "LANG": "en_US.UTF-8"}, True),
        ({"LC_ALL": "C.utf8", "LANG": "C"}, False),
        ({"LC_ALL": "", "LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}, False),
    ],
    ids=repr,
)
def test_without_unicode_the_line_is_plain(scene: Scene, locale: dict[str, str], plain: bool) -> None:
    clean = {"LC_ALL": "", "LC_CTYPE": "", "LANG": "", **PLAIN}
    shown = scene.show(status(scene, 1.5, seven_day=WEEK), environ=clean | locale)
    expected = "week ###..|.. 42% >59% Fri 12:00 | $1.50 est."
    assert (shown == expected) == plain
    assert shown.isascii() == plain


def test_what_no_transcript_shows_is_shown_as_background(scene: Scene) -> None:
    scene.write_usage(50_000, "m1")  # 50,000 output tokens of Opus 5.5 are a dollar
    assert scene.show(status(scene, 1.5), environ=PLAIN) == "$1.50 est. │ background 33% est."
    assert scene.show(status(scene, 0.5), environ=PLAIN) == "$0.50 est. │ background 0% est."


def test_the_transcript_is_read_first(scene: Scene) -> None:
    scene.write_usage(25_000, "m1")
    path = scene.project / f"{scene.event('')['session_id']}.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes().replace(b"m1", b"m2"))
    assert scene.show(status(scene, 2), environ=PLAIN) == "$2.00 est. │ background 50% est."


def test_a_session_of_which_no_call_is_shown_has_an_unknown_background(scene: Scene) -> None:
    scene.run("record", scene.event("SessionStart", source="startup"), NOW)
    assert scene.show(status(scene, 1.5), environ=PLAIN) == "$1.50 est."


def test_a_fork_and_a_call_without_a_price_have_an_unknown_background(scene: Scene) -> None:
    scene.write_usage(10, "m1", model="claude-zero-9")
    assert scene.show(status(scene, 1.5), environ=PLAIN) == "$1.50 est."
    scene.write_usage(10, "f1", session=OTHER, requestSessionId="33332222-fd95-4d67-a568-2e276c5cc993")
    scene.write_usage(10, "f2", session=OTHER)
    assert scene.show(status(scene, 1.5) | scene.event("", OTHER), environ=PLAIN) == "$1.50 est."


def test_a_window_that_is_left_alone_by_repetition_is_kept_once(scene: Scene) -> None:
    for minute in range(3):
        scene.show(status(scene, seven_day=WEEK), NOW + minute * 60_000_000)
    scene.show(status(scene, answered=200, seven_day=WEEK), NOW + HOUR_US)
    assert rows(scene.ledger, "SELECT at_us, seen_us FROM quota") == [(NOW, NOW + HOUR_US)]


def test_a_locked_ledger_shows_nothing_and_is_noted(hook: Hook, scene: Scene) -> None:
    scene.write_usage(1, "m1")
    other = sqlite3.connect(scene.ledger / "usage.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert silent(hook("statusline", status(scene, 1.5, seven_day=WEEK)))
    other.close()
    assert "statusline OperationalError store/connection.py" in (scene.ledger / "faults.log").read_text()


@pytest.mark.parametrize(
    "data",
    [
        b"", b"null", b"[]", b'"x"', b"{", b"{}", Random(7).randbytes(5000), b"[" * 300_000,
        b'{"a":' * 300_000,
        b'{"session_id": "s", "cost": NaN}', b'{"session_id": 7, "rate_limits": {"seven_day": 7}}',
        b'{"session_id": "\\ud800", "transcript_path": "\\udfff/projects/x/y.jsonl", "cwd": "\\ud800"}',
        b'{"session_id": "s", "transcript_path": "a\\u0000b/projects/c/d.jsonl"}',
    ],
    ids=lambda data: repr(data[:60]),
)  # fmt: skip
def test_whatever_it_is_given_it_shows_nothing_and_ends_well(hook: Hook, data: bytes) -> None:
    assert silent(hook("statusline", data))


def test_a_huge_status_is_read(hook: Hook, scene: Scene) -> None:
    huge = status(scene, 1.5) | {"session_name": "x" * 20_000_000}
    assert hook("statusline", huge).stdout == b"$1.50 est.\n"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_are_met_with_silence(hook: Hook, data: bytes) -> None:
    assert silent(hook("statusline", data))


def test_it_loads_few_modules_and_none_that_is_heavy(scene: Scene) -> None:
    scene.write_usage(10, "m1")
    scene.record_percentage(30, at_us=NOW - HOUR_US)
    script = (
        "import sys; sys.path.append(sys.argv[1]);"
        "from usage_dashboard.hook.statusline import status_line; import usage_dashboard.hook.edge;"
        "status_line(sys.stdin.buffer.read(), sys.argv[2], int(sys.argv[3])); print(*sorted(sys.modules))"
    )
    python, isolated, bare, _ = hook_command("statusline")
    run = [python, isolated, bare, "-c", script, str(ROOT), str(scene.ledger), str(NOW)]
    payload = json.dumps(status(scene, 1.5, seven_day=WEEK)).encode()
    done = subprocess.run(run, input=payload, capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    heavy = {"click", "rich", "urllib", "logging", "argparse", "asyncio", "dataclasses", "typing", "pathlib"}
    heavy |= {"re", "subprocess", "json", "sqlite3", "datetime", "zoneinfo", "hashlib", "enum"}
    assert not loaded & heavy
    assert len(loaded) <= 89, sorted(loaded)


@pytest.mark.parametrize(("minutes", "microseconds", "old"), [(15, 0, True), (15, -1, False), (14, 0, False)])
def test_a_percentage_is_old_from_15_minutes_on(
    scene: Scene, minutes: int, microseconds: int, *, old: bool
) -> None:
    scene.show(status(scene, seven_day=WEEK))
    shown = scene.show(scene.event("", OTHER), NOW + minutes * 60_000_000 + microseconds, environ=PLAIN)
    assert ("(15m old)" in shown or "(15m 0s old)" in shown) == old
    assert ("old)" in shown) == old
