"""A vendor behind chat completions: where it stands, what is its own, how it refuses.

It owns the value, the record of what was issued, and the rules that all share; one file a vendor
owns the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers.rules._refusal import Refusal, iter_sse_json, refuse
from tests.servers.rules.openai.messages import check_pairs

Body = Mapping[str, Any]
Message = Mapping[str, Any]

#: Fields of one vendor that mean nothing to another, in a message or in a call.
PRIVATE = ("reasoning", "reasoning_content", "reasoning_details", "extra_content", "thinking")


@dataclass(slots=True)
class Issued:
    """What a server has said, by the ids of its calls; made with a server's rules."""

    calls: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each call as it went out."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The message that each call stood in."""
    private: set[str] = field(default_factory=set)
    """The private fields that any answer had."""

    def note(self, data: bytes) -> None:
        """Remember an answer, streamed or whole, if it had what may have to come back."""
        if not any(name.encode() in data for name in (*PRIVATE, "tool_calls")):
            return
        message = message_answered(data)
        self.private |= {name for name in PRIVATE if name in message}
        for call in message.get("tool_calls") or ():
            self.calls[call["id"]] = call
            self.messages[call["id"]] = message
            self.private |= {name for name in PRIVATE if name in call}

    def message_of(self, message: Message) -> dict[str, Any] | None:
        """Return the message as it went out, if its first call is known."""
        calls = message.get("tool_calls") or ()
        return self.messages.get(calls[0].get("id")) if calls else None


def message_answered(data: bytes) -> dict[str, Any]:
    """Return the assistant's message that a body carries, its deltas joined."""
    if not data.startswith(b"data:"):
        try:
            return dict(json.loads(data)["choices"][0]["message"])
        except (ValueError, LookupError, TypeError):
            return {}
    message: dict[str, Any] = {}
    calls: dict[Any, dict[str, Any]] = {}
    for event in iter_sse_json(data):
        for choice in event.get("choices") or ():
            delta = choice.get("delta") or {}
            for name, value in delta.items():
                if name != "tool_calls" and value is not None:
                    message[name] = _joined(message.get(name), value)
            for part in delta.get("tool_calls") or ():
                _join_call(calls, part)
    if calls:
        message["tool_calls"] = list(calls.values())
    return message


def _joined(before: Any, value: Any) -> Any:
    """Join two deltas of a field; text and parts (Mistral sends both) become a list."""
    if before is None or type(before) is type(value):
        return value if before is None else before + value
    return [*(before if isinstance(before, list) else [before]), value]


def _join_call(calls: dict[Any, dict[str, Any]], part: Mapping[str, Any]) -> None:
    """An id starts a call, also under an index that is taken (Gemini gives 0 to all)."""
    key = part["id"] if part.get("id") else next(reversed(calls), None)
    call = calls.setdefault(key, {"id": key, "function": {"name": "", "arguments": ""}})
    for name, value in (part.get("function") or {}).items():
        call["function"][name] = call["function"].get(name, "") + (value or "")
    call |= {name: part[name] for name in PRIVATE if name in part}


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """One vendor; `check` raises `Refused`, `error` makes the body of its refusals."""

    name: str
    base: str = "/v1"
    """The path before `/chat/completions`."""
    models: str = ""
    """A pattern of the models that are its own; "" where a name tells nothing."""
    private: Collection[str] = ()
    """The private fields that it gives and takes back."""
    reasoning_field: str = "reasoning_content"
    """The delta's field for thinking."""
    check: Callable[[Request, Issued], None]
    error: Callable[[Refusal], Any] | None = None
    answer: Callable[[Body, Script], Script] | None = None


def check_foreign(
    body: Body, allowed: Collection[str], say: Callable[[str, str], str], **fields: Any
) -> None:
    """Refuse what only another vendor gives: `say(path, field)` is the vendor's message."""
    for i, message in enumerate(body["messages"]):
        for name in PRIVATE:
            if name in message and name not in allowed:
                refuse(say(f"messages[{i}]", name), **fields)
            for j, call in enumerate(message.get("tool_calls") or ()):
                if name in call and name not in allowed:
                    refuse(say(f"messages[{i}].tool_calls[{j}]", name), **fields)


def check_common(body: Body) -> None:
    """Refuse what every server refuses: no messages, calls without results and the other way."""
    if not body.get("messages"):
        refuse("Invalid 'messages': empty array.", param="messages", code="empty_array")
    check_pairs(list(body["messages"]))


def check_bearer(headers: Mapping[str, str], message: str, **fields: Any) -> None:
    """Refuse a request without a key."""
    if not headers.get("authorization", "").removeprefix("Bearer").strip():
        refuse(message, **{"status": 401, **fields})


def iter_tool_turns(body: Body) -> Iterator[tuple[int, Message]]:
    """Yield each message that called tools, with its number."""
    for i, message in enumerate(body["messages"]):
        if message.get("role") == "assistant" and message.get("tool_calls"):
            yield i, message


def is_forced(body: Body) -> bool:
    """Whether the request forces a tool."""
    choice = body.get("tool_choice")
    return choice == "required" or isinstance(choice, Mapping)
