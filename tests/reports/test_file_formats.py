"""Rows as text: nothing is computed by a spreadsheet, nothing is lost, and memory stays flat."""

from __future__ import annotations

import csv
import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.file_formats import (
    FORMULA,
    WRITERS,
    replacing_file,
    write_csv,
    write_json,
    write_jsonl,
)

cells = st.none() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


def written(form: str, columns: list[str], rows: list[tuple[object, ...]]) -> str:
    file = io.StringIO(newline="")
    assert WRITERS[form](file, columns, iter(rows)) == len(rows)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_compute_is_text(name: str) -> None:
    assert written("csv", ["project"], [(name,)]).splitlines()[1].lstrip('"').startswith("'")
    assert json.loads(written("jsonl", ["project"], [(name,)])) == {"project": name}


@given(rows=st.lists(st.tuples(cells, cells), max_size=5))
def test_csv_keeps_every_value_and_no_cell_begins_as_a_formula(rows: list[tuple[object, ...]]) -> None:
    text = written("csv", ["a", "b"], rows)
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["a", "b"]
    for row, cells_read in zip(rows, read[1:], strict=True):
        for cell, found in zip(row, cells_read, strict=True):
            if cell is None:
                assert found == ""
            elif isinstance(cell, str):
                assert found.removeprefix("'" if cell.startswith(FORMULA) else "") == cell
                assert not found.startswith(FORMULA)
            else:
                assert float(found) == float(cell)  # type: ignore[arg-type]
                assert "e" not in found


@given(rows=st.lists(st.tuples(cells, cells), max_size=5))
def test_json_and_json_lines_keep_every_value(rows: list[tuple[object, ...]]) -> None:
    wanted = [{"a": a, "b": b} for a, b in rows]
    document = json.loads(written("json", ["a", "b"], rows))
    assert document == {"version": 1, "rows": wanted}
    assert [json.loads(line) for line in written("jsonl", ["a", "b"], rows).split("\n")[:-1]] == wanted


def test_small_amounts_of_money_are_written_out() -> None:
    assert written("csv", ["usd"], [(2.5e-08,), (-1.5,), (1e15,)]).split()[1:] == [
        "0.000000025", "-1.5", "1000000000000000.0",
    ]  # fmt: skip


def test_what_json_has_no_number_for_is_null() -> None:
    assert json.loads(written("jsonl", ["a", "b"], [(float("inf"), b"\x00\xff")])) == {"a": None, "b": "00ff"}


@pytest.mark.parametrize("write", [write_csv, write_json, write_jsonl])
def test_memory_does_not_grow_with_the_rows(write: object) -> None:
    def many() -> Iterator[tuple[str, int, float, None]]:
        for number in range(100_000):
            yield (f"name-{number}", number, number / 7, None)

    with open(os.devnull, "w", encoding="utf-8") as file:
        tracemalloc.start()
        try:
            assert write(file, ("a", "b", "c", "d"), many()) == 100_000  # type: ignore[operator]
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 200_000


def test_a_file_is_replaced_as_a_whole_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "files" / "usage.csv"
    path.parent.mkdir()
    path.write_text("before")
    path.chmod(0o644)
    with replacing_file(str(path)) as file:
        file.write("after\n")
        assert path.read_text() == "before"
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("after\n", 0o600)
    assert [entry.name for entry in path.parent.iterdir()] == ["usage.csv"]


def test_what_fails_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "files" / "usage.csv"
    path.parent.mkdir()
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), replacing_file(str(path)) as file:
        file.write(str(1 // 0))
    assert [(entry.name, entry.read_text()) for entry in path.parent.iterdir()] == [("usage.csv", "before")]


def test_a_symlink_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    with replacing_file(str(tmp_path / "link.csv")) as file:
        file.write("after")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "after"


def test_what_is_not_a_file_is_written_directly() -> None:
    with replacing_file(os.devnull) as file:
        file.write("away")
    assert not os.path.isfile(os.devnull)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    missing = replacing_file(str(tmp_path / "no" / "usage.csv"))
    with pytest.raises(UsageDashboardError, match="cannot be written") as caught, missing:
        pass
    assert caught.value.hint.startswith("ls -ld ")
