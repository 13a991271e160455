"""One conversation of a panel: its turns, the run under way, what waits, what its pages are told.

It lives on the panels' loop; `_panel.py` is what users hold, `_inbox.py` hears the pages, `_run.py`
asks the model.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from lauren_ai import ConversationStore, LaurenAIError, Message, TokenUsage
from lauren_nb._display.live import Live
from lauren_nb._errors import OptionError
from lauren_nb._protocol import PanelHead
from lauren_nb._run.outcome import finished
from lauren_nb._session.session import Session
from lauren_nb.panel._export import make_filename, write_json, write_markdown
from lauren_nb.panel._history import restore
from lauren_nb.panel._mentions import Mention, gather
from lauren_nb.panel._notebook import write_notebook
from lauren_nb.panel._outbox import PanelWire, Send
from lauren_nb.panel._presenter import PanelPresenter
from lauren_nb.panel._queue import Queue
from lauren_nb.panel._run import PanelModel
from lauren_nb.panel._tree import PanelTurn, TurnTree

MAX_TITLE = 200
WRITERS = {"markdown": write_markdown, "json": write_json, "ipynb": write_notebook}


class Chat:
    """Made by a panel on the panels' loop, where every method runs but `get_presenter`.

    There, `on_end(turn)` is called after each turn, and `on_change()` when what is shown of the
    turns, or the title, has become another.
    """

    def __init__(
        self,
        model: PanelModel,
        *,
        session: Session,
        store: ConversationStore,
        conversation_id: str,
        title: str,
        send: Send,
        on_end: Callable[[PanelTurn], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.model = model
        self.title = title
        self.tree = TurnTree()
        self.queue = Queue()
        self._session = session
        self._store = store
        self._id = conversation_id
        self._on_end = on_end
        self._on_change = on_change
        self._lock = asyncio.Lock()
        self._presenters: dict[str, PanelPresenter] = {}
        self._lives: dict[str, Live] = {}
        self._run: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._is_kept = True  # whether the store has the branch that is shown
        self.wire = PanelWire(self.tree, self._lives, send=send, describe=self._describe)

    async def load(self) -> None:
        """Show what the store has of this conversation. Raises StorageError."""
        restore(self.tree, await self._store.load(self._id))

    @property
    def messages(self) -> list[Message]:
        return self.tree.messages()

    @property
    def usage(self) -> TokenUsage:
        """Of all runs of this kernel's panel, also of branches that are not shown."""
        total = TokenUsage(0, 0)
        for turn in list(self.tree.turns.values()):
            if turn.response is not None and turn.response.total_usage is not None:
                total += turn.response.total_usage
        return total

    @property
    def cost_usd(self) -> float | None:
        """US dollars of the same; None where the price of a run is not known. A model on the
        user's machine costs nothing, nor does a request that failed before any text came; a
        replayed run counts with what its recording did."""
        costs = [turn.cost_usd for turn in list(self.tree.turns.values()) if _is_charged(turn)]
        return None if None in costs else sum(c for c in costs if c is not None)

    async def ask(
        self, text: str, *, nonce: str | None = None, files: Sequence[Mention] = ()
    ) -> PanelTurn:
        """Ask after the last turn, when the run under way is over. What fails of the run is the
        turn's `error`."""
        async with self._lock:
            last = self.tree.last
            return await self._ask(text, last.id if last else None, nonce, files)

    async def ask_again(self, turn_id: str, text: str, *, nonce: str | None = None) -> PanelTurn:
        """Ask in place of an earlier turn, with its files; that one stays as another version."""
        async with self._lock:
            turn = self.tree.turns[turn_id]
            parent, files = turn.parent, [m for m in turn.mentions if m.is_file]
            before = self.tree.messages()
            self._is_kept = False
            asked = await self._ask(text, parent, nonce, files)
            if not asked.messages:  # nothing was said: the store keeps what was, until something is
                await self._keep(before)
                self._is_kept = False
            return asked

    async def choose(self, turn_id: str) -> None:
        """Show another version of a turn, and go on from it."""
        async with self._lock:
            self.tree.choose(turn_id)
            await self._keep(self.tree.messages())
            self._tell_change()

    async def clear(self) -> None:
        """Stop, and forget everything, also in the store."""
        self.queue.clear()
        self.stop()
        async with self._lock:
            self.tree.clear()
            self._presenters.clear()
            self._lives.clear()
            await self._store.delete(self._id)
            self._is_kept = True
            self._tell_change()

    def rename(self, title: str) -> None:
        self.title = " ".join(title.split())[:MAX_TITLE] or self.title
        self._tell_change()

    def stop(self) -> None:
        """End the run under way; its partial answer stays."""
        if self._run is not None:
            self._run.cancel()

    def export(self, format: str) -> tuple[str, str]:
        """A file's name and its text; `format` is markdown, json or ipynb."""
        if format not in WRITERS:
            raise OptionError(f"Unknown format {format!r}. Write {', '.join(WRITERS)}.")
        return make_filename(self.title, format), WRITERS[format](self.title, self.tree.path())

    def ask_or_queue(self, text: str, *, nonce: str, files: Sequence[Mention]) -> None:
        """Ask at once, or queue it while an answer is being written. Raises OptionError."""
        if self._run is None and not self._lock.locked():
            self.start(self.ask(text, nonce=nonce, files=files))
            return
        self.queue.add(text, files)
        self.wire.tell(nonce=nonce)

    def resume(self) -> None:
        """Go on with what waits, after an answer that failed or was stopped."""
        self.queue.paused = False
        self.start(self._ask_queued())

    def get_presenter(self, turn_id: str) -> PanelPresenter | None:
        """Who shows a turn that was asked here; on whatever thread."""
        return self._presenters.get(turn_id)

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Do what a page asked; the turn itself shows what fails of a run."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._note_end)

    async def _ask_queued(self) -> None:
        """Ask the first that waits; whoever waits for the lock in Python comes before it."""
        async with self._lock:
            item = self.queue.take()
            if item is not None:
                last = self.tree.last
                await self._ask(item.text, last.id if last else None, None, item.files)
            else:
                self.wire.tell()

    def _note_end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.wire.tell(problem=str(error))

    async def _keep(self, messages: list[Message]) -> None:
        await self._store.save(self._id, messages)
        self._is_kept = True

    async def _ask(
        self, text: str, parent: str | None, nonce: str | None, files: Sequence[Mention]
    ) -> PanelTurn:
        # In a thread: the values' own code may take long.
        mentions = await asyncio.to_thread(gather, text, self._session.namespace)
        turn = self.tree.add(text, parent)
        turn.mentions = [*mentions, *files]
        live = Live(turn.view, self.wire.make_channel(turn.id), on_stop=self.stop)
        self._lives[turn.id] = live
        presenter = self._presenters[turn.id] = PanelPresenter(live)
        self.queue.paused = False  # what waits, waits for this answer now
        self._run = asyncio.ensure_future(self._answer(turn, presenter))
        self.wire.tell(nonce=nonce)
        run = self._run
        try:
            await asyncio.wait([run])
        finally:
            if not run.done():  # whoever awaits this was stopped, and the run with them
                run.cancel()
                await asyncio.wait([run])
            turn.error = None if run.cancelled() else run.exception()
            self._run = None
            self.queue.paused = turn.view.status != "done"
            self.wire.tell()
            self._on_end(turn)
            if self.queue and not self.queue.paused:
                self.start(self._ask_queued())
        return turn

    async def _answer(self, turn: PanelTurn, presenter: PanelPresenter) -> None:
        with finished(presenter):
            if not self._is_kept:
                await self._keep(self.tree.messages(until=turn.parent) if turn.parent else [])
            await self.model.run(
                turn,
                session=self._session,
                presenter=presenter,
                store=self._store,
                conversation_id=self._id,
            )

    def _tell_change(self) -> None:
        self.wire.tell()
        self._on_change()

    def _describe(self) -> PanelHead:
        """The head of the panel."""
        usage = self.usage
        return {
            "title": self.title,
            "model": self._name_model(),
            "running": self._run is not None and not self._run.done(),
            "usage": {
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "cache_read_tokens": usage.cache_read_tokens,
                "cache_write_tokens": usage.cache_write_tokens,
            },
            "cost_usd": self.cost_usd,
            **self.queue.describe(),
        }

    def _name_model(self) -> str:
        try:
            config = self.model.choose(self._session)
        except LaurenAIError:  # the first run says so
            return ""
        return config.model if config.model != "*" else config.provider


def _is_charged(turn: PanelTurn) -> bool:
    response = turn.response
    return response is not None and (response.total_usage is not None or turn.text != "")
