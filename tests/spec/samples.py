"""Takes the code samples out of the streaming document beside this file, and runs one as it is.

A line `name: T = ...` is the document's word for "somebody gives you this": the caller does.
"""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

DOCUMENT = (Path(__file__).parent / "streaming.txt").read_text("utf-8")

#: A heading that is Python as well, so no compiler tells it from the sample above it.
HEADING = "AgentRunner.run_stream()"


def is_python(source: str) -> bool:
    try:
        compile(source, "sample", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError:
        return False
    return True


def extract_samples(document: str) -> list[str]:
    """What follows each line `python`: all its paragraphs that are Python together."""
    samples = []
    for block in document.split("\npython\n")[1:]:
        paragraphs = block.split("\n\n")
        if HEADING in paragraphs:
            paragraphs = paragraphs[: paragraphs.index(HEADING)]
        ends = range(len(paragraphs), 0, -1)
        samples.append(
            next(s for end in ends if is_python(s := "\n\n".join(paragraphs[:end]))).rstrip("\n")
        )
    return samples


class WithoutPlaceholders(ast.NodeTransformer):
    """Drops `name: T = ...`, so that the name keeps what the test has given."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        value = node.value
        is_placeholder = isinstance(value, ast.Constant) and value.value is Ellipsis
        return ast.copy_location(ast.Pass(), node) if is_placeholder else node


async def run_sample(sample: str, **given: Any) -> dict[str, Any]:
    """The names that are there when the sample has run."""
    names: dict[str, Any] = {"__name__": "sample", **given}
    tree = WithoutPlaceholders().visit(ast.parse(sample))
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code = compile(tree, "sample", "exec", flags, dont_inherit=True)
    result = eval(code, names)
    if inspect.iscoroutine(result):
        await result
    return names
