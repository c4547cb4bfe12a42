"""A progress bar for long sweeps, on standard error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressBar:
    """A progress bar that appears if there is more than one piece to read, and is removed at the end."""

    def __init__(self) -> None:
        self._shown: Progress | None = None

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` bytes are read."""
        if self._shown is None:
            if done >= total:
                return
            self._shown = _start_progress(total)
        self._shown.update(self._shown.task_ids[0], completed=done)

    def close(self) -> None:
        """Remove the bar."""
        if self._shown is not None:
            self._shown.stop()


def _start_progress(total: int) -> Progress:
    from rich.console import Console  # noqa: PLC0415 - most readings are over at once and need no bar
    from rich.progress import Progress  # noqa: PLC0415

    shown = Progress(console=Console(stderr=True), transient=True)
    shown.add_task("Reading transcripts", total=total)
    shown.start()
    return shown
