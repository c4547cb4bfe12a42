"""Parsing JSON at a price that a hook can pay.

`import json` costs more than everything else a hook does, nearly all of it for the regular
expressions that its decoder sets up; the scanner in C behind it needs none of them. The scanner is
private to CPython, so an interpreter without it falls back to `json` (a test runs both ways).
"""


def _refuse_constant(name: str) -> None:
    """Refuse NaN and the infinities: they are not JSON, and no count may be one."""
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
    """Parse UTF-8 `data`; invalid bytes become U+FFFD.

    Raises:
        ValueError: as for `parse_json`.
    """
    # Not "utf-8-sig": that codec is a module of its own, which takes a hook 0.2 ms to import.
    return parse_json(data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))


def parse_json(text: str) -> object:
    """Parse `text`, with any white space around the value.

    Raises:
        ValueError: `text` is not one JSON value (empty, cut, trailing text, NaN, nested too deep).
    """
    text = text.strip(" \t\r\n")
    value, end = scan_json(text, 0)
    if end != len(text):
        raise ValueError("text after the JSON value")
    return value


def scan_json(text: str, begin: int) -> tuple[object, int]:
    """Parse the value that begins at `begin` of `text`, and return it with the place where it ends.

    Raises:
        ValueError: there is no whole value (cut, NaN, nested too deep).
    """
    try:
        value, end = _scan(text, begin)
    except (StopIteration, RecursionError, SystemError) as error:
        # SystemError: the scanner does not find the error class in `json`, which is not imported.
        raise ValueError("not JSON") from error
    return value, end


__all__ = ["parse_json", "parse_json_bytes", "quoted", "scan_json"]
