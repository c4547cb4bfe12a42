"""Sources as bundles hold them (bundle.py): what they need, and their code without what only people read."""

import ast
import importlib.machinery
import importlib.util
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import CodeType

    from usage_dashboard.runtime.bundle.load import Libraries


def imported(path: str, package: str) -> list[str]:
    """What the source at `path` imports of `package` at its top, by every name that it may have."""
    names = []
    for node in _tree(path).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] == package:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def compiled(path: str) -> "CodeType":
    """The code of the source at `path`, without docstrings (half the bytes) and annotations."""
    tree = ast.fix_missing_locations(_Lean().visit(_tree(path)))
    return compile(tree, path, "exec", dont_inherit=True, optimize=2)


def libraries(names: "Iterable[str]") -> "Libraries":
    """Where the modules in C among `names` are that are files of their own."""
    found = {}
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is not None and isinstance(spec.loader, importlib.machinery.ExtensionFileLoader):
            found[name] = (os.path.dirname(spec.loader.path), spec.loader.path)
    return found


def _tree(path: str) -> ast.Module:
    with open(path, "rb") as file:
        return ast.parse(file.read())


class _Lean(ast.NodeTransformer):
    """Takes out annotations and what is imported for them: a quarter of a bundle's time to be read."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        given = node.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if argument is not None:
                argument.annotation = None
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        plain = ast.Pass() if node.value is None else ast.Assign([node.target], node.value)
        return ast.copy_location(plain, node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module == "__future__" else node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else node
