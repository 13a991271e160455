"""What the documents say about the code is what the code says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lauren_nb._options.table import get_markdown_table
from tests.support.map import BLOCK, write_map

ROOT = Path(__file__).parent.parent
LISTED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
FILES = {name for name in LISTED.decode().split("\0") if name and (ROOT / name).is_file()}
TEXTS = sorted(name for name in FILES if not name.endswith((".png", ".json", ".ipynb")))
PAGES = sorted(name for name in FILES if name.endswith(".md"))

PATH = re.compile(r"(?<![\w/.:-])(docs/(?:[\w.-]+/)*[\w-]+(?:\.\w+)*)(?:#([\w-]+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
DOCUMENT = re.compile(r"(?<![\w.-])[A-Z][A-Z_]+\.(?:md|rst|txt)\b")
PLACE = re.compile(r"`((?:lauren_ai|lauren_nb|js|tests|docs|benchmarks|\.ci)/[\w./-]*)`")


def test_the_readme_has_the_table_of_options() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(r"<!-- options:[^>]*-->\n(.*?)<!-- /options -->", readme, re.DOTALL)
    assert match is not None
    assert match[1].strip() == get_markdown_table().strip()


def test_the_map_is_what_the_folders_say_of_themselves() -> None:
    found = BLOCK.search((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert found is not None
    assert found[2] == write_map(), "run: python -m tests.support.map --write"


def find_anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_fault(target: str, anchor: str) -> str | None:
    """What is wrong with a citation of a path of the repository."""
    if target not in FILES and not any(name.startswith(f"{target}/") for name in FILES):
        return f"{target} is not in the repository"
    if anchor and anchor not in find_anchors(target):
        return f"{target} has no section {anchor}"
    return None


def test_what_is_cited_of_docs_is_there() -> None:
    """A page that a comment, a script or another page names exists, and so does the section."""
    cited = [
        (name, *found)
        for name in TEXTS
        for found in PATH.findall((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert any(target.endswith(".md") and anchor for _, target, anchor in cited)
    faults = [(name, find_fault(target, anchor)) for name, target, anchor in cited]
    assert [fault for fault in faults if fault[1]] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for link, anchor in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
        path = ((ROOT / page).parent / link).resolve() if link else ROOT / page
        assert find_fault(path.relative_to(ROOT).as_posix(), anchor) is None, (link, anchor)


def test_no_file_cites_a_document_that_only_its_author_has() -> None:
    known = {Path(name).name for name in FILES}
    for name in TEXTS:
        cited = set(DOCUMENT.findall((ROOT / name).read_text(encoding="utf-8")))
        assert cited <= known, f"{name} cites {cited - known}"


def find_missing_places(text: str) -> list[str]:
    """The places that a page names and that are not there; `NN` and `NAME` stand for any."""
    places = [re.sub(r"NN|NAME", "*", place).rstrip("/") for place in PLACE.findall(text)]
    assert places
    return [place for place in places if not [*ROOT.glob(place)]]


def test_contributing_names_places_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert find_missing_places(text.partition("No folder yet")[0]) == []
    assert find_missing_places(text.partition("Beside the three trees")[2]) == []


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/design/")])
def test_a_design_page_names_places_and_tests_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    code = [(ROOT / name).read_text("utf-8") for name in FILES if re.match(r"tests/.*\.py$", name)]
    defined = set(re.findall(r"def (test_\w+)\(", "\n".join(code)))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    assert named <= defined, named - defined
    assert find_missing_places(text) == []
