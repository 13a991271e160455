"""Owns how the tests and the benchmarks start Chromium: nothing that asks the network by itself."""

from __future__ import annotations

CHROMIUM_ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
