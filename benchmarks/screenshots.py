"""Takes the pictures of the README: a cell that streams, light and dark, and the same at rest.

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
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, write_notebook
from tests.conftest import CHROMIUM_ARGS
from tests.servers import FakeAnthropic, Script, text, thinking

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
SHOWN_LAST = "plt.ylabel("


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/images"))
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for theme, name in {"Light": "streaming", "Dark": "streaming-dark"}.items():
        take(folder, theme=f"JupyterLab {theme}", name=name)


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


def open_notebook(lab: Lab, page: Page, url: str, theme: str) -> NotebookPage:
    write_notebook(lab.root / "rain.ipynb", [LOAD, ASK])
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
