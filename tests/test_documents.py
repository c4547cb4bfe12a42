"""The documents for people name what is there: files, rooms, stored columns, checks."""

from __future__ import annotations

import re
import sqlite3
import tomllib
from pathlib import Path

import pytest

from usage_dashboard.store.connection import open_writer

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CLAUDE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/architecture.md",
    "research/EVIDENCE.md",
)
TOPS = "usage_dashboard|hooks|tests|docs|research|\\.ci|\\.github"
NAMED = re.compile(rf"`((?:{TOPS})/[\w./-]+|(?:[A-Z]+|pyproject)\.(?:md|toml))`")
"""A file or folder of the repository, as documents name one."""

NEWCOMERS_TASKS = 10
MOST_LINES_OF_THE_MAP = 60


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """The lines below the first heading that begins with `heading`, up to the next one of its depth."""
    found = re.search(rf"^(#+) {re.escape(heading)}.*?$(.*?)(?=^\1 |\Z)", document, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[2]


def table_rows(markdown: str) -> list[list[str]]:
    """The cells of every table row, headings and rules left out."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = [i for i, row in enumerate(cells) if set("".join(row)) <= set("-: ")]
    return [row for i, row in enumerate(cells) if i not in rules and i + 1 not in rules]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_file_that_a_document_names_exists(name: str) -> None:
    named = NAMED.findall(text_of(name))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_ten_tasks_of_a_newcomer_lead_to_files() -> None:
    tasks = table_rows(section(text_of("CONTRIBUTING.md"), "Where is it?"))
    assert len(tasks) == NEWCOMERS_TASKS
    for question, _, answer in tasks:
        files = NAMED.findall(answer)
        assert files, question
        assert all((ROOT / file).is_file() for file in files), question


def test_the_rooms_of_the_architecture_are_the_entries_of_the_package() -> None:
    rooms = {row[0].strip("`/") for row in table_rows(section(text_of("docs/architecture.md"), "The rooms"))}
    entries = {path.name for path in (ROOT / "usage_dashboard").iterdir()} - {
        "__init__.py", "__main__.py", "__pycache__", "py.typed",
    }  # fmt: skip
    assert rooms == entries


def test_the_order_of_the_rooms_is_the_import_contract() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = [
        contract["layers"] for contract in contracts if contract.get("containers") == ["usage_dashboard"]
    ]
    order = " → ".join(layer for layer in layers if layer != "__main__")
    assert order in text_of("docs/architecture.md")


def test_the_map_fits_on_a_page() -> None:
    assert text_of("CLAUDE.md").count("\n") <= MOST_LINES_OF_THE_MAP


def test_security_says_what_every_stored_column_holds(tmp_path: Path) -> None:
    open_writer(str(tmp_path)).close()
    db = sqlite3.connect(tmp_path / "usage.db")
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    stored = {(table, row[1]) for table in names for row in db.execute(f"PRAGMA table_info({table})")}
    db.close()
    said = table_rows(section(text_of("SECURITY.md"), "Every stored column"))
    listed = [(table.strip("`"), name.strip("`")) for table, names, _ in said for name in names.split(", ")]
    assert sorted(listed) == sorted(stored)
    assert all(about for _, _, about in said)


def test_ci_runs_all_checks_with_actions_that_cannot_change() -> None:
    workflow = text_of(".github/workflows/ci.yml")
    assert re.search(r"^ +- run: \.ci/run$", workflow, re.MULTILINE)
    used = re.findall(r"uses: (\S+)", workflow)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_the_changelog_begins_with_what_is_unreleased_and_has_this_release() -> None:
    from usage_dashboard import __version__

    headings = re.findall(r"^## (.+)$", text_of("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert any(heading.startswith(__version__) for heading in headings)


def test_the_client_that_ci_installs_is_ignored_as_a_folder_and_as_a_link() -> None:
    assert ".ci/client" in text_of(".gitignore").splitlines()
