"""`import`: everything on disk into the ledger, once."""

from __future__ import annotations

from pathlib import Path

from tests.support import sample_week
from tests.support.command import Ask, AskJson, Page
from tests.support.transcripts import response, usage, write


def test_it_tells_how_many_responses_were_new(page: Page, project: Path) -> None:
    sample_week.write_sessions(project)
    assert page("import") == "9 responses are new in the ledger\n"
    assert page("import") == "0 responses are new in the ledger\n"
    write(project, response("m9"), "another")
    assert page("import") == "1 response is new in the ledger\n"


def test_what_is_elsewhere_is_named(page: Page, document: AskJson, tmp_path: Path) -> None:
    folder = tmp_path / "old laptop" / "projects" / "-home-me-shop"
    folder.mkdir(parents=True)
    write(folder, response("m1", spent=usage(output=5)))
    single = write(tmp_path, response("m2", sessionId="two", spent=usage(output=6)), "two")
    assert page("import", str(tmp_path / "old laptop"), str(single)) == "2 responses are new in the ledger\n"
    assert page("import", str(tmp_path)) == "0 responses are new in the ledger\n"
    assert document("report", "--window", "all")["totals"]["output_tokens"] == 11


def test_a_path_that_is_not_there(ask: Ask, ledger: Path) -> None:
    done = ask("import", "/nowhere/at/all")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "Error: There is no file or folder `/nowhere/at/all`",
        "hint: usage-dashboard import ~/.claude/projects",
    ]
    assert not ledger.exists()


def test_nothing_to_import_leaves_no_ledger(page: Page, ledger: Path) -> None:
    assert page("import") == "0 responses are new in the ledger\n"
    assert not ledger.exists()
