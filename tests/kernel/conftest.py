"""Owns the kernel that the tests share; each test gets a session and a provider of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.kernel._kernel import FOREIGN, KEY, ROOT, Kernel, set_up
from tests.servers import FakeAnthropic


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel, anthropic_server: FakeAnthropic) -> Kernel:
    """The shared kernel with the extension loaded anew, and the test's provider set."""
    set_up(shared_kernel, anthropic_server)
    return shared_kernel


@pytest.fixture
def environment(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kernel inherits that a program starts: the test's provider, and nobody's settings."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
