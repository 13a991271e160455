"""Owns a blank page with the built bundle, and a record of all it asks of the network.

Does not start Jupyter or a kernel: messages go straight into the view.
"""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Dialog, Error, Page, Route, ViewportSize

STATIC = Path(__file__).parents[2] / "lauren_nb" / "static"
PAGE = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
VIEWPORT: ViewportSize = {"width": 1280, "height": 720}
HTML = b"<!doctype html><meta charset=utf-8><title>view</title><body><div id=out></div>"


class Handler(http.server.BaseHTTPRequestHandler):
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
