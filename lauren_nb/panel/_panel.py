"""The chat panel: what users hold. The conversation is `_chat.py`'s, on a loop of its own.

It opens no connection and draws nothing.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import threading
import traceback
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from lauren_ai import AgentResponse, ConversationStore, Message, TokenUsage
from lauren_nb._display.widget import PanelWidget
from lauren_nb._errors import OptionError, show_only
from lauren_nb._kernel.interrupts import heartbeat
from lauren_nb.panel._attach import attach
from lauren_nb.panel._chat import Chat
from lauren_nb.panel._export import write_transcript
from lauren_nb.panel._host import find_shell, get_host_session, make_marimo_element
from lauren_nb.panel._inbox import Inbox
from lauren_nb.panel._loop import get_loop, run_on
from lauren_nb.panel._run import make_model
from lauren_nb.panel._transcripts import Transcripts
from lauren_nb.panel._tree import PanelTurn

__all__ = ["ChatPanel"]

T = TypeVar("T")
LOAD_S = 10.0
_numbers = itertools.count(1)


class ChatPanel:
    """A chat with a model in the notebook. As a cell's last line it shows itself; `widget` is for
    places that want an anywidget.

    `agent_or_model` is a model's name (`provider:model`), an LLMConfig or an agent; without it the
    session's model answers. `tools` are as `-t` takes them: decorated functions, plain ones (which
    ask before they run), "kernel". `conversation` names one of the session, or of `store`, to go
    on with, and without it a new one begins; `title` is what the panel is called. Raises
    OptionError, StorageError.

    Answers come on a thread of the package, so that they go on while a cell blocks. Tools that are
    coroutines run on the kernel's loop, and so wait for such a cell; hooks of an agent run on the
    panel's thread, and so does the store. It lives until `close` or the end of the kernel.
    """

    def __init__(
        self,
        agent_or_model: object = None,
        *,
        tools: Sequence[object] = (),
        system: str | None = None,
        conversation: str | None = None,
        title: str | None = None,
        store: ConversationStore | None = None,
    ) -> None:
        shell = find_shell()
        session = get_host_session(shell)
        self._kernel_loop = _get_kernel_loop()
        model = make_model(
            agent_or_model,
            tools,
            system,
            namespace=session.namespace,
            kernel_loop=self._kernel_loop,
        )
        # In a store of the user's, other kernels have their conversations, too.
        number = next(_numbers) if store is None else uuid4().hex[:12]
        self._loop = get_loop()
        self._callbacks: list[Callable[[PanelTurn], object]] = []
        self._transcripts = (
            None if shell is None else Transcripts(shell, self._kernel_loop, self._write_transcript)
        )
        self.widget = PanelWidget(self._receive)

        async def make() -> Chat:
            chat = Chat(
                model,
                session=session,
                store=session.store if store is None else store,
                conversation_id=conversation or f"panel-{number}",
                title=title or conversation or "Chat",
                send=self.widget.send,
                on_end=self._note_end,
                on_change=self._note_change,
            )
            await chat.load()
            return chat

        # In a thread of its own, so the wait is short and nothing here can hold it up.
        self._chat = asyncio.run_coroutine_threadsafe(make(), self._loop).result(LOAD_S)
        self._inbox = Inbox(self._chat, session, self._loop)

    @property
    def title(self) -> str:
        return self._chat.title

    @property
    def messages(self) -> list[Message]:
        """What was said on the branch that is shown, oldest first."""
        return self._chat.messages

    @property
    def turns(self) -> list[PanelTurn]:
        """The questions and answers that are shown, oldest first."""
        return self._chat.tree.path()

    @property
    def usage(self) -> TokenUsage:
        """Tokens of all runs since the panel was made or cleared, those of other branches too."""
        return self._chat.usage

    @property
    def cost_usd(self) -> float | None:
        """US dollars of the same runs; None where a price is not known."""
        return self._chat.cost_usd

    async def send(self, text: str, *, files: Sequence[object] = ()) -> AgentResponse:
        """Ask as if it were typed, and wait for the answer. A run under way is waited for; messages
        that wait in the page's queue come after.

        `files` are attached as those of a page are, within the same limits: paths of images or
        text files, matplotlib figures, PIL images, the bytes of images, ContentBlocks.

        Raises OptionError for what cannot be sent, and the error of the run, which the panel shows
        as well. Cancelling it, as ■ does, stops the answer; after the panel's Stop the response has
        stop_reason "cancelled"."""
        if not text.strip():
            raise OptionError("The message has no text. Write a question, also about files.")
        attached = attach(files)
        with heartbeat():
            try:
                turn = await self._call(self._chat.ask(text, files=attached))
            except asyncio.CancelledError as error:
                show_only(error, "Interrupted. What came so far is kept in the panel.")
                raise
        if turn.error is not None:
            raise turn.error
        if turn.response is None:
            raise asyncio.CancelledError("The panel was stopped before the model was asked.")
        return turn.response

    def stop(self) -> None:
        """End the run under way; its partial answer stays. Safe in any thread."""
        self._loop.call_soon_threadsafe(self._chat.stop)

    def on_turn(self, fn: Callable[[PanelTurn], object]) -> Callable[[PanelTurn], object]:
        """Call `fn(turn)` in the kernel's own thread after each turn; returns it, as a decorator
        does. A turn has `question`, `text`, `messages`, `response` and `error`. Raises OptionError
        for a coroutine function, which nobody would await."""
        if inspect.iscoroutinefunction(fn):
            name = getattr(fn, "__name__", fn)
            raise OptionError(
                f"on_turn calls a plain function; {name} is a coroutine function. Start it from "
                "one with asyncio.create_task."
            )
        self._callbacks.append(fn)
        return fn

    async def clear(self) -> None:
        """Forget the conversation, also in its store."""
        await self._call(self._chat.clear())

    async def rename(self, title: str) -> None:
        async def rename() -> None:
            self._chat.rename(title)

        await self._call(rename())

    def export(self, path: str | Path) -> Path:
        """Write the conversation to a file: JSON where its name ends in .json, a notebook where it
        ends in .ipynb (answers' Python blocks are code cells, not run), else Markdown."""
        path = Path(path).expanduser()
        formats = {".json": "json", ".ipynb": "ipynb"}
        text = self._chat.export(formats.get(path.suffix.lower(), "markdown"))[1]
        path.write_text(text, encoding="utf-8")
        return path

    def close(self) -> None:
        """Stop, and end the views. The conversation stays in its store."""
        self.stop()
        self.widget.close()
        if self._transcripts is not None:
            self._transcripts.close()

    def _ipython_display_(self) -> None:
        self._check_open()
        if self._transcripts is not None:
            self._transcripts.show_below(self.widget.get_mimebundle())

    def _show_transcript(self) -> None:
        """What a saved notebook keeps of a panel that is shown elsewhere: folded, in the cell."""
        if self._transcripts is not None:
            self._transcripts.show_folded()

    def _display_(self) -> object:
        """What marimo shows where the panel is a cell's last line."""
        self._check_open()
        return make_marimo_element(self.widget)

    def __repr__(self) -> str:
        return f"<ChatPanel {self.title!r}: {len(self.turns)} turns>"

    def _check_open(self) -> None:
        if self.widget.comm is None:
            raise OptionError(
                "This panel is closed. Make a new ChatPanel; the same conversation= goes on."
            )

    def _receive(self, message: dict[str, Any]) -> None:
        self._inbox.receive(message)

    async def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return await run_on(self._loop, work)

    def _note_end(self, turn: PanelTurn) -> None:
        """On the panel's thread: hand over to the kernel's, where it may be shown and told."""
        self._kernel_loop.call_soon_threadsafe(self._tell, turn)

    def _note_change(self) -> None:
        """On the panel's thread, too: a saved notebook has nothing that was cleared."""
        if self._transcripts is not None:
            self._kernel_loop.call_soon_threadsafe(self._transcripts.note_change)

    def _tell(self, turn: PanelTurn) -> None:
        if self._transcripts is not None:
            self._transcripts.note_change()
        for fn in self._callbacks:
            try:
                fn(turn)
            except Exception:  # noqa: BLE001 - the user's own; what a loop reports, no notebook shows
                traceback.print_exc()

    def _write_transcript(self) -> str:
        turns = [turn for turn in self.turns if not turn.is_running]
        return write_transcript(self.title, turns)


def _get_kernel_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        name = threading.current_thread().name
        raise OptionError(f"Make a ChatPanel in a cell, not in thread {name!r}.") from None
