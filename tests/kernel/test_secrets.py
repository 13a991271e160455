"""No key is shown by any failing cell, however long the traceback that the user asked for."""

from __future__ import annotations

import pytest

from tests.kernel._failing import FAILURES, Make, limit_for_two_minutes, overload, refuse_the_key
from tests.kernel._kernel import KEY, Kernel
from tests.servers import FakeAnthropic

MODES = ["Plain", "Context", "Verbose", "Minimal", "Docs"]


@pytest.mark.parametrize("mode", MODES)
def test_no_traceback_shows_the_key(
    kernel: Kernel, anthropic_server: FakeAnthropic, mode: str
) -> None:
    assert kernel.run(f"%xmode {mode}").error is None
    for make in FAILURES:
        anthropic_server.default = make(anthropic_server)
        for cell in ("%%lauren\nhi", "%tb", "%%time\n%%lauren\nhi", "%tb"):
            run = kernel.run(cell)
            assert run.error is not None
            assert not holds_key(str(run.messages)), (mode, make.__name__, cell)


@pytest.mark.parametrize("make", [refuse_the_key, limit_for_two_minutes, overload])
def test_no_traceback_of_a_service_in_a_cell_shows_the_key(
    kernel: Kernel, anthropic_server: FakeAnthropic, make: Make
) -> None:
    kernel.run("%xmode Verbose")
    anthropic_server.default = make(anthropic_server)
    run = kernel.run(
        "from lauren_ai import LLMConfig, LLMService, Message\n"
        "config = LLMConfig.for_anthropic('claude-test', api_key=os.environ['ANTHROPIC_API_KEY'])\n"
        "await LLMService.from_config(config).complete([Message.user('hi')])"
    )
    assert run.error is not None
    assert not holds_key(str([m for m in run.messages if m.type != "execute_input"]))


def test_no_repr_shows_the_key(kernel: Kernel) -> None:
    run = kernel.run(
        "from lauren_ai import LLMConfig, LLMService\n"
        "config = LLMConfig.for_anthropic('claude-test', api_key=os.environ['ANTHROPIC_API_KEY'])\n"
        "print(repr(config), repr(LLMService.from_config(config)), vars(LLMService))"
    )
    assert run.error is None
    assert not holds_key(run.stdout)


def holds_key(shown: str) -> bool:
    """Whether a part of the key is there; its first letters are the same for everyone."""
    secret = KEY.removeprefix("sk-ant-api03-")
    return any(secret[i : i + 6] in shown for i in range(len(secret) - 5))
