"""`limits`: the official percentages, their source and age, and what they were in past weeks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.options import shows_usage
from usage_dashboard.cli.pages.limits import allowances
from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.cli.terminal.layout import Column, Row
from usage_dashboard.config import paths
from usage_dashboard.limits import current, overview
from usage_dashboard.limits.user_windows import user_folder
from usage_dashboard.model import humanize
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.reports.envelope import VERSION, iso_time, to_dollars, to_percent
from usage_dashboard.reports.wording import numbers
from usage_dashboard.reports.wording.limits import limit_name
from usage_dashboard.store.write.limit_hits import read_hits

if TYPE_CHECKING:
    from usage_dashboard.cli.reader import CommandReader
    from usage_dashboard.cli.terminal.layout import Line
    from usage_dashboard.limits.overview import Past

    Weeks = list[list[Past]]
    Hits = list[tuple[int, str]]

HITS_SHOWN = 5
WEEKS_SHOWN = 12
NONE_KNOWN = "No official percentage is known"
HINT = "usage-dashboard limits --refresh"

WEEKS = (
    Column("", left=True),
    Column("Highest", style="figure"),
    Column("Reset moved", 3),
    Column("Early resets", 2),
    Column("Tokens per %", 1),
    Column("Cost per %\n(est.)", 4),
)


@click.command("limits")
@click.option("--refresh", is_flag=True, help="Ask your own Claude Code first (`claude -p … /usage`)")
@shows_usage()
def limits(reader: CommandReader, *, as_json: bool, refresh: bool) -> None:
    """Show how much of each allowance is used, as Claude Code was told, and past weeks.

    A percentage is shown with where it was read and how long ago. Without `--refresh` nothing is asked:
    Claude Code tells its status line the percentages in every session of a subscription.

    \b
    Examples:
      usage-dashboard limits
      usage-dashboard limits --refresh
      usage-dashboard limits --json
    """
    if refresh:
        _refresh(reader)
    with reader.open_ledger() as db:
        roots = reader.settings.roots
        weeks = [] if db is None else overview.history(db, user_folder(db, roots, reader.now_us))
        hits = [] if db is None else read_hits(db)
    if as_json:
        output.show_json(_document(reader, weeks, hits))
    else:
        output.show(_page(reader, weeks, hits, output.width()))


def _refresh(reader: CommandReader) -> None:
    from usage_dashboard.limits.usage_command import refresh  # noqa: PLC0415 - only when asked for

    readings = refresh("claude", reader.now_us)
    current.note(reader.home, os.path.realpath(paths.claude_config_dirs()[0]), readings, reader.now_us)


def _document(reader: CommandReader, weeks: Weeks, hits: Hits) -> dict[str, object]:
    return {
        "version": VERSION,
        "limits": reader.limit_rows(),
        "history": [[_week(past) for past in series] for series in weeks],
        "hits": [{"at": iso_time(at_us), "window": window or None} for at_us, window in hits],
    }


def _week(past: Past) -> dict[str, object]:
    stretch = past.stretch
    return {
        "window": current.WEEKLY,
        "resets_at": iso_time(stretch.resets_us),
        "highest_percent": to_percent(stretch.most),
        "drift_seconds": None if stretch.drift_us is None else stretch.drift_us // SECOND_US,
        "early_resets": [iso_time(at_us) for at_us in stretch.fell_us],
        "climbed_percent": to_percent(past.points),
        "tokens": past.spent.total_tokens,
        "cost_estimate_usd": to_dollars(past.spent.priced_nusd),
        "tokens_per_percent": past.tokens_per_percent,
    }


def _page(reader: CommandReader, weeks: Weeks, hits: Hits, width: int) -> list[Line]:
    lines = allowances(reader, width)
    if not lines:
        lines = [*layout.wrapped(NONE_KNOWN, width, "title"), *layout.wrapped(f"hint: {HINT}", width)]
    groups = [[_row(past, reader) for past in reversed(series[-WEEKS_SHOWN:])] for series in weeks if series]
    if groups:
        titles = ["Week until", *["Before, other account or reset"] * (len(groups) - 1)]
        lines += [[], *layout.table(WEEKS, list(zip(titles, groups, strict=True)), width)]
    if any(past.points for series in weeks for past in series):
        text = "Tokens and cost are those of this machine while a percentage was seen to climb"
        lines += layout.wrapped(text, width, "dim")
    return [*lines, *_hit(reader, hits, width)]


def _row(past: Past, reader: CommandReader) -> Row:
    stretch = past.stretch
    per, cost = past.tokens_per_percent, past.spent.priced_nusd
    return Row(
        [
            f"  {numbers.format_moment(stretch.resets_us, reader.zone)}",
            humanize.limit_percent(stretch.most),
            _moved(stretch.drift_us),
            str(len(stretch.fell_us) or numbers.UNKNOWN),
            numbers.format_tokens(per) if per else numbers.UNKNOWN,
            numbers.format_dollars(cost * 1000 // past.points if per and cost is not None else None),
        ]
    )


def _moved(drift_us: int | None) -> str:
    """How far a reset moved, as `+2h 5m`; nothing for the seconds that sources differ by."""
    seconds = 0 if drift_us is None else drift_us // SECOND_US
    if abs(seconds) < 60:
        return numbers.UNKNOWN
    return ("+" if seconds > 0 else "-") + numbers.format_duration(abs(seconds))


def _hit(reader: CommandReader, hits: Hits, width: int) -> list[Line]:
    if not hits:
        return []
    shown = [
        numbers.format_moment(at_us, reader.zone) + (f" ({limit_name(window).lower()})" if window else "")
        for at_us, window in reversed(hits[-HITS_SHOWN:])
    ]
    times = numbers.format_count(len(hits), "time")
    return [[], *layout.wrapped(f"An allowance was used up {times}, last {'; '.join(shown)}", width)]
