"""The command as a whole: what it loads, how it fails, how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

import usage_dashboard
from tests.support import sample_week
from tests.support.command import Ask, Page
from tests.support.transcripts import response, write
from usage_dashboard.cli.lazy_group import COMMANDS
from usage_dashboard.cli.main import cli

ROOT = Path(usage_dashboard.__file__).resolve().parents[1]
PROGRAM = [sys.executable, "-m", "usage_dashboard"]
LOADED = """
import sys
from usage_dashboard.cli.main import cli
cli(sys.argv[1:], standalone_mode=False)
print(*sys.modules, file=sys.stderr)
"""

SHOWING = (
    ("week",), ("day",), ("month",), ("report",), ("sessions",), ("session", "last"), ("prices",),
    ("live", "--once"), ("budget", "list"),
)  # fmt: skip


def run(*words: str, program: list[str] = PROGRAM) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program, *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )


def every(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command, those below another one included."""
    context = click.Context(group, **cli.context_settings)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        yield (*names, name)
        if isinstance(found, click.Group):
            yield from every(found, (*names, name))


@pytest.mark.parametrize("words", [(), *every(cli)], ids=" ".join)
def test_every_command_has_help(page: Page, words: tuple[str, ...]) -> None:
    shown = page(*words, "--help")
    assert shown.startswith(f"Usage: {' '.join(('usage-dashboard', *words))} ")
    assert shown == page(*words, "-h") or "-h, --help" not in shown


def test_the_help_lists_every_command_with_a_whole_sentence(page: Page) -> None:
    listed = page("--help").split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)


def test_the_version(page: Page) -> None:
    assert page("--version") == f"usage-dashboard, version {usage_dashboard.__version__}\n"


@pytest.mark.parametrize("words", SHOWING, ids=" ".join)
def test_json_and_pipes_load_neither_rich_nor_other_commands(project: Path, words: tuple[str, ...]) -> None:
    sample_week.write_sessions(project)
    for options in ((), ("--json",)):
        done = run(*words, *options, program=[sys.executable, "-c", LOADED])
        loaded = done.stderr.split()
        assert "usage_dashboard.store.read.totals" in loaded
        assert not [name for name in loaded if name.split(".")[0] in ("rich", "msgspec", "asyncio", "http")]
        own = {f"usage_dashboard.cli.commands.{COMMANDS[name].partition(':')[0]}" for name in COMMANDS}
        shared = {"usage_dashboard.cli.commands.report", "usage_dashboard.cli.commands.sessions"}
        assert own & set(loaded) - shared <= {
            f"usage_dashboard.cli.commands.{COMMANDS[words[0]].partition(':')[0]}"
        }


def test_an_unknown_command_is_a_usage_error(ask: Ask) -> None:
    done = ask("wek")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "No such command 'wek'" in done.stderr


def failed(words: tuple[str, ...]) -> str:
    """What a command said that failed as expected: a sentence and a hint."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    error, hint, *rest = done.stderr.splitlines()
    assert rest == []
    assert error.startswith("Error: ")
    assert hint.startswith("hint: ")
    assert not error.endswith(".")
    return error.removeprefix("Error: ")


@pytest.mark.parametrize(
    "words", [*SHOWING, ("import",), ("week", "--json"), ("week", "--no-sweep")], ids=" ".join
)
def test_a_damaged_ledger_is_reported_in_a_sentence(
    project: Path, ledger: Path, words: tuple[str, ...]
) -> None:
    sample_week.write_sessions(project)
    ledger.mkdir()
    (ledger / "usage.db").write_bytes(b"no database at all, and long enough to be one" * 100)
    assert str(ledger) in failed(words)


def test_a_ledger_that_is_damaged_inside(project: Path, ledger: Path) -> None:
    sample_week.write_sessions(project)
    assert run("import").returncode == 0
    with (ledger / "usage.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 20)
    for leftover in ("usage.db-wal", "usage.db-shm"):
        (ledger / leftover).unlink(missing_ok=True)
    assert failed(("week", "--no-sweep")) == f"The ledger in `{ledger}` cannot be read"


def test_a_ledger_of_a_later_format(project: Path, ledger: Path) -> None:
    sample_week.write_sessions(project)
    assert run("import").returncode == 0
    with (ledger / "usage.db").open("r+b") as file:
        file.seek(60)
        file.write((9001).to_bytes(4, "big"))
    assert failed(("week",)) == "The ledger was written by a later release of usage-dashboard"


def test_a_folder_that_cannot_be_made(project: Path, ledger: Path) -> None:
    sample_week.write_sessions(project)
    ledger.write_text("a file where the folder should be")
    assert str(ledger) in failed(("week",))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"timezone": "Mars/Olympus"}, "The setting `timezone` names no known time zone"),
        (
            {"weekly_reset": {"weekday": "monday", "zone": "Mars/Olympus"}},
            "The setting `weekly_reset` names no known time zone",
        ),
        ({"prices": {"multiplier": -1}}, "The setting `prices.multiplier` is negative"),
    ],
)
def test_a_setting_that_cannot_be_used(
    configure: Callable[..., None], project: Path, settings: dict[str, object], said: str
) -> None:
    sample_week.write_sessions(project)
    configure(**settings)
    assert failed(("week",)) == said


MUCH = (("sessions", "--window", "all", "--json"), ("week", "--json"))


@contextmanager
def telling_much(project: Path, words: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """A command that prints more than a pipe holds, so that it cannot end before it is read."""
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(project.stat().st_mtime))
    for number in range(300):
        name = f"{number:04}-session"
        write(project, response(name, sessionId=name, at=now), name)
    command = [*PROGRAM, *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process


@pytest.mark.parametrize("words", MUCH, ids=" ".join)
def test_a_closed_pipe_is_not_a_failure(project: Path, words: tuple[str, ...]) -> None:
    with telling_much(project, words) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        assert process.stderr is not None
        assert (process.wait(30), process.stderr.read()) == (0, b"")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is no signal that a Windows process can be sent alone")
@pytest.mark.parametrize("words", MUCH, ids=" ".join)
def test_an_interrupted_command_ends_with_130(project: Path, words: tuple[str, ...]) -> None:
    with telling_much(project, words) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"{"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"\n")
