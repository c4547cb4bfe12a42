"""What is measured: our own command as a user has it, and the peers, installed from their registries."""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from measure import Command

CCUSAGE = "20.0.24"
MONITOR = "4.0.0"

# `--view daily` shows its table and then waits for a signal, so its own aggregator is called.
MONITOR_DAILY = (
    "import sys; from claude_monitor.data.aggregator import UsageAggregator as A;"
    "a = A(sys.argv[1], 'daily'); print(a.calculate_totals(a.aggregate()))"
)


@dataclass(frozen=True)
class Programs:
    """Where everything that is measured was installed."""

    ours: str
    ccusage: str
    monitor: str
    node: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Place:
    """A folder of Claude Code's and a ledger of ours, apart from the user's own."""

    programs: Programs
    claude: Path
    home: Path

    @property
    def ledger(self) -> Path:
        """The folder of the ledger."""
        return self.home / ".claude-usage"

    def environment(self) -> dict[str, str]:
        """What every command here is run with."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "TZ": "UTC",
            "CLAUDE_CONFIG_DIR": str(self.claude),
        }

    def ours(self, *words: str, terminal: bool = False) -> Command:
        """A command of ours."""
        return Command([self.programs.ours, *words], self.environment(), terminal=terminal)

    def ccusage(self, report: str) -> Command:
        """A report of ccusage: the native program, without the start of node around it."""
        return Command([self.programs.ccusage, report, "--offline", "--json"], self.environment())

    def monitor(self) -> Command:
        """The daily report of claude-monitor."""
        words = [self.programs.monitor, "-c", MONITOR_DAILY, str(self.claude / "projects")]
        return Command(words, self.environment())

    def answer(self, command: Command) -> str:
        """What a command prints."""
        done = subprocess.run(
            command.words, env=dict(command.environment), capture_output=True, check=True, timeout=600
        )
        return done.stdout.decode()

    def report(self) -> dict[str, object]:
        """Everything in the ledger, as `report --json` has it."""
        found: dict[str, object] = json.loads(self.answer(self.ours("report", "--window", "all", "--json")))
        return found


def bare() -> list[str]:
    """The least start of an interpreter: of the one that `setup` registers, which is below this one."""
    return [
        os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable),
        "-I",
        "-S",
        "-c",
        "pass",
    ]


def install(cache: Path, checkout: Path) -> Programs:
    """Everything, below `cache`; what is there already in the wanted version stays."""
    cache.mkdir(parents=True, exist_ok=True)
    ours = _venv(cache / "ours")
    _quietly(str(ours), "-m", "pip", "install", "--quiet", "--upgrade", str(checkout))
    _quietly(str(ours), "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", str(checkout))
    node = shutil.which("node")
    if node is None:
        raise SystemExit("node is missing: the hooks are compared to its start")
    return Programs(
        ours=str(ours.parent / "usage-dashboard"),
        ccusage=str(_ccusage(cache / f"ccusage-{CCUSAGE}")),
        monitor=str(_monitor(cache / f"claude-monitor-{MONITOR}")),
        node=node,
        versions={
            "usage-dashboard": _said(str(ours.parent / "usage-dashboard"), "--version").split()[-1]
            + _commit(checkout),
            "CPython": platform.python_version(),
            "SQLite": _said(bare()[0], "-c", "import sqlite3; print(sqlite3.sqlite_version)"),
            "node": _said(node, "--version").lstrip("v"),
            "ccusage": f"{CCUSAGE} (native)",
            "claude-monitor": MONITOR,
        },
    )


def hooks(place: Place) -> dict[str, str]:
    """The command line that `setup` registers, by event; the status line's is `statusLine`."""
    place.answer(place.ours("setup", "--yes"))
    settings = json.loads((place.claude / "settings.json").read_text())
    found = {event: groups[0]["hooks"][0]["command"] for event, groups in settings["hooks"].items()}
    if "statusLine" in settings:
        found["statusLine"] = settings["statusLine"]["command"]
    return found


def without_shell(line: str) -> list[str]:
    """The program and its arguments that a registered line ends in."""
    return shlex.split(line.rpartition(" exec ")[2].partition(";")[0])


def _venv(folder: Path) -> Path:
    python = folder / "bin" / "python"
    if not python.exists():
        _quietly(sys.executable, "-m", "venv", str(folder))
    return python


def _ccusage(folder: Path) -> Path:
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64"}.get(
        platform.machine(), platform.machine()
    )
    package = f"@ccusage/ccusage-{sys.platform}-{machine}"
    program = folder / "node_modules" / package / "bin" / "ccusage"
    if not program.exists():
        flags = ("--no-audit", "--no-fund", "--loglevel=error")
        _quietly("npm", "install", "--prefix", str(folder), *flags, f"{package}@{CCUSAGE}")
        program.chmod(0o755)
    return program


def _monitor(folder: Path) -> Path:
    python = _venv(folder)
    if not list(folder.glob("lib/python*/site-packages/claude_monitor")):
        _quietly(str(python), "-m", "pip", "install", "--quiet", f"claude-monitor=={MONITOR}")
    return python


def _commit(checkout: Path) -> str:
    """The commit that `checkout` stands at, in brackets; nothing outside a repository."""
    done = subprocess.run(
        ["git", "-C", str(checkout), "describe", "--always", "--dirty"], capture_output=True, check=False
    )
    return f" ({done.stdout.decode().strip()})" if done.returncode == 0 else ""


def _said(*words: str) -> str:
    return subprocess.run(words, capture_output=True, check=True, timeout=60).stdout.decode().strip()


def _quietly(*words: str) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
