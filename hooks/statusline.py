"""Claude Code status line: stores the limits that the client was told, and shows them in one line."""

import sys

if sys.version_info >= (3, 11):  # noqa: UP036 - an older one may be told to run this
    try:
        try:
            import gc
            import marshal

            gc.disable()  # a look through all that was loaded takes 0.4 ms, and nothing here lives for long
            # All modules in one file, where there is one that counts (usage_dashboard/bundle.py).
            package = __file__.replace("\\", "/").rpartition("/hooks/")[0]
            bundle = f"{package}/__pycache__/statusline.{sys.implementation.cache_tag}.bundle"
            with open(bundle, "rb", buffering=0) as file:
                code, *found = marshal.loads(file.read())  # noqa: S302 - as the interpreter reads its own
            start: dict[str, object] = {}
            exec(code, start)  # noqa: S102 - our own
            start["take"](*found)  # type: ignore[operator]
        except (OSError, ImportError, ValueError, EOFError, TypeError):
            # By place: in a checkout the package lies beside this folder, installed it lies around it.
            import os

            root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
            if not os.path.exists(os.path.join(root, "usage_dashboard", "__init__.py")):
                root = os.path.dirname(root)
            sys.path.append(root)
        from usage_dashboard.hook import show, switched_off
        from usage_dashboard.status import status

        if not switched_off():
            show("statusline", status)
    except BaseException:  # noqa: BLE001, S110 - half an upgrade
        pass

# Without us, what stood here before: it is given the event, of which nothing was read yet.
import os

command = os.environ.get("USAGE_DASHBOARD_STATUSLINE")
if command is not None:
    os.execvp("sh", ["sh", "-c", command])  # noqa: S606, S607 - the user's own command, in the client's shell
