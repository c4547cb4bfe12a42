"""What lines tell of calls that are not in them: the client's own totals, and requests without an answer."""

from __future__ import annotations

from usage_dashboard.model.events import Asked, Compaction, CostState, Cut, LimitHit, Refused
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import InvalidField, list_field, object_field, read_count, text_field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.ingest.transcripts.responses import Origin

MOST_DOLLARS = 10**7
MOST_MS = 10**14
MOST_NAME = 40
CUT_WORDS = "Your response above was cut off mid-stream"


def cost_state(line: dict[str, object], raw: bytes, origin: Origin) -> CostState:
    """The totals in a `cost-state` line; `raw` are its bytes, which make it known when it is met again.

    Raises:
        Absurd: a count is no count, or the line holds no totals.
    """
    session = text_field(line, "sessionId") or origin.session
    found = CostState(id_hash(raw.decode("utf-8", "replace")), session, origin.time_of(line))
    found.began_us = _milliseconds(line, "startTime")
    found.ran_us = _milliseconds(line, "totalDuration")
    found.models = read_models(line.get("modelUsage"))
    return found


def read_models(models: object) -> dict[str, tuple[int, ...]]:
    """The counts by model that a `modelUsage` object has, as `CostState` keeps them.

    Raises:
        InvalidField: it is not an object of objects, or a count is no count.
    """
    if not isinstance(models, dict):
        raise InvalidField
    counted = {}
    for model, usage in models.items():
        if not isinstance(usage, dict):
            raise InvalidField
        counted[model] = _counts(usage)
    return counted


def asked(line: dict[str, object], origin: Origin) -> Asked | None:
    """The request that an `api-request` line reports."""
    name = text_field(line, "id")
    if line.get("type") != "api-request" or not name:
        return None
    model = text_field(object_field(line, "params"), "model")
    return Asked(id_hash(name), *_thread(line, origin), model, origin.time_of(line))


def verdict(line: dict[str, object], origin: Origin) -> Refused | Cut | None:
    """What a line that is no response says about the request or the response before it."""
    kind = line.get("type")
    if kind == "system" and line.get("subtype") == "api_error":
        return _refused(line, object_field(line, "error").get("status"), origin, all_open=False)
    if kind == "assistant" and line.get("isApiErrorMessage") is True:
        if line.get("streamCutCause") is not None:
            return _cut(line, origin)
        return _refused(line, line.get("apiErrorStatus"), origin, all_open=True)
    if kind == "user" and line.get("isMeta") is True and line.get("turnCompanion") is True:
        return _cut(line, origin) if _says_cut(object_field(line, "message")) else None
    return None


def limit_hit(line: dict[str, object], origin: Origin) -> LimitHit | None:
    """The used-up limit that a refused request's line reports."""
    if line.get("apiError") != "usage_limit_reached":
        return None
    session = text_field(line, "requestSessionId") or text_field(line, "sessionId") or origin.session
    return LimitHit(session, origin.time_of(line), window_name(object_field(line, "quotaLimits")))


def compaction(line: dict[str, object], origin: Origin) -> Compaction | None:
    """The compaction that a `compact_boundary` line reports.

    Raises:
        Absurd: a token count is no count.
    """
    name = text_field(line, "uuid")
    if line.get("subtype") != "compact_boundary" or not name:
        return None
    found = Compaction(id_hash(name), *_thread(line, origin), origin.time_of(line))
    metadata = object_field(line, "compactMetadata")
    if text_field(metadata, "trigger"):
        found.automatic = text_field(metadata, "trigger") == "auto"
    found.before, found.after = (
        None if metadata.get(kind) is None else read_count(metadata, kind)
        for kind in ("preTokens", "postTokens")
    )
    return found


def window_name(limits: dict[str, object]) -> str:
    """The client's name of the allowance in `limits`, empty for what cannot be one."""
    name = text_field(limits, "rateLimitType")
    return name if len(name) <= MOST_NAME and name.replace("_", "").isalnum() and name.isascii() else ""


def _thread(line: dict[str, object], origin: Origin) -> tuple[str, str]:
    """(session, subagent) that `line` is of."""
    return text_field(line, "sessionId") or origin.session, text_field(line, "agentId") or origin.subagent


def _refused(line: dict[str, object], status: object, origin: Origin, *, all_open: bool) -> Refused | None:
    """A refusal, where there is an HTTP `status`: without one the request was lost on its way."""
    return Refused(origin.time_of(line), all_open=all_open) if isinstance(status, int) else None


def _cut(line: dict[str, object], origin: Origin) -> Cut:
    return Cut(_thread(line, origin)[1], origin.time_of(line))


def _milliseconds(line: dict[str, object], name: str) -> int:
    """A time or duration of the client's in microseconds, 0 where it has none.

    Raises:
        InvalidField: no clock could show it.
    """
    value = line.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < MOST_MS:
        raise InvalidField
    return int(value) * 1000


def _counts(usage: dict[str, object]) -> tuple[int, ...]:
    hour = read_count(usage, "cacheCreationEphemeral1hInputTokens")
    written = max(read_count(usage, "cacheCreationInputTokens"), hour)
    dollars = usage.get("costUSD", 0)
    if isinstance(dollars, bool) or not isinstance(dollars, (int, float)) or not 0 <= dollars < MOST_DOLLARS:
        raise InvalidField
    return (
        read_count(usage, "inputTokens"),
        read_count(usage, "outputTokens"),
        written,
        hour,
        read_count(usage, "cacheReadInputTokens"),
        read_count(usage, "thinkingTokens"),
        read_count(usage, "webSearchRequests"),
        round(dollars * 1e9),
    )


def _says_cut(message: dict[str, object]) -> bool:
    content = message.get("content")
    if isinstance(content, str):
        return content.startswith(CUT_WORDS)
    first = list_field(message, "content")[:1]
    return any(isinstance(block, dict) and text_field(block, "text").startswith(CUT_WORDS) for block in first)
