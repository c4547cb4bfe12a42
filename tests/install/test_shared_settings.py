"""Settings that are not this installation's alone: read-only ones, and those of another installation."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.install_command import ROOT, START, run_command
from usage_dashboard.install import settings_file
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from tests.support.machine import Machine

OWN = '{\n  "model": "opus"\n}\n'


def in_own_mounts(script: str, machine: Machine) -> subprocess.CompletedProcess[str]:
    """Run a shell script where it may mount what it likes; skips the test where that is not allowed."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-m", "true"], check=False).returncode != 0:
        pytest.skip("no mount namespaces for this user")
    setup = f"'{sys.executable}' -c '{START}' setup --yes"
    return subprocess.run(
        [unshare, "-m", "sh", "-c", script.format(claude=machine.claude, setup=setup)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    "mount",
    [
        "mount --bind {claude} {claude} && mount -o remount,ro,bind {claude}",
        "cd {claude} && mount --bind settings.json settings.json && mount -o remount,ro,bind settings.json",
        "mount -t tmpfs n /mnt; cd {claude}; mv settings.json /mnt; ln -s /mnt/* .; mount -o remount,ro /mnt",
    ],
)
def test_settings_that_are_mounted_read_only_get_no_copy_and_a_hint_that_can_work(
    mount: str, machine: Machine
) -> None:
    machine.write(OWN)
    done = in_own_mounts(f"{mount} && {{setup}}", machine)
    assert done.returncode == 1, done
    assert "hint: usage-dashboard setup --dry-run" in done.stderr
    assert "chmod" not in done.stderr
    assert not machine.copy.exists()
    assert "Traceback" not in done.stderr


class TestWriting:
    """`apply_change` where the system refuses to replace the file."""

    def change(self, machine: Machine) -> settings_file.FileChange:
        machine.write(OWN)
        return settings_file.FileChange(str(machine.settings), OWN, "{}\n", "made")

    def refuse(self, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the system refuse to replace the settings file, and nothing else."""
        replace = os.replace

        def refusing(source: str, target: str) -> None:
            if target.endswith("settings.json"):
                raise OSError(number, os.strerror(number))
            replace(source, target)

        monkeypatch.setattr(os, "replace", refusing)

    @pytest.mark.parametrize("number", [errno.EROFS, errno.EBUSY, errno.EPERM, errno.EACCES])
    def test_nothing_is_left_behind(
        self, number: int, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change = self.change(machine)
        self.refuse(number, monkeypatch)
        with pytest.raises(SettingsError) as caught:
            settings_file.apply_change(change)
        assert [path.name for path in machine.claude.iterdir()] == ["settings.json"]
        assert caught.value.hint.startswith("usage-dashboard setup --dry-run")

    def test_a_copy_from_before_stays_as_it_was(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        change = self.change(machine)
        machine.copy.write_text('{"older": 1}')
        self.refuse(errno.EROFS, monkeypatch)
        with pytest.raises(SettingsError):
            settings_file.apply_change(change)
        assert machine.copy.read_text() == '{"older": 1}'

    def test_a_full_disk_is_named(self, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
        change = self.change(machine)
        self.refuse(errno.ENOSPC, monkeypatch)
        with pytest.raises(SettingsError) as caught:
            settings_file.apply_change(change)
        assert caught.value.hint.startswith("df -h")


class TestAnotherInstallation:
    def test_it_is_named_before_its_entries_are_replaced(self, machine: Machine) -> None:
        machine.write(machine.registered(at="theirs"))
        folder = machine.home / "theirs" / "usage_dashboard" / "hooks"
        for words in (("--dry-run",), ("--yes",)):
            done = run_command("setup", *words)
            assert f"another installation, `{folder}`, are replaced in `{machine.settings}`" in done.stderr
            assert "not on this machine" not in done.stderr
        assert "another installation" not in run_command("setup", "--yes").stderr

    def test_one_in_a_container_is_not_on_this_machine(self, machine: Machine) -> None:
        machine.write(machine.registered(at="theirs"))
        shutil.rmtree(machine.home / "theirs")
        assert "It is not on this machine" in run_command("setup", "--yes").stderr
