"""Cowork's sessions are swept where the desktop app keeps them, on every platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.test_printed import printed
from tests.support.ledger_rows import NOW_US, rows, totals
from tests.support.transcripts import OTHER, SESSION, packed, response, usage, write
from usage_dashboard.ingest.sweep import sweep

FOLDERS = {
    "macOS": "Library/Application Support/Claude",
    "Windows": "AppData/Roaming/Claude",
    "Windows package": "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude",
    "Linux": ".config/Claude",
}


def write_session(folder: Path) -> None:
    """A session of Cowork: its audit, its transcript of the same reply, and a file of the user's."""
    lines = response("m1", spent=usage(700))
    projects = folder / ".claude" / "projects" / "-sessions-shop"
    for place in (projects, folder / "outputs"):
        place.mkdir(parents=True)
    audit = [printed(line, _audit_timestamp="2026-09-10T10:00:00.000Z") for line in lines]
    (folder / "audit.jsonl").write_bytes(packed(audit))
    write(projects, lines)
    write(folder / "outputs", response("m2", sessionId=OTHER), OTHER)


@pytest.fixture(autouse=True)
def usual(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_a_session_is_swept_and_counts_once(ledger: Path, home: Path, folder: str) -> None:
    write_session(home / folder / "local-agent-mode-sessions" / "account" / "organization" / "local_1")
    assert sweep(str(ledger), NOW_US) == 1
    assert totals(ledger)["input"] == 700
    assert rows(ledger, "SELECT name FROM session") == [(SESSION,)]


@pytest.mark.parametrize("variable", ["APPDATA", "XDG_CONFIG_HOME"])
def test_a_moved_data_folder_is_swept(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "moved"))
    write_session(tmp_path / "moved" / "Claude" / "local-agent-mode-sessions" / "w" / "s" / "local_1")
    assert sweep(str(ledger), NOW_US) == 1


def test_only_projects_that_were_chosen_are_swept(ledger: Path, home: Path) -> None:
    ledger.mkdir()
    (ledger / "config.json").write_text('{"projects": ["/srv/shop"]}')
    write_session(home / FOLDERS["Linux"] / "local-agent-mode-sessions" / "w" / "s" / "local_1")
    assert sweep(str(ledger), NOW_US) == 0
