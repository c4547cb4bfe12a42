"""SQLite at a hook's price: CPython's own module in C, and nothing that `import sqlite3` brings along.

`sqlite3` adds date adapters that nothing here uses (2 ms). `_sqlite3` below it wants one thing of
`functools`, the cache in C that `lru_cache` wraps, and importing `functools` brings `collections` and its
like (2.6 of a hook's 20 ms): a stand-in gives it that cache while it is imported. Both modules are
private to CPython, so whatever fails here ends in the plain import.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def _stand_in() -> "ModuleType":
    """A `functools` with nothing but the cache."""
    from _functools import _lru_cache_wrapper  # type: ignore[import-not-found]  # noqa: PLC0415 - CPython's

    def lru_cache(maxsize: int) -> "Callable[[Callable[[str], object]], Callable[[str], object]]":
        return lambda function: _lru_cache_wrapper(function, maxsize, False, tuple)  # noqa: FBT003 - in C

    found = type(sys)("functools")
    setattr(found, "lru_cache", lru_cache)  # noqa: B010 - a module has no such attribute to a type checker
    return found


def _light() -> "ModuleType":
    if "functools" in sys.modules:
        return __import__("_sqlite3")
    sys.modules["functools"] = _stand_in()
    try:
        return __import__("_sqlite3")
    finally:
        del sys.modules["functools"]


try:
    sqlite = _light()
except (ImportError, AttributeError):  # pragma: no cover - no such CPython is known
    sqlite = __import__("sqlite3")
