"""The log of our own faults: what went wrong and where in our code, and nothing about the user's work.

A hook must not print, so what it could not do is noted here and shown by `usage-dashboard doctor`.
A line holds the time, the hook, the exception's type, our file and line, and an errno; never a
message, since a message can quote a path or a piece of input.
"""

from __future__ import annotations

from usage_dashboard.config import paths

LIMIT_BYTES = 64 * 1024


def note_fault(home: str, where: str, error: BaseException, at_us: int) -> None:
    """Add `error`, which the hook `where` met at `at_us` (UTC microseconds), to the log below `home`.

    Past 64 KB the log moves aside to `faults.log.1`, which is overwritten. A log that cannot be
    written is given up: there is nobody left to report to.
    """
    import os  # noqa: PLC0415 - seldom, and a hook pays for it

    from usage_dashboard.model.humanize import iso_utc  # noqa: PLC0415 - as above

    try:
        os.makedirs(home, mode=0o700, exist_ok=True)
        path = paths.fault_file(home)
        if os.path.exists(path) and os.path.getsize(path) > LIMIT_BYTES:
            os.replace(path, path + ".1")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as file:
            file.write(f"{iso_utc(at_us)} {where} {_describe(error)}\n")
    except OSError:
        return


def read_faults(home: str) -> list[str]:
    """The lines of the log below `home`, oldest first; empty if nothing went wrong."""
    lines: list[str] = []
    for path in (paths.fault_file(home) + ".1", paths.fault_file(home)):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                lines += file.read().splitlines()
        except OSError:
            continue
    return lines


def _describe(error: BaseException) -> str:
    """The type, our innermost file and line, and errno: `OperationalError store/meta.py:89 errno=28`."""
    import os  # noqa: PLC0415 - as above

    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    place = "?"
    trace = error.__traceback__
    while trace is not None:
        file = os.path.abspath(trace.tb_frame.f_code.co_filename)
        if file.startswith(package):
            place = f"{file[len(package) :].replace(os.sep, '/')}:{trace.tb_lineno}"
        trace = trace.tb_next
    number = getattr(error, "errno", None)
    code = getattr(error, "sqlite_errorname", None)
    tail = (f" errno={number}" if isinstance(number, int) else "") + (
        f" {code}" if isinstance(code, str) else ""
    )
    return f"{type(error).__name__} {place}{tail}"
