"""`telemetry`: run the receiver of the client's telemetry, and show its status."""

from __future__ import annotations

import time

import click

from usage_dashboard.cli.terminal import output
from usage_dashboard.config import paths
from usage_dashboard.ingest.telemetry import health, launch, run, state_file
from usage_dashboard.install import settings_file, settings_paths
from usage_dashboard.install.telemetry_settings import port_in
from usage_dashboard.model import humanize


@click.group()
def telemetry() -> None:
    """Count, exactly, what Claude Code writes into no transcript.

    `usage-dashboard setup --telemetry` has Claude Code send its own counts to this machine's address
    127.0.0.1, and every session starts what receives them. Nothing but counts, models, times and ids is
    kept, and nothing leaves this machine.

    \b
    Examples:
      usage-dashboard telemetry status
      usage-dashboard telemetry serve
    """


@telemetry.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Listen there; 0: on any free port  [default: as set up]"
)
@click.option(
    "--idle-minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=run.IDLE_SECONDS / 60,
    show_default=True,
    help="End when nothing was sent for this long",
)
def serve(port: int | None, idle_minutes: float) -> None:
    """Receive in the foreground, until nobody sends anything or Ctrl-C is pressed.

    Sessions start a receiver by themselves; this one is for a look, or for a system that cannot.

    \b
    Examples:
      usage-dashboard telemetry serve
      usage-dashboard telemetry serve --port 0 --idle-minutes 5
    """
    home = paths.ledger_home()
    if port is None:
        port = _port_set_up() or launch.DEFAULT_PORT

    def announce(opened: int) -> None:
        click.echo(f"Receiving on 127.0.0.1:{opened}; Ctrl-C ends it")

    clock = _now_us
    if not run.run_receiver(home, port, clock, idle_seconds=idle_minutes * 60, announce=announce):
        click.echo("A receiver for this ledger runs already")
        return
    click.echo(f"Ended: {_format_counts(state_file.read_state(home))}")


@telemetry.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON")
def status(*, as_json: bool) -> None:
    """Show whether telemetry is on and received, and what was taken and refused so far.

    \b
    Examples:
      usage-dashboard telemetry status
      usage-dashboard telemetry status --json
    """
    home = paths.ledger_home()
    port = _port_set_up()
    living = health.find_receiver(home, port)
    written = state_file.read_state(home)
    numbers = {name: _count_of(living, name, written[name]) for name in state_file.NUMBERS}
    if as_json:
        since = humanize.iso_utc(numbers["since_us"]) if living else None
        output.print_json(
            {
                "version": 1,
                "port": port,
                "running": living is not None,
                "pid": numbers["pid"] if living else None,
                "since": since,
                **{name: numbers[name] for name in state_file.COUNTS},
            }
        )
        return
    click.echo(_format_switch(port))
    if living:
        since = humanize.format_moment(numbers["since_us"])
        click.echo(f"The receiver has been running since {since} (process {numbers['pid']})")
    else:
        click.echo("No receiver is running" + ("; the next session starts one" if port else ""))
    click.echo(_format_counts(numbers))


def _format_switch(port: int | None) -> str:
    if port is None:
        return "Telemetry is off; `usage-dashboard setup --telemetry` switches it on"
    return f"Telemetry is on: Claude Code sends it to 127.0.0.1:{port}"


def _format_counts(counts: dict[str, int]) -> str:
    named = {
        "API requests taken": "requests",
        "bodies refused": "refused_bodies",
        "records refused": "refused_records",
    }
    if counts["dropped"]:
        named["records dropped"] = "dropped"
    return ", ".join(f"{label} {counts[name]:,}" for label, name in named.items())


def _port_set_up() -> int | None:
    """The port in Claude Code's settings, if telemetry is set up."""
    return port_in(settings_file.read_settings(settings_paths.user_file()).value)


def _count_of(living: dict[str, object] | None, name: str, otherwise: int) -> int:
    """A number as the running receiver reports it, or `otherwise`."""
    value = (living or {}).get(name, otherwise)
    return value if isinstance(value, int) else otherwise


def _now_us() -> int:
    return time.time_ns() // 1000
