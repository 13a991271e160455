"""Measures the live view in Chromium: our longest task and the memory, for answers of 50,000 tokens.

    python benchmarks/browser_view.py [--tokens 50000] [--tokens-per-s 200] [--speed 20]

It owns a blank page with the built bundle and feeds it deltas as the kernel does, 20 messages a second.
`--speed` plays a longer answer in less time: each message then carries that many times more text, so the
figures are those of a harder stream than the real one. Nothing here is a test.
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

WORDS = "The answer goes on with **some bold** words, a [link](https://a.example) and `code`, then more. "
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

PLAY = """async ({head, unit, size, perMessage, interval, thinking}) => {
  const { render } = await import('/runtime.js');
  let handlers = [];
  const model = { on: (n, f) => handlers.push(f), off: () => {}, send: () => {} };
  const out = document.querySelector('#out');
  out.replaceChildren();
  const tasks = [];
  const real = window.realFrame ??= window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (f) => real((now) => {
    const t = performance.now(); f(now); tasks.push(performance.now() - t);
  });
  const long = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  });
  observer.observe({ type: 'longtask', buffered: false });
  const cleanup = render({ model, el: out });
  const turn = { status: 'streaming', parts: [], footer: {}, error: null, elapsed_ms: 0 };
  const say = (m) => { const t = performance.now(); for (const f of handlers) f(m); tasks.push(performance.now() - t); };
  say({ kind: 'snapshot', seq: 0, turn });
  gc(); const before = performance.memory.usedJSHeapSize;
  const text = head + unit.repeat(Math.ceil(size / unit.length));
  let seq = 0;
  const op = thinking ? 'thinking' : 'text';
  for (let at = 0; at < text.length; at += perMessage) {
    say({ kind: 'delta', seq: ++seq, ops: [[op, text.slice(at, at + perMessage)]] });
    await new Promise((done) => setTimeout(done, interval));
  }
  for (let n = 0; n < 30; n++) await new Promise((done) => real(done));
  const streamed = tasks.length;
  say({ kind: 'delta', seq: ++seq, ops: [['status', 'done']] });
  for (let n = 0; n < 60; n++) await new Promise((done) => real(done));
  gc(); const after = performance.memory.usedJSHeapSize;
  observer.disconnect();
  const sorted = [...tasks].sort((a, b) => a - b);
  const result = {
    longest: sorted.at(-1), p99: sorted[Math.floor(sorted.length * 0.99)], end: Math.max(...tasks.slice(streamed)),
    total: tasks.reduce((a, b) => a + b, 0), over: tasks.filter((t) => t > 16).length, tasks: tasks.length,
    long: long.length, longtask: Math.max(0, ...long), heap: after - before, shown: out.textContent.length,
    nodes: out.querySelectorAll('*').length,
  };
  cleanup();
  window.requestAnimationFrame = real;
  return result;
}"""


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
        "kind              longest ms   p99   at end  >16ms  total s  longtask ms  heap B/char  nodes"
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
                f"{r['total'] / 1000:9.2f}{r['longtask']:13.0f}{r['heap'] / size:13.1f}{r['nodes']:7}",
                flush=True,
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
