"""`limits`: show the official percentages, their source and age, and past weeks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import usage_command
from usage_dashboard.cli.pages.limits import format_known_limits, format_limits
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import TableColumn, TableRow
from usage_dashboard.config import paths
from usage_dashboard.limits import current, overview
from usage_dashboard.limits.user_windows import user_folder
from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.limit_names import WEEKLY, limit_title
from usage_dashboard.reports.envelope import VERSION, iso_time, to_dollars, to_percent
from usage_dashboard.reports.wording import numbers
from usage_dashboard.store.write.limit_hits import read_hits

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import StyledLine
    from usage_dashboard.limits.overview import PastWindow

    Weeks = list[list[PastWindow]]
    Hits = list[tuple[int, str]]

HITS_SHOWN = 5
WEEKS_SHOWN = 12
NONE_KNOWN = "No official percentage is known"
HINT = "usage-dashboard limits --refresh"

WEEKS = (
    TableColumn("", left=True),
    TableColumn("Highest", style="figure"),
    TableColumn("Reset moved", 3),
    TableColumn("Early resets", 2),
    TableColumn("Tokens per %", 1),
    TableColumn("Cost per %\n(est.)", 4),
)


@click.command("limits")
@click.option("--refresh", is_flag=True, help="Ask your own Claude Code first (`claude -p … /usage`)")
@usage_command()
def limits(reader: CommandReader, *, as_json: bool, refresh: bool) -> None:
    """Show how much of each allowance is used, as Claude Code reports it, and past weeks.

    A percentage is shown with where it was read and how long ago. Without `--refresh` nothing is asked:
    Claude Code gives its status line the percentages in every session of a subscription.

    \b
    Examples:
      usage-dashboard limits
      usage-dashboard limits --refresh
      usage-dashboard limits --json
    """
    if refresh:
        _refresh_limits(reader)
    with reader.open_ledger() as db:
        roots = reader.settings.roots
        weeks = [] if db is None else overview.read_history(db, user_folder(db, roots, reader.now_us))
        hits = [] if db is None else read_hits(db)
    if as_json:
        output.print_json(_to_json(reader, weeks, hits))
    else:
        output.print_page(_format_page(reader, weeks, hits, output.page_width()))


def _refresh_limits(reader: CommandReader) -> None:
    from usage_dashboard.limits.usage_command import ask_client  # noqa: PLC0415 - only when asked for

    readings = ask_client("claude", reader.now_us)
    folder = os.path.realpath(paths.claude_config_dirs()[0])
    current.record_readings(reader.home, folder, readings, reader.now_us)


def _to_json(reader: CommandReader, weeks: Weeks, hits: Hits) -> dict[str, object]:
    return {
        "version": VERSION,
        "limits": reader.limit_rows(),
        "history": [[_week_fields(past) for past in series] for series in weeks],
        "hits": [{"at": iso_time(at_us), "window": window or None} for at_us, window in hits],
    }


def _week_fields(past: PastWindow) -> dict[str, object]:
    stretch = past.stretch
    return {
        "window": WEEKLY,
        "resets_at": iso_time(stretch.resets_us),
        "highest_percent": to_percent(stretch.highest),
        "drift_seconds": None if stretch.drift_us is None else stretch.drift_us // SECOND_US,
        "early_resets": [iso_time(at_us) for at_us in stretch.fell_us],
        "climbed_percent": to_percent(past.points),
        "tokens": past.spent.total_tokens,
        "cost_estimate_usd": to_dollars(past.spent.priced_nusd),
        "tokens_per_percent": past.tokens_per_percent,
    }


def _format_page(reader: CommandReader, weeks: Weeks, hits: Hits, width: int) -> list[StyledLine]:
    lines = [*format_limits(reader, width), *_format_other_folders(reader, width)]
    if not lines:
        lines = [*layout.wrap_text(NONE_KNOWN, width, "title"), *layout.wrap_text(f"hint: {HINT}", width)]
    groups = [
        [_week_row(past, reader) for past in reversed(series[-WEEKS_SHOWN:])] for series in weeks if series
    ]
    if groups:
        titles = ["Week until", *["Before, other account or reset"] * (len(groups) - 1)]
        lines += [[], *layout.lay_out_table(WEEKS, list(zip(titles, groups, strict=True)), width)]
    if any(past.points for series in weeks for past in series):
        text = "Tokens and cost are those of this machine while a percentage was seen to climb"
        lines += layout.wrap_text(text, width, "dim")
    return [*lines, *_format_hits(reader, hits, width)]


def _format_other_folders(reader: CommandReader, width: int) -> list[StyledLine]:
    """The limits of the folders that do not decide about the user's windows, each below its name."""
    if paths.chosen_claude_folder():
        return []
    with reader.open_ledger() as db:
        if db is None:
            return []
        roots = reader.settings.roots
        shown = user_folder(db, roots, reader.now_us)
        folders = dict.fromkeys(os.path.realpath(root) for root in [*roots, *paths.claude_config_dirs()])
        lines: list[StyledLine] = []
        for folder in folders:
            number = current.folder_id(db, folder)
            known = [] if number == shown else current.current_limits(db, number, reader.now_us)
            if known:
                lines += [[], *layout.wrap_text(os.path.basename(folder), width, "title")]
                lines += format_known_limits(known, reader, width)
    return lines


def _week_row(past: PastWindow, reader: CommandReader) -> TableRow:
    stretch = past.stretch
    per, cost = past.tokens_per_percent, past.spent.priced_nusd
    return TableRow(
        [
            f"  {numbers.format_moment(stretch.resets_us, reader.zone)}",
            humanize.format_limit_percent(stretch.highest),
            _format_drift(stretch.drift_us),
            str(len(stretch.fell_us) or numbers.UNKNOWN),
            numbers.format_tokens(per) if per else numbers.UNKNOWN,
            numbers.format_dollars(cost * 1000 // past.points if per and cost is not None else None),
        ]
    )


def _format_drift(drift_us: int | None) -> str:
    """How far a reset moved, as `+2h 5m`; sources differ by seconds, which are not shown."""
    seconds = 0 if drift_us is None else drift_us // SECOND_US
    if abs(seconds) < 60:
        return numbers.UNKNOWN
    return ("+" if seconds > 0 else "-") + numbers.format_duration(abs(seconds))


def _format_hits(reader: CommandReader, hits: Hits, width: int) -> list[StyledLine]:
    if not hits:
        return []
    shown = [
        numbers.format_moment(at_us, reader.zone) + (f" ({limit_title(window).lower()})" if window else "")
        for at_us, window in reversed(hits[-HITS_SHOWN:])
    ]
    times = numbers.format_count(len(hits), "time")
    return [[], *layout.wrap_text(f"An allowance was used up {times}, last {'; '.join(shown)}", width)]
