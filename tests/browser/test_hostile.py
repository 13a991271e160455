"""A hostile answer runs nothing and loads nothing: live, at rest, and when the file is reopened."""

from __future__ import annotations

import threading

import pytest

from tests.browser._notebook import NotebookPage, Open, Reopen
from tests.servers import FakeAnthropic, text, thinking

#: Every address holds "hostile", so that a request for any of them is seen, whatever its origin.
HOSTILE = """\
<img src=hostile1 onerror="window.pwned=1"> <img src="https://hostile.invalid/2.png">

<script>window.pwned=2; fetch("https://hostile.invalid/3")</script>

[a](javascript:window.pwned=4) [b](JaVaScRiPt&colon;window.pwned=5) <javascript:window.pwned=6>

![c](https://hostile.invalid/7.png) ![d](hostile8.png) ![e](data:text/html,<script>hostile</script>)

<svg onload="window.pwned=9"><image href="https://hostile.invalid/10"/></svg>

<iframe srcdoc="<script>parent.pwned=11</script>" src="https://hostile.invalid/12"></iframe>

<style>@import "https://hostile.invalid/13"; body { background: url(hostile14) }</style>

<a href="hostile15" data-commandlinker-command="apputils:reset" class="jp-Button">press</a>

<form action="https://hostile.invalid/16"><button>send</button></form>

<details open ontoggle="window.pwned=17"><summary>x</summary></details>

<video autoplay><source src="https://hostile.invalid/18" onerror="window.pwned=18"></video>

[f]: https://hostile.invalid/19.png "</title><script>window.pwned=19</script>"
![f] ![g][f]

```html
<img src="https://hostile.invalid/20" onerror="window.pwned=20">
```

$\\href{javascript:window.pwned=21}{x}$ $\\includegraphics{https://hostile.invalid/22.png}$
$$\\htmlData{x=<img src=hostile23 onerror=window.pwned=23>}{y}$$

| <img src=hostile24 onerror=window.pwned=24> | `</code><img src=hostile25>` |
|---|---|
| <link rel=stylesheet href=https://hostile.invalid/26> | <base href=https://hostile.invalid/> |

</details></div></td><img src=hostile27 onerror=window.pwned=27>

The end.
"""
FORMATS = ["markdown", "text", "code", "json"]


def assert_harmless(notebook: NotebookPage) -> None:
    """Nothing ran, nothing was asked for, and nothing that could wait for a click is there."""
    assert [url for url in notebook.requests if "hostile" in url] == []
    assert notebook.get_foreign_requests() == []
    assert notebook.dialogs == []
    assert notebook.page.evaluate("window.pwned") is None
    outputs = notebook.page.locator(".jp-OutputArea-output")
    bad = "script, img, iframe, svg image, form, video, base, link, [data-commandlinker-command]"
    assert outputs.locator(bad).all_inner_texts() == []
    addresses = outputs.locator("a").evaluate_all("links => links.map(a => a.href)")
    assert [a for a in addresses if not a.startswith(("http:", "https:", "mailto:"))] == []


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_answer_is_harmless_live_and_at_rest(
    open_notebook: Open, anthropic_server: FakeAnthropic, format: str
) -> None:
    run_hostile(open_notebook, anthropic_server, format)


def run_hostile(open_notebook: Open, anthropic_server: FakeAnthropic, format: str) -> NotebookPage:
    gate = threading.Event()
    answer = anthropic_server.script(thinking(HOSTILE), text(HOSTILE))
    anthropic_server.queue(answer.gated(len(answer.events) - 2, gate))
    notebook = open_notebook(f"%%lauren -o answer --format {format}\nhi")
    notebook.run_all()
    notebook.wait_live(1, "The end.")
    assert_harmless(notebook)
    gate.set()
    notebook.wait_rest(1, "The end.")
    assert_harmless(notebook)
    return notebook


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "untrusted"])
def test_hostile_answer_is_harmless_in_a_reopened_notebook(
    open_notebook: Open, anthropic_server: FakeAnthropic, reopen: Reopen, trusted: bool
) -> None:
    notebook = run_hostile(open_notebook, anthropic_server, "markdown")
    notebook.save()
    reopened = reopen(notebook, trusted=trusted)
    reopened.wait_rest(1, "The end.")
    assert reopened.is_trusted(1) is trusted
    reopened.page.locator("summary").first.click()
    assert_harmless(reopened)


def test_the_same_text_would_do_harm_as_it_is(open_notebook: Open) -> None:
    source = f"from IPython.display import Markdown, display\ndisplay(Markdown({HOSTILE!r}))"
    notebook = open_notebook(source)
    notebook.run_all()
    notebook.wait_rest(1, "The end.")
    with pytest.raises(AssertionError):
        assert_harmless(notebook)
