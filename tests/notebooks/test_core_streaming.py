"""The streaming document's code samples stand in the example notebooks, to the letter.

That they run there is nbval's to prove: it runs these notebooks and compares their outputs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.spec.samples import DOCUMENT, extract_samples

NOTEBOOKS = Path(__file__).parent.parent.parent / "notebooks"
CORE, WEB = "05-core-streaming.ipynb", "06-web-sse.ipynb"

#: What the document means by "somebody gives you this": the notebook's cell above has made the
#: object, so that the line stands there as a comment.
PLACEHOLDER = re.compile(r"^(\w+: \w+ = \.\.\.)", re.MULTILINE)

SAMPLES = extract_samples(DOCUMENT)


def needs_web_server(sample: str) -> bool:
    return "EventStream(" in sample


def read_cells(name: str) -> list[str]:
    """The sources of a notebook's code cells."""
    cells = json.loads((NOTEBOOKS / name).read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_the_document_has_seven_samples_for_the_core_and_two_for_the_web() -> None:
    assert [needs_web_server(sample) for sample in SAMPLES] == [False] * 4 + [True] * 2 + [
        False
    ] * 3


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not needs_web_server(s)])
def test_each_sample_without_a_web_server_is_a_cell_of_the_core_notebook(sample: str) -> None:
    assert PLACEHOLDER.sub(r"# \1", sample) in read_cells(CORE)


def test_the_samples_stand_in_the_documents_order() -> None:
    cells = read_cells(CORE)
    wanted = [PLACEHOLDER.sub(r"# \1", s) for s in SAMPLES if not needs_web_server(s)]
    places = [cells.index(sample) for sample in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if needs_web_server(s)])
def test_each_controller_is_a_cell_of_the_web_notebook(sample: str) -> None:
    assert sample in read_cells(WEB)


def test_what_was_given_is_not_taken_away_again() -> None:
    """No cell runs a placeholder, which would put `...` in place of the object."""
    assert not any(PLACEHOLDER.search(cell) for name in (CORE, WEB) for cell in read_cells(name))
