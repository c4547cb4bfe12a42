"""The shapes that capture, store and reports share: counts, keys and times, and no place for prose.

Plain slotted classes: `dataclasses` and `typing` would cost a hook more than its work.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.token_counts import TokenCounts

MAIN, SUBAGENT, BACKGROUND = 0, 1, 2
KIND_NAMES = ("main", "subagent", "background")

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
BUCKET_US = 15 * 60 * SECOND_US
"""The grain of rollups: every time zone's day begins on a multiple of it."""


class ToolUse:
    """A tool call that a response asked for.

    `name` may hold user text (an MCP server's or a skill's name) until the store has bounded it.
    `input_bytes` is the size of the call's input as compact JSON.
    """

    __slots__ = ("id", "input_bytes", "name")

    def __init__(self, tool_id: int, name: str, input_bytes: int) -> None:
        self.id = tool_id
        self.name = name
        self.input_bytes = input_bytes


class ToolResult:
    """The result of a tool call, as the next request of its thread carries it.

    `bytes` is its size; `subagent` the id of the thread's subagent, empty for the main thread.
    """

    __slots__ = ("bytes", "failed", "id", "subagent")

    def __init__(self, tool_id: int, size: int, *, failed: bool, subagent: str = "") -> None:
        self.id = tool_id
        self.bytes = size
        self.failed = failed
        self.subagent = subagent


class Response:
    """What one transcript line shows of one billed API response.

    `at_us` is UTC microseconds. `answers` is the request's own id, where the client logs requests.
    `final` has bits (`model.rows`). `blocks` has a bit for each content block that the line holds, whose
    size is in `text_bytes` or `thinking_bytes`. `marks` are the skill, the plugin and the MCP server that
    the client itself charges it to, and the model that was asked for, each empty if there is none.
    """

    __slots__ = (
        "agent", "answers", "at_us", "blocks", "counts", "final", "geo", "id", "marks", "model", "request",
        "session", "speed", "subagent", "text_bytes", "thinking_bytes", "tier", "tools",
    )  # fmt: skip

    def __init__(
        self, response_id: int, thread: tuple[str, str], model: str, at_us: int, counts: TokenCounts
    ) -> None:
        self.id = response_id
        self.session, self.subagent = thread
        self.model = model
        self.at_us = at_us
        self.counts = counts
        self.request: int | None = None
        self.answers: int | None = None
        self.agent = ""
        self.marks = ("", "", "", "")
        self.speed = self.geo = self.tier = ""
        self.final = self.text_bytes = self.thinking_bytes = self.blocks = 0
        self.tools: list[ToolUse] = []


class CostState:
    """The client's own cumulative totals of a session, as its `cost-state` line has them.

    `models` has (fresh input, output, cache creation, its 1-hour part, cache read, thinking, web
    searches, nano-USD) by model. `began_us` is when counting began: a resumed or forked session
    carries its first process's on. `ran_us` is how long all its processes ran. `at_us` is the time of
    the last dated line before it, since the line has none.
    """

    __slots__ = ("at_us", "began_us", "id", "models", "ran_us", "session")

    def __init__(self, state_id: int, session: str, at_us: int) -> None:
        self.id = state_id
        self.session = session
        self.at_us = at_us
        self.began_us = self.ran_us = 0
        self.models: dict[str, tuple[int, ...]] = {}


class Reading:
    """An official percentage, as it was read: how much of one of the client's allowances is used.

    `window` is the client's own name (`five_hour`, `seven_day`, `spend_limit`); `used` is in thousandths
    of a percent and may pass 100,000. `resets_us` (UTC microseconds) is 0 if it is unknown.
    `source` is one of `SOURCES`.
    """

    __slots__ = ("at_us", "resets_us", "source", "used", "window")

    SOURCES = ("statusline", "usage-command", "cached")

    def __init__(self, window: str, used: int, resets_us: int, at_us: int, source: str) -> None:
        self.window = window
        self.used = used
        self.resets_us = resets_us
        self.at_us = at_us
        self.source = source


class Seen(Reading):
    """A stored reading: reported by `session` (its hash, 0 for none), last confirmed at `seen_us`."""

    __slots__ = ("seen_us", "session")

    def __init__(self, reading: tuple[str, int, int, int, str], seen_us: int, session: int) -> None:
        super().__init__(*reading)
        self.seen_us = seen_us
        self.session = session


class Asked:
    """A request went out; `id` names it until a response refers to it."""

    __slots__ = ("at_us", "id", "model", "session", "subagent")

    def __init__(self, request_id: int, session: str, subagent: str, model: str, at_us: int) -> None:
        self.id = request_id
        self.session = session
        self.subagent = subagent
        self.model = model
        self.at_us = at_us


class Refused:
    """The last request before `at_us` met an HTTP error: not billed. `all_open`: so did those before it."""

    __slots__ = ("all_open", "at_us")

    def __init__(self, at_us: int, *, all_open: bool) -> None:
        self.at_us = at_us
        self.all_open = all_open


class LimitHit:
    """An allowance was used up: a request of `session` was refused at `at_us`.

    `window` is the client's own name of the limit, empty if unknown.
    """

    __slots__ = ("at_us", "session", "window")

    def __init__(self, session: str, at_us: int, window: str) -> None:
        self.session = session
        self.at_us = at_us
        self.window = window


class Starter:
    """Who started a subagent: `parent` is another one's hash, 0 for the main thread, None if unknown.

    `tool` is the hash of the call that started it, None if there was none or it is unknown.
    """

    __slots__ = ("parent", "tool")

    def __init__(self, parent: int | None, tool: int | None) -> None:
        self.parent = parent
        self.tool = tool


class Compaction:
    """A conversation was compacted; `subagent` is empty for the main thread's.

    `automatic` is False where the user asked for it, None if that is unknown. `before` and `after`
    are the tokens of its context, None if unknown.
    """

    __slots__ = ("after", "at_us", "automatic", "before", "id", "session", "subagent")

    def __init__(self, compaction_id: int, session: str, subagent: str, at_us: int) -> None:
        self.id = compaction_id
        self.session = session
        self.subagent = subagent
        self.at_us = at_us
        self.automatic: bool | None = None
        self.before: int | None = None
        self.after: int | None = None


class Cut:
    """The last response of a thread before `at_us` was cut off, which its own lines do not show."""

    __slots__ = ("at_us", "subagent")

    def __init__(self, subagent: str, at_us: int) -> None:
        self.subagent = subagent
        self.at_us = at_us


if TYPE_CHECKING:
    Event = Response | ToolResult | CostState | Asked | Refused | LimitHit | Compaction | Cut
