"""The map of the three source trees: their parts in import order, each with its own first sentence.

`python -m tests.support.map` prints it, `--write` puts it into CONTRIBUTING.md. It judges nothing:
test_layers holds the code to the order, test_docs holds CONTRIBUTING to the map.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

ORDER = {
    "lauren_ai": (
        "_exceptions _json _pricing _pipe _media _servers < _usage < _types < _secrets "
        "< _profiles < _config _prompts _tools _conversations < _streaming _approval _limits "
        "< _http _output_parsers _ledger < _cassettes < _transport < _module < _batch _mcp "
        "< _agents _chains < cassettes errors parsers signals types testing web < __init__"
    ),
    "lauren_nb": (
        "_errors _hazards _cuts _protocol < _kernel < _markdown _options < _prompt < _session "
        "< _approval < _display tools < _run < _notebook _chains panel < _magics _cli < __init__"
    ),
    "js/src": (
        "protocol page < text < host approval < code < markdown < turn warm < cell panel "
        "< runtime loader lab"
    ),
}
"""What a place may import: what stands before it. Places side by side import each other never.

Some places have no folder yet: they are kept for what is to come, so that it gets a room."""

BLOCK = re.compile(r"(<!-- map:[^>]*-->\n)(.*?)(<!-- /map -->)", re.DOTALL)
"""Where the map stands in CONTRIBUTING.md."""


def list_floors(tree: str) -> list[list[str]]:
    return [floor.split() for floor in ORDER[tree].split("<")]


def write_map() -> str:
    """The map as Markdown: a table for each tree, then the places that nothing fills yet."""
    rows: list[str] = []
    free: list[str] = []
    for tree, order in ORDER.items():
        rows += [f"| `{tree}` | what is there |", "| --- | --- |"]
        for place in order.replace("<", " ").split():
            path = _find(tree, place)
            if path is None:
                free.append(f"`{tree}/{place}`")
            else:
                rows += _iter_rows(path)
        rows.append("")
    return "\n".join([*rows, f"No folder yet, but a place in the order: {', '.join(free)}.", ""])


def _find(tree: str, place: str) -> Path | None:
    folder = ROOT / tree / place
    candidates = (folder, folder.with_suffix(".py"), folder.with_suffix(".ts"))
    return next((path for path in candidates if path.exists()), None)


def _iter_rows(path: Path) -> Iterator[str]:
    """The row of a file, or of a folder and the folders in it."""
    end = "/" if path.is_dir() else ""
    sentence = read_sentence(path).replace("|", "\\|")
    yield f"| `{path.relative_to(ROOT).as_posix()}{end}` | {sentence} |"
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            if inner.is_dir() and inner.name != "__pycache__":
                yield from _iter_rows(inner)


def read_sentence(path: Path) -> str:
    """What a file or folder says of itself first. AssertionError where it says nothing."""
    if path.is_dir() and (path / "__init__.py").exists():
        path /= "__init__.py"
    text = _read_docstring(path) if path.suffix == ".py" else _read_comment(path)
    found = re.match(r".+?\.(?=\s|$)", " ".join(text.split()))
    assert found, f"{path.relative_to(ROOT)} says not in a sentence what it owns"
    return found[0]


def _read_docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""


def _read_comment(path: Path) -> str:
    """The comment on top of a TypeScript file; of a folder, the one that opens with its name."""
    files = sorted(path.glob("*.ts")) if path.is_dir() else [path]
    opening = f"Folder {path.name}: owns " if path.is_dir() else "Owns "
    for file in files:
        lines = file.read_text("utf-8").split("\n\n")[0].splitlines()
        text = " ".join(line[2:].strip() for line in lines if line.startswith("//"))
        if text.startswith(opening):
            return text[len(opening)].upper() + text[len(opening) + 1 :]
    return ""


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        page = ROOT / "CONTRIBUTING.md"
        text = page.read_text("utf-8")
        page.write_text(BLOCK.sub(lambda found: found[1] + write_map() + found[3], text), "utf-8")
    else:
        print(write_map())
