"""What a hook may cost, as far as it can be counted: modules, statements, and what it leaves behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.hook.conftest import Hook, silent
from tests.support.hook_process import PYTHON, ROOT
from tests.support.ledger_rows import rows
from tests.support.transcripts import SESSION, response, tool_use, usage, write

STATEMENTS = """
import sys
sys.path.append(sys.argv[1])
from usage_dashboard.store import connection as connect
from usage_dashboard.hook.counter import record_event
made = connect.sqlite.connect
said = []
class Sqlite:
    DatabaseError = connect.sqlite.DatabaseError
    @staticmethod
    def connect(*words, **options):
        db = made(*words, **options)
        db.set_trace_callback(said.append)
        return db
connect.sqlite = Sqlite
record_event(sys.stdin.buffer.read(), sys.argv[2], 0)
print(len(said))
"""


def event(path: Path, **fields: object) -> bytes:
    common = {"session_id": SESSION, "transcript_path": str(path), "hook_event_name": "PostToolUse"}
    return json.dumps(
        {**common, "tool_name": "Bash", "tool_use_id": "t1", "duration_ms": 3, **fields}
    ).encode()


def grown(path: Path, *messages: str) -> None:
    """One more response for each of the names, with a tool call."""
    before = path.read_bytes()
    write(
        path.parent,
        [line for name in messages for line in response(name, tool_use(f"t-{name}"), spent=usage(1, 2))],
    )
    path.write_bytes(before + path.read_bytes())


def test_a_hook_with_one_new_line_asks_the_ledger_few_questions(project: Path, ledger: Path) -> None:
    path = write(project, response("m0"))
    run = [PYTHON, "-I", "-S", "-c", STATEMENTS, str(ROOT), str(ledger)]
    found = []
    for name in ("m1", "m2", "m3"):
        grown(path, name)
        done = subprocess.run(run, input=event(path), capture_output=True, check=True, timeout=30)
        found.append(int(done.stdout))
    assert found[1] == found[2] <= 30, found


def test_the_number_of_questions_does_not_grow_with_the_ledger(project: Path, ledger: Path) -> None:
    path = write(project, response("m0"))
    run = [PYTHON, "-I", "-S", "-c", STATEMENTS, str(ROOT), str(ledger)]
    found = []
    for name, many in (("a", 1), ("b", 200), ("c", 1)):
        grown(path, *(f"{name}{number}" for number in range(many)))
        if many > 1:
            subprocess.run(run, input=event(path), capture_output=True, check=True, timeout=30)
            grown(path, "after")
        done = subprocess.run(run, input=event(path), capture_output=True, check=True, timeout=30)
        found.append(int(done.stdout))
    assert found[2] <= found[0]


def test_the_write_ahead_log_stays_small_however_many_hooks_end_without_closing(
    hook: Hook, project: Path, ledger: Path
) -> None:
    path = write(project, response("m0"))
    sizes = []
    for number in range(30):
        grown(path, f"m-{number}")
        assert silent(hook("counter", event(path)))
        log = ledger / "usage.db-wal"
        sizes.append(log.stat().st_size if log.exists() else 0)
    assert max(sizes) <= 512 * 1024, sizes
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(31,)]


def test_where_functools_is_there_sqlite_is_imported_as_ever(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.append(sys.argv[1]); import functools;"
        "from usage_dashboard.store.connection import open_writer; open_writer(sys.argv[2]).close();"
        "print(functools.lru_cache(maxsize=1)(len)('abc'))"
    )
    run = [sys.executable, "-c", script, str(ROOT), str(tmp_path / "ledger")]
    assert subprocess.run(run, capture_output=True, text=True, check=True, timeout=30).stdout == "3\n"


def test_prepared_statements_are_let_go_when_there_are_many(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.append(sys.argv[1]);"
        "from usage_dashboard.runtime.sqlite_light import sqlite;"
        "db = sqlite.connect(':memory:', cached_statements=8);"
        "print(sum(db.execute(f'SELECT {number}').fetchone()[0] for number in (*range(40), *range(40))))"
    )
    run = [PYTHON, "-I", "-S", "-c", script, str(ROOT)]
    assert subprocess.run(run, capture_output=True, text=True, check=True, timeout=30).stdout == "1560\n"
