"""Times, counts and sizes out of the client's JSON: right, or not taken at all."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_dashboard.model.attribution import json_size
from usage_dashboard.runtime import json_fields
from usage_dashboard.runtime.json_fields import (
    MOST,
    InvalidField,
    days_since_1970,
    list_field,
    object_field,
    parse_instant,
    read_count,
    text_field,
)

calm = settings(deadline=None)

times = st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30))  # noqa: DTZ001 - the offset is added
stamps = st.builds(
    "2026-11-22T10:{:02}:{:02}.{:03}Z".format, st.integers(0, 59), st.integers(0, 59), st.integers(0, 999)
)
offsets = st.integers(-14 * 60 + 1, 14 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def microseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@calm
@given(
    wall=times, offset=offsets, places=st.sampled_from(["auto", "seconds", "milliseconds", "microseconds"])
)
def test_an_instant_is_the_one_that_datetime_reads(wall: datetime, offset: timezone, places: str) -> None:
    stamp = wall.replace(tzinfo=offset).isoformat(timespec=places)
    assert parse_instant(stamp) == microseconds(datetime.fromisoformat(stamp))


@calm
@given(st.text(max_size=30) | stamps | stamps.map(lambda stamp: stamp.replace("0", "\u0660")))
def test_a_time_of_a_minute_that_was_met_before_is_the_one_that_is_parsed_alone(stamp: str) -> None:
    assert parse_instant(stamp) == parse_instant(stamp) == json_fields._parsed(stamp)


@calm
@given(wall=times, digits=st.integers(1, 9), number=st.integers(0, 10**9 - 1))
def test_any_number_of_decimals_is_cut_to_microseconds(wall: datetime, digits: int, number: int) -> None:
    fraction = f"{number:09}"[:digits]
    micro = int(fraction[:6].ljust(6, "0"))
    stamp = f"{wall.strftime('%Y-%m-%dT%H:%M:%S')}.{fraction}Z"
    assert parse_instant(stamp) == microseconds(wall.replace(microsecond=micro, tzinfo=UTC))


@calm
@given(st.dates(date(1600, 1, 1), date(3999, 12, 31)))
def test_days_are_counted_as_the_calendar_does(day: date) -> None:
    assert days_since_1970(day.year, day.month, day.day) == (day - date(1970, 1, 1)).days


def test_a_time_without_a_zone_is_utc() -> None:
    bare, zoned = parse_instant("2026-11-22T20:44:35"), parse_instant("2026-11-22T20:44:35Z")
    assert bare == zoned == 1_795_380_275_000_000


@pytest.mark.parametrize("stamp", ["2026-11-22T20:44:35+0530", "2026-11-22T20:44:35.5-0330"])
def test_an_offset_without_a_colon_is_the_same_offset_or_no_time(stamp: str) -> None:
    assert parse_instant(stamp) in (None, microseconds(datetime.fromisoformat(stamp)))


@pytest.mark.parametrize(
    "stamp",
    [
        "", "T", "now", "2026-11-22", "20:44:35", "2026-11-22 20:44:35", "2026-11-22T", "2026-11-22T20:44",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z",
        "2026-11-22T24:00:00Z", "2026-11-22T20:60:00Z", "1969-12-31T23:59:59Z", "3000-01-01T00:00:00Z",
        "2026-11-22T20:44:35ZZ", "2026-11-22T20:44:35.Z.Z", "2026-11-22T20:44:35.x", "2026-11-22T20:44:35+",
        "2026-11-22T20:44:35+xx:00", "2026--11-22T20:44:35Z", "12026-11-22T20:44:35Z",
    ],
)  # fmt: skip
def test_anything_but_a_time_is_unknown(stamp: str) -> None:
    assert parse_instant(stamp) is None


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-02-30T00:00:00Z", "2026-04-31T00:00:00Z", "2026-11-22T20:44:99Z", "2026-11-22T-5:00:00Z",
        "2026-11-22T10:-5:00Z", "2026-11-22T10:00:00.-5Z", "2026-11-22T1 :0 :00Z", "2026-11-22T10:00:00.1_2Z",
        "2026-11-22T10:00:00+99:99",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_time_is_unknown(stamp: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        datetime.fromisoformat(stamp)
    assert parse_instant(stamp) is None


@calm
@given(st.text("0123456789-:T.Z+ ", max_size=30))
def test_any_text_is_a_time_or_none(stamp: str) -> None:
    found = parse_instant(stamp)
    assert found is None or isinstance(found, int)


@calm
@given(st.integers(0, MOST))
def test_a_count_is_taken_as_it_is(number: int) -> None:
    assert read_count({"n": number}, "n") == number


@pytest.mark.parametrize("holder", [{}, {"n": None}])
def test_a_count_that_is_not_there_is_zero(holder: dict[str, object]) -> None:
    assert read_count(holder, "n") == 0


@pytest.mark.parametrize("value", [-1, MOST + 1, 1.0, 2.5, "7", True, False, [], {}, float("inf")], ids=repr)
def test_what_is_no_count_is_absurd(value: object) -> None:
    with pytest.raises(InvalidField):
        read_count({"n": value}, "n")


@pytest.mark.parametrize("value", [None, 0, 1.5, True, "x", ["x"], {"x": 1}], ids=repr)
def test_fields_are_what_they_claim_to_be_or_empty(value: object) -> None:
    holder = {"f": value}
    assert text_field(holder, "f") == (value if isinstance(value, str) else "")
    assert object_field(holder, "f") == (value if isinstance(value, dict) else {})
    assert list_field(holder, "f") == (value if isinstance(value, list) else [])
    assert (text_field({}, "f"), object_field({}, "f"), list_field({}, "f")) == ("", {}, [])


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", min_codepoint=32)),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text("abc", max_size=5), inner, max_size=5)
    ),
    max_leaves=30,
)


def parts(value: Any) -> int:
    """How many values and names `value` is made of."""
    if isinstance(value, dict):
        return 1 + sum(1 + parts(inner) for inner in value.values())
    return 1 + sum(parts(inner) for inner in value) if isinstance(value, list) else 1


@calm
@given(values)
def test_a_size_is_that_of_compact_json_but_for_escapes_and_a_byte_for_each_part(value: Any) -> None:
    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    escapes = compact.count("\\")
    assert abs(json_size(value) - len(compact.encode())) <= escapes + parts(value)
    assert json_size(value) > 0


def test_sizes_do_not_depend_on_how_the_text_was_escaped() -> None:
    assert json_size(json.loads('"\\u00e9\\n"')) == json_size("é\n") == 5
    assert json_size("\ud800") == 5
