"""All that a hook imports in one file: the package's modules as they were compiled, in the order they need.

A hook takes some forty modules, and importing one costs it about 100 microseconds beside running it: finding
the file, checking it, reading it, and the import system's own bookkeeping. Here they are read at once and
run one after the other, which saves a hook 4 of 15 ms. There is one file for each hook script, among
the interpreter's own compiled files and for one version of it. It counts only while every source is as
it was; without it the modules are imported as ever.

A bundle holds the code of `bundled.py`, and what its `take` is called with.
"""

import marshal
import os
import sys

from usage_dashboard.runtime.bundle.load import stamp_of

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAME = "usage_dashboard"
ENTRIES = {"counter": "hook.counter", "alert": "hook.alert", "statusline": "hook.statusline"}
"""The module that each hook script calls, beside `hook` around it."""

LATER = (
    "ingest.transcripts.subagent_meta",
    "store.read.baseline",
    "store.write.limit_hits",
    "store.write.subagents",
)
"""What is imported for some events only: it is in the bundle too, but not run at the start."""

LIBRARIES = ("_json", "_sqlite3")
"""Modules in C that every hook imports."""


def refresh() -> None:
    """Write the bundles that are missing or do not count any more.

    Only for an installed package, whose files change all at once: in a checkout they would be in
    the way. A folder that cannot be written goes without.
    """
    if not os.path.isdir(os.path.join(PACKAGE, "hooks")) or sys.dont_write_bytecode:
        return
    for script in ENTRIES:
        if not _counts(script):
            _write(script)


def _file(script: str) -> str:
    return os.path.join(PACKAGE, "__pycache__", f"{script}.{sys.implementation.cache_tag}.bundle")


def _counts(script: str) -> bool:
    try:
        with open(_file(script), "rb") as file:
            _, _, parts, later, _ = marshal.loads(file.read())  # noqa: S302 - as the interpreter reads its own
        stamps = [part[1] for part in parts] + [stamp for stamp, _ in later.values()]
        return all(stamp_of(stamp[0]) == stamp for stamp in stamps)
    except (OSError, ValueError, EOFError, TypeError):  # none, cut, or another interpreter's
        return False


def _write(script: str) -> None:
    from usage_dashboard.runtime.atomic_file import replacing  # noqa: PLC0415 - once after an upgrade
    from usage_dashboard.runtime.bundle.compile import compiled, libraries  # noqa: PLC0415 - as above

    parts = [
        (name, stamp_of(path), os.path.basename(path) == "__init__.py", compiled(path))
        for name, path in _sources(script).items()
    ]
    later = {
        f"{NAME}.{name}": (stamp_of(_path(name)), marshal.dumps(compiled(_path(name)))) for name in LATER
    }
    held = (
        compiled(_path("runtime.bundle.load")),
        os.path.dirname(PACKAGE),
        parts,
        later,
        libraries(LIBRARIES),
    )
    try:
        # Whoever may read the source may read this, as with the interpreter's own compiled files.
        with replacing(_file(script), mode=os.stat(__file__).st_mode & 0o666) as file:
            file.write(marshal.dumps(held))
    except OSError:
        return


def _path(name: str) -> str:
    """The source of the package's module `name`, if there is one."""
    path = os.path.join(PACKAGE, *name.split("."))
    return os.path.join(path, "__init__.py") if os.path.isdir(path) else path + ".py"


def _sources(script: str) -> dict[str, str]:
    """Path by module of what a hook script imports before it looks at its event, each after what it needs."""
    from usage_dashboard.runtime.bundle.compile import imported  # noqa: PLC0415 - as above

    found: dict[str, str] = {}

    def take(name: str) -> None:
        path = _path(name.removeprefix(NAME).removeprefix("."))
        if not name or name in found or not os.path.isfile(path):
            return
        take(name.rpartition(".")[0])
        for needed in imported(path, NAME):
            take(needed)
        found.setdefault(name, path)

    for entry in ("runtime.bundle.load", ENTRIES[script], "hook.edge"):
        take(f"{NAME}.{entry}")
    return found
