"""What is wrong with the settings `prices` and `models.alias`, as one sentence."""

from __future__ import annotations

from usage_dashboard.pricing.model_names import price_key
from usage_dashboard.pricing.table import load_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def find_problem(values: Mapping[str, object], name: str) -> str:
    """Return the first problem of the setting `name` among `values`, all by dotted names; empty if none."""
    try:
        table = load_table(values["prices"])
    except ValueError as error:
        return str(error) if name == "prices" else ""
    aliases = values["models.alias"]
    if name != "models.alias" or not isinstance(aliases, dict):
        return ""
    known = {model.id for model in table.models()}
    for alias, model in aliases.items():
        if price_key(str(model)) not in known:
            return f"`models.alias.{alias}` is `{model}`, of which no price is known"
    return ""
