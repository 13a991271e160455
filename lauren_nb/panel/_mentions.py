"""What `@name` in a panel's message brings along: the variable, as text or an image, and its label.

Only names are looked up; nothing is evaluated. `_prompt/content.py` says how a value reads.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from lauren_ai import ContentBlock
from lauren_ai._media import get_media_type
from lauren_nb._cuts import cut_end
from lauren_nb._markdown.code_spans import without_code
from lauren_nb._prompt.content import cut, to_content
from lauren_nb._prompt.files import FILE
from lauren_nb._prompt.tables import is_frame
from lauren_nb._protocol import MentionData

#: Characters of a text file that a page shows again: it is there word for word on the disk.
SHOWN_CHARS = 2_000
#: What has no text of its own to begin with its name.
_NAMED = ("image", "document")
#: Names of one message that are looked up; later ones stay plain text.
MAX_MENTIONS = 8
#: Not after what makes it an address, a path or a decorator's middle.
_MENTION = re.compile(r"(?<![\w@./+\-])@([^\W\d]\w*)")


@dataclass(frozen=True, slots=True)
class Mention:
    """One variable or file as the model got it: `label` is its first line, `content` what was
    sent."""

    label: str
    content: ContentBlock
    is_file: bool = False

    def describe(self) -> MentionData:
        """What a page shows: the very text that was sent; of a file, its beginning. An image has no
        text; where it is a `picture`, the page may ask for its bytes."""
        text = self.content.text or ""
        if self.is_file:
            text = cut_end(text, SHOWN_CHARS, mark="\n…")
        shown: MentionData = {"label": self.label, "text": text}
        return shown if self._data is None else shown | {"picture": True}

    def read_picture(self) -> bytes | None:
        """The bytes of an image that every page can draw; None for anything else."""
        if self._data is None:
            return None
        try:
            data = b64decode(self._data)
            get_media_type(data)
        except ValueError:
            return None
        return data

    @property
    def _data(self) -> str | None:
        """An image's base64; None for a text, and for an image of an address."""
        source = self.content.source or {}
        return source.get("data") if self.content.type == "image" else None


def find_names(text: str) -> list[str]:
    """The names that `text` mentions, in order, each once; not those in code or addresses."""
    names = _MENTION.findall(without_code(text))
    return list(dict.fromkeys(names))[:MAX_MENTIONS]


def gather(text: str, variables: Mapping[str, Any]) -> list[Mention]:
    """The mentioned variables; a name that is none of them is plain text."""
    return [_make(name, variables[name]) for name in find_names(text) if name in variables]


def read_content(question: str, mentions: list[Mention]) -> str | list[ContentBlock]:
    """The user's message: the question, then each variable and file as a block of its own. The
    name of an image or PDF stands in a block before it, so that the model can tell them apart."""
    if not mentions:
        return question
    blocks = [ContentBlock.text_block(question)]
    for mention in mentions:
        if mention.content.type in _NAMED:
            name = f"{FILE}{mention.label}" if mention.is_file else mention.label
            blocks.append(ContentBlock.text_block(name))
        blocks.append(mention.content)
    return blocks


def restore_mentions(blocks: list[ContentBlock]) -> list[Mention]:
    """The mentions and files of a stored message, from the blocks after its question."""
    found: list[Mention] = []
    name: str | None = None  # of the image or PDF that follows
    for block, following in zip_longest(blocks, blocks[1:]):
        label, has_more, _ = (name or block.text or f"({block.type})").partition("\n")
        is_named = following is not None and following.type in _NAMED and block.type == "text"
        if is_named and not has_more:
            name = label
            continue
        is_file = label.startswith(FILE)
        found.append(Mention(label.removeprefix(FILE)[:200], block, is_file=is_file))
        name = None
    return found


def _make(name: str, value: Any) -> Mention:
    kind = type(value).__name__
    label = f"@{name}: {kind}"
    try:
        if is_frame(value):
            rows, columns = value.shape
            label += f" {rows} × {columns}"
        content = to_content(value)
    except Exception as exc:  # noqa: BLE001 - the value's own code: its failure is what is told
        content = f"({kind} cannot be shown: {type(exc).__name__}: {exc})"
    if isinstance(content, ContentBlock):
        return Mention(f"{label}, an image", content)
    return Mention(label, ContentBlock.text_block(f"{label}\n\n{cut(content)}"))
