"""A prompt cache, as Anthropic documents its own, so that usage reports what it would.

It owns breakpoints, lifetimes and counts: https://platform.claude.com/docs/en/build-with-claude/
prompt-caching. Tokens are counted as four characters of JSON each: what is asserted is shares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.rules._refusal import refuse
from tests.servers.rules.anthropic.content import blocks_of
from tests.servers.rules.anthropic.models import Model

Body = Mapping[str, Any]
TTLS = {"5m": 300.0, "1h": 3600.0}
MAX_BREAKPOINTS = 4
#: How many blocks before a breakpoint are looked at for an entry.
LOOKBACK = 20
_NOT_MARKED = ("thinking", "redacted_thinking")


@dataclass(slots=True)
class Part:
    """A block of the prompt, in the order of the cache: tools, system, messages."""

    path: str
    key: str
    """Digest of all parts up to this one."""
    total: int
    """Tokens of all parts up to this one."""
    ttl: str = ""
    """The lifetime of its breakpoint; "" where it has none."""
    cacheable: bool = True


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """How a prompt's tokens were billed."""

    uncached: int
    read: int
    written_5m: int
    written_1h: int

    def fields(self) -> dict[str, Any]:
        """Return it as `usage` of the API's answers."""
        return {
            "input_tokens": self.uncached,
            "cache_read_input_tokens": self.read,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
        }


class PromptCache:
    """Made with a server's rules; `clock` is theirs, so that a test can let an hour pass."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: dict[str, tuple[float, float]] = {}

    def check(self, body: Body) -> None:
        """Refuse breakpoints that the API refuses."""
        parts = prompt_parts(body)
        marked = [part for part in parts if part.ttl]
        if len(marked) > MAX_BREAKPOINTS:
            refuse(
                f"A maximum of {MAX_BREAKPOINTS} blocks with cache_control may be provided. Found "
                f"{len(marked)}."
            )
        short = next((part for part in marked if part.ttl == "5m"), None)
        late = [part for part in marked if part.ttl == "1h"]
        if short and late and parts.index(late[-1]) > parts.index(short):
            refuse(
                f"{late[-1].path}.cache_control.ttl: a ttl='1h' cache_control block must not come "
                "after a ttl='5m' cache_control block. Note that blocks are processed in the "
                "following order: `tools`, `system`, `messages`."
            )

    def use(self, body: Body, model: Model) -> CacheUsage:
        """Read and write the cache for this prompt; return what was read, written, neither."""
        parts = prompt_parts(body)
        total = parts[-1].total if parts else 0
        marks = [i for i, part in enumerate(parts) if part.ttl and part.total >= model.min_cache]
        hit = max((self._hit(parts, mark) for mark in marks), default=-1)
        read = parts[hit].total if hit >= 0 else 0
        done, written = read, {"5m": 0, "1h": 0}
        for mark in marks:
            part = parts[mark]
            self._entries[part.key] = (self._clock() + TTLS[part.ttl], TTLS[part.ttl])
            if part.total > done:
                written[part.ttl] += part.total - done
                done = part.total
        return CacheUsage(total - done, read, written["5m"], written["1h"])

    def _hit(self, parts: list[Part], mark: int) -> int:
        """Return the number of the last part before `mark` that is in the cache, -1 for none."""
        now = self._clock()
        for i in range(mark, max(-1, mark - LOOKBACK), -1):
            expires, ttl = self._entries.get(parts[i].key, (0.0, 0.0))
            if expires > now:
                self._entries[parts[i].key] = (now + ttl, ttl)  # a use renews it
                return i
        return -1


def wants_cache(body: Body) -> bool:
    """Whether the request asks for a cache anywhere."""
    return any(part.ttl for part in prompt_parts(body))


def prompt_parts(body: Body) -> list[Part]:
    """Return the prompt cut into blocks; refuse a `cache_control` that is none."""
    parts: list[Part] = []
    key, total = hashlib.sha256(str(body.get("model")).encode()), 0
    for path, tier, block in _iter_prompt(body):
        if tier:
            key.update(tier.encode())
        marker = block.get("cache_control") if isinstance(block, Mapping) else None
        source = json.dumps(
            {k: v for k, v in block.items() if k != "cache_control"}, sort_keys=True
        )
        key.update(source.encode())
        total += -(-len(source) // 4)
        cacheable = block.get("type") not in _NOT_MARKED
        parts.append(Part(path, key.hexdigest(), total, _ttl(path, marker), cacheable))
    if (top := body.get("cache_control")) is not None:
        _mark_last(parts, _ttl("cache_control", top, top=True))
    return parts


def _iter_prompt(body: Body) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield each block, and with a tier's first what changes that tier and all after it.

    Tool choice and thinking change the messages' tier only, speed the system's.
    """
    for i, tool in enumerate(body.get("tools") or ()):
        yield f"tools.{i}", "", tool
    first = f"system {body.get('speed')}"
    for i, block in enumerate(blocks_of(body.get("system") or [])):
        yield f"system.{i}", first, block
        first = ""
    choice = json.dumps(body.get("tool_choice"), sort_keys=True)
    kind = (body.get("thinking") or {}).get("type")
    first = f"messages {choice} {kind} {first}"
    for i, message in enumerate(body["messages"]):
        for j, block in enumerate(blocks_of(message["content"])):
            yield f"messages.{i}.content.{j}", f"{first}{message['role']}", block
            first = ""


def _ttl(path: str, marker: Any, *, top: bool = False) -> str:
    if marker is None:
        return ""
    at = path if top else f"{path}.cache_control"
    if not isinstance(marker, Mapping) or marker.get("type") != "ephemeral":
        refuse(f"{at}.type: Input should be 'ephemeral'")
    for name in marker:
        if name not in ("type", "ttl"):
            refuse(f"{at}.{name}: Extra inputs are not permitted")
    if marker.get("ttl", "5m") not in TTLS:
        refuse(f"{at}.ttl: Input should be '5m' or '1h'")
    return str(marker.get("ttl", "5m"))


def _mark_last(parts: list[Part], ttl: str) -> None:
    """Put the automatic breakpoint on the last block that can hold one."""
    part = next((part for part in reversed(parts) if part.cacheable), None)
    if part is None:
        return
    if part.ttl and part.ttl != ttl:
        refuse("cache_control: the last block already has a cache_control with another ttl")
    part.ttl = ttl
