"""Measures the live view in Chromium: our longest task and the memory, at 50,000 tokens.

    python benchmarks/browser_view.py [--tokens 50000] [--tokens-per-s 200] [--speed 20]

It owns a blank page with the built bundle and feeds it deltas as the kernel does, 20 messages a
second. `--speed` plays a longer answer in less time: each message then carries that many times more
text, so the figures are those of a harder stream than the real one. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import http.server
import shutil
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

STATIC = Path(__file__).parents[1] / "lauren_nb" / "static"
ARGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --enable-precise-memory-info --js-flags=--expose-gc"
).split()
MESSAGES_PER_S = 20

WORDS = (
    "The answer goes on with **bold** words, a [link](https://a.example) and `code`, then more. "
)
KINDS: dict[str, tuple[str, str]] = {
    "prose": ("", WORDS * 4 + "\n\n## Heading\n\n- one\n- two\n\n"),
    "code": ("```python\n", "def f(value: int) -> str:\n    return f'{value}'  # a comment\n\n"),
    "list": ("", "- an item with **bold** text and `code` in it\n"),
    "table": ("| a | b | c |\n|---|---|---|\n", "| cell one | `two` | **three** |\n"),
    "paragraph": ("", WORDS),
    "one line of code": ("```json\n", '{"key": [1, 2, 3], "other": "value"}, '),
    "quote": ("", "> a quoted line with **bold** text in it\n"),
    "nested list": ("- top\n", "  - an item below with **bold** text\n"),
    "thinking": ("", "Let me think about this for a while, line after line.\n"),
}

PLAY = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").partition("\n")[2]


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        script = self.path == "/runtime.js"
        page = b"<!doctype html><meta charset=utf-8><body><div id=out></div>"
        body = (STATIC / "runtime.js").read_bytes() if script else page
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tokens", type=int, default=50_000)
    parser.add_argument("--tokens-per-s", type=int, default=200)
    parser.add_argument("--speed", type=float, default=20)
    parser.add_argument("--kind", choices=sorted(KINDS), action="append")
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        run(f"http://127.0.0.1:{server.server_port}/", options)
    finally:
        server.shutdown()
        server.server_close()


def run(url: str, options: argparse.Namespace) -> None:
    size = options.tokens * 4
    per_message = round(options.tokens_per_s * 4 / MESSAGES_PER_S * options.speed)
    print(f"{size:,} characters, {per_message} a message, {MESSAGES_PER_S} messages/s")
    print(
        "kind              longest ms    p99  at end  >16ms  total s  longtask  heap B/char  nodes"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGS)
        for kind in options.kind or KINDS:
            page = browser.new_page()
            page.goto(url)
            head, unit = KINDS[kind]
            job = {
                "head": head,
                "unit": unit,
                "size": size,
                "perMessage": per_message,
                "interval": 1000 / MESSAGES_PER_S,
                "thinking": kind == "thinking",
            }
            r = page.evaluate(PLAY, job)
            print(
                f"{kind:18}{r['longest']:9.1f}{r['p99']:7.1f}{r['end']:8.1f}{r['over']:7}"
                f"{r['total'] / 1000:9.2f}{r['longtask']:10.0f}"
                f"{r['heap'] / size:13.1f}{r['nodes']:7}",
                flush=True,
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
