"""Pieces of HTML, in which every text is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from usage_dashboard.aggregator import Totals

from usage_dashboard.reports.wording import numbers


class Html(str):
    """Text that is markup already and is not escaped again."""

    __slots__ = ()


def tag(name: str, *inner: str, **attributes: str) -> Html:
    """An element; `class_` is its class, and underscores in other attributes are hyphens."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    named = "".join(f' {key}="{escape(value)}"' for key, value in pairs)
    return Html(f"<{name}{named}>{join_html(inner)}</{name}>")


def join_html(parts: Iterable[str]) -> Html:
    """Join `parts`, escaping those that are text."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def amount_html(count: int, shown: str = "") -> Html:
    """A count as people read it, with all of its digits as a tooltip."""
    return tag("data", shown or numbers.format_tokens(count), value=str(count), title=f"{count:,}")


def output_html(totals: Totals) -> Html:
    """The output tokens of `totals`, as a lower bound if a call was cut off."""
    return amount_html(totals.output, numbers.format_output(totals))


def table_html(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], note: str = "") -> Html:
    """A table whose first column names its rows, under its caption."""
    head = tag("tr", *(tag("th", title, scope="col") for title in heads))
    body = [tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:])) for row in rows]
    parts = [tag("h2", caption)]
    if note:
        parts.append(tag("p", note, class_="note"))
    grid = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
    parts.append(tag("div", grid, class_="scroll", tabindex="0", role="region", aria_label=caption))
    return tag("section", *parts, class_="card")


def bar_html(part: float, label: str) -> Html:
    """A name, with the fraction `part` as a bar below it."""
    return join_html([tag("span", label, class_="name"), tag("i", class_="bar", style=f"--part:{part:.2%}")])
