"""Measures a long chat in a real JupyterLab: our tasks and typing while a long answer streams.

    python -m benchmarks.panel_in_lab [--turns 2000] [--tokens 50000] [--tokens-per-s 100]

It opens a stored conversation of so many turns in a panel, asks, and types all the while. "frames
over 50" are the browser's long animation frames, "ours" the longest script in them that is of our
code, "letter" the time from a key to the picture of it (Event Timing, 8 ms steps). The words that
came are compared with those that were sent; the memory is that before, at the end, and when the
panel is closed. Nothing here is a test.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from benchmarks.screenshots import stage
from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, write_notebook
from tests.browser._panel import run_cell
from tests.servers import FakeAnthropic, text

STORED = """\
import os
os.environ.update(ANTHROPIC_API_KEY="scripted", ANTHROPIC_BASE_URL={url!r})
%load_ext lauren_nb
from lauren_ai import InMemoryConversationStore, Message
from lauren_nb import ChatPanel

store = InMemoryConversationStore()
answer = "Answer **{{}}**.\\n\\n- one\\n- two\\n\\n" + "words " * 150
said = [m for n in range({turns})
        for m in (Message.user(f"Question {{n}}"), Message.assistant(answer.format(n)))]
await store.save("long", said)"""
OPEN = 'panel = ChatPanel(conversation="long", store=store)\npanel'
CLOSE = "panel.close()"
WATCH = """() => {
    const watched = window.watched = { frames: [], letters: [] };
    const ours = (frame) => frame.scripts
        .filter((s) => s.sourceURL.startsWith("blob:") || /lnb|runtime/.test(s.sourceURL))
        .map((s) => s.duration);
    new PerformanceObserver((list) => {
        for (const e of list.getEntries()) watched.frames.push({
            at: e.startTime, ms: e.duration, ours: Math.max(0, ...ours(e)),
            drawing: e.styleAndLayoutStart ? e.startTime + e.duration - e.styleAndLayoutStart : 0,
            scripts: e.scripts.map((s) => [s.duration, s.invoker, s.sourceURL.slice(-60)]),
        });
    }).observe({ type: "long-animation-frame" });
    new PerformanceObserver((list) => {
        const keys = list.getEntries().filter((e) => e.name === "keydown");
        watched.letters.push(...keys.map((e) => e.duration));
    }).observe({ type: "event", durationThreshold: 16 });
}"""
TAKE = """() => {
    const { frames, letters } = window.watched;
    const taken = { frames: [...frames], letters: [...letters] };
    frames.length = letters.length = 0;
    return taken;
}"""


def make_words(count: int) -> Iterator[str]:
    """Numbered words, a token each, that make paragraphs, lists and code."""
    for n in range(count):
        within = n % 600
        before = {0: "\n\n## ", 12: "\n\n", 400: "\n\n```python\n", 500: "\n```\n\n"}.get(
            within, ""
        )
        if 12 < within < 300 and within % 80 == 0:
            before = "\n\n"
        elif 300 <= within < 400 and within % 10 == 0:
            before = "\n- "
        elif 400 < within < 500 and within % 8 == 0:
            before = "\n"
        bold = within < 300 and within % 9 == 5
        yield f"{before}**w{n}** " if bold else f"{before}w{n} "


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=50_000)
    parser.add_argument("--tokens-per-s", type=float, default=100)
    parser.add_argument("--frames", action="store_true", help="print each frame over 50 ms")
    options = parser.parse_args()
    with stage("JupyterLab Light", scale=1, height=1000) as on:
        measure(on.page, on.lab, on.server, options)


def measure(page: Page, lab: Lab, server: FakeAnthropic, options: argparse.Namespace) -> None:
    stored = STORED.format(url=server.base_url, turns=options.turns)
    write_notebook(lab.root / "long.ipynb", [stored, OPEN, CLOSE])
    notebook = NotebookPage(page, lab, "long.ipynb")
    notebook.open()
    cdp = page.context.new_cdp_session(page)
    run_cell(notebook, 0)
    notebook.wait_prompt(0, "[1]:")
    report_memory("before", cdp)
    page.evaluate(WATCH)
    run_cell(notebook, 1)
    panel = notebook.output(1).locator(".lnb-panel")
    expect(panel.locator(".lnb-entry")).to_have_count(options.turns, timeout=120_000)
    page.wait_for_timeout(2000)
    report(f"{options.turns} turns opened", page.evaluate(TAKE), show=options.frames)

    words = list(make_words(options.tokens))
    server.queue(server.script(text(words)).paced(options.tokens_per_s))
    field = panel.get_by_label("Message to the model")
    field.fill("Go on")
    field.press("Enter")
    expect(panel.locator(".lnb-entry")).to_have_count(options.turns + 1)
    typed = type_until_done(page, field)
    taken = page.evaluate(TAKE)
    name = f"{options.tokens} tokens at {options.tokens_per_s:g}/s, {typed} letters typed"
    report(name, taken, show=options.frames)
    compare(
        panel.locator(".lnb-entry").last.locator(".lnb-text").evaluate("e => e.textContent"), words
    )
    report_memory("at the end", cdp)
    field.fill("")
    run_cell(notebook, 2)
    notebook.wait_prompt(2, "[3]:")
    notebook.execute("notebook:clear-all-cell-outputs")
    page.wait_for_timeout(2000)
    report_memory("closed", cdp)


def type_until_done(page: Page, field: Any) -> int:
    """Type four letters a second until the answer is whole; returns how many."""
    stop = page.get_by_role("button", name="Stop the answer")
    expect(stop).to_be_visible()
    field.click()
    count, last = 0, time.monotonic()
    while stop.is_visible():
        page.keyboard.type("x" if count % 8 else " ")
        count += 1
        if count % 400 == 0:
            field.fill("")
        if time.monotonic() - last > 60:
            last = time.monotonic()
            print(f"  {count} letters so far", flush=True)
        page.wait_for_timeout(250)
    return count


def compare(shown: str, words: list[str]) -> None:
    wanted = re.findall(r"w\d+", "".join(words))
    found = re.findall(r"w\d+", shown)
    print(f"  words: {len(found)} shown of {len(wanted)}, the same: {found == wanted}", flush=True)


def report(name: str, taken: dict[str, Any], *, show: bool) -> None:
    frames, letters = taken["frames"], sorted(taken["letters"])
    longest = max((frame["ms"] for frame in frames), default=0)
    ours = sorted((frame["ours"] for frame in frames), reverse=True)
    drawing = max((frame["drawing"] for frame in frames), default=0)
    print(
        f"{name}: frames over 50 ms: {len(frames)} (longest {longest:.0f}, drawing {drawing:.0f}), "
        f"ours over 50: {sum(ms > 50 for ms in ours)} (longest {ours[0] if ours else 0:.0f})"
    )
    if letters:
        middle, worst = letters[len(letters) // 2], letters[-1]
        p99 = letters[int(len(letters) * 0.99)]
        print(
            f"  letters over 16 ms: {len(letters)}, median {middle:.0f}, p99 {p99:.0f}, {worst:.0f}"
        )
    for frame in frames if show else ():
        print("   ", frame)


def report_memory(name: str, cdp: CDPSession) -> None:
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    counters = cdp.send("Memory.getDOMCounters")
    heap = cdp.send("Runtime.getHeapUsage")["usedSize"]
    listeners = counters["jsEventListeners"]
    print(
        f"memory {name}: {heap / 1e6:.1f} MB, {counters['nodes']} nodes, {listeners} listeners",
        flush=True,
    )


if __name__ == "__main__":
    main()
