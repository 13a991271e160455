"""The front end that a wheel carries stays small: what a page must get before it draws."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "lauren_nb" / "static"
#: Bytes, gzipped, of all that a page gets to draw with.
LIMIT = 150_000
#: The loader travels with each cell.
LOADER_LIMIT = 3_000


def test_front_end_stays_under_its_limit() -> None:
    if not (STATIC / "runtime.js").is_file():
        pytest.fail("The front end is not built: run `npm ci && npm run build` in js/")
    files = sorted(STATIC.glob("*.js"))
    assert [file.name for file in files] == ["loader.js", "runtime.js"]
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) < LIMIT
    assert (STATIC / "loader.js").stat().st_size < LOADER_LIMIT
