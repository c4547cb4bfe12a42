"""JSON text to Python values at a hook's price.

`import json` costs more than everything else a hook does, nearly all of it for the regular
expressions that its decoder sets up; the scanner in C behind it needs none of them. The scanner is
private to CPython, so an interpreter without it falls back to `json` (a test runs both ways).
"""


def _refuse_constant(name: str) -> None:
    """NaN and the infinities are not JSON, and no count of ours may be one."""
    raise ValueError(name)


class _Context:
    """The options that the C scanner reads from its caller."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(_refuse_constant)
    memo: dict[str, str] = {}  # noqa: RUF012 - the scanner asks for the attribute and keeps its own


try:
    from _json import encode_basestring_ascii as quoted
    from _json import make_scanner

    _scan = make_scanner(_Context())  # type: ignore[arg-type]
except ImportError:
    import json
    from json.encoder import encode_basestring_ascii as quoted

    _scan = json.JSONDecoder(strict=False, parse_constant=_refuse_constant).scan_once  # type: ignore[attr-defined]


def parse_json_bytes(data: bytes) -> object:
    """The value that UTF-8 `data` holds; what is no UTF-8 becomes a question mark of Unicode's.

    Raises:
        ValueError: as for `parse_json`.
    """
    # Not "utf-8-sig": that codec is a module of its own, which takes a hook 0.2 ms to import.
    return parse_json(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))


def parse_json(text: str) -> object:
    """The value that `text` holds, with any white space around it.

    Raises:
        ValueError: `text` is not one JSON value (empty, cut, trailing text, NaN, nested too deep).
    """
    text = text.strip(" \t\r\n")
    try:
        value, end = _scan(text, 0)
    except (StopIteration, RecursionError, SystemError) as error:
        # SystemError: the scanner fails to find the error class of a `json` that nobody imported.
        raise ValueError("not JSON") from error
    if end != len(text):
        raise ValueError("text after the JSON value")
    found: object = value
    return found


__all__ = ["parse_json", "parse_json_bytes", "quoted"]
