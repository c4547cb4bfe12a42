"""The one place where usage is added up: pure functions over buckets, for every screen and hook.

A bucket is a tuple as `store.read.totals.read_buckets` returns it; where it comes from does not matter here.
"""

from __future__ import annotations

from usage_dashboard.model.events import BACKGROUND, BUCKET_US, KIND_NAMES, MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    K = TypeVar("K")
    Bucket = tuple[int, str, str, str, int, str, str, *tuple[int, ...]]
    ToolBucket = tuple[int, str, str, str, int, str, str, str, str, *tuple[int, ...]]
    Sums = tuple[int, ...]

REPLY, PROMPT, CONTEXT, HIDDEN = "(reply)", "(prompt)", "(context)", "(background)"

_SUMS = (
    "calls", "incomplete", "unpriced", "input", "output", "cache_creation", "cache_1h", "cache_read",
    "thinking", "searches", "cost_nusd", "prompt_nusd", "read_nusd", "savings_nusd",
)  # fmt: skip
"""The fields of totals in the order of a bucket's sums."""


class Totals:
    """Sums of usage. Token counts, calls, and nano-USD; `savings_nusd` is what caching saved.

    `calls` are billed responses, `turns` those of the main thread, `tasks` distinct sessions;
    `unpriced` of the calls have no known price, and their cost is in no sum.
    """

    __slots__ = (
        "cache_1h", "cache_creation", "cache_read", "calls", "cost_nusd", "incomplete", "input", "output",
        "prompt_nusd", "read_nusd", "savings_nusd", "searches", "sessions", "thinking", "turns", "unpriced",
    )  # fmt: skip

    def __init__(self) -> None:
        self.calls = self.turns = self.incomplete = self.unpriced = 0
        self.input = self.output = self.cache_creation = self.cache_1h = self.cache_read = 0
        self.thinking = self.searches = 0
        self.cost_nusd = self.prompt_nusd = self.read_nusd = self.savings_nusd = 0
        self.sessions: set[str] = set()

    def add(self, bucket: Bucket) -> None:
        """Add one bucket."""
        (
            calls, incomplete, unpriced, fresh, output, creation, creation_1h, read, thinking, searches,
            cost, prompt, read_cost, savings,
        ) = bucket[7:]  # fmt: skip
        self.sessions.add(bucket[1])
        self.turns += calls if bucket[4] == MAIN else 0
        self.calls += calls
        self.incomplete += incomplete
        self.unpriced += unpriced
        self.input += fresh
        self.output += output
        self.cache_creation += creation
        self.cache_1h += creation_1h
        self.cache_read += read
        self.thinking += thinking
        self.searches += searches
        self.cost_nusd += cost
        self.prompt_nusd += prompt
        self.read_nusd += read_cost
        self.savings_nusd += savings

    def absorb(self, other: Totals) -> None:
        """Add all of `other`."""
        self.sessions |= other.sessions
        self.turns += other.turns
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def tasks(self) -> int:
        """Distinct sessions."""
        return len(self.sessions)

    @property
    def total_tokens(self) -> int:
        """Tokens of every kind: what a cap counts unless it names kinds."""
        return self.input + self.output + self.cache_creation + self.cache_read

    @property
    def priced_nusd(self) -> int | None:
        """The cost of the calls that have a price; None if no call has one."""
        return None if self.calls and self.calls == self.unpriced else self.cost_nusd

    @property
    def cache_hit_rate(self) -> float | None:
        """Tokens read from the cache as a share of all prompt tokens; None without any."""
        prompt = self.input + self.cache_creation + self.cache_read
        return self.cache_read / prompt if prompt else None


class ToolTotals(Totals):
    """What was attributed to a tool or to a label in brackets: shares by size, exact in their sum.

    `calls` are billed responses, which only labels have; `tool_calls`, `failed` and `durations_ms` (of the
    calls that a hook reported) are of the tool.
    """

    __slots__ = ("durations_ms", "failed", "priced", "server", "tool_calls")

    def __init__(self) -> None:
        super().__init__()
        self.durations_ms: list[int] = []
        self.tool_calls = self.failed = 0
        self.server = ""
        self.priced: bool | None = None

    @property
    def median_ms(self) -> int | None:
        """Median duration in milliseconds; None if no hook reported one."""
        ordered = sorted(self.durations_ms)
        return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2 if ordered else None

    @property
    def priced_nusd(self) -> int | None:
        """The cost of what has a price; None if nothing has one."""
        return None if self.priced is False else self.cost_nusd

    def absorb(self, other: Totals) -> None:
        """Add everything that was attributed to `other`."""
        super().absorb(other)
        if isinstance(other, ToolTotals):
            self.tool_calls += other.tool_calls
            self.failed += other.failed
            self.durations_ms += other.durations_ms
            if other.priced is not None:
                self.priced = other.priced or bool(self.priced)

    def charge(self, sums: Sums) -> None:
        """Add a part of a bucket's sums; negative for what was attributed to another label."""
        for name, amount in zip(_SUMS, sums, strict=True):
            setattr(self, name, getattr(self, name) + amount)

    def take(self, bucket: ToolBucket, *, priced: bool) -> None:
        """Add the share in one tool bucket, of a model with or without a price."""
        self.priced = priced or bool(self.priced)
        calls, failed, output, fresh, creation, creation_1h, cost_output, cost_prompt = bucket[9:]
        self.sessions.add(bucket[1])
        self.server = bucket[8]
        self.tool_calls += calls
        self.failed += failed
        self.output += output
        self.input += fresh
        self.cache_creation += creation
        self.cache_1h += creation_1h
        self.cost_nusd += cost_output + cost_prompt
        self.prompt_nusd += cost_prompt


class Report:
    """Usage of a window, in all and by every dimension. Keys are names; `agents` has (name, kind, model).

    `attributed` says that it is a report of the shares of some tools and labels (`ToolTotals`), for which
    the savings by caching are unknown.
    """

    def __init__(self) -> None:
        self.attributed = False
        self.totals = Totals()
        self.background = Totals()
        self.models: dict[str, Totals] = {}
        self.agents: dict[tuple[str, str, str], Totals] = {}
        self.days: dict[str, Totals] = {}
        self.projects: dict[str, Totals] = {}
        self.channels: dict[str, Totals] = {}
        self.sessions: dict[str, Totals] = {}
        self.tools: dict[str, ToolTotals] = {}
        self.unpriced_models: list[str] = []
        self.background_unknown_sessions = 0


def sum_buckets(buckets: Iterable[Bucket]) -> Totals:
    """Add up `buckets`, without any dimension."""
    totals = Totals()
    for bucket in buckets:
        totals.add(bucket)
    return totals


def build_report(
    buckets: Iterable[Bucket], tools: Iterable[ToolBucket], day_of: Callable[[int], str]
) -> Report:
    """Build the report of `buckets` and the tool shares in them; `day_of` names the day of an instant."""
    report = Report()
    days: dict[int, str] = {}
    for bucket in buckets:
        start, session, project, channel, kind, agent, model = bucket[:7]
        day = days.get(start) or days.setdefault(start, day_of(start * BUCKET_US))
        report.totals.add(bucket)
        if kind == BACKGROUND:
            report.background.add(bucket)
        for totals, name in (
            (report.models, model),
            (report.days, day),
            (report.projects, project),
            (report.channels, channel),
            (report.sessions, session),
        ):
            _totals_of(totals, name).add(bucket)
        _totals_of(report.agents, (agent, KIND_NAMES[kind], model)).add(bucket)
    report.tools = _attribute(report, tools)
    report.unpriced_models = sorted(name for name, totals in report.models.items() if totals.unpriced)
    return report


def is_priced(models: dict[str, Totals], model: str) -> bool:
    """Whether any call of `model` has a price."""
    totals = models.get(model)
    return totals is not None and totals.priced_nusd is not None


def split_into_labels(sums: Sums) -> Iterable[tuple[str, Sums]]:
    """Split the sums of visible calls between labels: output, fresh input and cache writes, cache reads."""
    (
        calls, incomplete, unpriced, fresh, output, creation, creation_1h, read, thinking, searches,
        cost, prompt, read_cost, _savings,
    ) = sums  # fmt: skip
    written = cost - prompt - read_cost
    return (
        (REPLY, (calls, incomplete, unpriced, 0, output, 0, 0, 0, thinking, searches, written, 0, 0, 0)),
        (PROMPT, (0, 0, 0, fresh, 0, creation, creation_1h, 0, 0, 0, prompt, prompt, 0, 0)),
        (CONTEXT, (0, 0, 0, 0, 0, 0, 0, read, 0, 0, read_cost, 0, read_cost, 0)),
    )


def deduct_share(
    output: int, fresh: int, creation: int, creation_1h: int, cost_output: int, cost_prompt: int
) -> Iterable[tuple[str, Sums]]:
    """Return what the share of a tool takes from the labels in brackets, as negative sums."""
    prompt = -cost_prompt
    return (
        (REPLY, (0, 0, 0, 0, -output, 0, 0, 0, 0, 0, -cost_output, 0, 0, 0)),
        (PROMPT, (0, 0, 0, -fresh, 0, -creation, -creation_1h, 0, 0, 0, prompt, prompt, 0, 0)),
    )


def names_model(asked: str, model: str) -> bool:
    """Whether `asked` means `model`: its name, or its family, such as `opus` or `haiku`."""
    return asked == model or asked in model.split("-")


def server_name(server: str) -> str:
    """Return the name that all tools of an MCP server have together."""
    return f"{server} (MCP)"


def add_durations(report: Report, durations: Iterable[tuple[str, int]]) -> None:
    """Add the durations of calls to the tools of a report: (tool, milliseconds) of each."""
    for name, duration in durations:
        if name in report.tools:
            report.tools[name].durations_ms.append(duration)


def fold_mcp_servers(tools: dict[str, ToolTotals]) -> dict[str, ToolTotals]:
    """Return `tools` with those of an MCP server folded into one, under the server's name."""
    by_name: dict[str, ToolTotals] = {}
    for name, totals in tools.items():
        whole = by_name.setdefault(server_name(totals.server) if totals.server else name, ToolTotals())
        whole.absorb(totals)
    return by_name


def _totals_of(totals: dict[K, Totals], name: K) -> Totals:
    held = totals.get(name)
    if held is None:
        held = totals[name] = Totals()
    return held


def _attribute(report: Report, tools: Iterable[ToolBucket]) -> dict[str, ToolTotals]:
    """Attribute every token to one label: tools by their shares, the rest to the labels in brackets."""
    labels: dict[str, ToolTotals] = {}
    for bucket in tools:
        label = labels.setdefault(bucket[7], ToolTotals())
        label.take(bucket, priced=is_priced(report.models, bucket[6]))
    names = ("output", "input", "cache_creation", "cache_1h", "cost_nusd", "prompt_nusd")
    charged = [sum(getattr(label, name) for label in labels.values()) for name in names]
    output, fresh, creation, hour, cost, prompt = charged
    hidden = report.background
    shown = tuple(getattr(report.totals, name) - getattr(hidden, name) for name in _SUMS)
    rest = {name: ToolTotals() for name in (REPLY, PROMPT, CONTEXT, HIDDEN)}
    deducted = deduct_share(output, fresh, creation, hour, cost - prompt, prompt)
    for name, sums in (*split_into_labels(shown), *deducted):
        rest[name].charge(sums)
    for label in rest.values():
        label.priced = not shown[0] or shown[0] != shown[2]
    rest[HIDDEN].absorb(hidden)
    rest[HIDDEN].priced = hidden.priced_nusd is not None
    # What rounding left over has no tokens, but is part of the sum.
    return labels | {
        name: label for name, label in rest.items() if label.calls or label.total_tokens or label.cost_nusd
    }
