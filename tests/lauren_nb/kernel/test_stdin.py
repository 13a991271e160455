"""The input box: which reply answers which question. tests/kernel_matrix has the real kernels."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import pytest

from lauren_nb._kernel import stdin
from lauren_nb._kernel.stdin import StdinClosedError, has_stdin, read_line


class FakeKernel:
    """ipykernel 6's names; socket and session in one, without a wire."""

    def __init__(self, *, allow_stdin: bool = True) -> None:
        self._allow_stdin = allow_stdin
        self._parent_ident = {"shell": b"client"}
        self.stdin_socket = self.session = self
        self.requests: list[dict[str, Any]] = []
        self._replies: deque[dict[str, Any]] = deque()

    def get_parent(self, channel: str) -> dict[str, Any]:
        return {"header": {"msg_id": f"the cell's {channel}"}}

    def send(
        self, socket: object, kind: str, content: dict[str, Any], parent: object, *, ident: object
    ) -> dict[str, Any]:
        assert (socket, kind, ident) == (self, "input_request", b"client")
        assert parent == {"header": {"msg_id": "the cell's shell"}}
        assert content["password"] is False
        self.requests.append(content)
        return {"header": {"msg_id": f"request {len(self.requests)}"}}

    def poll(self, timeout: int) -> bool:
        return bool(self._replies)

    def recv(self, socket: object, mode: int) -> tuple[list[bytes], dict[str, Any]]:
        return [], self._replies.popleft()

    def recv_multipart(self, mode: int) -> None:
        self._replies.popleft()

    def reply(self, line: str, *, to: int | None = None) -> None:
        """`to` counts requests from 1; without it the reply does not say what it answers."""
        parent = {"msg_id": f"request {to}"} if to else {}
        self._replies.append({"parent_header": parent, "content": {"value": line}})


class FakeKernel7(FakeKernel):
    """The names of ipykernel 7."""

    _shell_parent_ident = "the variable"

    def __init__(self) -> None:
        super().__init__()
        del self._parent_ident

    def _get_shell_context_var(self, variable: object) -> bytes:
        assert variable == self._shell_parent_ident
        return b"client"


@pytest.fixture(autouse=True)
def no_open_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdin, "_withdrawn", False)
    monkeypatch.setattr(stdin, "POLL_S", 0)


async def start(kernel: FakeKernel, prompt: str = "Run it?") -> asyncio.Task[str]:
    """A question that is asked and waits."""
    before = len(kernel.requests)
    task = asyncio.ensure_future(read_line(kernel, prompt))
    while len(kernel.requests) == before:
        await asyncio.sleep(0)
    return task


async def withdraw(task: asyncio.Task[str]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("kind", [FakeKernel, FakeKernel7])
@pytest.mark.parametrize("to", [None, 1])
async def test_line_comes_back(kind: type[FakeKernel], to: int | None) -> None:
    kernel = kind()
    task = await start(kernel)
    kernel.reply("yes", to=to)
    assert await asyncio.wait_for(task, 10) == "yes"
    assert [request["prompt"] for request in kernel.requests] == ["Run it?"]


async def test_line_that_came_before_the_question_is_no_answer() -> None:
    kernel = FakeKernel()
    kernel.reply("y")
    task = await start(kernel)
    kernel.reply("n")
    assert await asyncio.wait_for(task, 10) == "n"


async def test_reply_to_another_question_is_no_answer() -> None:
    kernel = FakeKernel()
    await withdraw(await start(kernel))
    task = await start(kernel)
    kernel.reply("y", to=1)
    kernel.reply("n", to=2)
    assert await asyncio.wait_for(task, 10) == "n"
    assert len(kernel.requests) == 2


async def test_reply_that_may_be_to_another_question_is_asked_for_again_once() -> None:
    kernel = FakeKernel()
    await withdraw(await start(kernel))
    task = await start(kernel)
    kernel.reply("y")
    while len(kernel.requests) < 3:
        await asyncio.sleep(0)
    assert "earlier box" in kernel.requests[2]["prompt"]
    assert kernel.requests[2]["prompt"].endswith("Run it?")
    kernel.reply("n")
    assert await asyncio.wait_for(task, 10) == "n"
    task = await start(kernel)
    kernel.reply("y")
    assert await asyncio.wait_for(task, 10) == "y"


async def test_end_of_input_closes() -> None:
    kernel = FakeKernel()
    task = await start(kernel)
    kernel.reply("\x04", to=1)
    with pytest.raises(StdinClosedError):
        await asyncio.wait_for(task, 10)


async def test_frontend_without_a_box_is_told_of_at_once() -> None:
    kernel = FakeKernel(allow_stdin=False)
    assert not has_stdin(kernel)
    with pytest.raises(StdinClosedError):
        await read_line(kernel, "Run it?")
    assert kernel.requests == []


async def test_the_loop_goes_on_while_it_waits() -> None:
    kernel = FakeKernel()
    task = await start(kernel)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not task.done()
    kernel.reply("y")
    assert await asyncio.wait_for(task, 10) == "y"
