"""Asking the user's own Claude Code how much of its limits is used, by running its `/usage`.

`claude -p … -- /usage` is answered by the client itself: no model is called, nothing is billed, and no
credential is read. With `--verbose` its answer contains the server's rows; older releases print lines
of text, with whole percentages and resets in whole minutes.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from usage_dashboard.limits.client_cache import model_window, rows_to_readings
from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.events import DAY_US, SECOND_US, Reading
from usage_dashboard.model.limit_names import FIVE_HOUR, WEEKLY
from usage_dashboard.runtime.json_fields import list_field, object_field, text_field
from usage_dashboard.runtime.json_light import parse_json

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = (2, 1, 200)
"""The oldest release seen to print percentages in answer to `-p … /usage`; 2.1.150 prints none."""

LIMIT_SECONDS = 60.0
SOURCE = "usage-command"
BY_HAND = "Run `claude -p --no-session-persistence -- /usage` to see what it says"
_QUIET = ("--strict-mcp-config", "--settings", '{"disableAllHooks": true}')
"""Without these the user's MCP servers and hooks would be started for a question that needs none."""

_ASK = ("-p", "--no-session-persistence", *_QUIET, "--output-format", "json", "--verbose", "--", "/usage")
_SUBSCRIBED = "to power your Claude Code usage"
_MINUTE_US = 60 * SECOND_US
_LONGEST_US = 8 * DAY_US
_LINE = re.compile(
    r"^Current (?:(?P<session>session)|week \((?P<week>[^()]+)\)): (?P<used>\d{1,6}(?:\.\d+)?)% used"
    r"(?: · resets (?P<resets>.+))?$",
    re.MULTILINE,
)
_RESETS = re.compile(
    r"(?:(?P<month>[A-Z][a-z]{2}) (?P<day>\d{1,2})(?:, (?P<year>\d{4}))?(?:,| at) )?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d))?(?P<half>[ap])m \((?P<zone>[\w+/-]+)\)"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ask_client(claude: str, now_us: int, *, limit_seconds: float = LIMIT_SECONDS) -> list[Reading]:
    """Ask the client `claude` (a name on the PATH, or a path); return at least one reading.

    It runs in a temporary empty folder with the caller's environment, and leaves no transcript. Each of
    the two runs is ended after `limit_seconds`.

    Raises:
        UsageDashboardError: there is no such client, it is too old, it fails or takes too long, or it
            reports no percentages.
    """
    path = shutil.which(claude)
    if path is None:
        raise UsageDashboardError(
            f"There is no `{claude}` to ask on the PATH",
            hint="Open a session instead: Claude Code tells its status line the limits",
        )
    with tempfile.TemporaryDirectory(prefix="usage-dashboard-", ignore_cleanup_errors=True) as folder:
        client = os.path.abspath(path)
        _check_version(_run_client([client, "--version"], folder, limit_seconds))
        output = _run_client([client, *_ASK], folder, limit_seconds)
    readings = parse_usage(output, now_us)
    if readings:
        return readings
    if _SUBSCRIBED in output:
        raise UsageDashboardError(
            "Claude Code could not fetch the limits",
            hint="Try again in a few minutes; where `CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC` is set"
            " it never fetches them",
        )
    raise UsageDashboardError(
        "Claude Code told no limits, which it does only for subscriptions",
        hint="Run `claude auth status` to see how it is signed in; an API key in the environment goes first",
    )


def parse_usage(output: str, at_us: int) -> list[Reading]:
    """Parse what the command printed at `at_us`, as JSON or as bare text; unknown output has no readings.

    Of an answer with the server's rows only those count: after a failed fetch there are none, while the
    text may repeat percentages that are up to an hour old.
    """
    messages = _parse_messages(output)
    if messages is None:
        return _readings_of_text(output, at_us)
    for message in messages:
        if "usage_report" in message:
            limits = object_field(object_field(message, "usage_report"), "rate_limits")
            return rows_to_readings(list_field(limits, "limits"), at_us, SOURCE)
    return _readings_of_text("\n".join(text_field(message, "result") for message in messages), at_us)


def _parse_messages(output: str) -> list[dict[str, object]] | None:
    """Return the messages of a JSON answer (a list of them with `--verbose`); None if it is not JSON."""
    try:
        value = parse_json(output)
    except ValueError:
        return None
    listed = value if isinstance(value, list) else [value]
    return [message for message in listed if isinstance(message, dict)]


def _readings_of_text(output: str, at_us: int) -> list[Reading]:
    by_window: dict[str, Reading] = {}
    for line in _LINE.finditer(output):
        window = FIVE_HOUR if line["session"] else _weekly_window(line["week"])
        used = round(float(line["used"]) * 1000)
        if window:
            resets_us = _parse_reset(line["resets"], at_us)
            by_window.setdefault(window, Reading(window, used, resets_us, at_us, SOURCE))
    return list(by_window.values())


def _weekly_window(label: str) -> str:
    return WEEKLY if label == "all models" else model_window(label.removesuffix(" only"))


def _parse_reset(resets: str | None, at_us: int) -> int:
    """Return UTC microseconds of a reset as the client writes it; 0 for anything unknown.

    A missing year, or in older releases day, is that of the next such instant. The client truncates to
    minutes, so that a reset may seem to be up to a minute ago.
    """
    match = _RESETS.fullmatch(resets or "")
    if match is None:
        return 0
    try:
        days = _possible_days(match, at_us, ZoneInfo(match["zone"]))
        instants = (round(day.timestamp()) * SECOND_US for day in days)
        # No window is longer than a week: what is further away has been misread.
        return next((us for us in instants if at_us - _MINUTE_US < us <= at_us + _LONGEST_US), 0)
    except (ValueError, OSError, LookupError):  # no such zone, or no such day
        return 0


def _possible_days(match: re.Match[str], at_us: int, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instants that the text can mean, earliest first.

    Raises:
        ValueError: there is no such day or time of the day.
    """
    today = datetime.fromtimestamp(at_us // SECOND_US, zone)
    hour = int(match["hour"])
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    hour = hour % 12 + (12 if match["half"] == "p" else 0)
    clock = today.replace(hour=hour, minute=int(match["minute"] or 0), second=0, microsecond=0, fold=0)
    if match["month"] is None:
        yield from (clock, clock + timedelta(days=1))
        return
    month, day = _MONTHS.index(match["month"]) + 1, int(match["day"])
    years = [int(match["year"])] if match["year"] else [today.year, today.year + 1]
    for year in years:
        yield clock.replace(year=year, month=month, day=day)


def _check_version(output: str) -> None:
    """Raise UsageDashboardError if the client is older than `OLDEST`, or its release is unknown."""
    match = re.match(r"(\d+)\.(\d+)\.(\d+)", output)
    if match is None:
        raise UsageDashboardError(
            "Claude Code does not say which release it is", hint="Run `claude --version`"
        )
    if tuple(map(int, match.groups())) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UsageDashboardError(
            f"Claude Code {match[0]} tells the limits to nobody but its own screen; {oldest} does",
            hint="Run `claude update`",
        )


def _run_client(command: list[str], folder: str, limit_seconds: float) -> str:
    """Return what `command` prints on its standard output, a file that no child can keep open for us.

    Raises:
        UsageDashboardError: it cannot be started, fails, or takes too long.
    """
    with tempfile.TemporaryFile() as out:
        try:
            process = subprocess.Popen(  # noqa: S603 - the user's own client
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise UsageDashboardError(
                f"`{command[0]}` cannot be started ({reason})", hint="Run `claude doctor`"
            ) from error
        try:
            code = process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            raise UsageDashboardError(
                f"Claude Code did not answer within {limit_seconds:g} s", hint=BY_HAND
            ) from None
        finally:
            if process.poll() is None:
                _kill_group(process)
        if code != 0:
            raise UsageDashboardError(f"Claude Code ended with exit code {code}", hint=BY_HAND)
        out.seek(0)
        return out.read().decode("utf-8", "replace")


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the running `process` and everything it has started."""
    if os.name == "posix":
        with contextlib.suppress(OSError):  # it has ended by itself in the meantime
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
