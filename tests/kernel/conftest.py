"""Owns the kernel that the tests share; each test gets a session and a provider of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.kernel._kernel import FOREIGN, ROOT, Kernel
from tests.servers import FakeAnthropic

#: Its parts are of capital letters: six digits in a row stand by chance in ids and times, too.
KEY = "sk-ant-api03-THISISTHESECRET-QZWXVKJPYG"


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel, anthropic_server: FakeAnthropic) -> Kernel:
    """The shared kernel with the extension loaded anew, and the test's provider set."""
    set_up(shared_kernel, anthropic_server)
    return shared_kernel


def set_up(kernel: Kernel, server: FakeAnthropic) -> None:
    """Forget what was there, load the extension anew, and let it ask this provider."""
    ready = kernel.run(
        "%reset -f\nimport os\n"
        f"os.environ['ANTHROPIC_API_KEY'] = {KEY!r}\n"
        f"os.environ['ANTHROPIC_BASE_URL'] = {server.base_url!r}\n"
        "%reload_ext lauren_nb\n%xmode Context"
    )
    assert ready.error is None, ready.traceback


@pytest.fixture
def environment(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kernel inherits that a program starts: the test's provider, and nobody's settings."""
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
