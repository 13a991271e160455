"""Fixtures that tests of every package share: the loopback providers, the browser.

It also marks the tests that use the browser, which dev.py runs in a process of their own.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.servers import FakeAnthropic, FakeOpenAI
from tests.support.chromium import CHROMIUM_ARGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: The first answer of a kernel waits for the provider's package to be imported.
EXPECT_MS = 20_000
BROWSER_FIXTURES = {"chromium", "playwright"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a browser, directly or through another fixture."""
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_FailuresAtOnce(config))


class _FailuresAtOnce:
    """Names the first failed tests when they have failed; pytest itself tells at the end only."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._left = 20

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and self._left:
            self._left -= 1
            word = "FAILED" if report.when == "call" else "ERROR"
            terminal = self._config.pluginmanager.get_plugin("terminalreporter")
            terminal.write_line(f"\n{word} {report.nodeid}")


@pytest.fixture(autouse=True)
def nothing_learned() -> Iterator[None]:
    """No test knows what another one's server has refused: ports come again."""
    yield
    if (base := sys.modules.get("lauren_ai._transport.base")) is not None:
        base.LEARNED.forget()


@pytest.fixture
def anthropic_server() -> Iterator[FakeAnthropic]:
    """An Anthropic server with an empty queue, closed after the test."""
    with FakeAnthropic() as server:
        yield server


@pytest.fixture
def openai_server() -> Iterator[FakeOpenAI]:
    """An OpenAI-compatible server with an empty queue, closed after the test."""
    with FakeOpenAI() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium for all browser tests: the one that dev.py found, or the system's."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=EXPECT_MS)
    path = os.environ.get("LAUREN_CHROMIUM") or shutil.which("chromium")
    assert path, "No Chromium: `python dev.py test browser` finds one, or says how to install one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield browser
        browser.close()
