"""SQLite at a price that a hook can pay: CPython's own module in C, without what `import sqlite3` adds.

`sqlite3` adds date adapters that nothing here uses (2 ms). `_sqlite3` below it wants one thing of
`functools`, a cache for prepared statements, and importing `functools` brings `collections` and its
like (2.6 of a hook's 20 ms): a stand-in gives it such a cache while it is imported. The module is
private to CPython, so whatever fails here ends in the plain import.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    Prepare = Callable[[str], object]


class _Statements(dict):  # type: ignore[type-arg] # 10 microseconds
    """Prepared statements by their text; the cache is cleared once it has `most`."""

    __slots__ = ("_most", "_prepare")

    def __init__(self, prepare: "Prepare", most: int) -> None:
        self._prepare = prepare
        self._most = most

    def __missing__(self, text: str) -> object:
        if len(self) >= self._most:
            self.clear()
        statement = self[text] = self._prepare(text)
        return statement


def _lru_cache(maxsize: int) -> "Callable[[Prepare], Prepare]":
    return lambda prepare: _Statements(prepare, maxsize).__getitem__


def _import_sqlite() -> "ModuleType":
    if "functools" in sys.modules:
        return __import__("_sqlite3")
    stand_in = type(sys)("functools")
    setattr(stand_in, "lru_cache", _lru_cache)  # noqa: B010 - a module has no such attribute to a type checker
    sys.modules["functools"] = stand_in
    try:
        return __import__("_sqlite3")
    finally:
        del sys.modules["functools"]


try:
    sqlite = _import_sqlite()
except (ImportError, AttributeError):  # pragma: no cover - no such CPython is known
    sqlite = __import__("sqlite3")
