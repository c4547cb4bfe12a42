"""The documentation says what the commands do: generated pages are fresh, keys exist, examples run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import usage_dashboard
from docs import generate
from tests.support.command import Ask
from tests.support.demo_home import lend_demo_home
from usage_dashboard.cli.main import cli
from usage_dashboard.config import settings
from usage_dashboard.limits.budget import VARIABLES

PACKAGE = Path(usage_dashboard.__file__).parent
FOLDER = PACKAGE.parent / "docs"
JSON = (FOLDER / "json.md").read_text(encoding="utf-8")

ONLY_READ = ("live", "ui", "telemetry serve", "limits --refresh", "forget", "merge")
"""What runs until it is ended, asks the real client, or changes the ledger for good: not run, only read."""

CODES = {"doctor": {0, 1}, "budget check": {0, 10, 11}, "audit": {0, 1}}
"""The exit codes that examples may have beside 0, as the commands' help says."""

INTERNAL = {
    "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CODE_SESSION_ATTENDED", "CLAUDE_PID",
    "USAGE_DASHBOARD_STATUSLINE", "USAGE_DASHBOARD_TELEMETRY",
}  # fmt: skip
"""Variables that Claude Code gives its hooks, and that `setup` writes for them: nobody sets them by hand."""

PREFIXES = ("USAGE_", "CLAUDE_", "ANTHROPIC_", "NO_", "DAILY_", "MONTHLY_")

TYPES: dict[str, type | tuple[type, ...]] = {
    "integer": int,
    "number": (int, float),
    "text": str,
    "time": str,
    "null": type(None),
    "list": list,
    "object": dict,
}


@pytest.fixture
def lent(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The made-up ledger, and a folder to work in with what examples name."""
    ledger = lend_demo_home(world, tmp_path, monkeypatch)
    monkeypatch.chdir(tmp_path)
    yield ledger
    for path in (world / ".claude").glob("settings*"):
        path.unlink()


READ = re.compile(
    r'(?:environ\.get\(|getenv\(|environ\[| = )"((?:[A-Z]+_)+[A-Z]+)"(?!\] =)'
    r'|"([A-Z_]+)" (?:not )?in os\.environ'
)
"""How the code names a variable of the environment that it reads."""


@pytest.mark.parametrize("name", generate.PAGES)
@pytest.mark.parametrize("columns", ["40", "200"])
def test_a_generated_page_is_as_the_commands_say(
    name: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = CliRunner().invoke(generate.main, [name])
    kept = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    again = f"python docs/generate.py {name} > docs/{name}.md"
    assert done.stdout == kept, again


def test_every_setting_is_documented() -> None:
    page = generate.configuration()
    assert all(f"| `{key.name}` | `{json.dumps(key.default)}` |" in page for key in settings.SETTINGS)


def test_every_variable_that_is_read_is_documented() -> None:
    sources = [*PACKAGE.rglob("*.py"), *PACKAGE.parent.joinpath("hooks").glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    read = {first or second for first, second in READ.findall(text)}
    assert {"USAGE_DASHBOARD_HOME", "NO_COLOR", "ANTHROPIC_API_KEY", "USAGE_DASHBOARD_DISABLE"} <= read
    documented = {name for name, _ in generate.VARIABLES}
    assert set(VARIABLES.values()) <= documented
    assert {name for name in read if name.startswith(PREFIXES)} - INTERNAL <= documented


COMMANDS = list(generate.walk(cli, "usage-dashboard"))
EXAMPLES = sorted({line for _, command in COMMANDS for line in generate.examples(command)})


@pytest.mark.parametrize(("words", "command"), COMMANDS, ids=[words for words, _ in COMMANDS])
def test_every_command_shows_how_it_is_used(words: str, command: click.Command) -> None:
    if words.startswith("usage-dashboard demo "):
        words = words.replace(" demo", "", 1)  # a command that it shares
    assert any(words in line for line in generate.examples(command))


def called(line: str) -> list[str]:
    """The words behind `usage-dashboard` in an example, which may be a part of a line for a shell."""
    text = line.partition("usage-dashboard")[2].removesuffix(')"')
    shell = shlex.shlex(text, posix=True, punctuation_chars="|>")
    shell.whitespace_split, shell.commenters = True, ""
    words = list(takewhile(lambda word: not set(word) <= {"|", ">"}, shell))
    return [str(Path(word).expanduser()) if word.startswith("~") else word for word in words]


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_works(ask: Ask, lent: Path, line: str) -> None:
    words = called(line)
    spoken = " ".join(words)
    if spoken.startswith(ONLY_READ) and "--once" not in words:
        parsed(cli, words)
        return
    done = ask(*words)
    allowed = next((codes for name, codes in CODES.items() if spoken.startswith(name)), {0})
    assert done.exit_code in allowed, done.output


def parsed(group: click.Group, words: list[str]) -> None:
    """Read the words of a command as it would, without running it."""
    context = click.Context(group, info_name="usage-dashboard", **cli.context_settings)
    name, command, rest = group.resolve_command(context, words)
    assert command is not None
    if isinstance(command, click.Group):
        parsed(command, rest)
    else:
        command.make_context(name, rest, parent=context)


class Documented:
    """The keys in the sections of `json.md`: {section: [(key, type)]}, and the command of a section."""

    def __init__(self, text: str) -> None:
        self.rows: dict[str, list[tuple[str, str]]] = {}
        self.commands: dict[str, list[str]] = {}
        for part in text.split("\n## ")[1:]:
            title, _, body = part.partition("\n")
            slug = title.lower().replace(" ", "-")
            self.rows[slug] = re.findall(r"^\| `(.+?)` \| (.*?) \|", body, re.MULTILINE)
            self.commands[slug] = re.findall(r"^usage-dashboard .*$", body, re.MULTILINE)

    def keys(self, section: str, below: str = "") -> dict[str, str]:
        """The type of each key of a section, those of the sections that it names included."""
        found: dict[str, str] = {}
        for key, kind in self.rows[section]:
            link = re.search(r"\(#([\w-]+)\)", kind)
            if link:
                found |= self.keys(link[1], below + key.removesuffix("…"))
            else:
                found[below + key] = kind
        return found


DOCUMENTED = Documented(JSON)
SHOWN = [(section, line) for section, lines in DOCUMENTED.commands.items() for line in lines]


def leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """The key and the value of everything in a document that is neither an object nor a list of them."""
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from leaves(each, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for each in value:
            yield from leaves(each, f"{at}[]")
    else:
        yield re.sub(r"(subagents\[\]\.)+", "subagents[].", at), value


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a documented type, such as `integer or null`."""
    if kind == "anything":
        return True
    if kind.startswith("true or false"):
        return isinstance(value, bool) or (value is None and kind.endswith("null"))
    if kind.startswith("list of"):
        inner = kind.removeprefix("list of ").removesuffix(" or null")
        return (value is None and kind.endswith("null")) or (
            isinstance(value, list) and all(fits(each, inner) for each in value)
        )
    some = kind.split(" or ")
    if isinstance(value, bool) or not any(isinstance(value, TYPES[name]) for name in some):
        return False
    return (
        "time" not in some
        or value is None
        or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value) is not None
    )


@pytest.mark.parametrize(("section", "line"), SHOWN, ids=[line for _, line in SHOWN])
def test_the_documented_keys_are_those_of_the_document(ask: Ask, lent: Path, section: str, line: str) -> None:
    documented = DOCUMENTED.keys(section)
    found = list(leaves(json.loads(ask(*called(line)).stdout)))
    unknown = {key for key, value in found if not known(key, value, documented)}
    assert unknown == set(), "not documented"
    missing = set(documented) - set(dict(found))
    assert missing == set(), "not in the document"
    assert [
        (key, value) for key, value in found if key in documented and not fits(value, documented[key])
    ] == []


def known(key: str, value: Any, documented: dict[str, str]) -> bool:
    """Whether a key is documented, be it as a list that is empty here or as something with any content."""
    return key in documented or any(
        (kind == "anything" and key.startswith(name)) or (value == [] and name.startswith(f"{key}[]"))
        for name, kind in documented.items()
    )
