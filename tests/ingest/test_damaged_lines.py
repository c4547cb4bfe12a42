"""Lines as disks hold them: glued, spliced, after zeros; every whole record in them counts, in both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.test_bulk import scanned, taken, twins
from tests.support.ledger_dump import dump_ledger
from tests.support.ledger_rows import rows
from tests.support.transcripts import (
    OTHER,
    SESSION,
    packed,
    request,
    response,
    result,
    text,
    tool_use,
    usage,
)
from usage_dashboard.ingest.transcripts.reader import TranscriptParser
from usage_dashboard.ingest.transcripts.records import LineRecords
from usage_dashboard.ingest.transcripts.responses import Origin

calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def line(fresh: int, *blocks: Any, **fields: Any) -> bytes:
    """A response's line with `fresh` input tokens, without its newline."""
    (one,) = response(f"m{fresh}", *(blocks or (text(),)), spent=usage(fresh), **fields)
    return packed([one])[:-1]


def reordered(data: bytes, first: str) -> bytes:
    """The record with the field `first` in front."""
    fields = json.loads(data)
    return packed([{first: fields[first], **fields}])[:-1]


A, B, C = line(1), line(20), line(300)
CUT = line(4000)[:120]
NESTED = json.loads(line(50_000))
HOLDER = line(4000, tool_use("t1", record=NESTED, after=[1]))
IN_HOLDER = HOLDER.index(line(50_000)) + len(line(50_000))
PROGRESS = packed(
    [{"type": "progress", "data": {"message": NESTED, "n": 1}, "uuid": "u", "sessionId": SESSION}]
)[:-1]
ZEROS = b"\0" * 5000
BOM = b"\xef\xbb\xbf"

# what a line holds, the input tokens of its whole records, and how many damaged lines are counted
SPLICES = {
    "two without a newline": (A + B, 21, 0),
    "three without a newline": (A + B + C, 321, 0),
    "two with a newline written late": (A + B + b"\n", 21, 0),
    "white space between": (A + b" \t" + B, 21, 0),
    "cut in a key": (CUT[: CUT.index(b'"message"') + 4] + A, 1, 1),
    "cut behind a colon": (CUT[: CUT.index(b'"message"') + 10] + A, 1, 1),
    "cut at an opening quote": (CUT[: CUT.index(b'"m4000"') + 1] + A, 1, 1),
    "cut in a string": (CUT[: CUT.index(b'"m4000"') + 3] + A, 1, 1),
    "cut behind its brace": (b"{" + A, 1, 1),
    "cut in a character": (line(4000, text("é"))[: line(4000, text("é")).index("é".encode()) + 1] + A, 1, 1),
    "cut in an escape": (line(4000, text("a\nb"))[: line(4000, text("a\nb")).index(b"\\n") + 1] + A, 1, 1),
    "two cuts before it": (CUT + B[:200] + A, 1, 1),
    "whole before the cut": (A + CUT, 1, 1),
    "whole around the cut": (A + CUT + B, 21, 1),
    "zeros before": (ZEROS + A, 1, 0),
    "zeros behind": (A + ZEROS, 1, 0),
    "zeros between": (A + ZEROS + B, 21, 0),
    "zeros in a cut record": (CUT + ZEROS + A, 1, 1),
    "a byte order mark": (BOM + A, 1, 0),
    "the end of another": (line(4000)[200:] + A, 1, 1),
    "the end of another behind": (A + line(4000)[200:], 1, 1),
    "another first field": (CUT + reordered(A, "timestamp") + reordered(B, "type"), 21, 1),
    "spaces after colons": (CUT + json.dumps(json.loads(A)).encode(), 1, 1),
    "a quoted record in a cut one": (line(4000, text(B.decode()))[:-40], 0, 1),
    "a quoted record, then a whole one": (line(4000, text(B.decode()))[:-40] + A, 1, 1),
    "code that ends in a brace": (line(4000, text("if (a) {"), isSidechain=False)[:-30] + A, 1, 1),
    "a record inside a cut one": (HOLDER[: IN_HOLDER + 9], 0, 1),
    "a record inside a cut one, then a whole one": (HOLDER[: IN_HOLDER + 9] + A, 1, 1),
    "a record inside another's report, cut": (PROGRESS[:-5] + A, 1, 1),
    "a record inside a whole one": (HOLDER + A, 4001, 0),
    "a request and a reply": (packed([request("q1", "2026-11-22T10:00:00.000Z")])[:-1] + A, 1, 0),
}  # fmt: skip


def read(ledger: Path) -> tuple[int, int]:
    """(input tokens, damaged lines) of a ledger."""
    ((tokens,),) = rows(ledger, "SELECT COALESCE(SUM(input), 0) FROM response")
    counted = rows(ledger, "SELECT value FROM meta WHERE name = 'refused_lines'")
    return tokens, int(counted[0][0]) if counted else 0


@pytest.mark.parametrize("name", SPLICES)
def test_every_whole_record_of_a_line_counts_in_both_ways(tmp_path: Path, name: str) -> None:
    data, tokens, damaged = SPLICES[name]
    path = tmp_path / f"{SESSION}.jsonl"
    before, behind = line(600_000), line(7_000_000)
    path.write_bytes(before + b"\n" + data + b"\n" + behind + b"\n")
    ledgers = twins(tmp_path)
    taken(ledgers[0], [path])
    scanned(ledgers[1], [path])
    assert read(ledgers[0]) == read(ledgers[1]) == (7_600_000 + tokens, damaged)
    assert dump_ledger(ledgers[0]) == dump_ledger(ledgers[1])


@calm
@given(data=st.data(), session=st.sampled_from([SESSION, OTHER]))
def test_whole_records_behind_a_record_cut_anywhere_count(data: st.DataObject, session: str) -> None:
    edit = tool_use("t1", "Edit", old_string="f() {", new_string='{"a": "{"}')
    whole = packed(response("m1", edit, spent=usage(4000)))
    cut = whole[: data.draw(st.integers(0, len(whole) - 2))]
    kept = [*response("m2", spent=usage(20), sessionId=session), result("t1")]
    kept += response("m3", spent=usage(1))
    stretch = TranscriptParser(Origin("file", "", 0))
    stretch.feed(cut + packed(kept).replace(b"\n", data.draw(st.sampled_from([b"", b"\0\0", b" "]))))
    counted = [event.counts.input for event in stretch.events if hasattr(event, "counts")]
    assert counted == [20, 1]
    assert stretch.damaged == (cut.strip() != b"")


@pytest.mark.parametrize(
    "unit", ['{"a":', '{"a":[', '{":', '{"a":"{",', '{"', "{", '{"a":1,', '{"uuid":"1","type":"a","b":{"c":']
)
@pytest.mark.timeout(60)  # to read on to the end of the line from each brace would take hours
def test_a_line_that_holds_no_record_ends(unit: str) -> None:
    records = LineRecords(unit * (2_000_000 // len(unit)))
    assert list(records) == []
    assert records.lost
