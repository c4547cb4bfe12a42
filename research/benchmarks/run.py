"""Measures every target of speed against the peers, side by side, and writes RESULTS.md.

    python research/benchmarks/run.py [--sizes small,medium,large] [--rounds N] [--only hooks,import,report]

Programs, corpora and filled ledgers are kept below `--cache` (about 3 GB at the large size); no file of
the user's is read or written.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import peers
import rows_hooks
import rows_import
import rows_report
import write
from bench import Bench

if TYPE_CHECKING:
    from collections.abc import Callable

PARTS = {"hooks": rows_hooks.measure, "import": rows_import.measure, "report": rows_report.measure}
SIZES = ("small", "medium", "large")
HERE = Path(__file__).resolve().parent
CACHE = os.environ.get("USAGE_DASHBOARD_BENCHMARKS", "~/.cache/usage-dashboard-benchmarks")


def main() -> None:
    """Measure what the command line asks for."""
    given = _arguments()
    load = os.getloadavg()[0]
    cache = Path(given.cache).expanduser().resolve()
    programs = peers.install(cache, given.checkout)
    work = Path(tempfile.mkdtemp(prefix="run-", dir=cache))
    bench = Bench(programs, cache, work, given.checkout, given.date, given.sizes, given.rounds)
    try:
        for part in given.only:
            PARTS[part](bench)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    page = write.page(bench.rows, bench.taken, programs.versions, load)
    given.output.write_text(page, encoding="utf-8")
    print(page)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=_some_of(SIZES), default=list(SIZES))
    parser.add_argument("--only", type=_some_of(tuple(PARTS)), default=list(PARTS))
    parser.add_argument("--rounds", type=int, help="for every row alike, in place of each row's own number")
    parser.add_argument(
        "--date", type=date.fromisoformat, default=_end_of_week(), help="where the corpus ends"
    )
    parser.add_argument("--cache", default=CACHE, help="default: %(default)s")
    parser.add_argument(
        "--checkout", type=Path, default=HERE.parents[1], help="what is installed and measured"
    )
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md")
    return parser.parse_args()


def _some_of(names: tuple[str, ...]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        wanted = text.split(",")
        if not set(wanted) <= set(names):
            raise argparse.ArgumentTypeError(f"some of {','.join(names)}")
        return [name for name in names if name in wanted]

    return parse


def _end_of_week() -> date:
    """The Monday that ends the present week, so that the week which is reported is a full one."""
    today = datetime.now(UTC).date()
    return today + timedelta(days=7 - today.weekday())


if __name__ == "__main__":
    main()
