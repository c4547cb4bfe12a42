"""Prices are cached in the ledger by class, and never outlive the price table that they are of."""

from __future__ import annotations

import json
from pathlib import Path

from tests.model.test_attribution import scan
from tests.support.ledger_rows import NOW_US, rows
from tests.support.transcripts import response, usage, write
from usage_dashboard.ingest.sweep import sweep
from usage_dashboard.pricing.lookup import PriceLookup
from usage_dashboard.store.connection import open_writer, transaction

KEPT = "SELECT class, segments FROM kept_price"
COUNTS = (3, 5, 7, 2, 11, 1)
CLASSES = (
    ("claude-opus-5-5", 0, "fast", "us", "batch"),
    ("claude-haiku-5-5", 1, "", "", ""),
    ("claude-sonnet-5-5", 0, "", "", ""),
    ("claude-zero-9", 0, "", "", ""),
)


def test_a_cached_price_is_the_one_of_the_table(ledger: Path) -> None:
    db = open_writer(str(ledger))
    plain = PriceLookup()
    for _ in range(2):  # looked up, and kept
        kept = PriceLookup(db=db)
        with transaction(db):
            for at_us in (0, NOW_US, 1_790_000_000_000_000):
                for key in CLASSES:
                    assert kept.cost(key, at_us, COUNTS) == plain.cost(key, at_us, COUNTS)
    assert len(db.execute(KEPT).fetchall()) == len(CLASSES)
    db.close()


def test_a_model_without_a_price_is_cached_as_unpriced(ledger: Path, project: Path) -> None:
    scan(ledger, write(project, response("m1", model="claude-zero-9")))
    assert [segments for _, segments in rows(ledger, KEPT)] == [""]
    assert rows(ledger, "SELECT cost FROM response") == [(None,)]


def test_a_new_price_table_empties_the_cache(ledger: Path, project: Path) -> None:
    path = write(project, response("m1", spent=usage(0, 1000)))
    scan(ledger, path)
    before = rows(ledger, KEPT)
    (ledger / "config.json").write_text(json.dumps({"prices": {"multiplier": 3}}))
    sweep(str(ledger), NOW_US)
    assert rows(ledger, KEPT) == []
    scan(
        ledger,
        write(project, [line for name in ("m1", "m2") for line in response(name, spent=usage(0, 1000))]),
    )
    assert len(rows(ledger, KEPT)) == 1
    assert rows(ledger, KEPT) != before
    assert rows(ledger, "SELECT DISTINCT cost FROM response") == [(60_000_000,)]
