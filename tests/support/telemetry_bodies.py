"""Bodies of OpenTelemetry logs: one that Claude Code 2.1.330 sent, and variations of it.

`telemetry_body.json` was recorded from the real client (a compaction, and a web search inside a subagent);
its ids and times were replaced, its numbers are those of a fake API.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).with_name("telemetry_body.json").read_bytes()
SESSION = "0020248b-fd95-4d67-a568-2e276c5cc993"

Record = dict[str, Any]


def record(request: Any = "req_1", **attributes: Any) -> Record:
    """An `api_request` as it was recorded, with other attributes; None takes one out.

    An attribute is given as a plain value, or as the object that OTLP wraps it in.
    """
    found = copy.deepcopy(_records()[1])
    values = {entry["key"]: entry["value"] for entry in found["attributes"]}
    for name, value in {"request_id": request, **attributes}.items():
        values[name] = _wrapped(value)
    found["attributes"] = [
        {"key": name, "value": value} for name, value in values.items() if value is not None
    ]
    return found


def packed(*records: Record) -> bytes:
    """A body that holds `records`."""
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": list(records)}]}]}).encode()


def _records() -> list[Record]:
    found: list[Record] = json.loads(RECORDED)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    return found


def _wrapped(value: Any) -> Any:
    if isinstance(value, bool):
        return {"boolValue": value}
    for kind, name in ((str, "stringValue"), (int, "intValue"), (float, "doubleValue")):
        if isinstance(value, kind):
            return {name: value}
    return value
