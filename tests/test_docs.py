"""What the documents say about the code is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from lauren_nb._option_table import get_markdown_table

ROOT = Path(__file__).parent.parent


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
