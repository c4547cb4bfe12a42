"""Claude Code hook: records what the session spent since the last event. Says nothing, blocks nothing."""

import sys

if sys.version_info >= (3, 11):  # noqa: UP036 - an older one may be the one that runs this
    try:
        with open(__file__[: -len("counter.py")] + "launch.py", "rb", buffering=0) as file:
            exec(file.read())
        from usage_dashboard.hook.counter import record_event
        from usage_dashboard.hook.edge import run_hook

        run_hook("counter", record_event)
    except BaseException:  # noqa: BLE001 - half an upgrade; anything but exit code 0 could block a tool
        from os import _exit

        _exit(0)
