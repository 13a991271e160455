"""Owns a blank page with the built bundle in Chromium, and a record of all it asks of the network.

Does not start Jupyter or a kernel: messages go straight into the view.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.js_dom.panel_page import OPEN, Panel
from tests.js_dom.view import STATIC, Handler, View, open_view

#: An installed clock runs until it is paused.
CARD_BEFORE, CARD_NOW = "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    if not (STATIC / "runtime.js").is_file():
        pytest.fail("The front end is not built: run `npm ci && npm run build` in js/")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def used(chromium: Browser) -> Iterator[Page]:
    """The page that a file's tests use one after another: making one takes longer than most tests.
    Each test loads it anew, so that no script, node or style of another is left in it."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def clocked(chromium: Browser) -> Iterator[Page]:
    """The same for tests whose clock stands still: a clock stays in its page for good."""
    page = chromium.new_page()
    yield page
    page.close()


@pytest.fixture
def view(used: Page, origin: str) -> Iterator[View]:
    with open_view(used, origin) as shown:
        yield shown


@pytest.fixture
def card(clocked: Page, origin: str) -> Iterator[View]:
    """A view whose clock stands still."""
    with open_view(clocked, origin) as view:
        view.page.clock.install(time=CARD_BEFORE)
        view.page.clock.pause_at(CARD_NOW)
        # The clock replaces frames too; the page of these tests draws when it is told to.
        view.page.evaluate("window.requestAnimationFrame = window.t.frame")
        view.call("restart")
        yield view
        assert view.errors == []


@pytest.fixture
def panel(view: View) -> Panel:
    """A panel in place of the cell's view, whose chat is empty."""
    view.page.evaluate(OPEN)
    made = Panel(view.page)
    made.show(whole=True)
    return made
