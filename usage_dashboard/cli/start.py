"""The entry point: run the commonest command lines at once, all others through click.

Most command lines have no option, or `--json` alone. Click, with the modules that it imports, takes 24 of the
70 ms of such a call. Its commands and this shortcut call the same functions, in `fast_path`.
"""

from __future__ import annotations

import os
import sys

from usage_dashboard.cli.names import COMPLETION_VARIABLE, DEFAULT_COMMAND, PROGRAM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_PERIODS = (DEFAULT_COMMAND, "day", "month")
_JSON = "--json"


def main() -> None:
    """Run the command line."""
    if run_fast_path(sys.argv[1:]):
        # Taking the interpreter down, module by module, is 3 of the 40 ms of `week --json`.
        sys.stderr.flush()
        os._exit(0)
    from usage_dashboard.cli.main import cli  # noqa: PLC0415 - see above

    cli(prog_name=PROGRAM)


def run_fast_path(words: Sequence[str]) -> bool:
    """Run the arguments `words` if they have one of the commonest forms; return whether they have."""
    if COMPLETION_VARIABLE in os.environ:
        return False
    name, *options = words if words and words[0] != _JSON else (DEFAULT_COMMAND, *words)
    period = name in _PERIODS and options in ([], [_JSON])
    if not period and words != ["import"]:
        return False
    try:
        from usage_dashboard.cli import fast_path  # noqa: PLC0415 - help and completion do without

        if period:
            fast_path.show_period(name, as_json=bool(options))
        else:
            fast_path.import_transcripts()
    except BaseException as error:
        from usage_dashboard.cli.failures import report_failure  # noqa: PLC0415 - words for a failure are click's

        code = report_failure(error)
        if code is None:
            raise
        sys.exit(code)
    return True
