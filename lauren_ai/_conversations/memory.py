"""A conversation in memory, and the part of it that fits a model's window. It stores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from lauren_ai._exceptions import AgentConfigError
from lauren_ai._types import ContentBlock, Message

#: Of a window where a model's context is not known.
DEFAULT_TOKENS = 40_000
#: Of UTF-8: four letters of English, two of Russian; a bit less than two of Chinese.
BYTES_PER_TOKEN = 4
#: About what providers count for an image of ordinary size.
IMAGE_TOKENS = 1_600
#: Of a file in base64. A page of a PDF takes 1,500 to 3,000 tokens, says Anthropic, and often about
#: 100 KB. Counted as text, a document would be forgotten before the second question about it.
FILE_CHARS_PER_TOKEN = 45
MESSAGE_TOKENS = 4


class ShortTermMemory:
    """Made by the user and given to runs, which read and extend it; it lives as long as its owner
    keeps it. All messages stay; `window` gives the latest that fit `max_tokens`, an estimate of
    four characters a token. None is what the context of a run's model leaves for them."""

    def __init__(self, max_tokens: int | None = None) -> None:
        if max_tokens is not None and max_tokens < 1:
            raise AgentConfigError(f"max_tokens must be at least 1, not {max_tokens}.")
        self.max_tokens = max_tokens
        self._messages: list[Message] = []

    @property
    def messages(self) -> list[Message]:
        """A copy of the list of all messages, oldest first."""
        return list(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        self._messages.append(message)

    def extend(self, messages: Iterable[Message]) -> None:
        self._messages.extend(messages)

    def clear(self) -> None:
        self._messages.clear()

    def window(self, max_tokens: int | None = None) -> list[Message]:
        """The latest messages that fit, from where a person spoke. `max_tokens` counts where the
        memory has no limit of its own; without either it is all of them."""
        limit = self.max_tokens or max_tokens
        return self.messages if limit is None else get_window(self._messages, limit)


def get_window(messages: Sequence[Message], max_tokens: int, *, number: int = 0) -> list[Message]:
    """The latest `messages` that fit, beginning where a person spoke: no call loses its result,
    and no result its call. Looks at no more messages than it gives (and one exchange).

    What no longer fits goes in blocks of up to half the window, not turn by turn: providers keep
    a prompt for the next request, and bind thoughts to it, only while its beginning stays.
    `number` is the place of `messages[0]` in the whole conversation."""
    start = _find_start(messages, max_tokens)
    if start + number == 0:
        return list(messages)
    block = 1 << max(0, ((len(messages) - start) // 2).bit_length() - 1)
    ahead = -(start + number) % block
    for index in range(start + ahead, len(messages)):
        if _begins_exchange(messages[index]):
            return list(messages[index:])
    return list(messages[start:])


def _find_start(messages: Sequence[Message], max_tokens: int) -> int:
    left = max_tokens
    start = len(messages)
    for index in range(len(messages) - 1, -1, -1):
        left -= estimate_tokens(messages[index])
        if left < 0:
            break
        if _begins_exchange(messages[index]):
            start = index
    return start


def count_turns(messages: Iterable[Message]) -> int:
    """How often a person spoke."""
    return sum(map(_begins_exchange, messages))


def estimate_tokens(message: Message) -> int:
    """What a message may take. Only providers count exactly: `LLMService.count_tokens`."""
    return MESSAGE_TOKENS + estimate_content(message.content)


def estimate_content(content: str | list[ContentBlock] | None) -> int:
    """What a text or the blocks of a message may take, in tokens."""
    if content is None:
        return 0
    if isinstance(content, str):
        size = len(content if content.isascii() else content.encode("utf-8", "surrogatepass"))
        return -(-size // BYTES_PER_TOKEN)
    return sum(_estimate_block(block) for block in content)


def _estimate_block(block: ContentBlock) -> int:
    if block.type == "image":
        return IMAGE_TOKENS
    tokens, raw = estimate_content(block.content), block.raw
    if not raw:
        tokens += estimate_content(block.text)
        return tokens + (
            estimate_content(json.dumps(block.input, default=str)) if block.input else 0
        )
    # Text and input stand in it once more.
    if isinstance(source := raw.get("source"), dict) and source.get("type") == "base64":
        tokens += len(str(source.get("data"))) // FILE_CHARS_PER_TOKEN
        raw = {**raw, "source": None}
    return tokens + estimate_content(json.dumps(raw, default=str))


def _begins_exchange(message: Message) -> bool:
    if message.role != "user":
        return False
    content = message.content
    return isinstance(content, str) or all(block.type != "tool_result" for block in content)
