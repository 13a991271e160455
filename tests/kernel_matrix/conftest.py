"""Owns a kernel for each row of the matrix, started when a test first wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.kernel_matrix.bench import SETUP, Bench
from tests.kernel_matrix.environments import KERNELS, get_python
from tests.kernel_matrix.kernel import KernelProcess
from tests.servers import FakeAnthropic


@pytest.fixture(scope="session")
def get_kernel() -> Iterator[Callable[[str], tuple[KernelProcess, str | None]]]:
    running: dict[str, tuple[KernelProcess, str | None]] = {}

    def get(name: str) -> tuple[KernelProcess, str | None]:
        if name not in running:
            kernel = KernelProcess(get_python(name)).__enter__()
            running[name] = kernel, None if name == "6.31" else kernel.create_subshell()
        return running[name]

    yield get
    for kernel, _ in running.values():
        kernel.__exit__()


@pytest.fixture
def bench(
    name: str,
    get_kernel: Callable[[str], tuple[KernelProcess, str | None]],
    anthropic_server: FakeAnthropic,
) -> Iterator[Bench]:
    """The bench of the kernel that the test's parameter `name` says."""
    kernel, subshell = get_kernel(name)
    kernel.run(SETUP.format(url=anthropic_server.base_url))
    made = Bench(name, kernel, subshell, anthropic_server)
    yield made
    for page in made.pages:  # a test that failed in mid-cell leaves a kernel that works
        if page.is_running:
            kernel.interrupt()
            with suppress(TimeoutError):
                page.finish()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a bench runs on every kernel, unless it says which."""
    marks = list(metafunc.definition.iter_markers("parametrize"))
    given = any("name" in str(mark.args[0]).replace(" ", "").split(",") for mark in marks)
    if "bench" in metafunc.fixturenames and not given:
        metafunc.parametrize("name", KERNELS)
