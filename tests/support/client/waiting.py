"""Waiting for something to become true, with an end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")

_LOOK_SECONDS = 0.03


def wait_until(look: Callable[[], Found | None], what: str, timeout: float = 20.0) -> Found:
    """What `look` returns as soon as it is truthy.

    Raises:
        AssertionError: It was not after `timeout` seconds; `what` says what was awaited.
    """
    end = time.monotonic() + timeout
    while True:
        if found := look():
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout:g} s for {what}")
        time.sleep(_LOOK_SECONDS)
