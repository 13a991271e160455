"""How soon a word is in the page, and how soon Stop closes the connection, in a real JupyterLab.

    python -m benchmarks.page_latency [--tokens 200] [--tokens-per-s 50]

The time of a word runs from the moment that the scripted provider hands it to its socket until the
page's DOM holds it; both clocks are this machine's wall clock. The time of Stop runs from the
click, key or call until the provider sees its connection closed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, write_notebook
from tests.servers import FakeAnthropic, text
from tests.support.chromium import CHROMIUM_ARGS

#: Notes when each text was in the DOM first: [milliseconds since 1970, length].
WATCH = """() => {
    window.seen = [];
    let last = 0;
    new MutationObserver(() => {
        const length = document.querySelector(".lnb-text")?.textContent.length ?? 0;
        if (length > last) {
            last = length;
            window.seen.push([performance.timeOrigin + performance.now(), length]);
        }
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
FIRST_EVENT = 3  # after message_start, ping and content_block_start
WAYS: dict[str, Callable[[NotebookPage], None]] = {
    "the Stop button": lambda n: n.live(1).get_by_role("button", name="Stop this answer").click(),
    "I I": lambda n: (n.page.keyboard.press("i"), n.page.keyboard.press("i"))[0],
    "the kernel's interrupt": lambda n: n.execute("notebook:interrupt-kernel"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--tokens-per-s", type=float, default=50.0)
    args = parser.parse_args()
    path = os.environ.get("LAUREN_CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        FakeAnthropic() as server,
        Lab(Path(folder) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        notebook = NotebookPage(browser.new_page(), lab, "latency.ipynb")
        setup = f"import os\nos.environ['ANTHROPIC_BASE_URL'] = '{server.base_url}'\n"
        setup += "os.environ['ANTHROPIC_API_KEY'] = 'scripted'\n%load_ext lauren_nb"
        write_notebook(notebook.file, [setup, "%%lauren\nhi"])
        notebook.open()
        server.reply(text("The first run imports the SDK."))
        notebook.run_all()
        notebook.wait_rest(1, "imports the SDK.")
        measure_words(notebook, server, args.tokens, args.tokens_per_s)
        for name, stop in WAYS.items():
            times = [measure_stop(notebook, server, stop) for _ in range(5)]
            print(f"{name}: connection closed after {describe(times)}")
        browser.close()


def measure_words(
    notebook: NotebookPage, server: FakeAnthropic, tokens: int, tokens_per_s: float
) -> None:
    words = [f"word{i:05} " for i in range(tokens)]
    server.reply(text(words), tokens_per_s=tokens_per_s)
    notebook.page.evaluate(WATCH)
    notebook.run_all()
    notebook.wait_rest(1, words[-1].strip())
    seen = notebook.page.evaluate("window.seen")
    times = []
    for sent in server.requests[-1].sent[FIRST_EVENT : FIRST_EVENT + tokens]:
        end = (sent.index - FIRST_EVENT + 1) * len(words[0]) - 1  # its white space comes later
        shown = next((at for at, length in seen if length >= end), None)
        if shown is not None:
            times.append(shown / 1000 - sent.wall)
    late = sum(t > 0.1 for t in times)
    print(f"a word is in the page after {describe(times)}; {late} of {len(times)} over 100 ms")


def measure_stop(
    notebook: NotebookPage, server: FakeAnthropic, stop: Callable[[NotebookPage], None]
) -> float:
    server.queue(server.script(text(["half ", "never"])).hanging(at=4))
    notebook.cell(0).locator(".jp-InputPrompt").click()
    notebook.run_all()
    notebook.wait_live(1, "half")
    request = server.requests[-1]
    began = time.monotonic()
    stop(notebook)
    request.closed.wait(30)
    notebook.wait_rest(1, "interrupted")
    # Until the kernel has told the error, it refuses the cells of the next Run All.
    notebook.page.wait_for_timeout(1000)
    assert request.closed_at is not None
    return request.closed_at - began


def describe(times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    return (
        f"{1000 * statistics.median(times):.0f} ms (median), {1000 * p95:.0f} ms (95 %), "
        f"{1000 * ordered[-1]:.0f} ms (worst)"
    )


if __name__ == "__main__":
    main()
