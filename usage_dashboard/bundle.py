"""All that a hook imports in one file: the package's modules as they were compiled, in the order they need.

A hook takes some forty modules, and importing one costs it about 100 microseconds beside running it: finding
the file, checking it, reading it, and the import system's own bookkeeping. Here they are read at once and
run one after the other, which saves a hook 3 of 15 ms. There is one file for each hook script, among
the interpreter's own compiled files and for one version of it. It counts only while every source is as
it was; without it the modules are imported as ever.
"""

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    Stamp = tuple[str, int, int]
    """(path of a source, time of its last change in nanoseconds, bytes)"""
    Part = tuple[str, str, bool, CodeType]
    """(module, path of its source, whether it is a package, its code)"""

PACKAGE = os.path.dirname(os.path.abspath(__file__))
NAME = "usage_dashboard"
ENTRIES = {"counter": "record", "alert": "check", "statusline": "status"}
"""The module that each hook script calls, beside `hook` around it."""


def use(script: str) -> None:
    """Run the modules of the hook `script` from its bundle, where there is one that still counts."""
    module_type = type(sys)
    for name, path, is_package, code in _read(script):
        parent, _, last = name.rpartition(".")
        module = module_type(name)
        module.__file__ = path
        module.__package__ = name if is_package else parent
        if is_package:
            module.__path__ = [os.path.dirname(path)]
        sys.modules[name] = module
        setattr(sys.modules[parent], last, module)
        exec(code, module.__dict__)  # noqa: S102 - our own


def refresh() -> None:
    """Write the bundles that are missing or do not count any more.

    Only for an installed package, whose files change all at once: in a checkout they would be in
    the way. A folder that cannot be written goes without.
    """
    if not os.path.isdir(os.path.join(PACKAGE, "hooks")) or sys.dont_write_bytecode:
        return
    for script in ENTRIES:
        if not _read(script):
            _write(script)


def _file(script: str) -> str:
    return os.path.join(PACKAGE, "__pycache__", f"{script}.{sys.implementation.cache_tag}.bundle")


def _read(script: str) -> "list[Part]":
    """What the bundle of `script` holds; nothing where it does not count."""
    try:
        with open(_file(script), "rb", buffering=0) as file:
            stamps, parts = marshal.loads(file.read())  # noqa: S302 - as the interpreter reads its own
        if all(_stamp(stamp[0]) == stamp for stamp in stamps):
            found: list[Part] = parts
            return found
    except (OSError, ValueError, EOFError, TypeError):  # none, cut, or another interpreter's
        pass
    return []


def _write(script: str) -> None:
    stamps, parts = [], []
    for name, path in _sources(script):
        stamps.append(_stamp(path))
        with open(path, "rb") as file:
            # Without docstrings, which are half the bytes.
            code = compile(file.read(), path, "exec", dont_inherit=True, optimize=2)
        parts.append((name, path, os.path.basename(path) == "__init__.py", code))
    draft = f"{_file(script)}.{os.getpid()}"
    try:
        with open(draft, "wb") as file:
            file.write(marshal.dumps((stamps, parts)))
        os.replace(draft, _file(script))
    except OSError:
        return


def _stamp(path: str) -> "Stamp":
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size


def _sources(script: str) -> list[tuple[str, str]]:
    """(module, path) of what a hook script imports before it looks at its event, each after what it needs."""
    found: dict[str, str] = {}

    def take(name: str) -> None:
        path = os.path.join(PACKAGE, *name.split(".")[1:])
        path = os.path.join(path, "__init__.py") if os.path.isdir(path) else path + ".py"
        if name in found or name == NAME or not os.path.isfile(path):
            return
        take(name.rpartition(".")[0])
        for needed in _imported(path):
            take(needed)
        found.setdefault(name, path)

    for entry in (ENTRIES[script], "hook"):
        take(f"{NAME}.{entry}")
    return list(found.items())


def _imported(path: str) -> list[str]:
    """What the source at `path` imports of this package at its top, by every name that it may have."""
    import ast  # noqa: PLC0415 - once after an upgrade

    names = []
    with open(path, "rb") as file:
        body = ast.parse(file.read()).body
    for node in body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == NAME:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names
