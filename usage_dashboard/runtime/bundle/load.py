"""What a bundle begins with (bundle.py): running the modules in it, while it still counts.

A hook script runs this from the bundle, before anything can be imported.
"""

import sys
from marshal import loads

try:
    from posix import stat
except ImportError:  # Windows
    from os import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Stamp = tuple[str, int, int]
    """(path of a source, time of its last change in nanoseconds, bytes)"""
    Part = tuple[str, Stamp, bool, CodeType]
    """(module, its source, whether it is a package, its code)"""
    Later = dict[str, tuple[Stamp, bytes]]
    """(source, code as it is marshalled) by module"""
    Libraries = dict[str, tuple[str, str]]
    """(folder, path) by module in C"""

used = False
"""Whether this process runs from a bundle."""


def take(root: str, parts: "list[Part]", later: "Later", libraries: "Libraries") -> None:
    """Run the modules `parts`, and have those in `later` and the `libraries` found.

    What else they import later is looked for in the folder `root`, too.

    Raises:
        OSError, ImportError: a source is not as it was; nothing was run.
    """
    for _, stamp, _, _ in parts:
        if stamp_of(stamp[0]) != stamp:
            raise ImportError(stamp[0])
    sys.path.append(root)
    sys.meta_path.insert(0, _Finder(later, libraries))
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


def stamp_of(path: str) -> "Stamp":
    """What tells that the source at `path` was changed."""
    status = stat(path)
    return path, status.st_mtime_ns, status.st_size


class _Finder:
    """The places of what is imported after the start, which the import system takes 0.1 to 0.3 ms to find."""

    def __init__(self, later: "Later", libraries: "Libraries") -> None:
        self._later = later
        self._libraries = libraries

    def find_spec(
        self, name: str, _path: "Sequence[str] | None" = None, _target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        spec_type = type(sys.__spec__)
        if name in self._later:
            stamp = self._later[name][0]
            loader: Loader = self  # type: ignore[assignment]
            return spec_type(name, loader, origin=stamp[0]) if stamp_of(stamp[0]) == stamp else None
        folder, path = self._libraries.get(name, ("", ""))
        if folder and folder in sys.path:  # of this very interpreter, not of one before an update
            system = sys.modules["_frozen_importlib_external"]
            return spec_type(name, system.ExtensionFileLoader(name, path), origin=path)
        return None

    def create_module(self, _spec: "ModuleSpec") -> None:
        """The import system's own."""

    def exec_module(self, module: "ModuleType") -> None:
        (path, _, _), code = self._later[module.__name__]
        module.__file__ = path
        exec(loads(code), module.__dict__)  # noqa: S102, S302 - our own
