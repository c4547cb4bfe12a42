"""Reading the API requests that Claude Code reports in a body of OpenTelemetry logs, and nothing else.

OTLP/HTTP in its JSON form (opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). What the client
puts into `claude_code.api_request` is documented (code.claude.com/docs/en/monitoring-usage) and was
recorded from 2.1.330 (tests/support/telemetry_body.json). The same body carries the user's address and ids,
which are not read.
"""

from __future__ import annotations

from usage_dashboard.model.api_request import ApiRequest
from usage_dashboard.model.events import SECOND_US
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import MOST, InvalidField, object_field, parse_instant, text_field
from usage_dashboard.runtime.json_light import parse_json

EVENT = "claude_code.api_request"
MOST_NUSD = 10**15
LAST_US = 32_503_680_000 * SECOND_US
"""The year 3000: a time beyond it is damage."""

SPEEDS = {"normal": "standard", "standard": "standard", "fast": "fast"}
"""The client's word for a request's speed, and the API's, which transcripts use."""


def read_api_requests(data: bytes) -> tuple[list[ApiRequest], int]:
    """Read the API requests in a body of logs, and count those that cannot be trusted.

    Raises:
        ValueError: `data` is not OTLP JSON.
    """
    body = parse_json(data.decode("utf-8-sig"))
    if not isinstance(body, dict):
        raise ValueError("not OTLP JSON")  # noqa: TRY004 - one error for every unusable body
    requests, refused = [], 0
    for resource in _list_objects(body, "resourceLogs"):
        for scope in _list_objects(resource, "scopeLogs"):
            for record in _list_objects(scope, "logRecords"):
                try:
                    if _is_api_request(record):
                        requests.append(_build_request(_read_attributes(record), _ended_us(record)))
                except InvalidField:
                    refused += 1
    return requests, refused


def _build_request(values: dict[str, object], at_us: int) -> ApiRequest:
    """The request that a record's attributes describe.

    Raises:
        Absurd: an id, the model or a required count is missing, or a count is not valid.
    """
    name, model = _text_attribute(values, "request_id"), _text_attribute(values, "model")
    if not name or not model:
        # Without its id the same call could be counted again from a transcript.
        raise InvalidField
    request = ApiRequest(id_hash(name), _text_attribute(values, "session.id"), model, at_us)
    request.source = _text_attribute(values, "query_source")
    request.agent = _text_attribute(values, "agent.name")
    request.subagent = _text_attribute(values, "agent_id")
    request.speed = SPEEDS.get(_text_attribute(values, "speed"), "")
    request.input = _required_count(values, "input_tokens")
    request.output = _required_count(values, "output_tokens")
    request.cache_read = _count_attribute(values, "cache_read_tokens")
    request.cache_1h = _count_attribute(values, "cache_creation_1h_tokens")
    written = _count_attribute(values, "cache_creation_5m_tokens") + request.cache_1h
    request.cache_creation = max(_count_attribute(values, "cache_creation_tokens"), written)
    request.cost_nusd = _cost_nusd(values)
    return request


def _list_objects(holder: dict[str, object], name: str) -> list[dict[str, object]]:
    value = holder.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(name)
    return value


def _is_api_request(record: dict[str, object]) -> bool:
    """Whether the record is of `EVENT`; its name is in the body, an attribute or, since later, a field."""
    name = text_field(object_field(record, "body"), "stringValue")
    if name.startswith("claude_code."):
        return name == EVENT
    return EVENT in (text_field(record, "eventName"), _event_name(record))


def _event_name(record: dict[str, object]) -> str:
    name = _text_attribute(_read_attributes(record), "event.name")
    return name if name.startswith("claude_code.") else f"claude_code.{name}"


def _read_attributes(record: dict[str, object]) -> dict[str, object]:
    """The record's attributes by name, each still wrapped in the object that names its type.

    Raises:
        Absurd: they are not a list of names and values.
    """
    values: dict[str, object] = {}
    listed = record.get("attributes")
    if not isinstance(listed, list):
        raise InvalidField
    for entry in listed:
        if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
            raise InvalidField
        values[entry["key"]] = entry.get("value")
    return values


def _ended_us(record: dict[str, object]) -> int:
    """When the request ended, UTC microseconds."""
    for name in ("timeUnixNano", "observedTimeUnixNano"):
        nanos = _parse_integer(record.get(name))
        if nanos is not None and 0 < nanos < LAST_US * 1000:
            return nanos // 1000
    at_us = parse_instant(_text_attribute(_read_attributes(record), "event.timestamp"))
    if at_us is None:
        raise InvalidField
    return at_us


def _text_attribute(values: dict[str, object], name: str) -> str:
    value = values.get(name)
    return text_field(value, "stringValue") if isinstance(value, dict) else ""


def _required_count(values: dict[str, object], name: str) -> int:
    if name not in values:
        raise InvalidField
    return _count_attribute(values, name)


def _count_attribute(values: dict[str, object], name: str) -> int:
    """The count in the attribute `name`, 0 if there is no such attribute.

    Raises:
        Absurd: the value is not a count.
    """
    if name not in values:
        return 0
    number = _parse_number(values[name])
    whole = _parse_integer(int(number) if isinstance(number, float) and number.is_integer() else number)
    if whole is None or not 0 <= whole <= MOST:
        raise InvalidField
    return whole


def _cost_nusd(values: dict[str, object]) -> int | None:
    """The client's own estimate; its dollars are exact, its micro-dollars are rounded."""
    for name, scale in (("cost_usd", 10**9), ("cost_usd_micros", 10**3)):
        if name in values:
            number = _parse_number(values[name])
            # Compared before it is scaled: this also refuses NaN and infinity.
            if isinstance(number, str) or not 0 <= number <= MOST_NUSD / scale:
                raise InvalidField
            return round(number * scale)
    return None


def _parse_number(value: object) -> int | float | str:
    """The number in an attribute's value; a text that is not a number comes back as it is.

    JSON has whole numbers of 64 bits as texts; JavaScript's exporter writes them as numbers.

    Raises:
        Absurd: the value has none of the forms of a number.
    """
    if isinstance(value, dict) and len(value) == 1:
        ((form, inner),) = value.items()
        if form == "intValue" and _parse_integer(inner) is not None:
            return _parse_integer(inner) or 0
        if form == "doubleValue" and isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return inner
        if form == "stringValue" and isinstance(inner, str):
            return _parse_decimal(inner)
    raise InvalidField


def _parse_decimal(digits: str) -> int | float | str:
    whole = _parse_integer(digits)
    if whole is not None:
        return whole
    left, _, right = digits.partition(".")
    return float(digits) if _parse_integer(left) is not None and _parse_integer(right) is not None else digits


def _parse_integer(value: object) -> int | None:
    """A whole number, or one written out in at most 19 digits; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and 0 < len(value) < 20 and value.isascii() and value.isdigit():
        return int(value)
    return None
