"""Price classes: what decides a response's price besides its time."""

from __future__ import annotations

from usage_dashboard.store.meta import note_dropped_model, read_dropped_models
from usage_dashboard.store.write.labels import DROPPED, hashed_label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sqlite3 import Connection

    from usage_dashboard.model.token_counts import PriceClass
    from usage_dashboard.store.write.labels import Labels


_KNOWN = frozenset(("", "standard", "fast", "priority", "batch", "us", "global", "not_available"))


class Classes:
    """The ids of price classes. A key is (model, prompt bucket, speed, geo, service tier)."""

    def __init__(self, db: Connection, labels: Labels) -> None:
        self._db = db
        self._labels = labels
        self._ids: dict[PriceClass, int] = {}
        self._keys: dict[int, PriceClass] = {}

    def id(self, key: PriceClass) -> int:
        """The id of the class `key`, which is added where it is new."""
        known = self._ids.get(key)
        if known is None:
            known = self._ids[key] = self._stored(key)
        return known

    def key(self, class_id: int) -> PriceClass:
        """The key of a stored class; its model is the label that was kept."""
        known = self._keys.get(class_id)
        if known is None:
            query = (
                "SELECT l.name, c.prompt_bucket, c.speed, c.geo, c.tier FROM price_class c"
                " JOIN label l ON l.id = c.model WHERE c.id = ?"
            )
            known = self._keys[class_id] = self._db.execute(query, (class_id,)).fetchone()
        return known

    def _stored(self, key: PriceClass) -> int:
        model, *values = kept(self._labels, key)
        values = [self._labels.id("model", model), *values]
        query = (
            "SELECT id FROM price_class"
            " WHERE model = ? AND prompt_bucket = ? AND speed = ? AND geo = ? AND tier = ?"
        )
        found = self._db.execute(query, values).fetchone()
        if model == DROPPED:
            self._note_dropped(key[0], is_known=found is not None)
        if found is None:
            insert = "INSERT INTO price_class (model, prompt_bucket, speed, geo, tier) VALUES (?, ?, ?, ?, ?)"
            self._db.execute(insert, values)
            found = self._db.execute("SELECT last_insert_rowid()").fetchone()
        return int(found[0])

    def _note_dropped(self, model: str, *, is_known: bool) -> None:
        """Note that the name `model` was dropped; a class that `is_known` may be of names before it."""
        if model == DROPPED or (is_known and not read_dropped_models(self._db)):
            note_dropped_model(self._db, "")
        if model != DROPPED:
            note_dropped_model(self._db, hashed_label(self._labels.salt(), model))


def kept(labels: Labels, key: PriceClass) -> PriceClass:
    """What may be kept of the class `key`; its marks are the service's words, but checked as text."""
    model, bucket, *marks = key
    speed, geo, tier = (mark if mark in _KNOWN else labels.bounded("class", mark) for mark in marks)
    return labels.bounded("model", model), bucket, speed, geo, tier
