"""The one JSON shape of every report: `--json` of the commands, and what the browser's server answers.

Token counts are integers, money is US dollars and an estimate, times are ISO 8601 UTC.
"""

from __future__ import annotations

from time import gmtime, strftime

from usage_dashboard.model.allowance import LEVEL_NAMES
from usage_dashboard.model.events import SECOND_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from usage_dashboard.aggregator import Report, ToolTotals, Totals
    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.report import WindowUsage

    K = TypeVar("K", str, tuple[str, str, str])
    T = TypeVar("T", bound=Totals)

VERSION = 1


def envelope(usage: WindowUsage, limits: list[dict[str, object]]) -> dict[str, object]:
    """A report as plain values: window, totals, limits, and a list for every dimension."""
    report = usage.report
    return {
        "version": VERSION,
        "window": _window(usage.window),
        "totals": _totals(report),
        "limits": limits,
        "by_model": [{"model": n, **figures(t), **_rate(t)} for n, t in _ranked(report.models)],
        "by_agent": [
            {"name": name, "type": kind, "model": model, "tasks": t.tasks, "turns": t.turns, **figures(t)}
            for (name, kind, model), t in _ranked(report.agents)
        ],
        "by_day": [{"day": n, **figures(t)} for n, t in sorted(report.days.items())],
        "by_project": [{"project": n, **figures(t), **_rate(t)} for n, t in _ranked(report.projects)],
        "by_channel": [{"channel": n, **figures(t)} for n, t in _ranked(report.channels)],
        "by_tool": [{"tool": n, **figures(t), **_tool(t)} for n, t in _ranked(report.tools)],
        "by_session": [{"session": n, **figures(t), **_span(usage, n)} for n, t in _ranked(report.sessions)],
    }


def limit_rows(limits: Sequence[Limit], now_us: int, levels: Sequence[int]) -> list[dict[str, object]]:
    """Each allowance as plain values; what is not known of it is null."""
    return [_limit(limit, now_us, levels) for limit in limits]


def stamp(at_us: int | None) -> str | None:
    """An instant as `2026-11-22T20:44:35Z`; None for none, and for the start of all time."""
    if not at_us:
        return None
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(at_us // SECOND_US))


def dollars(nusd: int | None) -> float | None:
    """US dollars of nano-USD; None stays None."""
    return None if nusd is None else nusd / 1e9


def _window(window: Window) -> dict[str, object]:
    return {
        "name": window.name,
        "since": stamp(window.since_us),
        "until": stamp(window.until_us),
        "reset_at": stamp(window.reset_at_us),
        "reset_source": window.reset_source,
    }


def _totals(report: Report) -> dict[str, object]:
    totals, hidden = report.totals, report.background
    return {
        "tasks": totals.tasks,
        "turns": totals.turns,
        **figures(totals),
        "cache_savings_usd": None if report.attributed else dollars(totals.savings_nusd),
        "background": {**_tokens(hidden), "calls_lower_bound": hidden.calls},
        "background_unknown_sessions": report.background_unknown_sessions,
        **_rate(totals),
        "incomplete_calls": totals.incomplete,
        "unpriced_models": report.unpriced_models,
    }


def _limit(limit: Limit, now_us: int, levels: Sequence[int]) -> dict[str, object]:
    pace, around = limit.pace(), limit.projected_range()
    return {
        "window": limit.window,
        "used_percent": percent(limit.used),
        "resets_at": stamp(limit.resets_us),
        "source": limit.source,
        "age_seconds": limit.age_us(now_us) // SECOND_US,
        "level": LEVEL_NAMES[limit.level(levels)],
        "pace": None if pace is None else round(pace, 3),
        "projected_percent": percent(limit.projected()),
        "projected_range": None if around is None else [percent(end) for end in around],
        "reached_at": stamp(limit.full_us()),
    }


def percent(thousandths: int | None) -> float | None:
    """A percentage of thousandths of one, with one decimal where it has any; None stays None."""
    if thousandths is None:
        return None
    return thousandths // 1000 if thousandths % 1000 == 0 else round(thousandths / 1000, 1)


def _tokens(totals: Totals) -> dict[str, object]:
    return {
        "total_tokens": totals.total_tokens,
        "input_tokens": totals.input,
        "output_tokens": totals.output,
        "cache_creation": totals.cache_creation,
        "cache_creation_1h": totals.cache_1h,
        "cache_read": totals.cache_read,
        "thinking_tokens": totals.thinking,
        "web_searches": totals.searches,
    }


def figures(totals: Totals) -> dict[str, object]:
    """The fields that every row has: calls, tokens by kind, cost."""
    return {"calls": totals.calls, **_tokens(totals), "cost_estimate_usd": dollars(totals.priced_nusd)}


def _rate(totals: Totals) -> dict[str, object]:
    return {"cache_hit_rate": totals.cache_hit_rate}


def _tool(totals: ToolTotals) -> dict[str, object]:
    return {
        "tool_calls": totals.tool_calls,
        "failed": totals.failed,
        "median_ms": totals.median_ms,
        "server": totals.server or None,
    }


def _span(usage: WindowUsage, session: str) -> dict[str, object]:
    first, last = usage.spans.get(session, (0, 0))
    return {"started": stamp(first), "ended": stamp(last), "duration_seconds": (last - first) // SECOND_US}


def _ranked(totals: dict[K, T]) -> list[tuple[K, T]]:
    """Most tokens first; by name among equals, so that the order does not depend on the reading."""
    return sorted(totals.items(), key=lambda item: (-item[1].total_tokens, item[0]))
