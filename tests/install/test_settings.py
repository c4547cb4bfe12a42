"""Settings files keep their style, permissions and links; what cannot be parsed is not touched."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING

import pytest

from usage_dashboard.install import settings_file
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine


def change(path: Path, before: str | None, after: str | None) -> settings_file.FileChange:
    return settings_file.FileChange(str(path), before, after, "made")


@pytest.mark.parametrize(
    "text",
    [
        '{\n  "a": 1,\n  "b": [\n    true\n  ]\n}\n',
        '{\n    "a": {\n        "b": "ü"\n    }\n}',
        '{\n\t"a": 1.5,\n\t"b": {}\n}\n',
        '{\r\n  "a": [],\r\n  "b": null\r\n}\r\n',
        '\ufeff{\n  "a": 1\n}\n',
        '{\n  "a": "\\ud800"\n}\n',
        '{\n  "z": 1,\n  "a": 123456789012345678901234567890\n}\n',
    ],
)
def test_a_file_read_and_rendered_is_the_same_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text.encode("utf-8", "backslashreplace"))
    file = settings_file.read_settings(str(path))
    assert file.text == text
    assert settings_file.render_settings(file.value, text) == text


@pytest.mark.parametrize("text", ["", " \n", "{}", "{ }\n", '{"a": 1}'])
def test_a_file_on_one_line_is_indented_by_two_and_stays_json(text: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    value = {**settings_file.read_settings(str(path)).value, "b": {"c": 1}}
    rendered = settings_file.render_settings(value, text)
    assert json.loads(rendered) == value
    assert '\n  "b": {\n    "c": 1\n' in rendered


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b'{"a": 1,}',
        b'// comment\n{"a": 1}',
        b"[]",
        b'"text"',
        b"null",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b"\xff\xfe{}",
        b'{"a": "\xe9"}',
        b"[" * 100_000,
        b"\x00\x01",
    ],
)
def test_a_file_that_is_not_a_json_object_is_refused_with_a_hint(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    with pytest.raises(SettingsError) as raised:
        settings_file.read_settings(str(path))
    assert str(path) in str(raised.value)
    assert raised.value.hint
    assert path.read_bytes() == content


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        settings_file.read_settings(str(tmp_path))


def test_the_text_before_is_kept_with_its_permissions(machine: Machine) -> None:
    path = machine.write('{"a": 1}')
    path.chmod(0o640)
    machine.copy.write_text("of an earlier setup, open to all")
    settings_file.apply_change(change(path, '{"a": 1}', "{}"))
    assert path.read_text() == "{}"
    assert machine.copy.read_text() == '{"a": 1}'
    assert [stat.S_IMODE(file.stat().st_mode) for file in (path, machine.copy)] == [0o640, 0o640]


def test_a_linked_file_is_written_in_place_and_the_link_stays(machine: Machine) -> None:
    real = machine.write("{}", machine.home / "dotfiles" / "claude.json")
    machine.claude.mkdir()
    machine.settings.symlink_to(real)
    settings_file.apply_change(change(machine.settings, "{}", '{"a": 1}'))
    assert machine.settings.is_symlink()
    assert real.read_text() == '{"a": 1}'
    assert machine.copy.read_text() == "{}"
    assert [file.name for file in real.parent.iterdir()] == ["claude.json"]


def test_a_new_file_and_its_folder_are_private(machine: Machine) -> None:
    settings_file.apply_change(change(machine.settings, None, "{}"))
    assert stat.S_IMODE(machine.settings.stat().st_mode) == 0o600
    assert not machine.copy.exists()


def test_a_file_changed_meanwhile_is_not_overwritten(machine: Machine) -> None:
    path = machine.write('{"b": 2}')
    with pytest.raises(SettingsError, match="changed by another program"):
        settings_file.apply_change(change(path, '{"a": 1}', "{}"))
    assert path.read_text() == '{"b": 2}'
    assert os.listdir(machine.claude) == ["settings.json"]


def test_a_folder_that_cannot_be_written_is_reported_in_a_sentence(machine: Machine) -> None:
    machine.claude.write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match=r"settings.json` cannot be (written|read)"):
        settings_file.apply_change(change(machine.settings, None, "{}"))
