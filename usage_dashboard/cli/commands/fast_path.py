"""What `week`, `day`, `month` and `import` do once their options are read: nothing here needs click."""

from __future__ import annotations

from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.cli.terminal import output
from usage_dashboard.reports.envelope import build_envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.windows import Window


def period(name: str, *, as_json: bool) -> None:
    """Print the present `day`, `week` or `month`, after a look for what is new in the transcripts."""
    reader = CommandReader()
    reader.sweep_with_progress(quiet=as_json)
    show(reader, reader.window_named(name), as_json=as_json)


def show(
    reader: CommandReader, window: Window, *, as_json: bool, compare: bool = False, breakdown: bool = False
) -> None:
    """Print what was used in `window`: its page, or as JSON."""
    if not as_json:
        from usage_dashboard.cli.pages import period as summary  # noqa: PLC0415 - JSON does without

        summary.show(reader, window, compare=compare, breakdown=breakdown)
        return
    usage = reader.read_usage(window)
    document = build_envelope(usage, reader.limit_rows())
    if compare:
        from usage_dashboard.cli.pages.comparison import Comparison  # noqa: PLC0415 - seldom asked for

        document |= Comparison(reader, usage).document()
    output.show_json(document)


def take_in(paths: tuple[str, ...] = ()) -> None:
    """Take what is new in the transcripts, and in those at `paths`, into the ledger; print how much."""
    fresh = CommandReader().sweep_with_progress(paths)
    output.say(
        "1 response is new in the ledger" if fresh == 1 else f"{fresh:,} responses are new in the ledger"
    )
