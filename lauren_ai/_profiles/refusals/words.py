"""Finds what a refusal says, and of which field, in any server's form. It decides nothing.

Sources are the servers' own answers: Anthropic, OpenAI and Azure (`error.param`), FastAPI and
Mistral (`detail` with `loc`), vLLM (the same, as Python writes it), Gemini (a list, `details`), xAI
(`error` is the text), OpenRouter (the vendor's answer in `metadata.raw`), litellm (it quotes it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._profiles.limits import MAX_TEXT

_MAX_DEPTH = 10
_MAX_PARTS = 200
_TEXTS = ("message", "error", "detail", "msg", "description", "raw", "reason", "title")
_INNER = (*_TEXTS, "errors", "metadata", "details", "fieldViolations")
_PATHS = ("param", "field", "loc")
_PYTHON_LOC = re.compile(r"['\"]loc['\"]: ?[(\[]([^()\[\]]{1,200})[)\]]")
#: `max_tokens: 9 > 5`, `tools.0.custom.strict: Extra inputs …`, as Anthropic begins.
_LEADING = re.compile(r"\A[`'\"]?([A-Za-z_][\w.\[\]-]{0,200})[`'\"]?: ")
#: Gemini: Unknown name "x" at 'tools[0].function': Cannot find field.
_GOOGLE = re.compile(r'Unknown name "([\w.]{1,100})"(?: at \'([\w.\[\]]{1,200})\')?')


@dataclass(frozen=True, slots=True)
class Words:
    """`text`: all that was said. `paths`: the fields that it names apart from its sentences."""

    text: str
    paths: tuple[tuple[str, ...], ...]


def read_words(body: str | bytes) -> Words:
    """The sentences and field names of a refusal's body or message; of its first 64 KiB."""
    if isinstance(body, bytes):
        body = body[: 4 * MAX_TEXT].decode("utf-8", "replace")
    body = body[:MAX_TEXT]
    found = _Found([], [])
    found.read(body, 0)
    text = "\n".join(found.texts)[:MAX_TEXT]
    for match in _PYTHON_LOC.finditer(text):
        found.add_path(re.findall(r"[\w-]+", match[1]))
    for match in _GOOGLE.finditer(text):
        found.add_path([*re.findall(r"\w+", match[2] or ""), *match[1].split(".")])
    return Words(text.replace("\\", ""), tuple(dict.fromkeys(found.paths)))


@dataclass(frozen=True, slots=True)
class _Found:
    texts: list[str]
    paths: list[tuple[str, ...]]

    def read(self, value: Any, depth: int) -> None:
        if depth > _MAX_DEPTH or len(self.texts) + len(self.paths) > _MAX_PARTS:
            return
        if isinstance(value, str):
            self._read_text(value, depth)
        elif isinstance(value, list):
            for item in value[:_MAX_PARTS]:
                self.read(item, depth + 1)
        elif isinstance(value, dict):
            for key in _INNER:
                if key in value:
                    self.read(value[key], depth + 1)
            for key in _PATHS:
                self._read_path(value.get(key))

    def _read_text(self, text: str, depth: int) -> None:
        if text.lstrip()[:1] in ("{", "["):
            try:
                inner = decode_json(text.encode("utf-8", "replace"))
            except MalformedJSONError:
                pass
            else:
                return self.read(inner, depth + 1)
        self.texts.append(text)
        if match := _LEADING.match(text):
            self._read_path(match[1])
        return None

    def _read_path(self, value: Any) -> None:
        if isinstance(value, str):
            self.add_path(re.findall(r"[\w-]+", value[:400]))
        elif isinstance(value, list):
            self.add_path([str(part) for part in value[:20] if isinstance(part, str | int)])

    def add_path(self, parts: list[str]) -> None:
        path = tuple(part.lower() for part in parts if part != "body")
        if path and path != ("none",):
            self.paths.append(path)
