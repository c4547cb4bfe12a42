"""A few days of a user's work as transcripts, small enough to be added up by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.transcripts import Line, response, result, text, tool_use, usage, write

SHOP = "0020248b-fd95-4d67-a568-2e276c5cc993"
SITE = "0031248b-fd95-4d67-a568-2e276c5cc993"
LATE = "7bb1248b-fd95-4d67-a568-2e276c5cc993"


def write_sessions(project: Path) -> None:
    """Write three sessions since Monday: two projects, two models, tools, a subagent, one cut call."""
    write(project, _shop(), SHOP)
    write(project, _explorer(), SHOP, subagent="a1")
    write(project, _site(), SITE)
    write(project, _late(), LATE)


def _shop() -> list[Line]:
    monday = "2026-11-23T09:{}.000Z".format
    first = response(
        "m1",
        text("Let me look."),
        tool_use("t1", "Read", file="a" * 40),
        tool_use("t2", "mcp__github__search", q="b" * 80),
        spent=usage(12, 420, 8000, 0, 0),
        at=monday("00:00"),
    )
    second = response("m2", tool_use("t3", "Agent"), spent=usage(4, 300, 2600, 0, 8000), at=monday("04:10"))
    third = response(
        "m3", text("Done."), spent=usage(3, 900, 1200, 0, 10_600, thinking=500), at=monday("41:00")
    )
    return [
        *first,
        result("t1", "x" * 900),
        result("t2", "no", failed=True),
        *second,
        result("t3", "y" * 400),
        *third,
    ]


def _explorer() -> list[Line]:
    lines: list[Line] = []
    for number in range(3):
        lines += response(
            f"e{number}",
            tool_use(f"te{number}", "Grep"),
            spent=usage(5, 120, 900, 0, 4000 + 900 * number),
            at=f"2026-11-23T09:05:{number:02}.000Z",
            model="claude-haiku-5-5",
            agentId="a1",
            attributionAgent="Explore",
            isSidechain=True,
        )
        lines.append(result(f"te{number}", "z" * 100, isSidechain=True, agentId="a1"))
    return lines


def _site() -> list[Line]:
    place: dict[str, Any] = {"sessionId": SITE, "cwd": "/home/dev/website", "entrypoint": "claude-vscode"}
    first = response(
        "s1", tool_use("t8"), spent=usage(9, 1500, 22_000, 4000, 0), at="2026-11-24T16:20:00.000Z", **place
    )
    cut = response(
        "s2",
        text("Half"),
        spent=usage(2, 80, 500, 0, 26_000),
        at="2026-11-24T18:52:30.000Z",
        stop_reason=None,
        **place,
    )
    return [*first, result("t8", **place), *cut]


def _late() -> list[Line]:
    place = {"sessionId": LATE, "cwd": "/home/dev/website"}
    return response(
        "l1", text(), spent=usage(7, 2100, 40_000, 0, 1_200_000), at="2026-11-25T10:02:00.000Z", **place
    )
