"""The values that pass between a provider and its users: messages, chunks, calls, usage.

It does no I/O and knows no provider; `_streaming/accumulate.py` builds these from streams.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

from lauren_ai._exceptions import LaurenAIError
from lauren_ai._media import get_media_type
from lauren_ai._usage import TokenUsage

Role = Literal["system", "user", "assistant", "tool"]

#: Stop reasons as the field names them; a provider's unknown reason passes through by its own name.
STOP_REASONS = frozenset(
    {
        "end_turn",
        "tool_use",
        "max_tokens",
        "stop_sequence",
        "refusal",
        "pause_turn",
        "content_filter",
        "context_window",
        "max_turns",
        "budget_exceeded",
        "cancelled",
        "error",
    }
)


@dataclass(slots=True)
class ToolCallDelta:
    """A fragment of a tool call that a model is writing.

    `name` is set on the call's first fragment only. `input_delta` is a piece of JSON text: join
    the pieces of one `tool_use_id` and parse them when the call is complete, not before.
    """

    tool_use_id: str
    name: str | None
    input_delta: str


class _Answerable:
    """Keeps who takes the answer apart from the values, so that `asdict`, JSON and copies of an
    approval hold its values and nothing of the runner."""

    __slots__ = ("_resolve",)
    _resolve: Callable[[PendingApproval, bool, dict[str, Any] | None, str], bool]

    def __reduce__(self) -> tuple[Any, ...]:
        names = [f.name for f in fields(self)]  # type: ignore[arg-type]
        return _rebuild, (type(self), {name: getattr(self, name) for name in names})


def _rebuild(cls: type, values: dict[str, Any]) -> Any:
    return cls(**values)


@dataclass(slots=True)
class PendingApproval(_Answerable):
    """A tool call that waits for a person. The runner that made it resolves it.

    `input` is the frozen canonical form, and `digest` (SHA-256, hex) stands for name and input:
    what is shown is what runs. `expires_at` is None where nothing limits the wait.
    """

    tool_name: str
    tool_use_id: str
    input: dict[str, Any]
    agent_run_id: str = ""
    expires_at: datetime | None = None
    _: KW_ONLY
    digest: str = ""

    def answered_by(
        self, resolve: Callable[[PendingApproval, bool, dict[str, Any] | None, str], bool]
    ) -> PendingApproval:
        """Itself, with a runner that takes its answer."""
        self._resolve = resolve
        return self

    def approve(self, input: dict[str, Any] | None = None) -> bool:
        """Let the call run, with edited arguments if given. False when it was decided before.

        Raises ToolExecutionError for edited arguments that do not fit the tool's schema, and
        ToolConfirmationRejectedError where `input` of this object is not what was shown; the
        call then still waits."""
        return self._decide(True, input, "")

    def deny(self, reason: str = "") -> bool:
        """Refuse the call; the model reads the reason. False when it was decided before."""
        return self._decide(False, None, reason)

    def _decide(self, approved: bool, input: dict[str, Any] | None, reason: str) -> bool:
        resolve = getattr(self, "_resolve", None)
        if resolve is None:
            raise LaurenAIError(
                f"Approval {self.tool_use_id!r} is a copy that no runner listens to. "
                "Use runner.approve_tool(agent_run_id, tool_use_id) or runner.reject_tool(…)."
            )
        return bool(resolve(self, approved, input, reason))


@dataclass(slots=True)
class CompletionChunk:
    """One step of a stream. `stop_reason` and `usage` are set on the final chunk only.

    `usage` stays None where the provider never sent it.
    """

    delta: str = ""
    thinking_delta: str | None = None
    tool_call_delta: ToolCallDelta | None = None
    stop_reason: str | None = None
    usage: TokenUsage | None = None
    pending_approval: PendingApproval | None = None
    thinking_signature: str | None = None
    redacted_thinking: str | None = None
    reasoning_content_delta: str | None = None
    provider_metadata: dict[str, Any] | None = None


@dataclass(slots=True)
class ContentBlock:
    """One part of a message: text, an image, a tool call, a tool result, thinking.

    `raw` is a provider's own JSON of a block that this package does not model, or not wholly (a
    citation, a server tool's result, sealed thoughts). `provider` names who made it: only that
    server gets it back, unchanged. Without `provider` it is a user's own, in Anthropic's form.
    `prefix` is a digest of all that stood before thinking when it was written: some models refuse
    it back after anything else.
    """

    type: str
    text: str | None = None
    tool_use_id: str | None = None
    name: str | None = None
    input: dict[str, Any] | None = None
    content: str | list[ContentBlock] | None = None
    source: dict[str, Any] | None = None
    signature: str | None = None
    is_error: bool | None = None
    _: KW_ONLY
    raw: dict[str, Any] | None = None
    provider: str | None = None
    prefix: str | None = None

    @classmethod
    def text_block(cls, text: str) -> ContentBlock:
        return cls("text", text=text)

    @classmethod
    def tool_use_block(cls, tool_use_id: str, name: str, input: dict[str, Any]) -> ContentBlock:
        return cls("tool_use", tool_use_id=tool_use_id, name=name, input=input)

    @classmethod
    def tool_result_block(
        cls, tool_use_id: str, content: str | list[ContentBlock], *, is_error: bool = False
    ) -> ContentBlock:
        return cls("tool_result", tool_use_id=tool_use_id, content=content, is_error=is_error)

    @classmethod
    def image_block(
        cls, data: bytes | str, *, media_type: str | None = None, url: str | None = None
    ) -> ContentBlock:
        """An image from bytes (or their base64 text), or from a `url` the provider fetches.

        What the bytes are goes before `media_type`: providers refuse a wrong one."""
        if url is not None:
            return cls("image", source={"type": "url", "url": url})
        head = data[:16] if isinstance(data, bytes) else _decode_head(data)
        try:
            media_type = get_media_type(head)
        except ValueError:
            media_type = media_type or "image/png"
        source = {"type": "base64", "media_type": media_type, "data": _encode(data)}
        return cls("image", source=source)

    @classmethod
    def document_block(
        cls,
        data: bytes | str = b"",
        *,
        url: str | None = None,
        title: str | None = None,
        citations: bool = False,
    ) -> ContentBlock:
        """A PDF from bytes (or their base64 text), or from a `url` the provider fetches; with
        `citations` the answer says which passages it rests on."""
        source: dict[str, Any] = {"type": "url", "url": url}
        if url is None:
            media_type = "application/pdf"
            source = {"type": "base64", "media_type": media_type, "data": _encode(data)}
        raw: dict[str, Any] = {"type": "document", "source": source}
        if title is not None:
            raw["title"] = title
        if citations:
            raw["citations"] = {"enabled": True}
        return cls("document", raw=raw)

    @property
    def citations(self) -> list[dict[str, Any]]:
        """What this text rests on, in its provider's own form; none where it cites nothing."""
        found = (self.raw or {}).get("citations")
        if not isinstance(found, list):
            return []
        return [citation for citation in found if isinstance(citation, dict)]

    @classmethod
    def thinking_block(cls, text: str, *, signature: str | None = None) -> ContentBlock:
        return cls("thinking", text=text, signature=signature)


def _encode(data: bytes | str) -> str:
    from base64 import b64encode

    return data if isinstance(data, str) else b64encode(data).decode("ascii")


def _decode_head(text: str) -> bytes:
    from base64 import b64decode

    try:
        return b64decode(text[:16])
    except ValueError:  # it is no base64, which the provider will say
        return b""


@dataclass(slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str | list[ContentBlock]

    @classmethod
    def user(cls, content: str | list[ContentBlock]) -> Message:
        return cls("user", content)

    @classmethod
    def assistant(cls, content: str | list[ContentBlock]) -> Message:
        return cls("assistant", content)

    @classmethod
    def from_multimodal(cls, role: Role, parts: Sequence[str | ContentBlock]) -> Message:
        """A message of several parts; a str is a text block."""
        return cls(role, [ContentBlock.text_block(p) if isinstance(p, str) else p for p in parts])

    def text(self) -> str:
        """The text of this message alone: no thinking, no tool calls or results."""
        if isinstance(self.content, str):
            return self.content
        return "".join(b.text or "" for b in self.content if b.type == "text")


@dataclass(slots=True)
class ToolCall:
    """A complete tool call: its block closed, and its input is a JSON object."""

    tool_use_id: str
    name: str
    input: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class InvalidToolCall:
    """A tool call that must not run. `error` says why, in words that the model can act on."""

    tool_use_id: str
    name: str
    input_text: str
    error: str


@dataclass(slots=True)
class Completion:
    """A whole response.

    `content` is the text alone; `blocks` is everything in the model's order, as the next request
    must send it (`message()` wraps it). `usage` is None where the provider never sent it.
    """

    id: str
    model: str
    content: str
    tool_calls: list[ToolCall]
    stop_reason: str
    usage: TokenUsage | None
    thinking_blocks: list[ContentBlock] = field(default_factory=list)
    provider: str = ""
    request_id: str | None = None
    provider_metadata: dict[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    blocks: list[ContentBlock] = field(default_factory=list)
    invalid_tool_calls: list[InvalidToolCall] = field(default_factory=list)

    def message(self) -> Message:
        """This response as the assistant's turn of a history."""
        return Message("assistant", list(self.blocks))


@dataclass(slots=True)
class ToolSchema:
    """A tool as a model sees it. `input_schema` is a JSON schema of type object."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(slots=True)
class ToolChoice:
    """Which tool the model may call: "auto", "any" (one of them), "none", or "tool" by `name`."""

    type: Literal["auto", "any", "none", "tool"] = "auto"
    name: str | None = None


@dataclass(slots=True)
class Embedding:
    """One embedding vector; `index` is the place of its text in the request."""

    index: int
    vector: list[float]
    model: str = ""
