"""What hooks take in the place of `os` means what `os` means by it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.config import paths
from usage_dashboard.runtime import os_light

PATHS = st.text("ab./", max_size=12)


@given(PATHS)
def test_the_folder_of_a_path_is_the_one_that_os_names(path: str) -> None:
    assert os_light.parent_folder(path) == os.path.dirname(path)


@given(PATHS, PATHS, PATHS)
def test_paths_are_joined_as_os_joins_them(folder: str, first: str, second: str) -> None:
    assert os_light.join_path(folder, first, second) == os.path.join(folder, first, second)


@pytest.mark.skipif(os.name == "nt", reason="links want a privilege on Windows")
@pytest.mark.parametrize(
    "name", ["plain/file", "link/file", "plain/../link", "plain//file", "plain/", "gone/file", "loop", ""]
)
def test_links_are_followed_as_os_follows_them(tmp_path: Path, name: str) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "file").touch()
    (tmp_path / "link").symlink_to("plain")
    (tmp_path / "loop").symlink_to("loop")
    path = f"{tmp_path}/{name}"
    assert os_light.real_path(path) == os.path.realpath(path)


def test_a_path_from_here_is_followed_as_os_follows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    expected = [str(tmp_path / "a"), *[str(tmp_path)] * 2]
    assert [os_light.real_path(path) for path in ("a", ".", "")] == expected


def test_a_plain_file_is_distinguished_from_anything_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"four")
    asked = [str(tmp_path / "file"), str(tmp_path), str(tmp_path / "gone"), "a\0b"]
    assert [os_light.is_file(path) for path in asked] == [os.path.isfile(path) for path in asked]
    assert [os_light.file_size(path) >= 0 for path in asked] == [os.path.exists(path) for path in asked]
    assert os_light.file_size(asked[0]) == 4


def test_the_environment_is_the_one_that_os_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_DASHBOARD_TRIAL", "später\udcff")
    assert os_light.getenv("USAGE_DASHBOARD_TRIAL") == os.environ["USAGE_DASHBOARD_TRIAL"]
    monkeypatch.delenv("USAGE_DASHBOARD_TRIAL")
    assert os_light.getenv("USAGE_DASHBOARD_TRIAL", "other") == "other"


@pytest.mark.parametrize("home", ["/home/a", "/home/a/", "/", "", None])
def test_the_home_folder_is_the_one_that_os_expands(
    home: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    assert paths.user_home() == str(Path("~").expanduser())
