"""What is kept of the JSON that Claude Code gives a status line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import at
from usage_dashboard.limits.status_json import StatusInput, read_status

NOW = at("2026-11-22T10:00:00+00:00")
RESET = at("2026-11-24T09:46:00+00:00")

# As 2.1.330 gives it, with fields that nothing is taken of.
TOLD: dict[str, Any] = {
    "session_id": "0020248b-fd95-4d67-a568-2e276c5cc993",
    "session_name": "secret words",
    "transcript_path": "/home/dev/.claude/projects/-home-dev-shop/0020248b.jsonl",
    "cwd": "/home/dev/shop",
    "model": {"id": "claude-opus-5-5", "display_name": "Opus 5.5"},
    "cost": {"total_cost_usd": 1.234567891, "total_duration_ms": 60_000, "total_api_duration_ms": 12_345},
    "context_window": {"used_percentage": 12, "current_usage": None},
    "rate_limits": {
        "five_hour": {"used_percentage": 37.5, "resets_at": RESET // 10**6 - 3600},
        "seven_day": {"used_percentage": 62, "resets_at": RESET // 10**6},
    },
}


def status(**fields: object) -> StatusInput:
    found = read_status(json.dumps(TOLD | fields).encode(), NOW)
    assert found is not None
    return found


def limits(**windows: object) -> list[tuple[str, int, int]]:
    """(window, thousandths of a percent, reset) of each reading."""
    return [(found.window, found.used, found.resets_us) for found in status(rate_limits=windows).readings]


def test_session_cost_and_percentages_are_taken() -> None:
    found = status()
    assert (found.session, found.cwd) == (TOLD["session_id"], "/home/dev/shop")
    assert (found.cost_nusd, found.answered) == (1_234_567_891, 12_345)
    assert [(r.window, r.used, r.resets_us) for r in found.readings] == [
        ("five_hour", 37_500, RESET - 3600 * 10**6),
        ("seven_day", 62_000, RESET),
    ]
    assert {(r.source, r.at_us) for r in found.readings} == {("statusline", NOW)}


@pytest.mark.parametrize("absent", [{}, None, [], "x", 7, {"five_hour": None}, {"seven_day": {}}])
def test_percentages_that_are_absent_are_not_zero(absent: object) -> None:
    assert status(rate_limits=absent).readings == []


def test_zero_percent_that_was_reported_is_zero() -> None:
    assert limits(seven_day={"used_percentage": 0, "resets_at": RESET // 10**6}) == [("seven_day", 0, RESET)]


def test_a_spend_limit_may_be_passed() -> None:
    reported = {"used_percentage": 130.4, "resets_at": RESET // 10**6, "used_usd": 1304, "limit_usd": 1000}
    assert limits(spend_limit=reported) == [("spend_limit", 130_400, RESET)]


def test_windows_that_are_not_the_clients_are_ignored() -> None:
    reported = {"used_percentage": 50, "resets_at": RESET // 10**6}
    assert limits(seven_day_opus=reported, overage=reported, five_hour=reported) == [
        ("five_hour", 50_000, RESET)
    ]


@pytest.mark.parametrize("used", [-1, 10**8, True, "50", None, [50], {"value": 50}, -0.001])
def test_a_percentage_that_is_not_a_number_is_unknown(used: object) -> None:
    assert limits(seven_day={"used_percentage": used, "resets_at": 1}) == []


@pytest.mark.parametrize("resets", [None, -1, "soon", 10**11, True, [1]])
def test_a_reset_that_is_not_a_time_is_unknown_and_the_percentage_stays(resets: object) -> None:
    assert limits(seven_day={"used_percentage": 50, "resets_at": resets}) == [("seven_day", 50_000, 0)]


@pytest.mark.parametrize("cost", [None, {}, [], {"total_cost_usd": None}, {"total_cost_usd": "1"}])
def test_a_cost_that_is_absent_is_unknown_and_not_zero(cost: object) -> None:
    assert (status(cost=cost).cost_nusd, status(cost=cost).answered) == (None, 0)


def test_a_cost_of_nothing_is_zero() -> None:
    assert status(cost={"total_cost_usd": 0}).cost_nusd == 0


@pytest.mark.parametrize(
    "data",
    [
        b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000,
        b'{"rate_limits": {"seven_day": {"used_percentage": NaN}}}', b'{"cost": Infinity}', b"{} {}",
    ],
    ids=lambda data: repr(data[:30]),
)  # fmt: skip
def test_what_is_not_an_object_has_no_status(data: bytes) -> None:
    assert read_status(data, NOW) is None


def test_numbers_beyond_all_bounds_are_unknown() -> None:
    huge = b'{"used_percentage": 1e999, "resets_at": 1e999}'
    data = b'{"rate_limits": {"five_hour": %s, "seven_day": {"used_percentage": 1' % huge + b"0" * 400
    found = read_status(data + b'}}, "cost": {"total_cost_usd": 1e999, "total_api_duration_ms": 1e999}}', NOW)
    assert found is not None
    assert (found.readings, found.cost_nusd, found.answered) == ([], None, 0)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
windows = st.dictionaries(
    st.sampled_from(["used_percentage", "resets_at", "period"]), anything | st.floats(0, 200)
)


@given(
    st.dictionaries(st.sampled_from(list(TOLD)), anything),
    st.dictionaries(st.sampled_from(["five_hour", "seven_day", "spend_limit"]), anything | windows),
)
def test_whatever_is_reported_gives_readings_that_a_ledger_can_hold(
    fields: dict[str, object], reported: object
) -> None:
    found = read_status(json.dumps(fields | {"rate_limits": reported}).encode(), NOW)
    for reading in [] if found is None else found.readings:
        assert 0 <= reading.used < 2**62
        assert 0 <= reading.resets_us < 2**62
