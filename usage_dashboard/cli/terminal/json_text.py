"""Write JSON as `json.dumps(document, indent=2)` does, without importing `json`.

`import json` sets up a decoder with its regular expressions: 1.4 of the 40 ms of a report, and 7 where `re`
is not imported yet. With an indent `dumps` works in Python too, so this is no slower.
"""

from __future__ import annotations

try:
    from _json import encode_basestring, encode_basestring_ascii
except ImportError:  # pragma: no cover - an interpreter without CPython's private module
    from json.encoder import encode_basestring, encode_basestring_ascii

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = {None: "null", True: "true", False: "false"}


def to_json_text(document: object, *, ascii_only: bool) -> str:
    """Return `document` as JSON: dicts, lists, strings, numbers, booleans, None, and nothing else."""
    return _to_json_text(document, encode_basestring_ascii if ascii_only else encode_basestring, "\n")


def _to_json_text(value: object, quoted: Callable[[str], str], margin: str) -> str:
    if isinstance(value, str):
        return quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, (int, float)):
        return repr(value)
    inner = margin + "  "
    if isinstance(value, dict):
        parts = [f"{quoted(name)}: {_to_json_text(item, quoted, inner)}" for name, item in value.items()]
        begin, end = "{}"
    elif isinstance(value, (list, tuple)):
        parts = [_to_json_text(item, quoted, inner) for item in value]
        begin, end = "[]"
    else:
        raise TypeError(f"{type(value).__name__} is nothing that JSON has")
    return begin + inner + f",{inner}".join(parts) + margin + end if parts else begin + end
