"""The ledger's ids for the numbers in parsed files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from usage_dashboard.model.requests import EARLY

if TYPE_CHECKING:
    from collections.abc import Callable

    from usage_dashboard.ingest.bulk.parsed_file import ParsedFile
    from usage_dashboard.ingest.scanner import Scanner
    from usage_dashboard.model.token_counts import PriceClass


class IdMap:
    """The ids, in the ledger of `scanner`, for the numbers in the files that one parser parsed."""

    def __init__(self, scanner: Scanner) -> None:
        self._labels: list[tuple[str, str]] = []
        self._classes: list[PriceClass] = []
        self.label = LedgerIds(lambda number: scanner.work.labels.id(*self._labels[number]))
        self.class_ = LedgerIds(lambda number: scanner.work.classes.id(self._classes[number]))
        self.class_[EARLY] = EARLY

    def learn(self, parsed: ParsedFile) -> None:
        """Learn the names that `parsed` is the first to have."""
        self._labels += parsed.labels
        self._classes += parsed.classes


class LedgerIds(dict[int, int]):
    """The ledger's ids by a parser's numbers, made by `find` when they are first asked for.

    Not before: a parsed file that is not used leaves no name in the ledger.
    """

    def __init__(self, find: Callable[[int], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, number: int) -> int:
        found = self[number] = self._find(number)
        return found
