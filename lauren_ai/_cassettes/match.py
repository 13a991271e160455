"""Finds the recorded exchange that answers a request, or tells how the nearest one differs.

Two requests are the same if their provider, path and JSON are, in any order where order means
nothing, less what changes from run to run and not the answer. It reads no file.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from lauren_ai._cassettes.file import Exchange, WireRequest
from lauren_ai._secrets.scrub import PLACEHOLDER, Scrubber

#: Fields of a body that change no answer, or that a newer version may add.
_VOLATILE = frozenset(
    "stream_options metadata user prompt_cache_key prompt_cache_retention safety_identifier "
    "service_tier store cache_control".split()
)
_RENAMED = {"max_completion_tokens": "max_tokens"}  # OpenAI's own server wants another name
#: What requests said by default in older recordings; today they leave the limit to the model.
OLD_MAX_TOKENS = 4096
_UNORDERED = frozenset({"tools", "stop", "stop_sequences", "required"})
_ADDRESS = re.compile(r"(?<= at )0x[0-9a-fA-F]{6,16}\b")
_BASE64 = re.compile(
    r"(data:[\w/+.\-]+;base64,)?((?:[A-Za-z0-9+/]{4}){64,}[A-Za-z0-9+/]{0,4}={0,2})"
)
#: Stands in a kept request for what is not kept, and matches anything there.
_WILD = re.compile(rf"{re.escape(PLACEHOLDER)}|\[\d+ bytes, sha256 [0-9a-f]{{16}}\]")

MAX_DIFF_LINES = 40
_WIDTH = 100


def prepare_request(request: WireRequest, scrubber: Scrubber) -> WireRequest:
    """The request as it is kept, and as it is looked for."""
    body = shorten_data(scrubber.scrub_json(msgspec.to_builtins(request.body)))
    return WireRequest(
        provider=request.provider,
        method=request.method,
        path=scrubber.scrub_text(request.path),
        body=body,
    )


def shorten_data(value: Any) -> Any:
    """A copy of a request in which images and files are a size and a digest."""
    if isinstance(value, str):
        match = _BASE64.fullmatch(value)
        if match is None:
            return value
        digest = hashlib.sha256(match[2].encode()).hexdigest()[:16]
        return f"{match[1] or ''}[{len(match[2]) * 3 // 4} bytes, sha256 {digest}]"
    if isinstance(value, list | tuple):
        return [shorten_data(item) for item in value]
    if isinstance(value, dict):
        return {key: shorten_data(item) for key, item in value.items()}
    return value


def write_canonical(request: WireRequest) -> str:
    """The request's fingerprint: the same text for requests that are the same."""
    what = [request.provider, request.method, request.path, normalise(request.body)]
    return json.dumps(what, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def normalise(body: dict[str, Any] | None) -> Any:
    """The body less what is volatile; calls of tools are numbered in place of their ids."""
    if body is None:
        return None
    kept = {_RENAMED.get(k, k): v for k, v in body.items() if k not in _VOLATILE}
    for name in ("max_tokens", "max_output_tokens"):
        if name in kept and kept[name] in _list_old_limits(kept.get("thinking")):
            del kept[name]
    return _normalise(kept, {})


def _list_old_limits(thinking: object) -> list[int]:
    """What older requests said where the person named no limit: it counted the thinking too."""
    budget = thinking.get("budget_tokens") if isinstance(thinking, dict) else None
    with_budget = [OLD_MAX_TOKENS + budget] if isinstance(budget, int) else []
    return [OLD_MAX_TOKENS, *with_budget]


def _normalise(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub("0x0", value)
    if isinstance(value, list):
        return [_normalise(item, ids) for item in value]
    if not isinstance(value, dict):
        return value
    is_call = value.get("type") in ("tool_use", "function", "server_tool_use")
    result: dict[str, Any] = {}
    for key, item in value.items():
        is_id = key in ("tool_use_id", "tool_call_id") or (key == "id" and is_call)
        if key == "cache_control":
            continue
        if is_id and isinstance(item, str):
            result[key] = ids.setdefault(item, f"call {len(ids) + 1}")
        elif key in _UNORDERED and isinstance(item, list):
            result[key] = sorted((_normalise(i, ids) for i in item), key=_sort_key)
        else:
            result[key] = _normalise(item, ids)
    return result


def _sort_key(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


class Pattern:
    """A kept request in which something was left out: it matches whatever stood there."""

    def __init__(self, canonical: str) -> None:
        self._first, *self._rest = _WILD.split(canonical)

    def matches(self, canonical: str) -> bool:
        if not self._rest or not canonical.startswith(self._first):
            return False
        position, end = len(self._first), len(canonical) - len(self._rest[-1])
        for text in self._rest[:-1]:
            position = canonical.find(text, position, end)
            if position < 0:
                return False
            position += len(text)
        return position <= end and canonical.endswith(self._rest[-1])


def explain_miss(request: WireRequest, exchanges: Iterable[Exchange]) -> str:
    """How the nearest recorded request differs from this one, as the lines of a diff."""
    asked = _write_lines(request)
    found = {write_canonical(e.request): e.request for e in exchanges}.values()
    if not found:
        return ""
    nearest = max(found, key=lambda other: _score(request, other))
    lines = difflib.unified_diff(
        _write_lines(nearest), asked, "recorded", "asked now", lineterm="", n=2
    )
    shown = [line for line in lines if not line.startswith("@@")]
    if len(shown) > MAX_DIFF_LINES:
        shown[MAX_DIFF_LINES:] = [f"… {len(shown) - MAX_DIFF_LINES} more lines differ"]
    return "\n".join(shown)


def _score(request: WireRequest, other: WireRequest) -> tuple[int, float]:
    """Same provider, path and model first; then the share of words that both have."""
    same = (request.provider == other.provider) + (request.path == other.path)
    same += request.model == other.model
    mine, theirs = (Counter(" ".join(_write_lines(r)).split()) for r in (request, other))
    return same, (mine & theirs).total() / max(mine.total(), theirs.total())


def _write_lines(request: WireRequest) -> list[str]:
    lines = [f"{request.method} {request.path} ({request.provider})"]
    body = normalise(request.body) or {}
    for key in sorted(body):
        lines += iter_lines(body[key], name=key)
    return lines


def iter_lines(value: Any, indent: str = "", name: str = "") -> Iterator[str]:
    """A JSON value for people: one field a line, texts as they read, nothing invisible."""
    label = f"{indent}{name}: " if name else f"{indent}* "
    if isinstance(value, dict) and value:
        yield label.rstrip(" ") if name else f"{indent}*"
        for key in sorted(value):
            yield from iter_lines(value[key], indent + "  ", _make_visible(key))
    elif isinstance(value, list) and value:
        yield label.rstrip(" ") if name else f"{indent}*"
        for item in value:
            yield from iter_lines(item, indent + "  ")
    elif isinstance(value, str) and ("\n" in value or len(value) > _WIDTH):
        yield f"{label}|"
        for line in value.split("\n"):
            yield from (f"{indent}    {_make_visible(piece)}" for piece in _wrap(line))
    else:
        yield label + _make_visible(json.dumps(value, ensure_ascii=False))


def _wrap(line: str) -> list[str]:
    """Pieces at word ends, so that a changed word changes one short line."""
    pieces: list[str] = []
    while len(line) > _WIDTH:
        cut = line.rfind(" ", 0, _WIDTH) + 1 or _WIDTH
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]


def _make_visible(text: str) -> str:
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):X}}}" for c in text)
