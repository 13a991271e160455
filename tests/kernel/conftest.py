"""Owns the kernel that the tests share; each test gets a session and a provider of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel._kernel import Kernel
from tests.servers import FakeAnthropic

KEY = "sk-ant-api03-THISISTHESECRET-8350271946"


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    with Kernel() as kernel:
        yield kernel


@pytest.fixture
def kernel(shared_kernel: Kernel, anthropic_server: FakeAnthropic) -> Kernel:
    """The shared kernel with the extension loaded anew, and the test's provider set."""
    ready = shared_kernel.run(
        "%reset -f\nimport os\n"
        f"os.environ['ANTHROPIC_API_KEY'] = {KEY!r}\n"
        f"os.environ['ANTHROPIC_BASE_URL'] = {anthropic_server.base_url!r}\n"
        "%reload_ext lauren_nb\n%xmode Context"
    )
    assert ready.error is None, ready.traceback
    return shared_kernel
