"""Links in the folders of transcripts: nothing behind them is missed, nothing is read twice, no circle."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.ledger_rows import NOW_US, rows, totals
from tests.support.transcripts import SESSION, response, write
from usage_dashboard.ingest.sweep import list_transcripts, sweep

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A folder outside with a project in it: a session's transcript and its subagent's."""
    project = tmp_path / "disk" / "-srv-shop"
    project.mkdir(parents=True)
    write(project, response("m1"))
    write(project, response("m2"), subagent="a1")
    return tmp_path / "disk"


@pytest.fixture
def projects(home: Path) -> Path:
    """The folder of projects, which is not there yet."""
    (home / ".claude").mkdir(exist_ok=True)
    return home / ".claude" / "projects"


def link_projects(real: Path, projects: Path) -> None:
    projects.symlink_to(real)


def link_project(real: Path, projects: Path) -> None:
    projects.mkdir()
    (projects / "-srv-shop").symlink_to(real / "-srv-shop")


def link_project_twice(real: Path, projects: Path) -> None:
    link_project(real, projects)
    (projects / "-a").symlink_to(real / "-srv-shop")
    (projects / "-z").symlink_to(projects / "-a")


def link_session(real: Path, projects: Path) -> None:
    real.rename(projects)
    folder = projects / "-srv-shop" / SESSION
    folder.rename(real.parent / "elsewhere")
    folder.symlink_to(real.parent / "elsewhere")


def link_odd_session(real: Path, projects: Path) -> None:
    link_session(real, projects)
    for name in ("", ".jsonl"):
        path = projects / "-srv-shop" / (SESSION + name)
        path.rename(path.with_name("agent-notes" + name))


def link_subagents(real: Path, projects: Path) -> None:
    real.rename(projects)
    folder = projects / "-srv-shop" / SESSION / "subagents"
    folder.rename(real.parent / "elsewhere")
    folder.symlink_to(real.parent / "elsewhere")


def link_files(real: Path, projects: Path) -> None:
    (projects / "-srv-shop").mkdir(parents=True)
    (projects / "-srv-shop" / f"{SESSION}.jsonl").symlink_to(real / "-srv-shop" / f"{SESSION}.jsonl")
    (projects / "-srv-shop" / SESSION).symlink_to(real / "-srv-shop" / SESSION)


def link_in_circles(real: Path, projects: Path) -> None:
    real.rename(projects)
    for name, target in (
        ("memory", projects),
        ("again", projects / "-srv-shop"),
        ("up", projects.parents[2]),
    ):
        (projects / "-srv-shop" / name).symlink_to(target)
        (projects / name).symlink_to(target)
    (projects / "-gone").symlink_to(projects / "nowhere")
    (projects / "-self").symlink_to(projects / "-self")


LINKS = (
    link_projects, link_project, link_project_twice, link_session, link_odd_session, link_subagents,
    link_files, link_in_circles,
)  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_what_is_behind_links_is_read_once(
    ledger: Path, real: Path, projects: Path, link: Callable[[Path, Path], None]
) -> None:
    link(real, projects)
    assert sweep(str(ledger), NOW_US) == 2
    assert totals(ledger)["calls"] == 2
    assert rows(ledger, "SELECT COUNT(*) FROM position") == [(2,)]
    assert sweep(str(ledger), NOW_US) == 0


@pytest.mark.parametrize("link", LINKS)
def test_so_it_is_where_a_folder_with_links_is_imported(
    ledger: Path, real: Path, tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    projects = tmp_path / "backup" / "2026" / "projects"
    projects.parent.mkdir(parents=True)
    link(real, projects)
    assert sweep(str(ledger), NOW_US, extra=(str(tmp_path / "backup"),)) == 2
    assert rows(ledger, "SELECT COUNT(*) FROM position") == [(2,)]


def test_a_folder_that_is_imported_beside_a_link_to_it_is_read_once(
    ledger: Path, real: Path, projects: Path
) -> None:
    link_project(real, projects)
    assert sweep(str(ledger), NOW_US, extra=(str(real), str(real / "-srv-shop"))) == 2
    assert rows(ledger, "SELECT COUNT(*) FROM position") == [(2,)]


def test_links_to_what_is_no_sessions_are_not_followed(
    ledger: Path, real: Path, projects: Path, tmp_path: Path
) -> None:
    real.rename(projects)
    notes = tmp_path / "notes" / "deep"
    notes.mkdir(parents=True)
    write(notes, response("m9"))
    (projects / "-srv-shop" / "memory").symlink_to(tmp_path / "notes")
    assert len(list(list_transcripts(str(ledger)))) == 2
