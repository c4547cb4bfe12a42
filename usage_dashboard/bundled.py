"""What a bundle begins with (bundle.py): running the modules in it, while it still counts.

A hook script runs this from the bundle, before anything can be imported.
"""

import sys

try:
    from posix import stat
except ImportError:  # Windows
    from os import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType

    Stamp = tuple[str, int, int]
    """(path of a source, time of its last change in nanoseconds, bytes)"""
    Part = tuple[str, str, bool, CodeType]
    """(module, path of its source, whether it is a package, its code)"""

used = False
"""Whether this process runs from a bundle."""


def take(root: str, stamps: "list[Stamp]", parts: "list[Part]") -> None:
    """Run the modules `parts`; what they import later is looked for in the folder `root`, too.

    Raises:
        OSError, ImportError: a source is not as it was; nothing was run.
    """
    for stamp in stamps:
        if stamp_of(stamp[0]) != stamp:
            raise ImportError(stamp[0])
    sys.path.append(root)
    module_type, modules = type(sys), sys.modules
    for name, path, is_package, code in parts:
        parent, _, last = name.rpartition(".")
        module = modules[name] = module_type(name)
        module.__file__ = path
        module.__package__ = name if is_package else parent
        if is_package:
            module.__path__ = [path[: -len("/__init__.py")]]
        if parent:
            setattr(modules[parent], last, module)
        exec(code, module.__dict__)  # noqa: S102 - our own
    modules["usage_dashboard.bundled"].used = True  # type: ignore[attr-defined]


def stamp_of(path: str) -> "Stamp":
    """What tells that the source at `path` was changed."""
    status = stat(path)
    return path, status.st_mtime_ns, status.st_size
