"""Which project a folder belongs to, and which session and thread a file tells of."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_rows import totals
from tests.support.transcripts import SESSION, response, write
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.ingest.transcripts.files import jsonl_files, project_of, subagent_files, thread_of

calm = settings(deadline=None)


def repository(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    return folder


def worktree(folder: Path, gitdir: str) -> Path:
    folder.mkdir(parents=True)
    (folder / ".git").write_text(f"gitdir: {gitdir}\n")
    return folder


def test_a_folder_in_a_repository_belongs_to_it_at_any_depth(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    (shop / "src" / "web").mkdir(parents=True)
    assert [project_of(str(f)) for f in (shop, shop / "src", shop / "src" / "web")] == ["shop"] * 3
    assert project_of(str(shop / "src" / "gone" / "deeper")) == "shop"


def test_a_repository_inside_another_is_a_project_of_its_own(tmp_path: Path) -> None:
    inner = repository(repository(tmp_path / "shop") / "vendor" / "tool")
    assert project_of(str(inner / "src")) == "tool"


def test_a_folder_of_no_repository_is_its_own_project(tmp_path: Path) -> None:
    (tmp_path / "notes" / "2026").mkdir(parents=True)
    assert project_of(str(tmp_path / "notes" / "2026")) == "2026"


@pytest.mark.parametrize("folder", ["/gone/long/ago/shop", "/gone/long/ago/shop/", "/gone/long/ago/shop//"])
def test_a_folder_that_is_gone_keeps_its_name(folder: str) -> None:
    assert project_of(folder) == "shop"


def test_a_worktree_belongs_to_the_repository_it_was_made_from(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    tree = worktree(tmp_path / "elsewhere" / "fix-1", f"{shop}/.git/worktrees/fix-1")
    (tree / "src").mkdir()
    assert [project_of(str(folder)) for folder in (tree, tree / "src")] == ["shop", "shop"]


@pytest.mark.parametrize("kind", ["absolute", "relative"])
@pytest.mark.parametrize("place", ["beside", "inside"])
def test_a_worktree_that_git_itself_made_belongs_to_its_repository(
    tmp_path: Path, kind: str, place: str
) -> None:
    shop = tmp_path / "shop"
    tree = tmp_path / "fix" if place == "beside" else shop / "fix"

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        subprocess.run(["git", "-C", str(shop), *who, *arguments], check=True, capture_output=True)

    shop.mkdir()
    git("init")
    git("commit", "--allow-empty", "-m", "first")
    git("worktree", "add", str(tree))
    if kind == "relative":  # as `worktree.useRelativePaths` of git 2.48 writes it
        (tree / ".git").write_text(f"gitdir: {os.path.relpath(shop / '.git/worktrees/fix', tree)}\n")
    assert project_of(str(tree)) == "shop"


@pytest.mark.parametrize("bare", ["shop.git", "shop/.bare", "shop/.git"])
def test_a_worktree_of_a_bare_repository_has_that_ones_name(tmp_path: Path, bare: str) -> None:
    tree = worktree(tmp_path / "work" / "fix-1", f"{tmp_path}/{bare}/worktrees/fix-1")
    assert project_of(str(tree)) == "shop"


def test_a_submodule_is_a_project_of_its_own(tmp_path: Path) -> None:
    module = worktree(repository(tmp_path / "shop") / "vendor" / "tool", "../../.git/modules/tool")
    assert project_of(str(module)) == "tool"


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"gitdir:", b"gitdir: \n", b"x" * 9000])
def test_a_git_file_that_says_nothing_marks_a_project(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / ".git").write_bytes(data)
    assert project_of(str(tmp_path / "odd")) == "odd"


@pytest.mark.parametrize(
    "folder",
    [
        "/srv/shop/.claude/worktrees/fix-1",
        "/srv/shop/.claude/worktrees/fix-1/src",
        "C:\\work\\shop\\.claude\\worktrees\\fix-1\\src",
    ],
)
def test_a_worktree_of_the_client_belongs_to_its_repository_even_when_it_is_gone(folder: str) -> None:
    assert (
        project_of(folder) in ("shop", "worktrees") if folder.endswith("/") else project_of(folder) == "shop"
    )


def test_a_worktree_of_the_client_below_a_subfolder_is_the_repositorys(tmp_path: Path) -> None:
    shop = repository(tmp_path / "shop")
    assert project_of(str(shop / "web" / ".claude" / "worktrees" / "fix-1")) == "shop"


@pytest.mark.parametrize("tail", ["", "/", "/.claude/worktrees/fix-1"])
@pytest.mark.parametrize("tracked", [True, False])
def test_the_home_folder_is_a_tilde(home: Path, tail: str, tracked: bool) -> None:
    if tracked:
        repository(home)
    assert project_of(str(home) + tail) == "~"


def test_a_home_that_is_a_repository_does_not_swallow_the_folders_in_it(home: Path) -> None:
    repository(home)
    assert project_of(str(home / "notes")) == "notes"


def test_nor_does_it_where_the_home_folder_is_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, link = repository(tmp_path / "disk" / "jane.doe"), tmp_path / "linked"
    link.symlink_to(real)
    monkeypatch.setenv("HOME", str(link))
    assert [project_of(f"{folder}/notes") for folder in (link, real)] == ["notes", "notes"]


def test_a_worktree_of_a_home_that_is_a_repository_is_the_home(home: Path, tmp_path: Path) -> None:
    tree = worktree(tmp_path / "fix-1", f"{home}/.git/worktrees/fix-1")
    assert project_of(str(tree)) == "~"


def test_the_home_folder_by_its_real_path_does_not_give_the_users_name_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "disk" / "jane.doe"
    real.mkdir(parents=True)
    link = tmp_path / "linked"
    link.symlink_to(real)
    monkeypatch.setenv("HOME", str(link))
    assert [project_of(str(folder)) for folder in (link, real)] == ["~", "~"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("C:\\Users\\jane\\work\\shop", "shop"), ("C:\\Users\\jane\\work\\shop\\", "shop"),
        ("D:/code/shop", "shop"), ("\\\\server\\share\\shop", "shop"), ("/mnt/c/code/my shop", "my shop"),
        ("/srv/shop.git", "shop.git"), ("/srv/日本語", "日本語"), ("/srv/..hidden", "..hidden"),
        ("shop", "shop"), ("/srv/a\nb", "a\nb"),
        ("", "unknown"), ("/", "unknown"), ("//", "unknown"), ("\\", "unknown"),
    ],
)  # fmt: skip
def test_odd_folders_have_their_last_name(folder: str, name: str) -> None:
    assert project_of(folder) == name


@calm
@given(st.text(st.characters(exclude_characters="\0"), max_size=30))
def test_any_folder_has_a_name_without_a_path_in_it(folder: str) -> None:
    name = project_of(folder)
    assert name
    assert "/" not in name
    assert "\\" not in name
    assert name not in (".", "..") or folder.replace("\\", "/").rstrip("/").rpartition("/")[2] == name


@pytest.mark.parametrize(("folder", "name"), [("./src", "src"), ("src/deep", "deep"), ("src", "src")])
def test_a_relative_folder_is_not_looked_for_where_we_happen_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, name: str
) -> None:
    repository(tmp_path / "shop" / "src")
    repository(tmp_path / "shop" / "inside")
    (tmp_path / "shop" / ".git").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert project_of(folder) == name


def test_a_folder_with_a_null_byte_has_a_name() -> None:
    assert project_of("/srv/a\0b/shop") == "shop"


@pytest.mark.parametrize(
    ("path", "thread"),
    [
        ("/p/-srv-shop/abc.jsonl", ("abc", "")),
        ("/p/-srv-shop/abc/subagents/agent-a1.jsonl", ("abc", "a1")),
        ("/p/-srv-shop/abc/subagents/workflow/agent-a1.jsonl", ("abc", "a1")),
        ("/p/subagents/abc/subagents/agent-a1.jsonl", ("abc", "a1")),
        ("/p/-srv-shop/abc/subagents/odd.jsonl", ("abc", "odd")),
        ("abc.jsonl", ("abc", "")),
        ("/p/a.b c.jsonl", ("a.b c", "")),
    ],
)
def test_a_files_name_tells_session_and_subagent(path: str, thread: tuple[str, str]) -> None:
    assert thread_of(path.replace("/", os.sep)) == thread


def test_every_transcript_below_a_folder_is_found_at_any_depth_under_any_name(tmp_path: Path) -> None:
    wanted = ["a.jsonl", "-srv/b.jsonl", "-srv/s/subagents/agent-a.jsonl", "2026.11/c.jsonl", "x y/é/d.jsonl"]
    for name in [*wanted, "-srv/notes.md", "e.jsonl.bak", "-srv/b.json"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [Path(entry.path).relative_to(tmp_path).as_posix() for entry in jsonl_files(str(tmp_path))]
    assert sorted(found) == sorted(wanted)


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "b.jsonl").touch()
    assert "b.jsonl" in {entry.name for entry in jsonl_files(str(tmp_path))}


@pytest.mark.parametrize("odd", ["dangling", "folder", "unreadable"])
def test_a_subagents_file_that_cannot_be_read_does_not_stop_the_recording(
    ledger: Path, project: Path, odd: str
) -> None:
    path = write(project, response("m1"))
    write(project, response("m2"), subagent="z9")
    file = project / SESSION / "subagents" / "agent-a1.jsonl"
    if odd == "folder":
        file.mkdir()
    else:
        file.symlink_to(project / "gone" if odd == "dangling" else "/proc/self/mem")
    scanner = Scanner(str(ledger))
    with scanner:
        scanner.session(str(path))
    scanner.db.close()
    assert totals(ledger)["calls"] == 2


def test_a_folder_that_is_gone_has_no_transcripts(tmp_path: Path) -> None:
    assert list(jsonl_files(str(tmp_path / "gone"))) == []
    assert list(subagent_files(str(tmp_path / "gone.jsonl"))) == []
