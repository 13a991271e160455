"""Takes the pictures of the README: a cell that streams, at rest, and the panel; light and dark.

    python -m benchmarks.screenshots [docs/images]

The answer is scripted, so that the pictures change only with the view. They need a Chromium, which
`python dev.py test browser` finds or says how to install.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, write_notebook
from tests.conftest import CHROMIUM_ARGS
from tests.servers import FakeAnthropic, Script, text, thinking, tool_call

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/images"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for theme, name in {"Light": "streaming", "Dark": "streaming-dark"}.items():
        take(folder, theme=f"JupyterLab {theme}", name=name)
        take_panel(folder, theme=f"JupyterLab {theme}", name=name.replace("streaming", "panel"))


def take_panel(folder: Path, *, theme: str, name: str) -> None:
    """Take one theme's picture of a panel with an answer, and a call that waits for approval."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        FakeAnthropic() as server,
        Lab(Path(temporary) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        server.reply(text(PANEL_ANSWER), usage={"input_tokens": 96}, model=MODEL)
        server.reply(
            text("Let me try it."), tool_call("run_python", {"code": PANEL_CODE}), model=MODEL
        )
        path = os.environ.get("LAUREN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport=VIEWPORT, device_scale_factor=1.5)
        notebook = open_notebook(lab, page, server.base_url, theme, cells=[LOAD, PANEL])
        notebook.run_all()
        field = page.get_by_label("Message to the model")
        for question, sign in (("Which city is wettest?", "Oslo"), ("Plot it.", "Approve")):
            field.fill(question)
            field.press("Enter")
            page.locator(".lnb-panel").get_by_text(sign).last.wait_for()
        page.wait_for_timeout(1500)
        page.mouse.move(2, 400)
        page.locator(".lnb-panel").screenshot(path=folder / f"{name}.png")
        print(folder / f"{name}.png")
        browser.close()


def take(folder: Path, *, theme: str, name: str) -> None:
    """Take one theme's picture of a cell in mid-answer, and the light theme's at rest too."""
    gate = threading.Event()
    with (
        tempfile.TemporaryDirectory() as temporary,
        FakeAnthropic() as server,
        Lab(Path(temporary) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        server.queue(make_answer(server, gate))
        path = os.environ.get("LAUREN_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        page = browser.new_page(viewport=VIEWPORT, device_scale_factor=2)
        notebook = open_notebook(lab, page, server.base_url, theme)
        notebook.run_all()
        notebook.wait_live(1, SHOWN_LAST)
        page.wait_for_timeout(1500)
        shoot(page, folder / f"{name}.png")
        gate.set()
        if "Light" in theme:
            notebook.wait_rest(1, "grey days")
            page.wait_for_timeout(1000)
            shoot(page, folder / "resting.png")
        browser.close()


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
