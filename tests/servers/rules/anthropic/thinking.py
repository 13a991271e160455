"""Thinking that comes back: whose it is, and that nothing before it has changed.

It owns the signatures that a server has issued. A block is bound to `system`, `tools` and all
content before it in the order sent, earlier thinking included:
https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks,
verified live in pydantic-ai issue 7984 (a deferred tool binds nothing) and
kirodotdev/KiroCrew pull 11513 (a block left out makes the later ones invalid).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.rules._refusal import iter_sse_json, refuse
from tests.servers.rules.anthropic.content import blocks_of
from tests.servers.rules.anthropic.headers import has_beta
from tests.servers.rules.anthropic.models import Model, model_of

Body = Mapping[str, Any]
THINKING = ("thinking", "redacted_thinking")
#: What a client may leave out or add without changing what the model saw.
_UNSEEN = ("cache_control", "citations", "caller", "index")


@dataclass(frozen=True, slots=True)
class Prefix:
    """Digests of what stood before a block, in parts, so that a refusal names the changed one."""

    model: str
    system: str
    tools: str
    content: str
    thoughts: str


class Signatures:
    """Made with a server's rules; notes each answer, judges each request."""

    def __init__(self) -> None:
        self._issued: dict[str, list[Prefix]] = defaultdict(list)
        self.kinds: set[str] = set()
        """The kinds of block that went out: what a server sends it takes back."""
        self.trusted = False
        """Take any signature, as of a conversation that began on another server."""

    def note(self, body: Body, answer: list[dict[str, Any]]) -> None:
        """Remember an answer to this request, each block of thinking bound to its prefix."""
        seen = [block for _, block, fault in self._judged(body) if not fault]
        for block in answer:
            self.kinds.add(block["type"])
            if block["type"] in THINKING:
                self._issued[_key(block)].append(_prefix(body, seen))
            seen.append({"role": "assistant", **block})

    def check(self, body: Body, headers: Mapping[str, str], model: Model) -> list[str]:
        """Refuse invented or stale thinking; return the paths of the blocks that are dropped."""
        if self.trusted:
            return []
        thinking = body.get("thinking") or {}
        behavior = (thinking.get("block_binding") or {}).get("prefix_mismatch_behavior")
        drop = behavior == "drop_block" and has_beta(headers, "thinking-binding-controls")
        dropped = []
        for path, block, fault in self._judged(body):
            field = "data" if block["type"] == "redacted_thinking" else "signature"
            invalid = f"{path}: Invalid `{field}` in `{block['type']}` block"
            if fault == "invented":
                refuse(invalid)
            if fault == "other model":
                dropped.append(path)
            elif fault and model.bound:
                if not drop:
                    refuse(f"{invalid}. {_BOUND} {_REASONS[fault]}")
                dropped.append(path)
        return dropped

    def _judged(self, body: Body) -> Iterator[tuple[str, Mapping[str, Any], str]]:
        """Yield each block with its path and what is wrong with it ("" where nothing is).

        A block that is dropped binds nothing that comes after it; the rest of its row of thinking
        goes with it (the SDK's BetaThinkingDroppedInputTransformation).
        """
        seen: list[Mapping[str, Any]] = []
        for i, message in enumerate(body["messages"]):
            fault = ""
            for j, block in enumerate(blocks_of(message["content"])):
                if block["type"] not in THINKING:
                    fault = ""
                else:
                    fault = fault or self._fault(body, block, seen)
                block = {"role": message["role"], **block}
                if not fault:
                    seen.append(block)
                yield f"messages.{i}.content.{j}", block, fault

    def _fault(self, body: Body, block: Mapping[str, Any], seen: list[Mapping[str, Any]]) -> str:
        issued = self._issued.get(_key(block))
        if not issued:
            return "" if self.trusted else "invented"
        now = _prefix(body, seen)
        same_model = [prefix for prefix in issued if prefix.model == now.model]
        if not same_model:
            return "other model"
        if not model_of(body["model"]).bound or now in same_model:
            return ""
        last = same_model[-1]
        for part in ("system", "tools", "thoughts"):
            if getattr(last, part) != getattr(now, part):
                return part
        return "content"


_BOUND = (
    "The block is bound to a different conversation. Remove the block, or set "
    '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the '
    "`thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header."
)
# The words: anomalyco/opencode issue 48637 (system), KiroCrew pull 11513 (thoughts).
_REASONS = {
    "system": "The `system` prompt differs from the one this block was created with.",
    "tools": "The `tools` differ from those this block was created with.",
    "thoughts": (
        "The `thinking` block that preceded this one when it was created is missing from this "
        "request."
    ),
    "content": "A message before this block differs from the one this block was created with.",
}


def _key(block: Mapping[str, Any]) -> str:
    return str(block.get("signature") or block.get("data") or "")


def _prefix(body: Body, seen: list[Mapping[str, Any]]) -> Prefix:
    tools = [tool for tool in body.get("tools") or () if not tool.get("defer_loading")]
    said = [block for block in seen if block["type"] not in THINKING]
    thoughts = [_key(block) for block in seen if block["type"] in THINKING]
    return Prefix(
        body["model"],
        _digest(blocks_of(body.get("system") or [])),
        _digest(tools),
        _digest(said),
        _digest(thoughts),
    )


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Return `value` without what the model does not see; a result's text alone is a block."""
    if isinstance(value, Mapping):
        kept = {k: v for k, v in value.items() if k not in _UNSEEN and v not in (None, False)}
        if kept.get("type") == "tool_result":
            kept["content"] = blocks_of(kept.get("content") or [])
        return {name: _plain(part) for name, part in kept.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value


def blocks_answered(data: bytes) -> list[dict[str, Any]]:
    """Return the content blocks that a body carries, streamed or whole, as a client keeps them."""
    if not data.startswith(b"event:") and not data.startswith(b"data:"):
        try:
            return list(json.loads(data).get("content") or ())
        except ValueError:
            return []
    blocks: dict[int, dict[str, Any]] = {}
    arguments: dict[int, str] = defaultdict(str)
    for event in iter_sse_json(data):
        if event.get("type") == "message_start":
            blocks |= dict(enumerate(event["message"].get("content") or ()))
        elif event.get("type") == "content_block_start":
            blocks[event["index"]] = dict(event["content_block"])
        elif event.get("type") == "content_block_delta":
            _grow(blocks, arguments, event["index"], event["delta"])
    for index, source in arguments.items():
        if source and index in blocks:
            try:
                blocks[index]["input"] = json.loads(source)
            except ValueError:
                blocks[index]["input"] = {}
    return [block for _, block in sorted(blocks.items())]


def _grow(
    blocks: dict[int, dict[str, Any]], arguments: dict[int, str], index: int, delta: Body
) -> None:
    block = blocks.setdefault(index, {"type": "text", "text": ""})
    match delta.get("type"):
        case "text_delta":
            block["text"] = block.get("text", "") + delta["text"]
        case "thinking_delta":
            block["thinking"] = block.get("thinking", "") + delta["thinking"]
        case "signature_delta":
            block["signature"] = block.get("signature", "") + delta["signature"]
        case "input_json_delta":
            arguments[index] += delta["partial_json"]
