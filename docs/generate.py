"""Print `commands.md` and `configuration.md`, generated from the commands and the settings themselves.

python docs/generate.py commands > docs/commands.md
python docs/generate.py configuration > docs/configuration.md
"""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.main import cli
from usage_dashboard.cli.names import PROGRAM
from usage_dashboard.config import settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXAMPLES = "Examples:"
_KEPT_AS_IT_IS = "\b"

_ABOUT_COMMANDS = """\
What `usage-dashboard COMMAND --help` says of each, and what holds for all of them. `usage-dashboard` alone
shows the week. Each has `--help`; those that show something have `--json` ([JSON](json.md))."""
_ABOUT_SETTINGS = """\
The settings are in `~/.claude-usage/config.json`; `usage-dashboard config` reads, checks and changes them.
A name with a dot nests: `privacy.labels` is `{"privacy": {"labels": "keep"}}`. A key that is not there has
its default; keys of other releases are kept."""

EXIT_CODES = (
    ("0", "The command did what it was asked for; also where nothing is recorded yet"),
    ("1", "An expected failure, with a sentence and a hint; or what `doctor` and `audit` report"),
    ("2", "The command line cannot be understood"),
    ("10", "`budget check`: a budget is at its WARNING"),
    ("11", "`budget check`: a budget is EXCEEDED"),
    ("130", "Interrupted with Ctrl+C"),
)  # fmt: skip

FILES = (
    ("~/.claude-usage/usage.db", "The ledger: token counts, times and labels in one SQLite file"),
    ("~/.claude-usage/config.json", "The settings; [Configuration](configuration.md) has every key"),
    ("~/.claude-usage/faults.log", "Our own errors, without any content; `doctor` shows them"),
    ("~/.claude-usage/telemetry.json", "The state of the receiver of `setup --telemetry`"),
    (
        "~/.claude/settings.json",
        "Claude Code's settings, where `setup` registers hooks and the status line",
    ),
    (
        "~/.claude/settings.json.usage-dashboard-backup",
        "That file as it was before `setup` changed it for the first time",
    ),
    ("~/.claude/projects/**/*.jsonl", "Claude Code's transcripts, which are read and never written"),
)

VARIABLES = (
    ("USAGE_DASHBOARD_HOME", "The ledger's folder, in place of `~/.claude-usage`"),
    ("USAGE_DASHBOARD_DISABLE", "`1`: hooks and status line of usage-dashboard do nothing"),
    ("USAGE_DASHBOARD_CHANNEL", "The channel that sessions are recorded with, in place of what started them"),
    ("USAGE_DASHBOARD_DOMAIN", "The project that sessions are recorded with, in place of the folder's name"),
    ("DAILY_BUDGET_USD", "A cap on each day's estimated cost, such as `20`"),
    ("MONTHLY_BUDGET_USD", "A cap on each calendar month's estimated cost, such as `250`"),
    ("CLAUDE_CONFIG_DIR", "Claude Code's folder, in place of `~/.claude`; several with commas between them"),
    ("CLAUDE_CODE_SKIP_PROMPT_HISTORY", "Only reported by `doctor`: Claude Code then writes no transcripts"),
    ("ANTHROPIC_API_KEY", "Never read, only seen to be set: sessions are then billed by the token"),
    ("NO_COLOR", "Set to anything: nothing is colored"),
    ("COLUMNS", "How wide pages are, in place of the terminal's width; 80 in a pipe"),
    ("LINES", "How many lines a page may fill, in place of the terminal's height"),
    ("TZ", "The zone of days and times, unless the setting `timezone` or `--tz` names one"),
    ("HOME", "Where `~` is"),
)  # fmt: skip


def commands() -> str:
    """Every command with its options and examples, as Markdown."""
    parts = [
        "# Commands",
        _ABOUT_COMMANDS,
        *_sections(cli, PROGRAM, set()),
        "## Exit codes",
        _table(("Code", "Meaning"), EXIT_CODES),
        "## Files",
        _table(("File", "Meaning"), ((f"`{name}`", meaning) for name, meaning in FILES)),
        "## Environment variables",
        _table(("Variable", "Meaning"), ((f"`{name}`", meaning) for name, meaning in VARIABLES)),
    ]
    return "\n\n".join(parts) + "\n"


def configuration() -> str:
    """Every setting with its default and what it may hold, as Markdown."""
    rows = (
        (f"`{setting.name}`", f"`{json.dumps(setting.default)}`", _wanted(setting), setting.meaning)
        for setting in settings.SETTINGS
    )
    parts = [
        "# Configuration",
        _ABOUT_SETTINGS,
        f"```\n{_examples(_command('config'))}\n```",
        _table(("Key", "Default", "Has to be", "Meaning"), rows),
        "Environment variables are in [Commands](commands.md#environment-variables).",
    ]
    return "\n\n".join(parts) + "\n"


def examples(command: click.Command) -> list[str]:
    """The lines that a command's help gives as examples, without what is said about them."""
    return [line.partition("  #")[0].strip() for line in _examples(command).splitlines()]


def walk(group: click.Group, words: str) -> Iterator[tuple[str, click.Command]]:
    """(words, command) of every command below `group`, each followed by those below it."""
    context = click.Context(group, **cli.context_settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield f"{words} {name}", command
            if isinstance(command, click.Group):
                yield from walk(command, f"{words} {name}")


def _sections(group: click.Group, words: str, said: set[click.Command]) -> Iterator[str]:
    """The sections of the commands below `group`; what is a command twice is `said` once."""
    for name, command in walk(group, words):
        if command in said:
            continue
        said.add(command)
        depth = 1 + len(name.split()) - len(words.split())
        yield f"{'#' * depth} `{name}`"
        context = click.Context(command, info_name=name, **cli.context_settings)
        yield f"```\n{' '.join([name, *command.collect_usage_pieces(context)])}\n```"
        yield from _paragraphs(command)
        yield from _options(command, context)
        if isinstance(command, click.Group):
            below = ((words, each) for words, each in walk(command, name) if words.rpartition(" ")[0] == name)
            listed = ((f"`{words}`", each.get_short_help_str(limit=200)) for words, each in below)
            yield _table(("Command", "Meaning"), listed)
        if _examples(command):
            yield f"{EXAMPLES}\n\n```\n{_examples(command)}\n```"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    """The table of a command's options, without `--help`, which each has."""
    found = [param for param in command.params if isinstance(param, click.Option)]
    records = [record for param in found if (record := param.get_help_record(context)) is not None]
    if records:
        yield _table(("Option", "Meaning"), ((f"`{names}`", meaning) for names, meaning in records))


def _paragraphs(command: click.Command) -> Iterator[str]:
    """What a command's help says, without its examples."""
    for block in _help(command).split("\n\n"):
        text = block.removeprefix(_KEPT_AS_IT_IS).strip("\n")
        if not text.startswith(EXAMPLES):
            yield text if block.startswith(_KEPT_AS_IT_IS) else " ".join(text.split())


def _examples(command: click.Command) -> str:
    blocks = (block.removeprefix(_KEPT_AS_IT_IS).strip("\n") for block in _help(command).split("\n\n"))
    found = next((block for block in blocks if block.startswith(EXAMPLES)), EXAMPLES)
    return inspect.cleandoc(found.removeprefix(EXAMPLES))


def _help(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "")


def _command(name: str) -> click.Command:
    return dict(walk(cli, PROGRAM))[f"{PROGRAM} {name}"]


def _wanted(setting: settings.Setting) -> str:
    """What the check of a setting asks for, in its own words."""
    try:
        setting.check(object())
    except ValueError as error:
        return str(error)
    return "anything"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = (" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows)
    lines = [" | ".join(heads), " | ".join("---" for _ in heads), *cells]
    return "\n".join(f"| {line} |" for line in lines)


PAGES = {"commands": commands, "configuration": configuration}


@click.command()
@click.argument("page", type=click.Choice(tuple(PAGES)), default="commands")
def main(page: str) -> None:
    """Print a page of the documentation as Markdown."""
    click.echo(PAGES[page](), nl=False)


if __name__ == "__main__":
    main()
