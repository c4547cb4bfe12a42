"""`ui`: serve the page in the browser and `GET /usage`."""

from __future__ import annotations

import importlib.util
import webbrowser

import click

from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.model.errors import UsageDashboardError

NEEDED = ("streamlit", "altair", "uvicorn", "starlette")
USUAL_PORT = 8765


@click.command()
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(0, 65535),
    default=USUAL_PORT,
    show_default=True,
    help="Listen there, or on the next free one; 0: on any free port",
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing")
def ui(port: int, *, no_browser: bool) -> None:
    """Open the dashboard in the browser, until Ctrl-C is pressed.

    Nothing leaves this machine, and nobody else can reach it: it listens on 127.0.0.1. The same address
    answers `GET /usage?window=week` with what `usage-dashboard week --json` prints.

    \b
    Examples:
      usage-dashboard ui
      usage-dashboard ui --port 9000 --no-browser
    """
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        message = "The page needs more than is installed: Streamlit, in the extra `ui`"
        raise UsageDashboardError(message, hint="pipx install --force '.[ui]'")
    reader = CommandReader()
    try:
        reader.sweep_with_progress()
    except UsageDashboardError as error:
        click.echo(f"{error}; the page shows what is known", err=True)
    from usage_dashboard.web import server  # noqa: PLC0415 - only this command waits for Streamlit

    listening = server.open_socket(port)
    opened = listening.getsockname()[1]
    address = f"http://{server.ADDRESS}:{opened}"

    def ready() -> None:
        if port not in (0, opened):
            click.echo(f"Port {port} is taken")
        click.echo(f"Showing usage on {address}; Ctrl-C ends it")
        if not no_browser:
            webbrowser.open(address)

    server.serve_requests(reader.home, listening, ready)
