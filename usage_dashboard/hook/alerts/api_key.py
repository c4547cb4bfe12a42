"""A key in the environment that would bill a session which the subscription is there for."""

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
    """That an API key may bill this session; empty where none is set, or no subscription was seen lately.

    Of the key it is only looked whether there is one. Once percentages were told beside a key, the key
    is known to be unused.
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
