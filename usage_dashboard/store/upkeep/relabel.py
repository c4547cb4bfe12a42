"""Applying `privacy.labels` to the names that a ledger has already: hashed or dropped, as new ones are."""

from __future__ import annotations

from usage_dashboard.model.totals import ROLLUP_KEY, ROLLUP_SUMS, TOOL_ROLLUP_KEY, TOOL_ROLLUP_SUMS
from usage_dashboard.store.meta import note_dropped_model, read_dropped_models
from usage_dashboard.store.write.labels import DROPPED, hashed_label
from usage_dashboard.store.write.price_classes import kept

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

    from usage_dashboard.store.write.labels import Labels

_NAMED = (
    ("session", ("project", "channel")),
    ("response", ("agent", "skill", "plugin", "mcp")),
    ("tool_call", ("tool", "server")),
    ("price_class", ("model",)),
)
"""Tables whose rows stay the same ones whatever their names are."""

_OF_CLASS = ("response", "open_request")
_STATE_SUMS = (
    "input", "output", "cache_creation", "cache_1h", "cache_read", "thinking", "searches", "cost",
)  # fmt: skip
_TOTALS = (
    ("rollup", ROLLUP_KEY, ROLLUP_SUMS),
    ("tool_rollup", TOOL_ROLLUP_KEY, TOOL_ROLLUP_SUMS),
    ("cost_state", ("id", "session", "began_us", "at_us", "ran_us", "model"), _STATE_SUMS),
)
"""Tables whose rows are one where their names become one."""

_MOVED = {"agent": "moved_label", "tool": "moved_label", "server": "moved_label", "model": "moved_label"}
_MOVED["class"] = "moved_class"


def count_kept_names(db: Connection, labels: Labels) -> int:
    """How many names of the ledger are not yet as `labels` would keep them now."""
    return sum(1 for _ in _list_changes(db, labels))


def relabel(db: Connection, labels: Labels) -> int:
    """Keep every name as `labels` would now, and return how many changed; the caller holds the write lock.

    Rows of names that become one are added up, so every total stays what it is.
    """
    changes = list(_list_changes(db, labels))
    for table in ("moved_label", "moved_class"):
        db.execute(f"CREATE TEMP TABLE {table} (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
    _note_dropped_models(db, labels, [change for change in changes if change[1] == "model"])
    for label_id, kind, _, name in changes:
        _rename(db, label_id, kind, name)
    _merge_classes(db, labels)
    _merge_names(db)
    # Prices are cached under the names of models.
    db.execute("DELETE FROM kept_price")
    db.execute("DELETE FROM label WHERE id IN (SELECT old FROM moved_label)")
    for table in ("moved_label", "moved_class"):
        db.execute(f"DROP TABLE temp.{table}")
    return len(changes)


def _list_changes(db: Connection, labels: Labels) -> Iterator[tuple[int, str, str, str]]:
    """(id, kind, name, name from now on) of each label that changes."""
    for label_id, kind, name in db.execute("SELECT id, kind, name FROM label ORDER BY id").fetchall():
        now = labels.bounded(kind, name)
        if now != name:
            yield label_id, kind, name, now


def _note_dropped_models(db: Connection, labels: Labels, changes: list[tuple[int, str, str, str]]) -> None:
    """Note by their hashes which models the name of all dropped ones stands for."""
    query = "SELECT 1 FROM label WHERE kind = 'model' AND name = ?"
    is_known = db.execute(query, (DROPPED,)).fetchone() is not None
    if is_known and not read_dropped_models(db):
        note_dropped_model(db, "")
    for _, _, name, now in changes:
        if now == DROPPED:
            note_dropped_model(db, hashed_label(labels.salt(), name))


def _rename(db: Connection, label_id: int, kind: str, name: str) -> None:
    """Give a label its new name, or note which one has that name already."""
    same = db.execute("SELECT id FROM label WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    if same is None:
        db.execute("UPDATE label SET name = ? WHERE id = ?", (name, label_id))
    else:
        db.execute("INSERT INTO moved_label VALUES (?, ?)", (label_id, same[0]))


def _merge_classes(db: Connection, labels: Labels) -> None:
    """Note which classes of prices become one, and remove those that are no longer used."""
    query = (
        "SELECT c.id, COALESCE(m.new, c.model), l.name, c.prompt_bucket, c.speed, c.geo, c.tier"
        " FROM price_class c LEFT JOIN moved_label m ON m.old = c.model"
        " JOIN label l ON l.id = COALESCE(m.new, c.model) ORDER BY m.new IS NOT NULL, c.id"
    )
    first: dict[tuple[object, ...], int] = {}
    for class_id, model, *key in db.execute(query).fetchall():
        values = (model, *kept(labels, tuple(key))[1:])
        same = first.setdefault(values, class_id)
        if same != class_id:
            db.execute("INSERT INTO moved_class VALUES (?, ?)", (class_id, same))
        else:
            update = "UPDATE price_class SET speed = ?, geo = ?, tier = ? WHERE id = ?"
            db.execute(update, (*values[2:], class_id))
    db.execute("DELETE FROM price_class WHERE id IN (SELECT old FROM moved_class)")


def _merge_names(db: Connection) -> None:
    """Put the new names and classes into every row that has the old ones."""
    for table, columns in _NAMED:
        for column in columns:
            _replace(db, table, column, "moved_label")
    for table in _OF_CLASS:
        _replace(db, table, "class", "moved_class")
    for table, keys, sums in _TOTALS:
        _merge_totals(db, table, keys, sums)


def _replace(db: Connection, table: str, column: str, moved: str) -> None:
    db.execute(
        f"UPDATE {table} SET {column} = (SELECT new FROM {moved} WHERE old = {column})"  # noqa: S608 - ours
        f" WHERE {column} IN (SELECT old FROM {moved})"
    )


def _merge_totals(db: Connection, table: str, keys: tuple[str, ...], sums: tuple[str, ...]) -> None:
    """Add the rows of `table` that have an old name or class to those of the new one."""
    moving = " OR ".join(f"{key} IN (SELECT old FROM {_MOVED[key]})" for key in keys if key in _MOVED)  # noqa: S608 - ours
    now = (_now(key) if key in _MOVED else key for key in keys)
    added = ", ".join(f"SUM({name}) AS {name}" for name in sums)
    names = ", ".join((*keys, *sums))
    places = ", ".join(str(number) for number in range(1, len(keys) + 1))
    db.execute(
        f"CREATE TEMP TABLE moving AS SELECT {', '.join(now)}, {added} FROM {table}"  # noqa: S608 - ours
        f" WHERE {moving} GROUP BY {places}"
    )
    db.execute(f"DELETE FROM {table} WHERE {moving}")  # noqa: S608 - ours
    conflict = "id, model" if table == "cost_state" else ", ".join(keys)
    grown = ", ".join(f"{name} = {name} + excluded.{name}" for name in sums)
    db.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM moving WHERE true"  # noqa: S608 - ours
        f" ON CONFLICT ({conflict}) DO UPDATE SET {grown}"
    )
    db.execute("DROP TABLE temp.moving")


def _now(key: str) -> str:
    return f"COALESCE((SELECT new FROM {_MOVED[key]} WHERE old = {key}), {key}) AS {key}"  # noqa: S608 - ours
