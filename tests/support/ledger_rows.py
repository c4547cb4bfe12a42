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


def totals_after_sweep(ledger: Path) -> dict[str, int]:
    """Sweep everything on disk and return the totals of the ledger."""
    sweep(str(ledger), NOW_US)
    return totals(ledger)


def rows(ledger: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a query on the ledger and return its rows."""
    db = sqlite3.connect(ledger / "usage.db")
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def totals(ledger: Path) -> dict[str, int]:
    """Add up the response rows, and check that rollups and (tokens) labels have the same sums."""
    names = ", ".join(f"COALESCE(SUM({name}), 0)" for name in COLUMNS)
    (found,) = rows(ledger, f"SELECT {names} FROM response")
    (rolled,) = rows(ledger, f"SELECT {names} FROM rollup")
    assert found == rolled, "rollups are not the sum of the rows"
    labels = rows(ledger, "SELECT COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0) FROM usage")
    assert labels == [found[:2]], "labels do not add up to the responses"
    return dict(zip(COLUMNS, found, strict=True))
