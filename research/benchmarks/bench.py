"""What every run shares: programs, corpora, ledgers, and where samples and rows are gathered."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import corpus
import measure
from peers import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from measure import Rounds, Sample
    from peers import Programs
    from write import Row


@dataclass
class Bench:
    """One run: `work` is emptied at its end, `cache` stays."""

    programs: Programs
    cache: Path
    work: Path
    checkout: Path
    end: date
    sizes: list[str]
    rounds: int | None
    rows: list[Row] = field(default_factory=list)
    taken: dict[str, Rounds] = field(default_factory=dict)
    ledgers: dict[str, Path] = field(default_factory=dict)

    def take(self, name: str, cases: Mapping[str, Callable[[], Sample]], rounds: int) -> Rounds:
        """Samples of `cases` in turns; `rounds` unless the command line says how many."""
        print(f"{name}: {', '.join(cases)}", flush=True)
        found = self.taken[name] = measure.interleaved(cases, self.rounds or rounds)
        return found

    def corpus(self, size: str) -> Path:
        """The corpus of that size: a folder of Claude Code's."""
        return corpus.build(self.cache / "corpora", size, self.end)

    def truth(self, size: str) -> dict[str, Any]:
        """What is in the corpus of that size."""
        found: dict[str, Any] = json.loads((self.corpus(size) / "truth.json").read_text())
        return found

    def place(self, name: str, size: str | None = None) -> Place:
        """An empty home, beside the corpus of that size or an empty folder of Claude Code's."""
        home = self.work / name
        shutil.rmtree(home, ignore_errors=True)
        claude = self.corpus(size) if size else home / "claude"
        (home / "claude" / "projects").mkdir(parents=True)
        return Place(self.programs, claude, home)

    def imported(self, name: str, size: str) -> Place:
        """A home whose ledger holds the corpus of that size."""
        place = self.place(name, size)
        if size in self.ledgers:
            place.ledger.mkdir()
            copy_ledger(self.ledgers[size], place.ledger / "usage.db")
        else:
            measure.run(place.ours("import"))
            self.keep_ledger(size, place)
        return place

    def keep_ledger(self, size: str, place: Place) -> None:
        """Keep the ledger of a first import for those that start from one."""
        self.ledgers[size] = self.work / f"{size}.db"
        copy_ledger(place.ledger / "usage.db", self.ledgers[size])

    def filled(self, size: str) -> Path:
        """A ledger with many rows and no transcripts left, made once for each format of the ledger."""
        store = self.checkout / "usage_dashboard" / "store"
        schema = b"".join((store / name).read_bytes() for name in ("schema.py", "migrations.py"))
        named = f"{size}-{self.end}-{corpus.recipe()}-{hashlib.sha256(schema).hexdigest()[:8]}.db"
        path = self.cache / "ledgers" / named
        if not path.exists():
            print(f"filling a ledger with {size} rows", flush=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            place = self.place(f"fill-{size}", size)
            measure.run(place.ours("import"))
            shutil.rmtree(place.claude)
            copy_ledger(place.ledger / "usage.db", path)
            shutil.rmtree(place.home)
        return path


def copy_ledger(source: Path, target: Path) -> None:
    """A copy of a ledger, whole even where another process has just written."""
    before, after = sqlite3.connect(source), sqlite3.connect(target)
    try:
        before.backup(after)
    finally:
        before.close()
        after.close()
