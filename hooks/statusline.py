"""Claude Code status line: stores the limits that the client was told, and shows them in one line."""

import os
import sys

if sys.version_info >= (3, 11) and os.environ.get("USAGE_DASHBOARD_DISABLE") != "1":
    # By place: in a checkout the package lies beside this folder, installed it lies around it.
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if not os.path.exists(os.path.join(root, "usage_dashboard", "__init__.py")):
        root = os.path.dirname(root)
    sys.path.append(root)
    try:
        from usage_dashboard.bundle import use

        use("statusline")
        from usage_dashboard.hook import show
        from usage_dashboard.status import status
    except BaseException:  # noqa: BLE001, S110 - half an upgrade
        pass
    else:
        show("statusline", status)

# Without us, what stood here before: it is given the event, of which nothing was read yet.
command = os.environ.get("USAGE_DASHBOARD_STATUSLINE")
if command is not None:
    os.execvp("sh", ["sh", "-c", command])  # noqa: S606, S607 - the user's own command, in the client's shell
