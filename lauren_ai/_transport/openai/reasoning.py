"""Writes what a stream says of a model's thoughts into blocks, with what must go back of it.

Servers send the text as `reasoning_content` or `reasoning`, sealed or structured parts as
`reasoning_details` (https://openrouter.ai/docs/use-cases/reasoning-tokens), and signatures as
`extra_content`. It does no I/O.
"""

from __future__ import annotations

from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._streaming.accumulate import Accumulator, OpenBlock
from lauren_ai._transport.openai.private import DETAILS, EXTRA, FIELD

#: Parts of one response; a model has written a few hundred at the most.
MAX_DETAILS = 10_000
#: Where a part's text stands, by its type: pieces of one part are joined there.
_JOINED = {"reasoning.text": "text", "reasoning.summary": "summary"}


class Reasoning:
    """Made for one response. `owner` is the server, which alone gets this back."""

    def __init__(self, snapshot: Accumulator, owner: str) -> None:
        self._snapshot = snapshot
        self._owner = owner
        self._details: list[dict[str, Any]] = []
        self._pieces: list[list[str]] = []  # of each detail's text, joined at the end
        self._block: OpenBlock | None = None  # the first, which keeps the details

    def write(self, field: str, text: str) -> None:
        """Thoughts as text, which came in `field`; an empty one may have to go back too."""
        if not text and self._block is not None:
            return
        self._keep(self._snapshot.get_last("thinking"))[FIELD] = field
        self._snapshot.write("thinking", text)

    def add_details(self, details: list[Any]) -> str:
        """Keep structured thoughts; what of them a person may read."""
        shown = ""
        if self._block is None:
            self._keep(self._snapshot.get_last("thinking"))
        for detail in details:
            if not isinstance(detail, dict):
                continue
            name = _JOINED.get(str(detail.get("type")), "")
            text = detail.get(name)
            text = text if isinstance(text, str) else ""
            shown += text
            if self._goes_on(detail, name):
                last = self._details[-1]
                last.update({k: v for k, v in detail.items() if v is not None and k != name})
                self._pieces[-1].append(text)
                continue
            if len(self._details) == MAX_DETAILS:
                raise TransportError(
                    f"The response has over {MAX_DETAILS} parts of reasoning. Ask again.",
                    provider=self._snapshot.provider,
                )
            self._details.append(dict(detail))
            self._pieces.append([text])
        return shown

    def sign(self, extra: Any, call: OpenBlock | None) -> None:
        """Keep what a server gave beside a call, or beside the message where `call` is None."""
        if not isinstance(extra, dict) or not extra:
            return
        if call is None:
            blocks = self._snapshot.blocks
            call = next((b for b in blocks if b.type == "text"), None)
            call = call or self._block or self._snapshot.get_last("thinking")
        self._keep(call)[EXTRA] = extra

    def end(self) -> None:
        """Called once, when the response is whole."""
        for detail, pieces in zip(self._details, self._pieces, strict=True):
            name = _JOINED.get(str(detail.get("type")))
            if name is not None and name in detail:
                detail[name] = "".join(pieces)
        if self._details and self._block is not None:
            self._keep(self._block)[DETAILS] = self._details

    def _keep(self, block: OpenBlock) -> dict[str, Any]:
        block.provider = self._owner
        if block.raw is None:
            block.raw = {}
        if block.type == "thinking" and self._block is None:
            self._block = block
        return block.raw

    def _goes_on(self, detail: dict[str, Any], name: str) -> bool:
        """Whether it is a further piece of the last one: of its type, and of the same number."""
        if not name or not self._details:
            return False
        last = self._details[-1]
        return all(detail.get(key) == last.get(key) for key in ("type", "index")) and (
            detail.get("id") is None or detail.get("id") == last.get("id")
        )
