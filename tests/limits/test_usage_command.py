"""Asking a `claude` on the PATH for the limits: a real process, which is a script of the test's."""

from __future__ import annotations

import json
import os
import select
import shlex
from pathlib import Path
from typing import Any

import pytest

from usage_dashboard.limits.usage_command import BY_HAND, ask_client, parse_usage
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import Reading
from usage_dashboard.runtime.json_fields import parse_instant

NOW = "2026-11-22T23:40:00Z"
SUBSCRIBED = "You are currently using your subscription to power your Claude Code usage"
LINES = f"""{SUBSCRIBED}

Current session: 37% used · resets Nov 23, 12:59pm (Asia/Irkutsk)
Current week (all models): 62% used · resets Nov 26, 2pm (Asia/Irkutsk)
Current week (Fable): 12% used · resets Nov 26, 2pm (Asia/Irkutsk)

What's contributing to your limits usage?
Approximate · sessions on this machine only · shares overlap

Last 24h · 12 requests · 2 sessions
  40%  Current session: something else
  Top skills: /review 12%"""
KEYED = """Estimated cost:        $0.0000
Total duration (API):  0s
Usage:                 0 input, 0 output, 0 cache read, 0 cache write"""
ROWS: list[dict[str, Any]] = [
    {"kind": "session", "percent": 37.5, "resets_at": "2026-11-23T04:59:59.943648+00:00"},
    {"kind": "weekly_all", "percent": 62, "resets_at": "2026-11-26T06:00:00+00:00"},
]


def us(stamp: str) -> int:
    found = parse_instant(stamp)
    assert found is not None
    return found


def answer(result: str, **report: object) -> str:
    """What `--output-format json --verbose` prints, shortened."""
    said = {"type": "assistant", "message": {"content": [{"type": "text", "text": result}]}} | report
    done = {"type": "result", "is_error": False, "result": result, "local_command": "usage"}
    return json.dumps([{"type": "system", "subtype": "init"}, said, done])


def by_window(readings: list[Reading]) -> dict[str, tuple[int, int]]:
    assert {reading.source for reading in readings} <= {"usage-command"}
    assert {reading.at_us for reading in readings} <= {us(NOW)}
    return {reading.window: (reading.used, reading.resets_us) for reading in readings}


OF_LINES = {
    "five_hour": (37_000, us("2026-11-23T04:59:00Z")),
    "seven_day": (62_000, us("2026-11-26T06:00:00Z")),
    "seven_day_fable": (12_000, us("2026-11-26T06:00:00Z")),
}
OF_ROWS = {
    "five_hour": (37_500, us("2026-11-23T04:59:59.943648Z")),
    "seven_day": (62_000, us("2026-11-26T06:00:00Z")),
}


class TestAnswer:
    """What the command prints, and what is read of it."""

    def test_the_servers_rows_count_before_the_text(self) -> None:
        report = {"rate_limits": {"limits": ROWS, "extra_usage": None}}
        assert by_window(parse_usage(answer(LINES, usage_report=report), us(NOW))) == OF_ROWS

    @pytest.mark.parametrize("limits", [None, {"limits": None}, {"limits": []}])
    def test_text_beside_a_report_without_rows_may_be_an_hour_old_and_is_not_read(
        self, limits: object
    ) -> None:
        assert parse_usage(answer(LINES, usage_report={"rate_limits": limits}), us(NOW)) == []

    @pytest.mark.parametrize(
        "said",
        [answer(LINES), json.dumps({"type": "result", "result": LINES}), LINES],
        ids=["list", "object", "text"],
    )
    def test_without_rows_the_lines_of_text_are_read(self, said: str) -> None:
        assert by_window(parse_usage(said, us(NOW))) == OF_LINES

    @pytest.mark.parametrize(
        "said",
        [
            "",
            KEYED,
            answer(KEYED),
            SUBSCRIBED,
            "[]",
            '[7, {"result": 7}]',
            "Current session: used",
            "Current session: -3% used",
            "Current week (?): 3% used",
            "Current fortnight: 3% used",
        ],
    )
    def test_anything_else_is_no_reading(self, said: str) -> None:
        assert parse_usage(said, us(NOW)) == []

    def test_a_percentage_may_have_a_fraction_pass_all_and_come_without_a_reset(self) -> None:
        said = "Current session: 0.5% used\nCurrent week (Sonnet only): 104% used"
        assert by_window(parse_usage(said, us(NOW))) == {
            "five_hour": (500, 0),
            "seven_day_sonnet": (104_000, 0),
        }

    def test_the_first_line_of_a_window_counts(self) -> None:
        said = "Current session: 5% used\nCurrent session: 6% used"
        assert by_window(parse_usage(said, us(NOW))) == {"five_hour": (5_000, 0)}


class TestReset:
    """The time of a reset, as the client writes it for people."""

    def read(self, resets: str, now: str = NOW) -> int:
        [reading] = parse_usage(f"Current session: 1% used · resets {resets}", us(now))
        return reading.resets_us

    @pytest.mark.parametrize(
        ("resets", "now", "expected"),
        [
            ("Nov 23, 2:10am (UTC)", NOW, "2026-11-23T02:10:00Z"),
            ("Nov 23, 12pm (UTC)", NOW, "2026-11-23T12:00:00Z"),
            ("Nov 23 at 2:10am (UTC)", NOW, "2026-11-23T02:10:00Z"),
            ("Jan 2, 2027, 2pm (UTC)", "2026-12-28T00:00:00Z", "2027-01-02T14:00:00Z"),
            ("Jan 2, 2pm (UTC)", "2026-12-28T00:00:00Z", "2027-01-02T14:00:00Z"),
            ("Jan 1, 1am (Pacific/Auckland)", "2026-12-31T11:30:00Z", "2026-12-31T12:00:00Z"),
            ("Feb 29, 1am (UTC)", "2028-02-26T00:00:00Z", "2028-02-29T01:00:00Z"),
            ("1am (UTC)", NOW, "2026-11-23T01:00:00Z"),
            ("8:15am (America/Argentina/Buenos_Aires)", NOW, "2026-11-23T11:15:00Z"),
            ("Nov 23, 2am (Etc/GMT+3)", NOW, "2026-11-23T05:00:00Z"),
        ],
    )
    def test_it_is_the_next_such_instant(self, resets: str, now: str, expected: str) -> None:
        assert self.read(resets, now) == us(expected)

    def test_it_follows_daylight_saving_time(self) -> None:
        now = "2026-10-24T12:00:00Z"
        assert self.read("Oct 24, 11pm (Europe/Berlin)", now) == us("2026-10-24T21:00:00Z")
        assert self.read("Oct 25, 11pm (Europe/Berlin)", now) == us("2026-10-25T22:00:00Z")
        assert self.read("11pm (Europe/Berlin)", "2026-10-24T22:00:00Z") == us("2026-10-25T22:00:00Z")

    def test_its_seconds_are_cut_off_so_it_may_seem_to_be_just_over(self) -> None:
        assert self.read("Nov 22, 11:40pm (UTC)", "2026-11-22T23:40:59Z") == us("2026-11-22T23:40:00Z")
        assert self.read("11:40pm (UTC)", "2026-11-22T23:40:59Z") == us("2026-11-22T23:40:00Z")

    @pytest.mark.parametrize(
        "resets",
        [
            "soon",
            "Nov 23, 2:10am",
            "Nov 23, 2:10am (Nowhere/Atall)",
            "Nov 23, 2:10am (../../etc/passwd)",
            "Nov 31, 2am (UTC)",
            "Nox 23, 2am (UTC)",
            "Nov 23, 13pm (UTC)",
            "Nov 23, 0am (UTC)",
            "Nov 23, 2:75am (UTC)",
            "Nov 21, 2am (UTC)",
            "Dec 24, 2am (UTC)",
            "Nov 23, 2025, 2am (UTC)",
        ],
    )
    def test_what_is_no_time_of_the_coming_week_is_unknown(self, resets: str) -> None:
        assert self.read(resets) == 0


class FakeClaude:
    """A `claude` on the PATH that notes how it was called and answers as configured."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "claude"
        self.noted = folder / "noted"

    def answers(self, said: str, version: str = "2.1.330 (Claude Code)", then: str = "") -> None:
        noted = shlex.quote(str(self.noted))
        self.path.write_text(
            "#!/bin/sh\n"
            f'if [ "$*" = --version ]; then echo {shlex.quote(version)}; exit 0; fi\n'
            f"{{ pwd -P; ls -A | wc -l; wc -c; }} > {noted}\n"
            f'for word in "$@" "$ANTHROPIC_API_KEY"; do printf \'%s\\n\' "$word" >> {noted}; done\n'
            f"{then}\n"
            f"printf %s {shlex.quote(said)}\n",
            encoding="utf-8",
        )
        self.path.chmod(0o755)


@pytest.fixture
def claude(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeClaude:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return FakeClaude(folder)


def refused(limit_seconds: float = 20.0) -> tuple[str, str]:
    with pytest.raises(UsageDashboardError) as caught:
        ask_client("claude", us(NOW), limit_seconds=limit_seconds)
    return str(caught.value), caught.value.hint


class TestAsking:
    """Running the client, and what can come of it."""

    def test_the_client_is_asked_without_a_prompt_in_an_empty_folder_that_is_gone_afterwards(
        self, claude: FakeClaude, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "the-user's-own")
        claude.answers(answer(LINES))
        assert by_window(ask_client("claude", us(NOW))) == OF_LINES
        folder, files, stdin, *words = claude.noted.read_text().splitlines()
        assert not Path(folder).exists()
        assert (files.strip(), stdin.strip()) == ("0", "0")
        assert words == [
            *(
                "-p",
                "--no-session-persistence",
                "--strict-mcp-config",
                "--settings",
                '{"disableAllHooks": true}',
            ),
            *("--output-format", "json", "--verbose", "--", "/usage", "the-user's-own"),
        ]

    @pytest.mark.parametrize("version", ["2.1.200 (Claude Code)", "2.2.0", "3.0.0 (Claude Code)", "2.1.1000"])
    def test_releases_from_2_1_200_on_are_asked(self, claude: FakeClaude, version: str) -> None:
        claude.answers(answer(LINES), version)
        assert by_window(ask_client("claude", us(NOW))) == OF_LINES

    @pytest.mark.parametrize("version", ["2.1.199 (Claude Code)", "2.0.300", "1.9.999"])
    def test_older_releases_are_not_asked(self, claude: FakeClaude, version: str) -> None:
        claude.answers(answer(LINES), version)
        number = version.split(maxsplit=1)[0]
        assert refused() == (
            f"Claude Code {number} tells the limits to nobody but its own screen; 2.1.200 does",
            "Run `claude update`",
        )
        assert not claude.noted.exists()

    def test_a_client_that_does_not_say_its_release_is_not_asked(self, claude: FakeClaude) -> None:
        claude.answers(answer(LINES), "Segmentation fault")
        assert refused()[0] == "Claude Code does not say which release it is"
        assert not claude.noted.exists()

    @pytest.mark.usefixtures("claude")
    def test_without_a_client_it_says_where_else_the_limits_come_from(self) -> None:
        message, hint = refused()
        assert message == "There is no `claude` to ask on the PATH"
        assert "status line" in hint

    def test_a_client_that_cannot_be_started_is_an_error(self, claude: FakeClaude) -> None:
        claude.path.write_bytes(b"\x7fELF no program")
        claude.path.chmod(0o755)
        message, _ = refused()
        assert message == f"`{claude.path}` cannot be started (Exec format error)"

    def test_a_path_that_is_relative_is_found_from_the_folder_of_the_caller(
        self, claude: FakeClaude, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        claude.answers(answer(LINES))
        monkeypatch.chdir(claude.path.parent)
        assert by_window(ask_client("./claude", us(NOW))) == OF_LINES

    def test_an_api_key_has_no_limits(self, claude: FakeClaude) -> None:
        claude.answers(answer(KEYED))
        assert refused()[0] == "Claude Code told no limits, which it does only for subscriptions"

    def test_a_subscribers_limits_that_could_not_be_fetched_have_their_error(
        self, claude: FakeClaude
    ) -> None:
        claude.answers(answer(SUBSCRIBED, usage_report={"rate_limits": None}))
        message, hint = refused()
        assert message == "Claude Code could not fetch the limits"
        assert "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC" in hint

    def test_a_client_that_fails_is_an_error(self, claude: FakeClaude) -> None:
        claude.answers(answer(LINES), then="exit 3")
        assert refused() == ("Claude Code ended with exit code 3", BY_HAND)

    def test_a_client_that_hangs_is_ended_with_all_it_has_started(
        self, claude: FakeClaude, tmp_path: Path
    ) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        # Whoever of them still runs keeps the pipe open.
        claude.answers("", then=f"exec 3> {shlex.quote(str(pipe))}; echo started >&3; sleep 60 & sleep 60")
        assert refused(limit_seconds=2) == ("Claude Code did not answer within 2 s", BY_HAND)
        assert os.read(reader, 100) == b"started\n"
        assert select.select([reader], [], [], 10)[0]
        assert os.read(reader, 100) == b""
        os.close(reader)
