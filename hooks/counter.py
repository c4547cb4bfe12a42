"""Claude Code hook: records what the session spent since the last event. Says nothing, blocks nothing."""

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

        use("counter")
        from usage_dashboard.hook import run
        from usage_dashboard.record import record
    except BaseException:  # noqa: BLE001 - half an upgrade; anything but exit code 0 could block a tool
        os._exit(0)
    run("counter", record)
