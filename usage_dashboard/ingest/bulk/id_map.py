"""What the numbers in sheets stand for in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.requests import EARLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.bulk.parsed_file import Sheet
    from usage_dashboard.ingest.scanner import Scanner
    from usage_dashboard.model.token_counts import PriceClass


class Names:
    """What the numbers in one maker's sheets stand for in the ledger of `scanner`."""

    def __init__(self, scanner: Scanner) -> None:
        self._labels: list[tuple[str, str]] = []
        self._classes: list[PriceClass] = []
        self.label = Ids(lambda number: scanner.work.labels.id(*self._labels[number]))
        self.class_ = Ids(lambda number: scanner.work.classes.id(self._classes[number]))
        self.class_[EARLY] = EARLY

    def learn(self, sheet: Sheet) -> None:
        """Take in the names that `sheet` brings."""
        self._labels += sheet.labels
        self._classes += sheet.classes


class Ids(dict[int, int]):
    """The ledger's ids by a maker's numbers, made by `find` when they are first asked for.

    Not before: a sheet that is not used leaves no name in the ledger.
    """

    def __init__(self, find: Callable[[int], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, number: int) -> int:
        found = self[number] = self._find(number)
        return found
