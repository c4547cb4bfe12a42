"""An API key in the environment that may bill a session although there is a subscription."""

from __future__ import annotations

from usage_dashboard.limits import current
from usage_dashboard.model import humanize
from usage_dashboard.model.events import DAY_US, SECOND_US
from usage_dashboard.runtime.os_light import getenv

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

VARIABLE = "ANTHROPIC_API_KEY"
LATELY_US = 14 * DAY_US


def billing_warning(db: Connection, folder: int, now_us: int) -> str:
    """Warn that an API key may bill this session; empty without a key or without a recent subscription.

    Only whether there is a key is read, never the key. A status line that reports percentages although
    a key is set shows that the key is not used.
    """
    if not getenv(VARIABLE):
        return ""
    seen_us = current.seen_without_key_us(db, folder)
    if not seen_us or now_us - seen_us > LATELY_US:
        return ""
    age = humanize.format_duration(max(0, now_us - seen_us) // SECOND_US)
    return (
        f"{VARIABLE} is set, so this session may be billed by the API, although a subscription's allowance"
        f" was seen here {age} ago\nhint: unset {VARIABLE}"
    )
