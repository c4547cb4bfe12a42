"""Damaged lines, which `week` mentions as soon as they are more than a trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Page
from tests.support.transcripts import SESSION, packed, response, usage

CUT = packed(response("cut"))[:-20] + b"\n"


def write_lines(project: Path, calls: int, damaged: int) -> None:
    whole = [line for i in range(calls) for line in response(f"m{i}", spent=usage(1))]
    (project / f"{SESSION}.jsonl").write_bytes(packed(whole) + CUT * damaged)


@pytest.mark.parametrize(
    ("calls", "damaged", "said"),
    [
        (5, 1, "1 damaged line could not be read; what it held is not counted"),
        (0, 2, "2 damaged lines could not be read; what they held is not counted"),
        (999, 1, "1 damaged line could not be read"),
        (11_000, 11, "11 damaged lines could not be read"),
    ],
)
def test_more_than_a_trace_is_mentioned(
    page: Page, project: Path, calls: int, damaged: int, said: str
) -> None:
    write_lines(project, calls, damaged)
    assert said in page("week")


@pytest.mark.parametrize(("calls", "damaged"), [(5, 0), (1000, 1), (3000, 3)])
def test_a_trace_is_not(page: Page, project: Path, calls: int, damaged: int) -> None:
    write_lines(project, calls, damaged)
    assert "damaged" not in page("week")
