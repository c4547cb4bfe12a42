"""Claude Code hook: says once per level how much of a limit or budget is used. Decides nothing."""

import sys

if sys.version_info >= (3, 11):  # noqa: UP036 - an older one may be the one that runs this
    try:
        with open(__file__[: -len("alert.py")] + "launch.py", "rb", buffering=0) as file:
            exec(file.read())
        from usage_dashboard.hook.alert import check_event
        from usage_dashboard.hook.edge import run_hook

        run_hook("alert", check_event)
    except BaseException:  # noqa: BLE001 - half an upgrade; anything but exit code 0 could block a tool
        from os import _exit

        _exit(0)
