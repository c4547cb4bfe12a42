"""The percentages that Claude Code keeps for itself in `.claude.json`."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.limits.client_cache import model_window, parse_cache, rows_to_readings
from usage_dashboard.model.events import SECOND_US, Reading

FETCHED_MS = 1_795_390_916_599
FIVE_HOUR_RESETS_US = 1_795_409_999_943_648
WEEKLY_RESETS_US = 1_795_672_800 * SECOND_US
ACCOUNT = "11111111-2222-3333-4444-555555555555"

# As 2.1.330 writes it, with the fields that it has besides.
UTILIZATION: dict[str, Any] = {
    "five_hour": {"utilization": 37.5, "resets_at": "2026-11-23T04:59:59.943648+00:00"},
    "seven_day": {"utilization": 62, "resets_at": "2026-11-26T06:00:00+00:00"},
    "seven_day_oauth_apps": None,
    "seven_day_opus": None,
    "seven_day_sonnet": {"utilization": None, "resets_at": None},
    "cinder_cove": None,
    "extra_usage": {"is_enabled": False, "monthly_limit": None, "used_credits": None, "utilization": None},
    "limits": [
        {
            "kind": "session",
            "group": "session",
            "percent": 37.5,
            "resets_at": "2026-11-23T04:59:59.943648+00:00",
            "severity": "normal",
            "is_active": False,
            "scope": None,
        },
        {"kind": "weekly_all", "group": "weekly", "percent": 62, "resets_at": "2026-11-26T06:00:00+00:00"},
        {
            "kind": "weekly_scoped",
            "group": "weekly",
            "percent": 12.25,
            "resets_at": "2026-11-26T06:00:00+00:00",
            "scope": {"model": {"display_name": "Fable"}},
        },
    ],
}


def state(utilization: object = UTILIZATION, **kept: object) -> str:
    cache = {"fetchedAtMs": FETCHED_MS, "accountUuid": ACCOUNT, "utilization": utilization} | kept
    return json.dumps(
        {"oauthAccount": {"emailAddress": "someone@example.org"}, "cachedUsageUtilization": cache}
    )


def by_window(readings: list[Reading]) -> dict[str, tuple[int, int]]:
    return {reading.window: (reading.used, reading.resets_us) for reading in readings}


def scoped(name: object, percent: object = 1) -> dict[str, object]:
    return {"kind": "weekly_scoped", "percent": percent, "scope": {"model": {"display_name": name}}}


def test_every_allowance_is_read_with_its_reset_and_the_time_of_the_fetch() -> None:
    account, readings = parse_cache(state())
    assert account == ACCOUNT
    assert by_window(readings) == {
        "five_hour": (37_500, FIVE_HOUR_RESETS_US),
        "seven_day": (62_000, WEEKLY_RESETS_US),
        "seven_day_fable": (12_250, WEEKLY_RESETS_US),
    }
    assert {(reading.at_us, reading.source) for reading in readings} == {(FETCHED_MS * 1000, "cached")}


def test_windows_without_a_row_are_read_by_their_names() -> None:
    opus = {"utilization": 3.2, "resets_at": None}
    _, readings = parse_cache(state(UTILIZATION | {"limits": None, "seven_day_opus": opus}))
    assert by_window(readings) == {
        "five_hour": (37_500, FIVE_HOUR_RESETS_US),
        "seven_day": (62_000, WEEKLY_RESETS_US),
        "seven_day_opus": (3_200, 0),
    }


@pytest.mark.parametrize("percent", [None, "37", True, -1, 1e300, [], {}])
def test_a_percentage_that_is_absent_or_none_is_no_reading_and_never_zero(percent: object) -> None:
    assert parse_cache(state({"five_hour": {"utilization": percent, "resets_at": None}}))[1] == []
    assert rows_to_readings([{"kind": "session", "percent": percent, "resets_at": None}], 1, "cached") == []


def test_nothing_used_is_a_reading_of_zero() -> None:
    assert by_window(
        rows_to_readings([{"kind": "session", "percent": 0, "resets_at": None}], 1, "cached")
    ) == {"five_hour": (0, 0)}


def test_more_than_all_may_be_used() -> None:
    [reading] = rows_to_readings([{"kind": "weekly_all", "percent": 104.5}], 1, "cached")
    assert reading.used == 104_500


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("Fable", "seven_day_fable"),
        ("Fable 5.1", "seven_day_fable_5_1"),
        ("  Opus (1M)!  ", "seven_day_opus_1m"),
        ("Ⅻ Ünïcode", "seven_day_n_code"),
        ("x" * 100, "seven_day_" + "x" * 32),
        ("?!", ""),
        ("", ""),
    ],
)
def test_a_models_window_is_named_in_few_plain_letters(name: str, window: str) -> None:
    assert model_window(name) == window
    assert [reading.window for reading in rows_to_readings([scoped(name)], 1, "cached")] == (
        [window] if window else []
    )


def test_rows_of_an_unknown_kind_or_scope_are_left_out_and_the_first_of_a_window_counts() -> None:
    rows: list[object] = [
        {"kind": "monthly", "percent": 1},
        {"kind": ["session"], "percent": 2},
        {"kind": "weekly_scoped", "percent": 3, "scope": {"surface": {"display_name": "Cowork"}}},
        {"kind": "weekly_scoped", "percent": 4, "scope": "Fable"},
        scoped(7),
        "session",
        None,
        scoped("Fable", 5),
        scoped("fable", 6),
    ]
    assert by_window(rows_to_readings(rows, 1, "cached")) == {"seven_day_fable": (5_000, 0)}


@pytest.mark.parametrize("before", [ACCOUNT, "0", "another"])
def test_percentages_of_the_account_before_a_login_are_left_out(before: str) -> None:
    fields = json.loads(state(accountUuid=before)) | {"oauthAccount": {"accountUuid": "new-account"}}
    assert parse_cache(json.dumps(fields)) == ("new-account", [])


def test_percentages_of_the_account_that_is_logged_in_are_read() -> None:
    for kept in (ACCOUNT, None):
        fields = json.loads(state(accountUuid=kept)) | {"oauthAccount": {"accountUuid": ACCOUNT}}
        account, readings = parse_cache(json.dumps(fields))
        assert (account, len(readings)) == (ACCOUNT, 3)


def test_without_an_account_the_readings_are_nobodys() -> None:
    account, readings = parse_cache(state(accountUuid=None))
    assert account == ""
    assert len(readings) == 3


@pytest.mark.parametrize("fetched", [None, "now", True, 0, -1, 1.5, 10**20])
def test_without_a_time_of_the_fetch_there_is_nothing(fetched: object) -> None:
    assert parse_cache(state(fetchedAtMs=fetched)) == ("", [])


@pytest.mark.parametrize("text", ["{}", "[]", "null", "7", '{"cachedUsageUtilization": []}', '"x"'])
def test_a_file_without_the_key_holds_nothing(text: str) -> None:
    assert parse_cache(text) == ("", [])


@pytest.mark.parametrize("text", ["", "{", "{} {}", '{"a": NaN}', "not JSON"])
def test_a_file_that_is_no_json_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_cache(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(kept=JSON, part=st.sampled_from(["five_hour", "limits", "resets_at", "scope", "fetchedAtMs", "all"]))
def test_no_shape_whatever_is_an_error(kept: object, part: str) -> None:
    row = {"kind": "weekly_scoped", "percent": 1, "scope": kept if part == "scope" else None}
    window = {"utilization": 1, "resets_at": kept if part == "resets_at" else None}
    utilization = {
        "five_hour": kept if part == "five_hour" else window,
        "limits": kept if part == "limits" else [row, kept],
    }
    text = state(kept if part == "all" else utilization, **({part: kept} if part == "fetchedAtMs" else {}))
    for reading in parse_cache(text)[1]:
        assert 0 <= reading.used < 10**11
        assert reading.window.isascii()


def test_reading_it_loads_nothing_that_a_hook_must_not_load() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import usage_dashboard.limits.client_cache;"
        "print(sorted({'json', 're', 'typing', 'pathlib', 'datetime'} & set(sys.modules)))"
    )
    root = __file__.rpartition("tests")[0]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, root], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
