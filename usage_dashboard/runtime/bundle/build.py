"""Writing the bundles: one file for each hook script, with all modules that it imports before its event.

A bundle lies among the interpreter's own compiled files and is for one version of it. It holds the code of
`load.py` and the arguments of `run_modules` there.
"""

import marshal
import os
import sys

from usage_dashboard.runtime.bundle.load import source_stamp

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAME = "usage_dashboard"
ENTRIES = {"counter": "hook.counter", "alert": "hook.alert", "statusline": "hook.statusline"}
"""The module that each hook script calls through `hook.edge`."""


def refresh_bundles() -> None:
    """Write the bundles that are missing or out of date.

    Only for an installed package, whose files change all at once: in a checkout they would be in
    the way. Nothing is written to a folder that does not allow it.
    """
    if not os.path.isdir(os.path.join(PACKAGE, "hooks")) or sys.dont_write_bytecode:
        return
    for script in ENTRIES:
        if not _is_current(script):
            _write_bundle(script)


def _bundle_file(script: str) -> str:
    return os.path.join(PACKAGE, "__pycache__", f"{script}.{sys.implementation.cache_tag}.bundle")


def _is_current(script: str) -> bool:
    try:
        with open(_bundle_file(script), "rb") as file:
            _, _, parts = marshal.loads(file.read())  # noqa: S302 - as the interpreter reads its own
        return all(source_stamp(part[1][0]) == part[1] for part in parts)
    except (OSError, ValueError, EOFError, TypeError):  # missing, cut, or of another release
        return False


def _write_bundle(script: str) -> None:
    from usage_dashboard.runtime.atomic_file import replacing  # noqa: PLC0415 - once after an upgrade
    from usage_dashboard.runtime.bundle.compile import compile_lean  # noqa: PLC0415 - as above

    parts = [
        (name, source_stamp(path), os.path.basename(path) == "__init__.py", compile_lean(path))
        for name, path in _find_sources(script).items()
    ]
    bundle = (compile_lean(_source_path("runtime.bundle.load")), os.path.dirname(PACKAGE), parts)
    try:
        # Whoever may read the source may read this, as with the interpreter's own compiled files.
        with replacing(_bundle_file(script), mode=os.stat(__file__).st_mode & 0o666) as file:
            file.write(marshal.dumps(bundle))
    except OSError:
        return


def _source_path(name: str) -> str:
    """Return where the source of the package's module `name` would be."""
    path = os.path.join(PACKAGE, *name.split("."))
    return os.path.join(path, "__init__.py") if os.path.isdir(path) else path + ".py"


def _find_sources(script: str) -> dict[str, str]:
    """Return path by module of what a hook script imports at its top, each after what it imports itself."""
    from usage_dashboard.runtime.bundle.compile import imported_modules  # noqa: PLC0415 - as above

    sources: dict[str, str] = {}

    def add(name: str) -> None:
        path = _source_path(name.removeprefix(NAME).removeprefix("."))
        if not name or name in sources or not os.path.isfile(path):
            return
        add(name.rpartition(".")[0])
        for needed in imported_modules(path, NAME):
            add(needed)
        sources.setdefault(name, path)

    for entry in ("runtime.bundle.load", ENTRIES[script], "hook.edge"):
        add(f"{NAME}.{entry}")
    return sources
