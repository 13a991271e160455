"""What the documents say about the code is what the code says."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lauren_nb._options.table import get_markdown_table

ROOT = Path(__file__).parent.parent
LISTED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
FILES = {name for name in LISTED.decode().split("\0") if name and (ROOT / name).is_file()}
TEXTS = sorted(name for name in FILES if not name.endswith((".png", ".json", ".ipynb")))
PAGES = sorted(name for name in FILES if name.endswith(".md"))

PATH = re.compile(r"(?<![\w/.:-])(docs/(?:[\w.-]+/)*[\w-]+(?:\.\w+)*)(?:#([\w-]+))?")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([\w-]+))?\)")
DOCUMENT = re.compile(r"(?<![\w.-])[A-Z][A-Z_]+\.(?:md|rst|txt)\b")
PLACE = re.compile(r"`((?:lauren_ai|js|tests|docs|benchmarks)/[\w./-]*)`")


def test_the_readme_has_the_table_of_options() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    match = re.search(r"<!-- options:[^>]*-->\n(.*?)<!-- /options -->", readme, re.DOTALL)
    assert match is not None
    assert match[1].strip() == get_markdown_table().strip()


def test_every_file_that_the_map_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert rows
    for row in rows:
        names = re.findall(r"`([^`]+)`", row)
        folder = names[0].rpartition("/")[0]
        for name in names:
            path = name if "/" in name else f"{folder}/{name}" if folder else name
            assert list(ROOT.glob(path.rstrip("/"))), f"the map names {path}, which is not there"


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


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/design/")])
def test_a_design_page_names_places_and_tests_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    code = [(ROOT / name).read_text("utf-8") for name in FILES if re.match(r"tests/.*\.py$", name)]
    defined = set(re.findall(r"def (test_\w+)\(", "\n".join(code)))
    named = set(re.findall(r"`(test_\w+)`", text))
    assert named
    assert named <= defined, named - defined
    places = PLACE.findall(text)
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []
