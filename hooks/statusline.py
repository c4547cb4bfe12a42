"""Claude Code status line: stores the limits that the client reports, and shows them in one line."""

import sys

if sys.version_info >= (3, 11):  # noqa: UP036 - an older one may be the one that runs this
    try:
        with open(__file__[: -len("statusline.py")] + "launch.py", "rb", buffering=0) as file:
            exec(file.read())
        from usage_dashboard.hook.edge import run_and_print
        from usage_dashboard.hook.statusline import status_line

        run_and_print("statusline", status_line)
    except BaseException:  # noqa: BLE001, S110 - half an upgrade
        pass

# If this release cannot run: the command that was here before reads the event, of which nothing was read yet.
import os

command = os.environ.get("USAGE_DASHBOARD_STATUSLINE")
if command is not None:
    os.execvp("sh", ["sh", "-c", command])  # noqa: S606, S607 - the user's own command, in the client's shell
