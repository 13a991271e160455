"""Takes the pictures of the README: a cell that streams and at rest, a call, a chain, the panel.

    python -m benchmarks.screenshots [docs/images] [--only NAME]

The answer is scripted, so that the pictures change only with the view. They need a Chromium, which
`python dev.py test browser` finds or says how to install.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, write_notebook
from tests.servers import FakeAnthropic, Script, text, thinking, tool_call
from tests.support.chromium import CHROMIUM_ARGS

VIEWPORT = {"width": 980, "height": 740}
MODEL = "claude-sonnet-4-6"
LOAD = """\
import pandas as pd
%load_ext lauren_nb
df = pd.DataFrame({"city": ["Oslo", "Lima", "Rome"], "rain_mm": [763, 16, 799]})"""
ASK = """\
%%lauren -o report --thinking
Which city gets the most rain? Then write me a bar chart.

{{ df }}"""
THOUGHT = (
    "The table has three cities. Rome has 799 mm, Oslo 763 mm, Lima 16 mm. A bar chart is easy."
)
ANSWER = """\
**Rome** gets the most rain, by a small margin over Oslo. Lima lies in a desert:

| city | rain in a year | share of Rome's |
|---|---:|---:|
| Rome | 799 mm | 100 % |
| Oslo | 763 mm | 95 % |
| Lima | 16 mm | 2 % |

The share is $s = r / r_{\\text{Rome}}$. The chart, with the wettest city first:

```python
import matplotlib.pyplot as plt

wettest = df.sort_values("rain_mm", ascending=False)
plt.bar(wettest.city, wettest.rain_mm, color="steelblue")
plt.ylabel("Rain in a year (mm)")
plt.title("Rome is as wet as Oslo")
```

Rome's rain falls in heavy showers, Oslo's on many grey days.
"""
PANEL = 'from lauren_nb import ChatPanel\nChatPanel(tools=["kernel"], title="Rain")'
PANEL_ANSWER = (
    "**Rome**, with 799 mm in a year. Oslo is close behind:\n\n- Rome 799 mm\n- Oslo 763 mm\n"
)
PANEL_CODE = 'df.plot.bar(x="city", y="rain_mm")'
SHOWN_LAST = "plt.ylabel("
TOOL = """\
%load_ext lauren_nb
from lauren_ai import tool

@tool(requires_confirmation=True)
def refund(order: int, euros: float, reason: str) -> str:
    \"\"\"Pay money back to the card that an order was paid with.\"\"\"
    return f"Paid back {euros:.2f} EUR for order {order}.\""""
ASK_REFUND = """\
%%lauren -t refund
Order 1187 (desk lamp 64.00 EUR, glass shade 18.50 EUR) came with a broken
shade. The customer keeps the lamp. Pay back what she is due."""
REFUND = {"order": 1187, "euros": 18.5, "reason": "The glass shade came broken"}
LETTER = """\
%load_ext lauren_nb
letter = "The lamp is lovely, but its glass shade came in pieces. Grete Holm, order 1187\""""
CHAIN = """\
%%lauren chain -o reply
--- name: points
What does this customer need from us? Answer with two points.

{{ letter }}
--- name: reply
Write her a short, warm reply that covers these points. We send no new shade.

{{ _ }}"""
POINTS = """\
- **An apology:** the glass shade of her lamp arrived in pieces.
- **Her money back:** 18.50 EUR for the shade. She keeps the lamp.
"""
REPLY = """\
Dear Ms Holm,

we are glad that you like the lamp, and sorry that its shade reached you in pieces. Today we \
have paid 18.50 EUR back to your card; it takes **two to three days** to arrive.
"""
REPLY_LAST = "three"


@dataclass(frozen=True, slots=True)
class Stage:
    """A JupyterLab of its own, with a scripted provider behind it."""

    server: FakeAnthropic
    lab: Lab
    page: Page
    theme: str

    def open(self, *cells: str) -> NotebookPage:
        return open_notebook(self.lab, self.page, self.server.base_url, self.theme, cells=cells)


@contextmanager
def stage(theme: str, *, scale: float = 2, height: int = VIEWPORT["height"]) -> Iterator[Stage]:
    with (
        tempfile.TemporaryDirectory() as temporary,
        FakeAnthropic() as server,
        Lab(Path(temporary) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        path = os.environ.get("LAUREN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        viewport = {"width": VIEWPORT["width"], "height": height}
        page = browser.new_page(viewport=viewport, device_scale_factor=scale)
        yield Stage(server, lab, page, theme)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", choices=("streaming", "panel", "approval", "chain"))
    arguments = parser.parse_args()
    folder, only = arguments.folder, arguments.only
    folder.mkdir(parents=True, exist_ok=True)
    for theme, suffix in {"JupyterLab Light": "", "JupyterLab Dark": "-dark"}.items():
        if only in (None, "streaming"):
            take(folder, theme=theme, name=f"streaming{suffix}")
        if only in (None, "panel"):
            take_panel(folder, theme=theme, name=f"panel{suffix}")
    if only in (None, "approval"):
        take_approval(folder / "approval.png")
    if only in (None, "chain"):
        take_chain(folder / "chain.png")


def take_panel(folder: Path, *, theme: str, name: str) -> None:
    """Take one theme's picture of a panel with an answer, and a call that waits for approval."""
    with stage(theme, scale=1.5, height=810) as on:
        server, page = on.server, on.page
        server.reply(text(PANEL_ANSWER), usage={"input_tokens": 96}, model=MODEL)
        server.reply(
            text("Let me try it."), tool_call("run_python", {"code": PANEL_CODE}), model=MODEL
        )
        on.open(LOAD, PANEL).run_all()
        field = page.get_by_label("Message to the model")
        for question, sign in (("Which city is wettest?", "Oslo"), ("Plot it.", "Approve")):
            field.fill(question)
            field.press("Enter")
            page.locator(".lnb-panel").get_by_text(sign).last.wait_for()
        page.wait_for_timeout(1500)
        page.mouse.move(2, 400)
        page.locator(".lnb-panel").screenshot(path=folder / f"{name}.png")
        print(folder / f"{name}.png")


def take(folder: Path, *, theme: str, name: str) -> None:
    """Take one theme's picture of a cell in mid-answer, and the light theme's at rest too."""
    gate = threading.Event()
    with stage(theme) as on:
        on.server.queue(make_answer(on.server, gate))
        notebook = on.open(LOAD, ASK)
        notebook.run_all()
        notebook.wait_live(1, SHOWN_LAST)
        on.page.wait_for_timeout(1500)
        shoot(on.page, folder / f"{name}.png")
        gate.set()
        if "Light" in theme:
            notebook.wait_rest(1, "grey days")
            on.page.wait_for_timeout(1000)
            shoot(on.page, folder / "resting.png")


def take_approval(file: Path) -> None:
    """Take a cell whose call waits for a person."""
    with stage("JupyterLab Light", scale=1.5, height=650) as on:
        said = text("The lamp is fine; the **shade** was 18.50 EUR. I would pay that back.")
        call = tool_call("refund", REFUND)
        on.server.reply(said, call, usage={"input_tokens": 412}, model=MODEL)
        notebook = on.open(TOOL, ASK_REFUND)
        notebook.run_all()
        notebook.wait_live(1, "Approve")
        on.page.wait_for_timeout(2500)
        shoot(on.page, file)


def take_chain(file: Path) -> None:
    """Take a chain of two steps: the first has ended, the second streams."""
    gate = threading.Event()
    with stage("JupyterLab Light", scale=1.5, height=590) as on:
        on.server.reply(text(POINTS), usage={"input_tokens": 74}, output_tokens=41, model=MODEL)
        reply = on.server.script(text(REPLY), usage={"input_tokens": 98}, model=MODEL)
        last = next(i for i, event in enumerate(reply.events) if REPLY_LAST.encode() in event)
        on.server.queue(reply.paced(60).gated(last + 1, gate))
        notebook = on.open(LETTER, CHAIN)
        notebook.run_all()
        notebook.wait_live(1, REPLY_LAST)
        on.page.wait_for_timeout(1500)
        shoot(on.page, file)
        gate.set()


def make_answer(server: FakeAnthropic, gate: threading.Event) -> Script:
    """The answer, which waits for `gate` in the middle of its code block."""
    usage = {"input_tokens": 214}
    answer = server.script(thinking(THOUGHT), text(ANSWER), usage=usage, model=MODEL)
    last = next(i for i, event in enumerate(answer.events) if SHOWN_LAST.encode() in event)
    return answer.paced(150).gated(last + 1, gate)


def open_notebook(
    lab: Lab, page: Page, url: str, theme: str, *, cells: Sequence[str] = (LOAD, ASK)
) -> NotebookPage:
    write_notebook(lab.root / "rain.ipynb", cells)
    notebook = NotebookPage(page, lab, "rain.ipynb")
    notebook.open()
    notebook.execute("apputils:change-theme", theme=theme)
    notebook.execute("application:toggle-left-area")
    keys = f"import os; os.environ.update(ANTHROPIC_API_KEY='scripted', ANTHROPIC_BASE_URL='{url}')"
    page.evaluate(
        "code => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
        ".requestExecute({code, silent: true}).done",
        keys,
    )
    return notebook


def shoot(page: Page, file: Path) -> None:
    # Away from the notebook, so that no button is hovered and no tool bar shown.
    page.mouse.move(2, 400)
    page.locator(".jp-NotebookPanel-notebook").screenshot(path=file)
    print(file)


if __name__ == "__main__":
    main()
