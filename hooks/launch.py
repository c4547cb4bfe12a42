"""How every hook script starts: with all its modules from one file, else imported one by one.

A script executes this in its own namespace, so that `__file__` is the script's.
"""

import gc
import sys
from marshal import loads

gc.disable()  # a look through all that was loaded takes 0.4 ms, and nothing here lives for long
folder = __file__[: max(__file__.rfind("/"), __file__.rfind("\\")) + 1]
script = __file__[len(folder) : -len(".py")]
try:
    # The bundle, if there is one and it is up to date (usage_dashboard/runtime/__init__.py).
    bundle = f"{folder}../__pycache__/{script}.{sys.implementation.cache_tag}.bundle"
    with open(bundle, "rb", buffering=0) as file:
        start, *arguments = loads(file.read())
    names: dict[str, object] = {}
    exec(start, names)
    names["run_modules"](*arguments)  # type: ignore[operator]
except Exception:  # noqa: BLE001 - missing, cut, of another release or of other sources
    with open(folder + "by_place.py", "rb", buffering=0) as file:
        exec(file.read())
