"""Owns a blank page with the built bundle in Chromium, and a record of all it asks of the network.

Does not start Jupyter or a kernel: messages go straight into the view.
"""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Error, Page, Route, ViewportSize

from tests.js_dom.panel_page import OPEN, Panel

STATIC = Path(__file__).parents[2] / "lauren_nb" / "static"
PAGE = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
#: An installed clock runs until it is paused.
CARD_BEFORE, CARD_NOW = "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"
HTML = b"<!doctype html><meta charset=utf-8><title>view</title><body><div id=out></div>"


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        script = name in ("runtime.js", "loader.js")
        body = (STATIC / name).read_bytes() if script else HTML
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@dataclass
class View:
    """A page that shows one view. `asked`: every address beyond the page and the bundle that was
    requested; `dialogs` and `errors`: what scripts opened or threw."""

    page: Page
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def call(self, name: str, *args: Any) -> Any:
        """Calls a function of page.js."""
        return self.page.evaluate("([name, args]) => window.t[name](...args)", [name, list(args)])

    def assert_harmless(self) -> None:
        assert self.asked == []
        assert self.dialogs == []
        assert self.errors == []


def wait_until(page: Page, expression: str, arg: Any = None) -> None:
    """Wait for what a script says to be true. Polls by time: Playwright's own wait looks again in
    the page's next frame, and the pages of these tests draw a frame only when they are told to."""
    page.wait_for_function(expression, arg=arg, polling=50)


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    if not (STATIC / "runtime.js").is_file():
        pytest.fail("The front end is not built: run `npm ci && npm run build` in js/")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
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


@contextmanager
def open_view(page: Page, origin: str) -> Iterator[View]:
    """Load the page anew, with an empty view in it; it is heard until the block ends."""
    shown = View(page)
    own = {origin, f"{origin}runtime.js", f"{origin}loader.js", f"{origin}favicon.ico"}

    def on_route(route: Route) -> None:
        if route.request.url in own:
            route.continue_()
        else:
            shown.asked.append(route.request.url)
            route.abort()

    def on_dialog(dialog: Dialog) -> None:
        shown.dialogs.append(dialog.message)
        dialog.dismiss()

    def on_error(error: Error) -> None:
        shown.errors.append(str(error))

    page.set_viewport_size(VIEWPORT)
    page.emulate_media(color_scheme="null", reduced_motion="null", forced_colors="null")
    page.route("**/*", on_route)
    page.goto(origin)
    page.on("dialog", on_dialog)
    page.on("pageerror", on_error)
    try:
        page.evaluate(PAGE)
        shown.call("open")
        yield shown
    finally:
        page.remove_listener("dialog", on_dialog)
        page.remove_listener("pageerror", on_error)
        page.unroute("**/*", on_route)


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
