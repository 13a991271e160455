"""A real browser's EventSource reads the stream, delta by delta, and closing it is noticed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from lauren import Response, get

from lauren_ai import LLMConfig
from lauren_ai.web import LLMModule
from tests.servers import FakeAnthropic, text
from tests.support.web_app import Answers, build_app, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = """<!doctype html><title>stream</title><script>
  window.seen = [];
  window.source = new EventSource("/answer");
  source.onmessage = (event) => {
    seen.push(event.data);
    if (event.data === "[DONE]") source.close();
  };
  source.addEventListener("error", (event) => {
    if (event.data) seen.push(JSON.parse(event.data).type);
    source.close();
  });
</script>"""


class Site:
    @get("/")
    async def page(self) -> Response:
        return Response.html(PAGE)


def wait_for(page: Page, seen: list[str]) -> None:
    page.wait_for_function("n => window.seen.length >= n", arg=len(seen), timeout=10_000)
    assert page.evaluate("window.seen") == seen


@pytest.fixture
def site(anthropic_server: FakeAnthropic) -> type:
    config = LLMConfig.for_anthropic(
        "m", api_key="k", base_url=anthropic_server.base_url, max_retries=0
    )
    return LLMModule.for_root(config)


def test_a_browser_reads_a_stream_and_its_end_and_an_error(
    chromium: Browser, anthropic_server: FakeAnthropic, site: type
) -> None:
    gate = threading.Event()
    script = anthropic_server.script(text(["one\n\ntwo", "data: three", " "]))
    anthropic_server.queue(script.gated(4, gate))
    anthropic_server.queue(script.with_event(4, anthropic_server.error_event()))
    with serve(build_app(Site, Answers, imports=[site])) as url:
        page = chromium.new_page()
        page.goto(url)
        wait_for(page, ["one\n\ntwo"])
        gate.set()
        wait_for(page, ["one\n\ntwo", "data: three", " ", "[DONE]"])
        page.reload()
        wait_for(page, ["one\n\ntwo", "TransientTransportError"])
        page.close()


def test_a_browser_that_closes_its_event_source_stops_the_provider(
    chromium: Browser, anthropic_server: FakeAnthropic, site: type
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["a", "b"])).hanging(at=4))
    with serve(build_app(Site, Answers, imports=[site])) as url:
        page = chromium.new_page()
        page.goto(url)
        wait_for(page, ["a"])
        page.evaluate("window.source.close()")
        assert anthropic_server.requests[0].closed.wait(5)
        page.close()
