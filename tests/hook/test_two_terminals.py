"""Two terminals of one account, in any order of answers, redraws and `/clear`: the newest answer counts."""

from __future__ import annotations

import tempfile
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.times import DAY_US, HOUR_US, at
from usage_dashboard.limits.current import current_limits, current_series, record_status
from usage_dashboard.limits.status_json import StatusInput
from usage_dashboard.model.allowance import group_by_window
from usage_dashboard.store.connection import open_writer, transaction
from usage_dashboard.store.limits.readings import read_readings

START = at("2026-11-22T10:00:00+00:00")
FOLDER = 11
WINDOWS = ("five_hour", "seven_day")
STEP_US = 60_000_000


class Terminal:
    """What a client has in its memory: its session, its time in the API, the limits of its last answer."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cleared = self.answered = 0
        self.limits: dict[str, Any] = {}

    def status(self, now_us: int) -> StatusInput:
        cost = {"total_cost_usd": 0.5, "total_api_duration_ms": self.answered}
        session = f"{self.name}{self.cleared}"
        return StatusInput({"session_id": session, "cost": cost, "rate_limits": self.limits}, now_us)


class Server:
    """The truth: what is used of both windows, whoever uses it."""

    def __init__(self) -> None:
        self.used = dict.fromkeys(WINDOWS, 10.0)
        self.resets_us = {"five_hour": START + 4 * HOUR_US, "seven_day": START + 5 * DAY_US}

    def limits(self) -> dict[str, Any]:
        return {
            window: {"used_percentage": self.used[window], "resets_at": self.resets_us[window] // 10**6}
            for window in WINDOWS
        }


actions = st.lists(
    st.tuples(
        st.sampled_from(["answer", "redraw", "clear", "old clear"]), st.integers(0, 1), st.integers(0, 9)
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(actions)
def test_the_newest_answer_counts_whatever_the_other_terminal_repeats(
    told: list[tuple[str, int, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = open_writer(folder)
        terminals, server = (Terminal("a"), Terminal("b")), Server()
        expected: dict[str, float] = {}
        for number, (action, which, more) in enumerate(told):
            now_us, terminal = START + number * STEP_US, terminals[which]
            if action == "answer":
                server.used = {window: used + more for window, used in server.used.items()}
                terminal.answered += 100 + 7 * which + number
                terminal.limits = server.limits()
                expected = dict(server.used)
            elif action != "redraw":
                terminal.cleared += 1
                terminal.answered *= action == "old clear"  # clients before 2.1.211 keep it
            with transaction(db):
                record_status(db, FOLDER, terminal.status(now_us), now_us, keyed=False)
            limits = current_limits(db, FOLDER, now_us)
            assert {limit.window: limit.used / 1000 for limit in limits} == expected
            series = current_series(db, FOLDER)
            for window in WINDOWS:
                if series is None:
                    break
                (only,) = group_by_window(read_readings(db, series, window))
                assert only.fell_us == []
        db.close()
