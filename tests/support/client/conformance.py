"""What the API billed and what the ledger recorded, scenario by scenario, on the real client.

`python -m tests.support.client.conformance` runs every scenario with hooks alone and writes
`research/exactness.md`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.client.test_exactness import JSON_NAMES, KINDS, billed, reported, usage_dashboard
from tests.support.client.api import FakeApi
from tests.support.client.broken_streams import BROKEN
from tests.support.client.hidden_calls import HIDDEN
from tests.support.client.home import ClientHome
from tests.support.client.interactive import INTERACTIVE
from tests.support.client.scenarios import VISIBLE, Scenario
from tests.support.client.surroundings import SURROUNDINGS

GROUPS: tuple[tuple[str, tuple[Scenario, ...]], ...] = (
    ("Every call is in a transcript", VISIBLE),
    ("Surroundings", SURROUNDINGS),
    ("Calls that no transcript shows", HIDDEN),
    ("Interactive", INTERACTIVE),
    ("Broken streams and killed clients", BROKEN),
)
SHOWN = ("input", "output", "cache_creation", "cache_read")
TARGET = Path(__file__).resolve().parents[3] / "research" / "exactness.md"
INTRODUCTION = """# Exactness

What an API on 127.0.0.1 billed the real client (Claude Code 2.1.330), and what the ledger recorded, with
the hooks that `setup` registered and nothing else. Tokens as input / output / cache creation / cache read;
`cut` is how many streams the API broke off (it bills 40 output tokens for one, an arbitrary number that
nobody else can know), `incomplete` how many calls the ledger reports as cut off or lost. Written by
`python -m tests.support.client.conformance`.
"""


def measure(scenario: Scenario) -> list[str]:
    """One row of the table: the scenario's billed and recorded tokens, and how they differ."""
    with FakeApi() as api, tempfile.TemporaryDirectory() as folder:
        home = ClientHome(Path(folder), api)
        usage_dashboard(home, "setup", "--yes")
        scenario(api, home)
        totals = reported(home)["totals"]
        spent = billed(api)
        cut = sum(not call.completed for call in api.billed)
    recorded = {kind: totals[name] for kind, name in zip(KINDS, JSON_NAMES, strict=True)}
    errors = {kind: recorded[kind] - spent[kind] for kind in KINDS if recorded[kind] != spent[kind]}
    return [
        scenario.__name__,
        _tokens(spent),
        _tokens(recorded),
        ", ".join(f"{kind} {error:+d}" for kind, error in errors.items()) or "exact",
        str(cut),
        str(totals["incomplete_calls"]),
        "unknown" if totals["background_unknown_sessions"] else str(totals["background"]["total_tokens"]),
    ]


def main() -> None:
    """Run every scenario and write the tables."""
    parts = [INTRODUCTION]
    for title, group in GROUPS:
        rows = [measure(scenario) for scenario in group]
        head = ["scenario", "billed", "recorded", "error", "cut", "incomplete", "background"]
        lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
        parts.append(f"## {title}\n\n" + "\n".join(lines) + "\n")
        sys.stderr.write(f"{title}: {sum(row[3] == 'exact' for row in rows)} of {len(rows)} exact\n")
    TARGET.write_text("\n".join(parts), encoding="utf-8")


def _tokens(counts: dict[str, int]) -> str:
    return " / ".join(str(counts[kind]) for kind in SHOWN)


if __name__ == "__main__":
    main()
