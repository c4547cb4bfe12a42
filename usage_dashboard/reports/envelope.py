"""The JSON shape of every report: `--json` of the commands, and the answers of the browser's server.

Token counts are integers, money is US dollars and an estimate, times are ISO 8601 UTC.
"""

from __future__ import annotations

from usage_dashboard.model.allowance import LEVEL_NAMES
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.humanize import iso_utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeVar

    from usage_dashboard.aggregator import Report, ToolTotals, Totals
    from usage_dashboard.model.allowance import Limit
    from usage_dashboard.model.windows import Window
    from usage_dashboard.reports.window_usage import WindowUsage

    K = TypeVar("K", str, tuple[str, str, str])
    T = TypeVar("T", bound=Totals)

VERSION = 1


def build_envelope(usage: WindowUsage, limits: list[dict[str, object]]) -> dict[str, object]:
    """Build a report of plain values: window, totals, limits, and a list for every dimension."""
    report = usage.report
    return {
        "version": VERSION,
        "window": _window_fields(usage.window),
        "totals": _total_fields(report),
        "limits": limits,
        "by_model": [
            {"model": n, "tasks": t.tasks, **token_fields(t), **_hit_rate(t)}
            for n, t in _by_tokens(report.models)
        ],
        "by_agent": [
            {
                "name": name,
                "type": kind,
                "model": model,
                "tasks": t.tasks,
                "turns": t.turns,
                **token_fields(t),
            }
            for (name, kind, model), t in _by_tokens(report.agents)
        ],
        "by_day": [
            {"day": n, "tasks": t.tasks, "turns": t.turns, **token_fields(t)}
            for n, t in sorted(report.days.items())
        ],
        "by_project": [
            {"project": n, "tasks": t.tasks, **token_fields(t), **_hit_rate(t)}
            for n, t in _by_tokens(report.projects)
        ],
        "by_channel": [
            {"channel": n, "tasks": t.tasks, **token_fields(t)} for n, t in _by_tokens(report.channels)
        ],
        "by_tool": [{"tool": n, **token_fields(t), **_tool_fields(t)} for n, t in _by_tokens(report.tools)],
        "by_session": [
            {"session": n, **token_fields(t), **_session_span(usage, n)}
            for n, t in _by_tokens(report.sessions)
        ],
    }


def limit_rows(limits: Sequence[Limit], now_us: int, levels: Sequence[int]) -> list[dict[str, object]]:
    """Each limit as plain values; unknown ones are null."""
    return [_limit_row(limit, now_us, levels) for limit in limits]


def iso_time(at_us: int | None) -> str | None:
    """An instant as `2026-11-22T20:44:35Z`; None for None, and for the start of all time."""
    return iso_utc(at_us) if at_us else None


def to_dollars(nusd: int | None) -> float | None:
    """Convert nano-USD to US dollars; None stays None."""
    return None if nusd is None else nusd / 1e9


def _window_fields(window: Window) -> dict[str, object]:
    return {
        "name": window.name,
        "since": iso_time(window.since_us),
        "until": iso_time(window.until_us),
        "reset_at": iso_time(window.reset_at_us),
        "reset_source": window.reset_source,
    }


def _total_fields(report: Report) -> dict[str, object]:
    totals, hidden = report.totals, report.background
    return {
        "tasks": totals.tasks,
        "turns": totals.turns,
        **token_fields(totals),
        "cache_savings_usd": None if report.attributed else to_dollars(totals.savings_nusd),
        "background": {**_token_counts(hidden), "calls_lower_bound": hidden.calls},
        "background_unknown_sessions": report.background_unknown_sessions,
        **_hit_rate(totals),
        "incomplete_calls": totals.incomplete,
        "unpriced_models": report.unpriced_models,
    }


def _limit_row(limit: Limit, now_us: int, levels: Sequence[int]) -> dict[str, object]:
    pace, around = limit.pace(), limit.projected_range()
    return {
        "window": limit.window,
        "used_percent": to_percent(limit.used),
        "resets_at": iso_time(limit.resets_us),
        "source": limit.source,
        "age_seconds": limit.age_us(now_us) // SECOND_US,
        "level": LEVEL_NAMES[limit.level(levels)],
        "pace": None if pace is None else round(pace, 3),
        "projected_percent": to_percent(limit.projected()),
        "projected_range": None if around is None else [to_percent(end) for end in around],
        "reached_at": iso_time(limit.full_us()),
    }


def to_percent(thousandths: int | None) -> float | None:
    """Convert thousandths of a percent to a percentage of at most one decimal; None stays None."""
    if thousandths is None:
        return None
    return thousandths // 1000 if thousandths % 1000 == 0 else round(thousandths / 1000, 1)


def _token_counts(totals: Totals) -> dict[str, object]:
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


def token_fields(totals: Totals) -> dict[str, object]:
    """The fields of every row: calls, tokens by kind, cost."""
    return {
        "calls": totals.calls,
        **_token_counts(totals),
        "cost_estimate_usd": to_dollars(totals.priced_nusd),
    }


def _hit_rate(totals: Totals) -> dict[str, object]:
    return {"cache_hit_rate": totals.cache_hit_rate}


def _tool_fields(totals: ToolTotals) -> dict[str, object]:
    return {
        "tool_calls": totals.tool_calls,
        "failed": totals.failed,
        "median_ms": totals.median_ms,
        "server": totals.server or None,
    }


def _session_span(usage: WindowUsage, session: str) -> dict[str, object]:
    first, last = usage.spans.get(session, (0, 0))
    return {
        "started": iso_time(first),
        "ended": iso_time(last),
        "duration_seconds": (last - first) // SECOND_US,
    }


def _by_tokens(totals: dict[K, T]) -> list[tuple[K, T]]:
    """Sort by tokens, then by name, so that the order does not depend on how rows were read."""
    return sorted(totals.items(), key=lambda item: (-item[1].total_tokens, item[0]))
