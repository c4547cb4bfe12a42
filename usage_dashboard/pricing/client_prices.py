"""List prices that Claude Code was sent for models newer than this release, as entries of the price table.

`additionalModelCostsCache` in `.claude.json` has them by model, in US dollars per million tokens, and a
search in dollars. The format is not documented: it is what the code of 2.1.330 checks for. Without a price
for writes of an hour the client charges that of five minutes, and so does the table.
"""

from __future__ import annotations

from usage_dashboard.pricing.model_names import price_key
from usage_dashboard.pricing.price_rows import read_row
from usage_dashboard.runtime.json_light import parse_json
from usage_dashboard.store.meta import read_client_prices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

FIELD = "additionalModelCostsCache"
_KINDS = {
    "input": "inputTokens", "output": "outputTokens", "cache_read": "promptCacheReadTokens",
    "cache_write_5m": "promptCacheWriteTokens", "cache_write_1h": "promptCacheWrite1hTokens",
}  # fmt: skip
_USUAL_SEARCH_USD = 0.01


def parse_client_prices(state: str) -> dict[str, object]:
    """Return entries of the price table from the text of a `.claude.json`, by the model's id there.

    What is not Claude's, or not as described above, is left out.

    Raises:
        ValueError: `state` is not JSON.
    """
    fields = parse_json(state)
    costs = fields.get(FIELD) if isinstance(fields, dict) else None
    entries: dict[str, object] = {}
    for name, cost in costs.items() if isinstance(costs, dict) else ():
        key = price_key(name)
        try:
            entry = _make_entry(cost)
            read_row(entry)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        if key.startswith("claude-"):
            entries[key] = [entry]
    return entries


def listed_prices(db: Connection | None) -> dict[str, object]:
    """Return the entries that the ledger keeps of what clients were sent."""
    kept = parse_json(read_client_prices(db) or "{}") if db is not None else {}
    return kept if isinstance(kept, dict) else {}


def _make_entry(cost: dict[str, object]) -> dict[str, object]:
    entry: dict[str, object] = {"since": None, **_five_prices(cost)}
    search = cost.get("webSearchRequests", _USUAL_SEARCH_USD)
    entry["web_search"] = round(float(str(search)) * 1000, 6)
    long_prompt, fast = cost.get("longPrompt"), cost.get("fast")
    if isinstance(long_prompt, dict):
        entry["above"] = {"prompt_tokens": long_prompt["abovePromptTokens"], **_five_prices(long_prompt)}
    if isinstance(fast, dict):
        entry["fast"] = _five_prices(fast)
    return entry


def _five_prices(cost: dict[str, object]) -> dict[str, object]:
    five = {kind: cost.get(name) for kind, name in _KINDS.items()}
    if five["cache_write_1h"] is None:
        five["cache_write_1h"] = five["cache_write_5m"]
    return five
