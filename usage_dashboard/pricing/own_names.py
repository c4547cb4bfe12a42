"""The user's own names of models, as a ledger keeps them: hashed, dropped, or as they are."""

from __future__ import annotations

from usage_dashboard.pricing.model_names import canonical_model, price_key
from usage_dashboard.store.meta import read_dropped_models, read_salt
from usage_dashboard.store.write.labels import DROPPED, hashed_label, is_public_model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.config.settings import Settings


def read_price_names(settings: Settings, db: Connection | None) -> dict[str, str]:
    """What stands for a model in the ledger `db`: a name in lower case, with its id in the price table.

    These are the aliases, and what the ledger keeps of each name that the user gave an alias or a price:
    ARNs, long names and, by `privacy.labels`, all others are hashed there. A dropped name is known as long
    as no other one was dropped.
    """
    models = (settings.prices or {}).get("models") if isinstance(settings.prices, dict) else None
    own = {name: name for name in models} if isinstance(models, dict) else {}
    meant = {**settings.models_alias, **own}
    if not meant:
        return {}
    salt = read_salt(db) if db is not None else ""
    dropped = read_dropped_models(db) if db is not None else []
    names = {}
    for name, known in meant.items():
        key, plain = price_key(known), canonical_model(name)
        if price_key(name) != key:
            names[price_key(name)] = key
        if salt and not is_public_model(plain):
            label = hashed_label(salt, plain)
            names[label] = key
            if dropped == [label]:
                names[DROPPED] = key
    return names
