"""Writing in one step: what readers see, who owns the file, and what a failure leaves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from usage_dashboard.runtime.atomic_file import replacing, write_text

posix_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_the_old_content_is_read_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with replacing(str(file)) as draft:
        draft.write(b"new")
        draft.flush()
        assert file.read_text() == "old"
    assert file.read_text() == "new"
    assert not list(tmp_path.glob(".usage-dashboard-*"))


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    with pytest.raises(TypeError), replacing(str(file)) as draft:
        draft.writelines([b"half", None])  # type: ignore[list-item]
    assert file.read_text() == "old"
    assert not list(tmp_path.glob(".usage-dashboard-*"))


@posix_modes
def test_a_replaced_file_is_the_users_alone_unless_a_mode_is_given(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch(mode=0o644)
    with replacing(str(file)) as draft:
        draft.write(b"")
    assert mode_of(file) == 0o600
    with replacing(str(file), mode=0o644) as draft:
        draft.write(b"")
    assert mode_of(file) == 0o644


@posix_modes
def test_written_text_keeps_the_mode_of_a_file_that_was_there(tmp_path: Path) -> None:
    write_text(str(tmp_path / "new"), "é")
    write_text(str(tmp_path / "shared"), "é", new_mode=0o640)
    write_text(str(tmp_path / "shared"), "ü")
    assert (mode_of(tmp_path / "new"), mode_of(tmp_path / "shared")) == (0o600, 0o640)
    assert (tmp_path / "shared").read_bytes() == "ü".encode()


def test_a_symlink_stays_and_the_file_that_it_names_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "file", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_text(str(link), "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")
    assert os.listdir(tmp_path / "folder") == ["file"]


def test_a_missing_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_text(str(tmp_path / "no" / "file"), "text")
