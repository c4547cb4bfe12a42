"""Claude Code status line: stores the limits that the client was told, and shows them in one line."""

import sys

if sys.version_info >= (3, 11):  # noqa: UP036 - an older one may be told to run this
    try:
        folder = __file__[: -len("statusline.py")]
        try:
            import gc
            from marshal import loads

            gc.disable()  # a look through all that was loaded takes 0.4 ms, and nothing here lives for long
            # All modules in one file, where there is one that counts (usage_dashboard/bundle.py).
            tag = sys.implementation.cache_tag
            with open(f"{folder}../__pycache__/statusline.{tag}.bundle", "rb", buffering=0) as file:
                start, *found = loads(file.read())
            names: dict[str, object] = {}
            exec(start, names)
            names["take"](*found)  # type: ignore[operator]
        except Exception:  # noqa: BLE001 - none, or one of other sources
            with open(folder + "by_place.py", "rb", 0) as file:
                exec(file.read())
        from usage_dashboard.hook.edge import show
        from usage_dashboard.hook.statusline import status

        show("statusline", status)
    except BaseException:  # noqa: BLE001, S110 - half an upgrade
        pass

# Without us, what stood here before: it is given the event, of which nothing was read yet.
import os

command = os.environ.get("USAGE_DASHBOARD_STATUSLINE")
if command is not None:
    os.execvp("sh", ["sh", "-c", command])  # noqa: S606, S607 - the user's own command, in the client's shell
