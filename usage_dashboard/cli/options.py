"""The options that commands share: the window, JSON, reading new transcripts, filters."""

from __future__ import annotations

import functools
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from usage_dashboard.cli import completions
from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.model.windows import NAMES
from usage_dashboard.reports.filters import DIMENSIONS
from usage_dashboard.reports.window_query import custom_window, parse_instant, parse_window_name, parse_zone
from usage_dashboard.reports.wording.periods import LAST

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.model.windows import Window, Zone
    from usage_dashboard.reports.filters import Wanted

    Command = Callable[..., None]

MOST_BACK = 9999

_WINDOW_OPTIONS = ("window", "since", "until", "last")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON")
_NO_SWEEP = click.option("--no-sweep", is_flag=True, help="Show what is recorded; read nothing new")


def usage_command(window: str = "", *, named: bool = True) -> Callable[[Command], Command]:
    """Decorate a command that shows usage: add `--json` and `--no-sweep`, and pass it a `reader`.

    With a default `window` it also gets `--since`, `--until`, `--last` and `--tz`, and `--window` if it is
    `named`; the command is then called with the `window` that these mean.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def call(*, no_sweep: bool, as_json: bool, tz: Zone | None = None, **options: Any) -> None:
            reader = CommandReader(zone=tz)
            asked = [options.pop(option, None) for option in _WINDOW_OPTIONS] if window else []
            between = _custom_window(reader, *asked) if window else None
            if not no_sweep:
                reader.sweep_with_progress(quiet=as_json)
            if window:
                name, _, _, back = asked
                options["window"] = between or _pick_window(reader, name or window, back or 0)
            command(reader=reader, as_json=as_json, **options)

        of_window = _window_options(window, named=named) if window else []
        return _add_options(call, [*of_window, _JSON, _NO_SWEEP])

    return decorate


def _add_options(call: Command, options: list[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        call = option(call)
    return call


def _window_options(default: str, *, named: bool) -> list[Callable[[Command], Command]]:
    window = f"One of {' '.join(NAMES)}  [default: {default}]"
    since = "From this day on, or from an instant such as 2026-11-22T14:30"
    until = "Up to this day, that day included, or up to an instant"
    last = "The N-th before the present one: 1 is " + LAST.get(default, "the one before")
    zone = "Days and times by the clocks of this time zone"
    name = click.option(
        "--window",
        metavar="NAME",
        callback=_parse_window,
        shell_complete=completions.complete_windows,
        help=window,
    )
    return [
        *([name] if named else []),
        click.option("--since", metavar="DATE", help=since),
        click.option("--until", metavar="DATE", help=until),
        click.option("--last", metavar="N", type=int, callback=_parse_last, help=last),
        click.option("--tz", metavar="ZONE", callback=_parse_zone, help=zone),
    ]


def _parse_zone(_context: click.Context, _option: click.Parameter, value: str | None) -> Zone | None:
    if value is None:
        return None
    try:
        return parse_zone(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _parse_last(_context: click.Context, _option: click.Parameter, value: int | None) -> int | None:
    if value is not None and not 1 <= value <= MOST_BACK:
        raise click.BadParameter(f"`{value}` has to be a number from 1 to {MOST_BACK}")
    return value


def _parse_window(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The name as `NAMES` spells it."""
    if value is None:
        return None
    try:
        return parse_window_name(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _pick_window(reader: CommandReader, name: str, back: int) -> Window:
    """The window called `name`, or the one `back` windows before it."""
    window = reader.window_named(name)
    for _ in range(back):
        window = reader.window_before(window) or window
    return window


def _custom_window(
    reader: CommandReader, name: str | None, since: str | None, until: str | None, back: int | None
) -> Window | None:
    """The window between two dates, one of which may be missing; None if both are.

    Raises:
        click.UsageError: options contradict each other, or a date is not valid.
    """
    if back and name == "all":
        raise click.UsageError("--last does not go with --window all")
    if not since and not until:
        return None
    if name or back:
        raise click.UsageError(f"--{'window' if name else 'last'} does not go with --since and --until")
    since_us = _parse_instant(since, reader.zone, "--since") if since else None
    until_us = _parse_instant(until, reader.zone, "--until", ends=True) if until else None
    try:
        return custom_window(since_us, until_us)
    except ValueError as error:
        raise click.UsageError("--until has to be later than --since") from error


def _parse_instant(text: str, zone: Zone, option: str, *, ends: bool = False) -> int:
    try:
        return parse_instant(text, zone, ends=ends)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error


def _parse_filters(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Wanted:
    """Parse `KEY=VALUE` texts into the values of each dimension."""
    wanted: dict[str, list[str]] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or key not in DIMENSIONS:
            raise click.BadParameter(f"`{text}` has to be KEY=VALUE with one of {', '.join(DIMENSIONS)}")
        if key == "day" and not _is_date(value):
            raise click.BadParameter(f"`{text}` has to be day=DATE, such as day=2026-11-22")
        wanted.setdefault(key, []).append(value)
    return wanted


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


filter_option = click.option(
    "--filter",
    "wanted",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_parse_filters,
    shell_complete=completions.complete_filters,
    help=f"Count only what matches, such as project=shop; KEY is one of {', '.join(DIMENSIONS)}",
)
"""Adds `--filter`; the command gets `wanted`, the values to count by dimension, empty for everything."""

compare_option = click.option("--compare", is_flag=True, help="What changed against the window before")
"""Adds `--compare`; the command gets `compare`."""

breakdown_option = click.option(
    "--breakdown", is_flag=True, help="Versions of models, in place of Opus, Sonnet, Haiku"
)
"""Adds `--breakdown`; the command gets `breakdown`."""
