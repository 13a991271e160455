"""What `@name` in a panel's message brings along: the variable, as text or an image, and its label.

Only names are looked up; nothing is evaluated. `_content` says how a value reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lauren_ai._transport._types import ContentBlock
from lauren_nb._code_spans import without_code
from lauren_nb._content import cut, to_content
from lauren_nb._tables import is_frame

#: What the block of a file's name begins with; a variable's begins with an at sign.
FILE = "Attached file: "
#: Characters of a text file that a page shows again: it is there word for word on the disk.
SHOWN_CHARS = 2_000
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

    def describe(self) -> dict[str, str]:
        """What a page shows: the very text that was sent, or that it was an image. Of a file, its
        beginning; of an image file, no more than the label."""
        if self.is_file:
            text = self.content.text or ""
            shown = text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}\n…"
            return {"label": self.label, "text": shown}
        return {"label": self.label, "text": self.content.text or "(an image)"}


def find_names(text: str) -> list[str]:
    """The names that `text` mentions, in order, each once; not those in code or addresses."""
    names = _MENTION.findall(without_code(text))
    return list(dict.fromkeys(names))[:MAX_MENTIONS]


def gather(text: str, variables: Mapping[str, Any]) -> list[Mention]:
    """The mentioned variables; a name that is none of them is plain text."""
    return [_make(name, variables[name]) for name in find_names(text) if name in variables]


def read_content(question: str, mentions: list[Mention]) -> str | list[ContentBlock]:
    """The user's message: the question, then each variable and file as a block of its own. An
    image file's name stands in a block before it."""
    if not mentions:
        return question
    blocks = [ContentBlock.text_block(question)]
    for mention in mentions:
        if mention.is_file and mention.content.type == "image":
            blocks.append(ContentBlock.text_block(f"{FILE}{mention.label}"))
        blocks.append(mention.content)
    return blocks


def restore_mentions(blocks: list[ContentBlock]) -> list[Mention]:
    """The mentions and files of a stored message, from the blocks after its question."""
    found: list[Mention] = []
    name: str | None = None  # of the image that follows
    for block in blocks:
        label, has_more, _ = (block.text or f"({block.type})").partition("\n")
        is_file = label.startswith(FILE)
        label = label.removeprefix(FILE)[:200]
        if is_file and not has_more:
            name = label
        elif name is not None and block.type == "image":
            found.append(Mention(name, block, is_file=True))
            name = None
        else:
            found.append(Mention(label, block, is_file=is_file))
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
