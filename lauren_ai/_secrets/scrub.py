"""Takes secrets out of what a cassette keeps: known ones in every guise, and what looks like one.

It works on texts and JSON values and knows no file.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from lauren_ai._json import encode_json
from lauren_ai._secrets.shapes import MIN_SECRET, OMISSION, SECRET_FIELD, WHOLE_KEY

#: Longer than `[secret]`, which is Python for an item of a mapping.
PLACEHOLDER = "[secret removed]"

#: Who pays is no key, but nobody else's affair. OpenAI's have ids of their own.
_ACCOUNT = re.compile(r"\b(?:org-|proj_)(?=[A-Za-z]*\d)[A-Za-z0-9]{8,}")
#: An organisation's UUID, as Anthropic's errors and headers have it.
_ORGANISATION = re.compile(
    r"\borg(?:ani[sz]ation)?(?:[ _-]?id)?\W{1,6}([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})",
    re.IGNORECASE,
)
_SHORTENED = re.compile(rf"(?<![\w\-])[\w\-]*{OMISSION}[\w\-]*")
_DATA_LINE = re.compile(r"^data:[ ]?(\{.*\})[ ]*\r?$", re.MULTILINE)

Span = tuple[int, int]


class Scrubber:
    """Made for one exchange from the secrets that may be in it; those under 8 characters are
    placeholders such as "ollama", and stay."""

    def __init__(self, secrets: Iterable[str | None]) -> None:
        known = {s for s in secrets if s and len(s) >= MIN_SECRET}
        self._plain = _compile(form for s in known for form in _iter_plain_forms(s))
        self._base64 = _compile(form for s in known for form in _iter_base64_forms(s))
        # Only of what is plainly a key: "res..." may be a word, if a header says "research".
        keys = [s for s in known if len(s) >= 16 and any(c.isdigit() for c in s)]
        self._ends = tuple(s[:3] for s in keys), tuple(s[-3:] for s in keys)

    def scrub_text(self, text: str) -> str:
        """`text` with a placeholder for each secret."""
        return _replace([text], self._find(text))[0]

    def scrub_json(self, value: Any) -> Any:
        """A copy without secrets, in names too; whatever stands under a name such as `api_key`
        is one."""
        if isinstance(value, str):
            return self.scrub_text(value)
        if isinstance(value, list | tuple):
            return [self.scrub_json(item) for item in value]
        if isinstance(value, dict):
            return {
                self.scrub_text(str(name)): PLACEHOLDER
                if isinstance(item, str) and item and SECRET_FIELD.fullmatch(str(name))
                else self.scrub_json(item)
                for name, item in value.items()
            }
        return value

    def scrub_chunks(self, chunks: list[str]) -> list[str]:
        """The texts of a body without secrets, however these are cut: between chunks, between
        the events of a stream, or by escapes."""
        chunks = self._scrub_events(chunks)
        return _replace(chunks, self._find("".join(chunks)))

    def _find(self, text: str) -> list[Span]:
        spans = [m.span() for known in (WHOLE_KEY, _ACCOUNT) for m in known.finditer(text)]
        spans += (m.span(1) for m in _ORGANISATION.finditer(text))
        if self._plain is not None and self._base64 is not None:
            spans += (m.span() for m in self._plain.finditer(text))
            spans += self._find_base64(text, self._base64)
        heads, tails = self._ends
        if heads:
            for match in _SHORTENED.finditer(text):
                if match[0].startswith(heads) or match[0].endswith(tails):
                    spans.append(match.span())
        return _merge(spans)

    @staticmethod
    def _find_base64(text: str, parts: re.Pattern[str]) -> Iterator[Span]:
        """Every base64 text that holds a part of a secret, once."""
        end = 0
        while (match := parts.search(text, end)) is not None:
            start, end = _widen(text, *match.span())
            yield start, end

    def _scrub_events(self, chunks: list[str]) -> list[str]:
        """A model may say a secret a few letters an event: look at what each field's texts are
        together, and write those events anew that hold a part."""
        body = "".join(chunks)
        spans = [match.span(1) for match in _DATA_LINE.finditer(body)] or [(0, len(body))]
        events: list[tuple[Span, Any]] = []
        for start, end in spans:
            try:
                events.append(((start, end), json.loads(body[start:end])))
            except (ValueError, RecursionError):
                continue
        fields: dict[str, list[_Leaf]] = {}
        for number, (_, value) in enumerate(events):
            for path, holder, key in _iter_leaves(value):
                fields.setdefault(path, []).append((number, holder, key))
        dirty = {number for leaves in fields.values() for number in self._scrub_field(leaves)}
        edits = [
            (span, encode_json(value))
            for number, (span, value) in enumerate(events)
            if number in dirty
        ]
        return _edit(chunks, edits)

    def _scrub_field(self, leaves: list[_Leaf]) -> set[int]:
        texts = [holder[key] for _, holder, key in leaves]
        spans = self._find("".join(texts))
        if not spans:
            return set()
        changed = set()
        for (number, holder, key), old, new in zip(
            leaves, texts, _replace(texts, spans), strict=True
        ):
            if new != old:
                holder[key] = new
                changed.add(number)
        return changed


#: The number of an event, and where in it a text stands.
_Leaf = tuple[int, Any, Any]


def _iter_leaves(value: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every text in `value`: its path, the same from event to event, and where it stands."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            path = f"{path}#{node['index']}" if isinstance(node.get("index"), int) else path
            pairs: list[tuple[Any, Any]] = list(node.items())
        elif isinstance(node, list):
            pairs = list(enumerate(node))
        else:
            continue
        for key, item in pairs:
            if isinstance(item, str):
                yield f"{path}.{key}", node, key
            else:
                stack.append((f"{path}.{key}", item))


def _compile(forms: Iterable[str]) -> re.Pattern[str] | None:
    """One pattern of all, the longest first."""
    ordered = sorted(set(forms), key=lambda form: (-len(form), form))
    return re.compile("|".join(ordered)) if ordered else None


def _iter_plain_forms(secret: str) -> Iterator[str]:
    """Patterns of the secret as it is, in JSON, also in a JSON text within JSON, in HTML, in an
    address, also as a part of another, and in hexadecimal."""
    escaped = json.dumps(secret)[1:-1]
    forms = {secret, escaped, escaped.replace("/", "\\/"), html.escape(secret)}
    forms |= {json.dumps(text, ensure_ascii=False)[1:-1] for text in (secret, escaped)}
    once = quote(secret, safe="")
    for quoted in (once, quote(secret), quote_plus(secret), quote(once, safe="")):
        forms |= {quoted, re.sub("%[0-9A-F]{2}", lambda m: m[0].lower(), quoted)}
    yield from map(re.escape, forms)
    yield f"(?i:{secret.encode('utf-8', 'replace').hex()})"


def _iter_base64_forms(secret: str) -> Iterator[str]:
    """What every base64 text has in it that the secret stands in, at each of three alignments."""
    data = secret.encode("utf-8", "replace")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + data).decode()
        core = encoded[(0, 2, 3)[shift] : 8 * (shift + len(data)) // 6]
        yield from map(re.escape, {core, core.replace("+", "-").replace("/", "_")})


def _widen(text: str, start: int, end: int) -> Span:
    """The whole base64 text around a part of it: the letters beside it hold bits of the secret."""
    while start and (text[start - 1].isalnum() or text[start - 1] in "+/-_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] in "+/-_="):
        end += 1
    return start, end


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _replace(texts: list[str], spans: list[Span]) -> list[str]:
    return _edit(texts, [(span, PLACEHOLDER) for span in spans])


def _edit(texts: list[str], edits: list[tuple[Span, str]]) -> list[str]:
    """The texts with spans of their concatenation replaced; a span over several texts leaves its
    replacement in the first. The spans are in order and apart."""
    result: list[str] = []
    begin = number = 0
    for text in texts:
        end, position, pieces = begin + len(text), begin, list[str]()
        while number < len(edits) and edits[number][0][0] < end:
            (start, stop), new = edits[number]
            pieces += text[position - begin : max(start, begin) - begin], new * (start >= begin)
            position = min(stop, end)
            if stop > end:  # it goes on in the next text
                break
            number += 1
        result.append("".join([*pieces, text[position - begin :]]))
        begin = end
    return result
