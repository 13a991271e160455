"""Who imports whom, in each of the three source trees. It judges nothing; test_layers does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent.parent

Arrow = tuple[str, str]
"""A file and a file of the same tree that it imports, as paths from the repository's top."""

_IMPORT_TS = re.compile(
    r"""(?:^\s*(?:import|export)\b[^"'();=]*?\bfrom\s*|^\s*import\s*|\bimport\()"""
    r"""["'](\.\.?/[^"']+)["']""",
    re.MULTILINE,
)


@dataclass
class Tree:
    """A source tree: its files, the arrows between them, and every module that they name."""

    name: str
    files: set[str] = field(default_factory=set)
    arrows: set[Arrow] = field(default_factory=set)
    modules: set[tuple[str, str]] = field(default_factory=set)

    def place_of(self, file: str) -> str:
        """The folder or file on the tree's own top: `_http` for `lauren_ai/_http/sse.py`."""
        top = PurePosixPath(file).relative_to(self.name).parts[0]
        return top.partition(".")[0]


def read_python(name: str) -> Tree:
    """Every import at any depth counts: within functions and for type checkers too."""
    paths = {path.relative_to(ROOT).as_posix() for path in (ROOT / name).rglob("*.py")}
    tree = Tree(name, paths)
    for file in paths:
        for module in _iter_modules(file):
            tree.modules.add((file, module))
            if (target := _find_file(module)) in paths and target != file:
                tree.arrows.add((file, target))
    return tree


def _iter_modules(file: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: a relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names]
            inner = [name for name in names if _find_file(name)]
            yield from inner
            if len(inner) < len(names):
                yield module


def _find_file(module: str) -> str | None:
    path = ROOT / module.replace(".", "/")
    for candidate in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate.relative_to(ROOT).as_posix()
    return None


def read_typescript(name: str) -> Tree:
    paths = {path.relative_to(ROOT).as_posix() for path in (ROOT / name).rglob("*.ts")}
    tree = Tree(name, paths)
    for file in paths:
        folder = (ROOT / file).parent
        for found in _IMPORT_TS.findall((ROOT / file).read_text("utf-8")):
            target = (folder / found).resolve().relative_to(ROOT).as_posix()
            if target.endswith((".ts", ".js")):
                target = f"{target[:-3]}.ts"
            elif not target.endswith(".css"):
                target += ".ts"
            if target in paths:
                tree.arrows.add((file, target))
            else:
                assert target.endswith(".css"), f"{file} imports {found}, which is not there"
    return tree


def find_circles(arrows: set[Arrow]) -> list[list[str]]:
    """Files that reach each other, circle by circle (Tarjan's strongly connected components)."""
    after: dict[str, list[str]] = {}
    for start, end in arrows:
        after.setdefault(start, []).append(end)
        after.setdefault(end, [])
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(file: str) -> None:
        index[file] = low[file] = len(index)
        stack.append(file)
        for target in after[file]:
            if target not in index:
                visit(target)
                low[file] = min(low[file], low[target])
            elif target in stack:
                low[file] = min(low[file], index[target])
        if low[file] == index[file]:
            cut = stack.index(file)
            circle, stack[cut:] = sorted(stack[cut:]), []
            if len(circle) > 1:
                circles.append(circle)

    for file in sorted(after):
        if file not in index:
            visit(file)
    return sorted(circles)


TREES = {
    "lauren_ai": read_python("lauren_ai"),
    "lauren_nb": read_python("lauren_nb"),
    "js/src": read_typescript("js/src"),
}
