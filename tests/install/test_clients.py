"""Finding the clients of a machine, and what they bear."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.support.machine import program
from usage_dashboard.install import client_events, client_fit, clients
from usage_dashboard.install.client_events import shared_vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine

V = tuple[int, int, int]
NEW = (2, 1, 332)


def package(folder: Path, version: str) -> Path:
    """npm's package, of which `cli.js` is not executable by itself."""
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(
        json.dumps({"name": "@anthropic-ai/claude-code", "version": version})
    )
    (folder / "cli.js").write_text("process.exit(1)")
    return folder


def extension(folder: Path, version: str) -> Path:
    """An editor's extension with a client of its own."""
    made = folder / f"anthropic.claude-code-{version}-linux-x64"
    program(made / "resources" / "native-binary" / "claude", "exit 1")
    return made


def versions(machine: Machine, **environ: str) -> list[V | None]:
    """The versions of the clients that are found; PATH is empty unless `environ` has one."""
    return [client.version for client in clients.find_installed(str(machine.ledger), {"PATH": "", **environ})]


class TestPlaces:
    @pytest.mark.parametrize(
        "folder",
        [
            ".claude/local/node_modules",
            ".npm-global/lib/node_modules",
            ".nvm/versions/node/v20.11.1/lib/node_modules",
            ".volta/tools/image/packages/@anthropic-ai/claude-code/lib/node_modules",
            ".bun/install/global/node_modules",
            ".local/share/pnpm/global/5/node_modules",
        ],
    )
    def test_a_package_of_npm_and_its_like(self, folder: str, machine: Machine) -> None:
        package(machine.home / folder / "@anthropic-ai" / "claude-code", "2.0.76")
        assert versions(machine) == [(2, 0, 76)]

    @pytest.mark.parametrize(
        "editor",
        [".vscode", ".vscode-server", ".vscode-insiders", ".cursor", ".cursor-server", ".windsurf"],
    )
    def test_the_extension_of_an_editor(self, editor: str, machine: Machine) -> None:
        extension(machine.home / editor / "extensions", "2.1.87")
        assert versions(machine) == [(2, 1, 87)]

    def test_an_extension_whose_folder_names_no_version(self, machine: Machine) -> None:
        folder = machine.home / ".vscode" / "extensions" / "anthropic.claude-code"
        program(folder / "resources" / "native-binary" / "claude", "exit 1")
        about = {"name": "claude-code", "publisher": "Anthropic", "version": "2.1.68"}
        (folder / "package.json").write_text(json.dumps(about))
        assert versions(machine) == [(2, 1, 68)]

    def test_an_older_extension_with_a_script(self, machine: Machine) -> None:
        folder = machine.home / ".vscode/extensions/anthropic.claude-code-2.0.9/resources/claude-code"
        folder.mkdir(parents=True)
        (folder / "cli.js").write_text("")
        assert versions(machine) == [(2, 0, 9)]

    def test_an_extension_that_the_editor_is_about_to_remove_does_not_count(self, machine: Machine) -> None:
        folder = machine.home / ".vscode" / "extensions"
        old = extension(folder, "2.1.87")
        extension(folder, "2.1.332")
        (folder / ".obsolete").write_text(json.dumps({old.name: True}))
        assert versions(machine) == [NEW]

    def test_each_version_that_the_native_installer_keeps(self, machine: Machine) -> None:
        machine.install_client("2.1.90")
        machine.install_client("2.1.332")
        assert versions(machine) == [NEW, (2, 1, 90)] or versions(machine) == [(2, 1, 90), NEW]

    def test_the_package_behind_a_link_on_path(self, machine: Machine) -> None:
        made = package(machine.home / "prefix/lib/node_modules/@anthropic-ai/claude-code", "2.1.87")
        (machine.home / "prefix/bin").mkdir()
        (made / "cli.js").chmod(0o755)
        (machine.home / "prefix/bin/claude").symlink_to(made / "cli.js")
        assert versions(machine, PATH=str(machine.home / "prefix/bin")) == [(2, 1, 87)]

    def test_one_client_by_two_ways_counts_once(self, machine: Machine) -> None:
        made = machine.install_client("2.1.332")
        (machine.home / ".local/bin").mkdir()
        (machine.home / ".local/bin/claude").symlink_to(made)
        assert versions(machine, PATH=str(machine.home / ".local/bin")) == [NEW]

    def test_the_folders_of_path_before_and_after_empty_ones(self, machine: Machine) -> None:
        program(machine.home / "claude", "echo 1.0.0")
        program(machine.home / "a" / "claude", "echo '2.1.68 (Claude Code)'")
        assert versions(machine, PATH=os.pathsep.join(["", ".", str(machine.home / "a")])) == [(2, 1, 68)]

    def test_a_path_by_setting(self, machine: Machine) -> None:
        program(machine.home / "opt" / "my-claude", "echo '2.1.197 (Claude Code)'")
        machine.write({"claude": {"path": "~/opt/my-claude"}}, machine.ledger / "config.json")
        assert versions(machine) == [(2, 1, 197)]

    def test_a_path_by_setting_where_nothing_is_counts_as_unknown(self, machine: Machine) -> None:
        machine.write({"claude": {"path": "/gone/claude"}}, machine.ledger / "config.json")
        assert versions(machine) == [None]


class TestVersion:
    def test_a_program_is_run_only_where_nothing_else_says_it(self, machine: Machine) -> None:
        made = program(machine.home / "bin" / "claude", "echo '1.0.128 (Claude Code)'")
        assert clients.read_version(str(made)) == (1, 0, 128)

    @pytest.mark.parametrize("line", ["exit 3", "echo hello", "echo 2.1", "exec sleep 60"])
    def test_one_that_does_not_say_it_is_unknown(
        self, line: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clients, "LIMIT_SECONDS", 0.5)
        assert clients.read_version(str(program(machine.home / "bin" / "claude", line))) is None

    def test_a_script_without_its_package_says_it_in_its_first_lines(self, machine: Machine) -> None:
        path = machine.home / "bin" / "cli.js"
        path.parent.mkdir()
        path.write_text("#!/usr/bin/env node\n// (c) Anthropic PBC.\n\n// Version: 2.1.87\n\nimport x")
        assert clients.read_version(str(path)) == (2, 1, 87)

    def test_the_version_of_node_in_a_path_is_not_that_of_the_client(self, machine: Machine) -> None:
        made = program(machine.home / ".asdf/installs/nodejs/22.11.0/bin/claude", "echo 2.0.76")
        assert clients.read_version(str(made)) == (2, 0, 76)


class TestVocabulary:
    def test_without_a_client_it_is_what_1_0_knows(self) -> None:
        assert shared_vocabulary([]).events == {
            *("PreToolUse", "PostToolUse", "Stop", "SubagentStop", "PreCompact"),
            *("UserPromptSubmit", "SessionStart", "SessionEnd"),
        }

    def test_an_unknown_version_is_taken_for_1_0_beside_a_new_one(self) -> None:
        assert shared_vocabulary([NEW, None]).events == shared_vocabulary([]).events

    @pytest.mark.parametrize(
        ("version", "lacking"),
        [
            ((1, 0, 128), {"PostToolUseFailure", "PostToolBatch", "StopFailure"}),
            ((2, 0, 55), {"PostToolUseFailure", "PostToolBatch", "StopFailure"}),
            ((2, 0, 76), {"PostToolBatch", "StopFailure"}),
            ((2, 1, 77), {"PostToolBatch", "StopFailure"}),
            ((2, 1, 87), {"PostToolBatch"}),
            ((2, 1, 98), {"PostToolBatch"}),
            ((2, 1, 100), {"PostToolBatch"}),
            ((2, 1, 101), set()),
            ((2, 1, 197), set()),
            (NEW, set()),
        ],
    )
    def test_the_oldest_client_decides(self, version: V, lacking: set[str]) -> None:
        assert set(client_events.EVENTS_SINCE) - shared_vocabulary([NEW, version]).events == lacking

    def test_very_old_clients_know_fewer_events_than_the_last_of_1_0(self) -> None:
        assert shared_vocabulary([(1, 0, 40)]).events == {"PreToolUse", "PostToolUse", "Stop"}

    @pytest.mark.parametrize(
        ("version", "fields"),
        [
            ((2, 0, 76), set()),
            ((2, 1, 87), {"async"}),
            ((2, 1, 97), {"async", "refreshInterval"}),
            (NEW, {"async", "refreshInterval", "args"}),
        ],
    )
    def test_fields_are_those_of_the_oldest_client(self, version: V, fields: set[str]) -> None:
        assert shared_vocabulary([NEW, version]).fields == fields

    def test_where_no_version_is_known_only_harmless_fields_are_used(self) -> None:
        assert shared_vocabulary([]).fields == {"async", "refreshInterval"}
        assert shared_vocabulary([None]).fields == {"async", "refreshInterval"}


class TestSentences:
    OLD = clients.Client("/usr/bin/claude", (2, 0, 76))

    def test_setup_says_what_an_old_client_does_not_notice(self) -> None:
        [reason, unseen] = client_fit.describe_restraint([self.OLD])
        assert "2.0.76 (`/usr/bin/claude`)" in reason
        assert "`StopFailure` and `PostToolBatch` are not registered" in reason
        assert "turns that an API error ended and batches of tool calls" in unseen

    def test_nothing_is_said_where_nothing_is_left_out(self) -> None:
        assert client_fit.describe_restraint([clients.Client("/c", NEW)]) == []

    def test_every_client_that_there_was_can_be_described(self) -> None:
        for version in (None, (1, 0, 2), (1, 0, 50), (2, 1, 87)):
            assert len(client_fit.describe_restraint([clients.Client("/c", version)])) == 2
