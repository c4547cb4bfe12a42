"""The list prices in Claude Code's own state, which sweeps read and hooks never do."""

from __future__ import annotations

import os

from usage_dashboard.config import paths
from usage_dashboard.pricing.client_prices import FIELD, listed_prices, parse_client_prices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection


def new_client_prices(db: Connection, folders: list[str]) -> str | None:
    """Return, as JSON, what the ledger is to keep of the prices in `folders`; None if it has all of them.

    Prices stay when the client forgets them, as it does when a user logs out.
    """
    known = listed_prices(db)
    found = dict(known)
    for folder in folders:
        for path in paths.claude_state_files(os.path.realpath(folder)):
            found.update(_read_prices(path))
    if found == known:
        return None
    from json import dumps  # noqa: PLC0415 - seldom

    return dumps(found, sort_keys=True)


def _read_prices(path: str) -> dict[str, object]:
    try:
        with open(path, "rb") as file:
            data = file.read()
        return parse_client_prices(data.decode("utf-8", "replace")) if FIELD.encode() in data else {}
    except (OSError, ValueError):
        return {}
