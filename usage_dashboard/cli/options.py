"""What commands that show usage have in common: sweeping, JSON or a page, the window, filters."""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from usage_dashboard.aggregator import names_model
from usage_dashboard.cli.view import View
from usage_dashboard.model import SECOND_US
from usage_dashboard.windows import NAMES, Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.cli.view import Keep
    from usage_dashboard.store.read import Bucket, ToolBucket
    from usage_dashboard.windows import Zone

    Command = Callable[..., None]

FILTERS = {"project": 2, "model": 6, "agent": 5, "channel": 3, "session": 1}
"""What can be filtered by, and where in a bucket it stands."""

_WINDOW_OPTIONS = ("window", "since", "until")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON")
_NO_SWEEP = click.option("--no-sweep", is_flag=True, help="Show what is recorded; read nothing new")


def shows_usage(window: str = "") -> Callable[[Command], Command]:
    """A command with `--json` and `--no-sweep`, called with a `view` of everything on disk.

    With the name of a default `window` it has `--window`, `--since` and `--until` as well, and is
    called with the `window` that they mean.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def call(*, no_sweep: bool, as_json: bool, **options: object) -> None:
            view = View()
            name, since, until = (str(options.pop(option, None) or "") for option in _WINDOW_OPTIONS)
            between = _between(view, name, since, until) if since or until else None
            if not no_sweep:
                view.sweep(quiet=as_json)
            if window:
                options["window"] = between or view.window(name or window)
            command(view=view, as_json=as_json, **options)

        return _with_options(call, [*(_window_options(window) if window else []), _JSON, _NO_SWEEP])

    return decorate


def _with_options(call: Command, options: list[Callable[[Command], Command]]) -> Command:
    for option in reversed(options):
        call = option(call)
    return call


def _window_options(default: str) -> list[Callable[[Command], Command]]:
    window = f"One of {' '.join(NAMES)}  [default: {default}]"
    since = "From this day on, or from an instant such as 2026-11-22T14:30"
    until = "Up to this day, that day included, or up to an instant"
    return [
        click.option("--window", metavar="NAME", callback=_window_name, help=window),
        click.option("--since", metavar="DATE", help=since),
        click.option("--until", metavar="DATE", help=until),
    ]


def _window_name(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The name as the table has it: `7d` is as good as `7D`."""
    if value is None:
        return None
    for name in NAMES:
        if name.lower() == value.lower():
            return name
    raise click.BadParameter(f"`{value}` has to be one of {', '.join(NAMES)}")


def _between(view: View, name: str, since: str, until: str) -> Window:
    """The window between two dates, of which one may be empty.

    Raises:
        click.UsageError: they contradict each other or a `name` of a window, or a date is none.
    """
    if name:
        raise click.UsageError("--window does not go with --since and --until")
    since_us = max(0, _instant(since, view.zone, "--since", whole_days=0)) if since else 0
    until_us = _instant(until, view.zone, "--until", whole_days=1) if until else None
    if until_us is not None and until_us <= since_us:
        raise click.UsageError("--until has to be later than --since")
    return Window("custom", since_us, until_us)


def _instant(text: str, zone: Zone, option: str, *, whole_days: int) -> int:
    """The instant that a date or a date with a time means; `whole_days` later for a date alone."""
    try:
        wall = datetime.fromisoformat(text)
        if wall.tzinfo is not None:
            return int(wall.timestamp()) * SECOND_US
        return zone.instant(wall + timedelta(days=whole_days if len(text) <= len("2026-11-22") else 0))
    except (ValueError, OverflowError, OSError) as error:
        wanted = "a date such as 2026-11-22, or one with a time such as 2026-11-22T14:30"
        raise click.BadParameter(f"`{text}` has to be {wanted}", param_hint=option) from error


def _keep(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Keep | None:
    """Whether a bucket matches one value of each key; None where nothing is asked for."""
    wanted: dict[str, list[str]] = {}
    for text in values:
        key, found, value = text.partition("=")
        if not found or key not in FILTERS:
            raise click.BadParameter(f"`{text}` has to be KEY=VALUE with one of {', '.join(FILTERS)}")
        wanted.setdefault(key, []).append(value)
    if not wanted:
        return None

    def keep(bucket: Bucket | ToolBucket) -> bool:
        return all(
            any(_matches(key, value, str(bucket[FILTERS[key]])) for value in some)
            for key, some in wanted.items()
        )

    return keep


def _matches(key: str, value: str, name: str) -> bool:
    """Whether `name` is what was asked for: itself, a model's family, or the start of a session's id."""
    if key == "model":
        return names_model(value, name)
    return name.startswith(value) if key == "session" else name == value


filtering = click.option(
    "--filter",
    "keep",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_keep,
    help=f"Count only what matches, such as project=shop; KEY is one of {', '.join(FILTERS)}",
)
"""An option for commands that are called with `keep`: whether a bucket counts, None for all of them."""
