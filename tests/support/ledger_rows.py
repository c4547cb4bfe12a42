"""What a test reads back from a real ledger, by plain SQL."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from usage_dashboard.ingest.sweep import sweep

COLUMNS = (
    "input",
    "output",
    "cache_creation",
    "cache_1h",
    "cache_read",
    "thinking",
    "calls",
    "incomplete",
    "cost",
)
NOW_US = 1_795_348_800_000_000  # 2026-11-22T12:00:00Z


def swept(ledger: Path) -> dict[str, int]:
    """The totals of the ledger after a sweep of everything on disk."""
    sweep(str(ledger), NOW_US)
    return totals(ledger)


def rows(ledger: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query on the ledger."""
    db = sqlite3.connect(ledger / "usage.db")
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def totals(ledger: Path) -> dict[str, int]:
    """The sums of the response rows, which must be those of the rollups and (tokens) of the labels."""
    names = ", ".join(f"COALESCE(SUM({name}), 0)" for name in COLUMNS)
    (found,) = rows(ledger, f"SELECT {names} FROM response")
    (rolled,) = rows(ledger, f"SELECT {names} FROM rollup")
    assert found == rolled, "rollups are not the sum of the rows"
    labels = rows(ledger, "SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0) FROM usage")
    assert labels == [found[:2]], "labels do not add up to the responses"
    return dict(zip(COLUMNS, found, strict=True))
