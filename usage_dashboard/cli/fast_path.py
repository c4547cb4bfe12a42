"""What `week`, `day`, `month` and `import` do after their options are parsed; without click, for speed."""

from __future__ import annotations

from usage_dashboard.cli.reader import CommandReader
from usage_dashboard.cli.terminal import output
from usage_dashboard.reports.envelope import build_envelope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.model.windows import Window


def show_period(name: str, *, as_json: bool) -> None:
    """Read new transcript lines, then print the current `day`, `week` or `month`."""
    reader = CommandReader()
    reader.sweep_with_progress(quiet=as_json)
    show_window(reader, reader.window_named(name), as_json=as_json)


def show_window(
    reader: CommandReader, window: Window, *, as_json: bool, compare: bool = False, breakdown: bool = False
) -> None:
    """Print the usage in `window`, as a page or as JSON."""
    if not as_json:
        from usage_dashboard.cli.pages.period import print_period  # noqa: PLC0415 - JSON does without

        print_period(reader, window, compare=compare, breakdown=breakdown)
        if window.name == "week":
            _print_damage(reader)
            _print_misfits(reader)
        return
    usage = reader.read_usage(window)
    document = build_envelope(usage, reader.limit_rows())
    if compare:
        from usage_dashboard.cli.pages.comparison import Comparison  # noqa: PLC0415 - seldom asked for

        document |= Comparison(reader, usage).to_json()
    output.print_json(document)


def _print_damage(reader: CommandReader) -> None:
    """Print one line, with a hint, where more than a trace of the transcripts is damaged."""
    from usage_dashboard.reports.wording.remarks import describe_damage  # noqa: PLC0415 - JSON does without
    from usage_dashboard.store.read.damaged_lines import count_damaged_lines  # noqa: PLC0415 - as above

    with reader.open_ledger() as db:
        lines = 0 if db is None else count_damaged_lines(db)
    if lines:
        output.print_text(f"\n{describe_damage(lines)}\nhint: usage-dashboard doctor")


def _print_misfits(reader: CommandReader) -> None:
    """Print one line, with a hint, where the registered hooks do not fit the client that ran last."""
    from usage_dashboard.ingest import sweep  # noqa: PLC0415 - JSON does without
    from usage_dashboard.install import client_notice  # noqa: PLC0415 - as above

    for root in sweep.claude_folders(reader.home):
        notice = client_notice.describe_misfit(reader.home, root)
        if notice is not None:
            output.print_text("\n{}\nhint: {}".format(*notice))
            return


def import_transcripts(home: str = "", paths: tuple[str, ...] = ()) -> None:
    """Read transcripts, those at `paths` too, into the ledger; print how many responses are new."""
    fresh = CommandReader(home).sweep_with_progress(paths)
    output.print_text(
        "1 response is new in the ledger" if fresh == 1 else f"{fresh:,} responses are new in the ledger"
    )
