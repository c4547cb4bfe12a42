"""A body of OpenTelemetry logs to the API requests that Claude Code reports in it, and nothing else of it.

OTLP/HTTP in its JSON form (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). What the client
puts into `claude_code.api_request` is documented (code.claude.com/docs/en/monitoring-usage) and was
recorded from 2.1.330 (tests/support/telemetry_body.json). The same body carries the user's address and ids,
which are left where they are.
"""

from __future__ import annotations

from usage_dashboard.model.api_request import ApiRequest
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import MOST, Absurd, inside, instant, text
from usage_dashboard.runtime.json_light import decode

EVENT = "claude_code.api_request"
MOST_NUSD = 10**15
LAST_US = 32_503_680_000 * SECOND_US
"""The year 3000: a time beyond it is damage."""

SPEEDS = {"normal": "standard", "standard": "standard", "fast": "fast"}
"""The client's word for a request's speed, to the API's, which transcripts have."""


def read(data: bytes) -> tuple[list[ApiRequest], int]:
    """The API requests that a body of logs reports, and how many more of them could not be trusted.

    Raises:
        ValueError: `data` is no OTLP JSON.
    """
    body = decode(data.decode("utf-8-sig"))
    if not isinstance(body, dict):
        raise ValueError("no OTLP JSON")  # noqa: TRY004 - one error for every unusable body
    found, refused = [], 0
    for resource in _objects(body, "resourceLogs"):
        for scope in _objects(resource, "scopeLogs"):
            for record in _objects(scope, "logRecords"):
                try:
                    if _is_api_request(record):
                        found.append(_api_request(_attributes(record), _time(record)))
                except Absurd:
                    refused += 1
    return found, refused


def _api_request(values: dict[str, object], at_us: int) -> ApiRequest:
    """The request that a record's attributes describe.

    Raises:
        Absurd: an id, the model or a needed count is missing, or a count is not one.
    """
    name, model = _text(values, "request_id"), _text(values, "model")
    if not name or not model:
        # Without its id the same call could be counted again from a transcript.
        raise Absurd
    request = ApiRequest(id_hash(name), _text(values, "session.id"), model, at_us)
    request.source = _text(values, "query_source")
    request.agent = _text(values, "agent.name")
    request.subagent = _text(values, "agent_id")
    request.speed = SPEEDS.get(_text(values, "speed"), "")
    request.input = _needed(values, "input_tokens")
    request.output = _needed(values, "output_tokens")
    request.cache_read = _count(values, "cache_read_tokens")
    request.cache_1h = _count(values, "cache_creation_1h_tokens")
    written = _count(values, "cache_creation_5m_tokens") + request.cache_1h
    request.cache_creation = max(_count(values, "cache_creation_tokens"), written)
    request.cost_nusd = _cost(values)
    return request


def _objects(holder: dict[str, object], name: str) -> list[dict[str, object]]:
    value = holder.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(name)
    return value


def _is_api_request(record: dict[str, object]) -> bool:
    """Whether the record is ours; its name stands in the body, an attribute or, newer, a field."""
    said = text(inside(record, "body"), "stringValue")
    if said.startswith("claude_code."):
        return said == EVENT
    return EVENT in (text(record, "eventName"), _event_name(record))


def _event_name(record: dict[str, object]) -> str:
    name = _text(_attributes(record), "event.name")
    return name if name.startswith("claude_code.") else f"claude_code.{name}"


def _attributes(record: dict[str, object]) -> dict[str, object]:
    """The record's attributes by name, each still wrapped in the object that tells its type.

    Raises:
        Absurd: they are no list of names and values.
    """
    values: dict[str, object] = {}
    listed = record.get("attributes")
    if not isinstance(listed, list):
        raise Absurd
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise Absurd
        values[entry["key"]] = entry.get("value")
    return values


def _time(record: dict[str, object]) -> int:
    """UTC microseconds of when the request had ended."""
    for name in ("timeUnixNano", "observedTimeUnixNano"):
        nanos = _whole(record.get(name))
        if nanos is not None and 0 < nanos < LAST_US * 1000:
            return nanos // 1000
    at_us = instant(_text(_attributes(record), "event.timestamp"))
    if at_us is None:
        raise Absurd
    return at_us


def _text(values: dict[str, object], name: str) -> str:
    value = values.get(name)
    return text(value, "stringValue") if isinstance(value, dict) else ""


def _needed(values: dict[str, object], name: str) -> int:
    if name not in values:
        raise Absurd
    return _count(values, name)


def _count(values: dict[str, object], name: str) -> int:
    """The count that the attribute `name` holds, 0 where there is none of that name.

    Raises:
        Absurd: it is there and is no count.
    """
    if name not in values:
        return 0
    number = _number(values[name])
    whole = _whole(int(number) if isinstance(number, float) and number.is_integer() else number)
    if whole is None or not 0 <= whole <= MOST:
        raise Absurd
    return whole


def _cost(values: dict[str, object]) -> int | None:
    """The client's own estimate; its dollars are exact, its micro-dollars are rounded."""
    for name, scale in (("cost_usd", 10**9), ("cost_usd_micros", 10**3)):
        if name in values:
            number = _number(values[name])
            # Compared before it is scaled: also no NaN passes, and no infinity is made whole.
            if isinstance(number, str) or not 0 <= number <= MOST_NUSD / scale:
                raise Absurd
            return round(number * scale)
    return None


def _number(value: object) -> int | float | str:
    """The number in an attribute's value; a text that is no number comes back as it is.

    JSON has whole numbers of 64 bits as texts; JavaScript's exporter writes them as numbers.

    Raises:
        Absurd: the value is none of a number's forms.
    """
    if isinstance(value, dict) and len(value) == 1:
        ((form, inner),) = value.items()
        if form == "intValue" and _whole(inner) is not None:
            return _whole(inner) or 0
        if form == "doubleValue" and isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return inner
        if form == "stringValue" and isinstance(inner, str):
            return _decimal(inner)
    raise Absurd


def _decimal(digits: str) -> int | float | str:
    whole = _whole(digits)
    if whole is not None:
        return whole
    left, _, right = digits.partition(".")
    return float(digits) if _whole(left) is not None and _whole(right) is not None else digits


def _whole(value: object) -> int | None:
    """A whole number, or one written out in at most 19 digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and 0 < len(value) < 20 and value.isascii() and value.isdigit():
        return int(value)
    return None
