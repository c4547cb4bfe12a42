"""What a bundle begins with: it runs the modules in the bundle, provided that no source has changed.

A hook script executes this from the bundle, before anything can be imported.
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
    Part = tuple[str, Stamp, bool, CodeType]
    """(module, its source, whether it is a package, its code)"""

used = False
"""Whether this process runs from a bundle."""


def run_modules(root: str, parts: "list[Part]") -> None:
    """Run the modules `parts` in their order; what they import later is looked up in the folder `root`.

    Raises:
        OSError, ImportError: a source has changed; nothing was run.
    """
    for _, stamp, _, _ in parts:
        if source_stamp(stamp[0]) != stamp:
            raise ImportError(stamp[0])
    sys.path.append(root)
    module_type, modules = type(sys), sys.modules
    for name, (path, _, _), is_package, code in parts:
        parent, _, last = name.rpartition(".")
        module = modules[name] = module_type(name)
        module.__file__ = path
        module.__package__ = name if is_package else parent
        if is_package:
            module.__path__ = [path[: -len("/__init__.py")]]
        if parent:
            setattr(modules[parent], last, module)
        exec(code, module.__dict__)  # noqa: S102 - our own
    modules["usage_dashboard.runtime.bundle.load"].used = True  # type: ignore[attr-defined]


def source_stamp(path: str) -> "Stamp":
    """Return what changes whenever the source at `path` does."""
    status = stat(path)
    return path, status.st_mtime_ns, status.st_size
