"""Figures of how the package is built: `python research/house.py [CHECKOUT…]`, a column of Markdown for each.

Layers and circles are counted with imports for type checkers included. Needs `.[dev]`.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import grimp

PACKAGE = "usage_dashboard"
BESIDE = {"__init__.py", "__main__.py", "py.typed", "__pycache__"}
LONGEST = 300
DIALECT = (
    r"told|tells", r"found", r"whose|whom|whoever", r"takes? in|taken in|took in", r"stands?|stood", r"anew",
    r"is none|are none|is no", r"of ours",
)  # fmt: skip
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    columns = [figures(Path(checkout)) for checkout in sys.argv[1:] or ["."]]
    print("| | " + " | ".join(column.pop("commit") for column in columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(column[name] for column in columns) + " |")


def figures(checkout: Path) -> dict[str, str]:
    """Every figure of a checkout by its name, the commit first."""
    sources = {path: path.read_text() for path in sorted((checkout / PACKAGE).rglob("*.py"))}
    lines = sum(text.count("\n") for text in sources.values())
    functions = [found for text in sources.values() for found in functions_in(text)]
    names = [function.name.strip("_") for function in functions if not is_dunder(function)]
    one_word = sum("_" not in name for name in names)
    return {
        "commit": commit(checkout),
        "entries at the package's top": str(len(top_entries(checkout))),
        "layers of the import contract": str(layers(checkout)),
        "circles among siblings, types included": str(sum(circles(checkout).values())),
        "files; lines": f"{len(sources)}; {lines:,}",
        f"files over {LONGEST} lines": str(sum(text.count("\n") > LONGEST for text in sources.values())),
        "file names used more than once": str(len(repeated(path.name for path in sources))),
        "class names used more than once": str(len(repeated(classes_in(sources.values())))),
        "lines of a function: median": f"{statistics.median(map(length, functions)):g}",
        "function names of one word": f"{one_word} of {len(names):,} ({one_word / len(names):.0%})",
        "words of the dialect in 1,000 lines": f"{1000 * dialect(sources.values()) / lines:.1f}",
    }


def commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "log", "-1", "--format=%h"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def top_entries(checkout: Path) -> list[str]:
    return [path.name for path in (checkout / PACKAGE).iterdir() if path.name not in BESIDE]


def layers(checkout: Path) -> int:
    """Layers of the contract for the whole package, `__main__` not counted."""
    settings = tomllib.loads((checkout / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = [c for c in settings["contracts"] if c.get("containers") == [PACKAGE]]
    return len([layer for layer in contract["layers"] if layer != "__main__"])


def circles(checkout: Path) -> dict[str, int]:
    """By package: how many groups of its children import each other in a circle."""
    sys.path.insert(0, str(checkout.resolve()))
    try:
        graph = grimp.build_graph(PACKAGE, cache_dir=None)
    finally:
        sys.path.pop(0)
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
    return {
        package: len(groups_in_circles(siblings(graph, package)))
        for package in sorted(graph.modules)
        if graph.find_children(package)
    }


def siblings(graph: grimp.ImportGraph, package: str) -> dict[str, set[str]]:
    """Which children of `package` import which others, their own descendants included."""
    depth = package.count(".") + 2
    arrows: dict[str, set[str]] = {child: set() for child in graph.find_children(package)}
    for child, its in arrows.items():
        for module in {child, *graph.find_descendants(child)}:
            imported = graph.find_modules_directly_imported_by(module)
            its |= {".".join(name.split(".")[:depth]) for name in imported} & (arrows.keys() - {child})
    return arrows


def groups_in_circles(arrows: dict[str, set[str]]) -> list[set[str]]:
    """The groups of two or more that reach each other."""
    reached = {start: reachable(arrows, start) for start in arrows}
    groups = {frozenset(b for b in its if a in reached[b]) for a, its in reached.items() if a in its}
    return [set(group) for group in groups if len(group) > 1]


def reachable(arrows: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += arrows[name]
    return seen


def functions_in(text: str) -> list[Function]:
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, Function)]


def is_dunder(function: Function) -> bool:
    return function.name.startswith("__") and function.name.endswith("__")


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def classes_in(texts: Iterable[str]) -> list[str]:
    nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    return [node.name for node in nodes if isinstance(node, ast.ClassDef)]


def repeated(names: Iterable[str]) -> list[str]:
    counts = Counter(names)
    return [name for name, count in counts.items() if count > 1 and name != "__init__.py"]


def dialect(texts: Iterable[str]) -> int:
    pattern = re.compile(r"\b(?:" + "|".join(DIALECT) + r")\b", re.IGNORECASE)
    return sum(len(pattern.findall(text)) for text in texts)


if __name__ == "__main__":
    main()
