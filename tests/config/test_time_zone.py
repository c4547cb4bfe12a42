"""A wrong `TZ` is recognized, and every form that the C library reads is left in peace."""

from __future__ import annotations

import os
import zoneinfo

import pytest

from usage_dashboard.config.time_zone import zone_problem


@pytest.mark.parametrize(
    "value",
    [
        "", ":", "UTC", "Europe/Berlin", ":Europe/Berlin", "EST5EDT", "CET-1CEST,M3.5.0,M10.5.0/3",
        "<+0330>-3:30", "<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "UTC0", "PST8PDT", "JST-9",
        "EST5EDT,J60,J300/2:30",
    ],
)  # fmt: skip
def test_a_zone_by_name_or_by_rules_is_right(value: str) -> None:
    assert zone_problem({"TZ": value}) == ""


@pytest.mark.parametrize(
    "value", ["Mars/Olympus", "Europe/Berln", "UTC+", "berlin time", "../etc", "/no/such/file"]
)
def test_a_name_that_nobody_knows_is_a_problem(value: str) -> None:
    said = zone_problem({"TZ": value})
    assert said == f"`TZ` names no known time zone (`{value}`), so days and times are those of UTC"


def test_no_variable_is_no_problem() -> None:
    assert zone_problem({}) == ""


def test_a_file_of_rules_is_right() -> None:
    file = next((f"{folder}/UTC" for folder in zoneinfo.TZPATH if os.path.isfile(f"{folder}/UTC")), None)
    if file is None:
        pytest.skip("this machine has no database of zones in files")
    assert zone_problem({"TZ": file}) == ""
