"""The documented columns of the SQL views, for help texts and as a page."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from usage_dashboard.cli.terminal import layout, output
from usage_dashboard.store.read.views import COLUMNS, column_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from usage_dashboard.cli.terminal.layout import StyledLine

    ClickCommand = Callable[..., Any]

ABOUT = "Times are UTC, days are those of your time zone, dollars are estimates, and what is unknown is NULL."
USAGE = (
    ("id", "Of the row: a tool call, or a label in brackets of a call"),
    ("session_id", "Claude Code's id of the session"),
    ("timestamp", "When the call came, UTC"),
    ("model", "The model's full name"),
    ("tool_name", "The tool, or `(reply)`, `(prompt)`, `(context)`, `(background)`"),
    ("input_tokens", "Its share of the fresh input"),
    ("output_tokens", "Its share of the output"),
    ("cost_estimate", "Its share of the cost in US dollars, an estimate"),
)
"""The columns of the view `usage`, which attributes each token to a tool or label."""


def columns_help(views: Iterable[str]) -> str:
    """List the columns of `views` as paragraphs of a help text."""
    named = {"usage": tuple(name for name, _ in USAGE)} | {view: column_names(view) for view in COLUMNS}
    return "\n\n".join(f"Columns of {view}: {', '.join(named[view])}." for view in views)


def print_columns(views: Iterable[str]) -> None:
    """Print the columns of `views` and their meanings, each once."""
    width = output.page_width()
    lines: list[StyledLine] = [*layout.wrap_text(ABOUT, width)]
    printed: set[tuple[str, str]] = set()
    for view in views:
        columns = [(column.name, column.about) for column in COLUMNS[view]] if view in COLUMNS else [*USAGE]
        fresh = [column for column in columns if column not in printed]
        lines += [[], [(view, "title")], *_column_lines(fresh, width)]
        if len(fresh) < len(columns):
            again = ", ".join(name for name, about in columns if (name, about) in printed)
            texts = textwrap.wrap(f"As above: {again}", width - len(layout.GAP))
            lines += [[(layout.GAP + text, "dim")] for text in texts]
        printed.update(columns)
    output.print_page(lines)


def _column_lines(columns: Sequence[tuple[str, str]], width: int) -> Iterator[StyledLine]:
    room = max((len(name) for name, _ in columns), default=0) + len(layout.GAP) * 2
    for name, about in columns:
        texts = textwrap.wrap(about, width - room)
        yield [
            (layout.GAP + layout.pad_text(name, room - len(layout.GAP), left=True), "figure"),
            (texts[0], ""),
        ]
        yield from ([(" " * room + text, "")] for text in texts[1:])


def columns_option(views: Iterable[str]) -> Callable[[ClickCommand], ClickCommand]:
    """Add `--columns`, which prints the columns of `views` instead of running the command."""

    def shown(context: click.Context, _option: click.Parameter, value: object) -> None:
        if value and not context.resilient_parsing:
            print_columns(views)
            context.exit()

    return click.option(
        "--columns", is_flag=True, is_eager=True, expose_value=False, callback=shown,
        help="Show what each column holds",
    )  # fmt: skip
