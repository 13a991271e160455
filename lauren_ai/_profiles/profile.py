"""What one model takes and gives: a value that a request builder asks. It knows no model's name."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NamedTuple, get_args

from lauren_ai._exceptions import AgentConfigError

Endpoint = Literal["messages", "responses", "chat"]
Thinking = Literal["none", "budget", "both", "adaptive", "effort", "toggle", "fixed"]
SamplingWhen = Literal["always", "never", "effort none", "not thinking"]
ChatTools = Literal["any effort", "effort none", "never"]
TokenField = Literal["max_tokens", "max_completion_tokens", "max_output_tokens"]
Structured = Literal["output_config.format", "response_format", "text.format", "tool", "none"]
Cache = Literal["cache_control", "cache_control_blocks", "automatic", "none"]
EffortField = Literal["output_config.effort", "reasoning_effort", "reasoning.effort", "think"]
GivesBack = Literal[
    "thinking_signed",
    "thinking_unsigned",
    "thought_signature",
    "reasoning_content",
    "reasoning",
    "reasoning_details",
    "encrypted_reasoning",
]

#: From none to all, in every vendor's words. "default" (Groq's Qwen) stands for "as it likes".
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

_CLOSED: dict[str, tuple[object, ...]] = {
    "endpoint": get_args(Endpoint),
    "thinking": (*get_args(Thinking), None),
    "sampling_when": get_args(SamplingWhen),
    "chat_tools": get_args(ChatTools),
    "token_field": get_args(TokenField),
    "structured": (*get_args(Structured), None),
    "cache": (*get_args(Cache), None),
    "effort_field": (*get_args(EffortField), None),
    "system_role": ("system", "developer"),
    "thinking_display": ("summarized", "omitted", None),
}
_NATIVE: dict[Endpoint, tuple[TokenField, EffortField, Structured]] = {
    "messages": ("max_tokens", "output_config.effort", "output_config.format"),
    "responses": ("max_output_tokens", "reasoning.effort", "text.format"),
    "chat": ("max_tokens", "reasoning_effort", "response_format"),
}


class Row(NamedTuple):
    """A line of the table: the names it stands for, and what they have. `newest`: a vendor's
    last, for every name that no other row knows."""

    family: str
    pattern: str
    changes: dict[str, Any]
    newest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One model at one server, as a request builder needs to know it. It does no I/O.

    `get_profile` makes it, `refine` adds what the server itself says, and
    `LLMConfig(profile=get_profile(…).with_(…))` is a user's own. Nothing closes it.

    None is "not known": send what the person asked for, nothing by itself, and learn from the
    refusal.

    Attributes:
        name: the model as the person wrote it.
        family: the row of the table that answered.
        server: who is asked: "anthropic", "openai", "groq", …, "other".
        known: False where the name stands in no row, and its family's newest was taken.
        source: where the row's facts stand.
        thinking: how it is asked to think: "budget" (`thinking.type: enabled`), "adaptive", "both";
            "effort" (by the effort alone), "toggle" (`thinking.type` enabled or disabled), "fixed"
            (it thinks, nothing can be set), "none".
        thinking_default: whether it thinks when nothing is asked.
        thinking_off: whether it can be told not to.
        thinking_display: what it shows of its thoughts by itself.
        effort: the levels it takes, from least to most; () where it refuses the field.
        sampling: which of temperature, top_p and top_k it takes, and `sampling_when`.
        sampling_one: temperature or top_p, not both.
        old_version: the `anthropic-version` under which an old model takes its sampling fields.
        forced_tool: whether `tool_choice` may force a tool; `forced_with_thinking`: while it
            thinks.
        chat_tools: which efforts go with tools on chat completions.
        parallel_tool_calls: whether that field is taken.
        structured: where the schema of an answer goes; "tool" and None: by a tool.
        gives_back: what of its own turns it must get back, byte for byte, and only its own server.
        stand_in: which of these must stand in each turn with calls, or the request is refused: a
            turn that another model made gets one that says so.
        think_tags: thoughts come as `<think>…</think>` in the answer's text where the server does
            not take them apart.
        call_id: a pattern of the ids of calls that it takes.
        user_after_tool: whether a person may speak right after a tool's result.
        prefix_bound: a thinking block is refused when anything before it has changed.
        cache: how its prompts are cached; "cache_control" is the field of the request itself.
        cache_min: the shortest prefix that is cached, in tokens.
        context: tokens of prompt and answer together; None asks `get_context_window`.
        ends: the day from which the vendor no longer answers for it.
    """

    name: str
    family: str = ""
    vendor: str = ""
    server: str = "other"
    known: bool = True
    source: str = ""
    endpoint: Endpoint = "chat"
    thinking: Thinking | None = None
    thinking_default: bool | None = None
    thinking_off: bool | None = None
    thinking_display: Literal["summarized", "omitted"] | None = None
    effort: tuple[str, ...] | None = None
    effort_default: str | None = None
    effort_field: EffortField | None = "reasoning_effort"
    sampling: tuple[str, ...] = ("temperature", "top_p")
    sampling_when: SamplingWhen = "always"
    sampling_one: bool = False
    old_version: str | None = None
    tools: bool | None = None
    forced_tool: bool | None = None
    forced_with_thinking: bool | None = None
    chat_tools: ChatTools = "any effort"
    parallel_tool_calls: bool | None = None
    token_field: TokenField = "max_tokens"
    structured: Structured | None = None
    strict: bool | None = None
    system_role: Literal["system", "developer"] = "system"
    images: bool | None = None
    pdf: bool | None = None
    audio: bool | None = None
    gives_back: tuple[GivesBack, ...] = ()
    stand_in: GivesBack | None = None
    think_tags: bool = False
    call_id: str = r"[\x20-\x7e]{1,40}"
    user_after_tool: bool = True
    prefix_bound: bool = False
    cache: Cache | None = None
    cache_min: int | None = None
    cache_1h: bool | None = None
    context: int | None = None
    max_output: int | None = None
    ends: date | None = None
    successor: str | None = None
    stop: bool | None = None

    def __post_init__(self) -> None:
        for field, values in _CLOSED.items():
            if (value := getattr(self, field)) not in values:
                words = ", ".join(str(v) for v in values)
                raise AgentConfigError(f"Profile.{field} is {value!r}. Use one of: {words}.")

    def with_(self, **changes: Any) -> Profile:
        """The same model with some facts set by hand. Raises AgentConfigError for a name that is
        no field."""
        try:
            return dataclasses.replace(self, **changes)
        except TypeError as exc:
            fields = {f.name for f in dataclasses.fields(self)}
            wrong = ", ".join(repr(c) for c in changes if c not in fields)
            raise AgentConfigError(
                f"A profile has no {wrong}. It has: {', '.join(sorted(fields))}."
            ) from exc

    def for_endpoint(self, endpoint: Endpoint) -> Profile:
        """The same model asked at another endpoint: its fields are spelt differently there."""
        if endpoint == self.endpoint:
            return self
        token_field, effort_field, structured = _NATIVE[endpoint]
        changes: dict[str, Any] = {
            "endpoint": endpoint,
            "token_field": token_field,
            "effort_field": effort_field,
        }
        if self.structured not in ("tool", "none", None):
            changes["structured"] = structured
        if endpoint == "chat":
            changes |= self._get_chat_changes()
        elif endpoint == "messages":
            changes |= {"gives_back": ("thinking_unsigned",), "structured": None}
            if self.thinking == "toggle":
                changes["thinking"] = "budget"
        return self.with_(**changes)

    def _get_chat_changes(self) -> dict[str, Any]:
        if self.endpoint == "messages":
            thinks = self.thinking in ("budget", "both", "adaptive")
            # Whoever translates has its own field for thoughts, and none for the binding.
            thinking = "effort" if thinks and self.effort else None if thinks else self.thinking
            return {"thinking": thinking, "gives_back": (), "old_version": None}
        # "max" is refused on chat completions and taken by Responses (litellm-docs #1173).
        effort = self.effort and tuple(level for level in self.effort if level != "max")
        encrypted: tuple[GivesBack, ...] = ("encrypted_reasoning",)
        return {
            "effort": effort,
            # "Unsupported parameter: 'max_tokens' is not supported with this model." (o1 and later)
            "token_field": "max_tokens" if self.thinking == "none" else "max_completion_tokens",
            "gives_back": tuple(g for g in self.gives_back if g not in encrypted),
        }

    @property
    def stop_field(self) -> str | None:
        """Where stop sequences go; None where they are refused."""
        if self.stop is False or self.endpoint == "responses":  # it has no such field
            return None
        return "stop_sequences" if self.endpoint == "messages" else "stop"

    @property
    def thinks_always(self) -> bool:
        """Whether it thinks whatever is asked."""
        return self.thinking == "fixed" or bool(
            self.thinking_default and self.thinking_off is False
        )

    def takes_sampling(
        self, field: str, *, thinking: bool = False, effort: str | None = None
    ) -> bool:
        """Whether temperature, top_p or top_k may be sent beside this thinking and effort."""
        if field not in self.sampling:
            return False
        if self.sampling_when == "effort none":
            return (effort or self.effort_default) == "none"
        if self.sampling_when == "not thinking":
            # Claude's effort is of the answer too; elsewhere an effort is an order to think.
            asked = self.endpoint != "messages" and effort not in (None, "none")
            return not (thinking or self.thinks_always or asked)
        return self.sampling_when == "always"

    def takes_tools(self, *, effort: str | None = None) -> bool:
        """Whether tools may go with this effort to this endpoint."""
        if self.endpoint != "chat" or self.chat_tools == "any effort":
            return self.tools is not False
        return self.chat_tools == "effort none" and effort == "none"

    def takes_forced_tool(self, *, thinking: bool = False, effort: str | None = None) -> bool:
        """Whether a request may force a tool beside this thinking and effort."""
        if self.forced_tool is False or self.forced_with_thinking:
            return self.forced_tool is not False
        if self.forced_with_thinking is None:  # not known: whoever asks for thought is not forced
            return not thinking
        return not (thinking or self.thinks_always or (self.thinking_default and effort != "none"))

    def choose_effort(self, wanted: str) -> str | None:
        """The level nearest to `wanted`; None where the model takes none at all."""
        return wanted if self.effort is None else choose_effort(wanted, self.effort)

    def get_effort_for_budget(self, tokens: int | None) -> str | None:
        """The effort that stands for a budget of thought, for models that take no budget; without
        one the model's own, or medium."""
        if tokens is None:
            own = self.effort_default
            return own if own not in (None, "none") else self.choose_effort("medium")
        # The levels of public clients' maps: 1,024, 4,096, 16,384, 32,768 tokens.
        steps = ((2_048, "low"), (10_000, "medium"), (24_576, "high"), (65_536, "xhigh"))
        wanted = next((level for limit, level in steps if tokens <= limit), "max")
        return self.choose_effort(wanted)


def choose_effort(wanted: str, allowed: tuple[str, ...]) -> str | None:
    """The level of `allowed` nearest to `wanted`, the lower of two; None where there is none.

    Whoever asked for thought is given some, where the model has a level that thinks."""
    if wanted in allowed:
        return wanted
    place = EFFORTS.index(wanted) if wanted in EFFORTS else EFFORTS.index("medium")
    thinking = [level for level in allowed if level != "none"]
    ranked = [EFFORTS.index(level) for level in (thinking or allowed) if level in EFFORTS]
    if ranked:
        return EFFORTS[min(ranked, key=lambda level: (abs(level - place), level))]
    return "default" if "default" in allowed else None
