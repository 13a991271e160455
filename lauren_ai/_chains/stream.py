"""The stream of a chain's first LLM step. `run.py` runs the steps before it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from typing import Any

from lauren_ai._chains.run import ChainRun
from lauren_ai._chains.step import Step
from lauren_ai._exceptions import LaurenAIError
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, CompletionChunk


class ChainStream:
    """The stream of a chain's first LLM step. It can do what a CompletionStream can.

    Made by `Chain.stream`, which sees to it that there is such a step.

    The steps before run when it is awaited, else with the first chunk. `aclose` while they run
    lets the one that runs end; no other begins, and no request is sent.
    """

    def __init__(self, steps: tuple[Step, ...], input: Any, variables: Mapping[str, Any]) -> None:
        self.run = ChainRun(steps, input, variables)
        self._stream: CompletionStream | None = None
        self._closed = False

    def __await__(self) -> Generator[Any, None, ChainStream]:
        yield from self._open().__await__()
        return self

    def __aiter__(self) -> AsyncIterator[CompletionChunk]:
        return self._iterate() if self._stream is None else aiter(self._stream)

    async def __aenter__(self) -> ChainStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return self._stream.text if self._stream is not None else ""

    @property
    def completion(self) -> Completion:
        """The LLM step's whole answer. Raises LaurenAIError before it has ended."""
        if self._stream is None:
            what = "was closed before it began" if self._closed else "has not begun"
            raise LaurenAIError(f"The stream {what}: iterate it with `async for` first.")
        return self._stream.completion

    @property
    def request(self) -> CompletionRequest | None:
        """What the LLM step sends; None before the steps before it have run."""
        return self._stream.request if self._stream is not None else None

    async def aclose(self) -> None:
        """Stop at once and close the connection. Calling it again does nothing."""
        self._closed = True
        if self._stream is not None:
            await self._stream.aclose()

    async def _open(self) -> CompletionStream | None:
        """Run the steps before, and give the stream; None where it was closed meanwhile."""
        while self._stream is None and not self._closed:
            step = self.run.begin()
            assert step is not None, "a chain without an LLM step has no stream"
            if step.stream is None:
                await step.finish()
            self._stream = step.stream
        return self._stream

    async def _iterate(self) -> AsyncGenerator[CompletionChunk, None]:
        stream = await self._open()
        if stream is None:
            return
        chunks = aiter(stream)
        try:
            async for chunk in chunks:
                yield chunk
        finally:
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()
