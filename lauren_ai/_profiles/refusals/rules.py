"""Reads from a refusal which of our own fields is to go, in the servers' own words. Pure.

A rule stands for a field of the closed list. Its words were collected from the servers' answers in
public reports; a comment names one. What no rule knows stays an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lauren_ai._profiles.limits import MAX_TOKENS, read_overflow
from lauren_ai._profiles.profile import EFFORTS, Profile, choose_effort
from lauren_ai._profiles.refusals.adjustment import (
    EVERYWHERE,
    Adjustment,
    Json,
    find_place,
    get_at,
    is_forced,
)
from lauren_ai._profiles.refusals.fields import find_fields
from lauren_ai._profiles.refusals.words import Words, read_words

#: An answer that has less room than this is no answer: the prompt is too long.
LEAST_ANSWER = 256
_REFUSES = re.compile(
    r"not (?:be |currently )?(?:support|permit|allow|accept|compat|available|recogni|valid)"
    r"|n[o']t support|unsupported|unrecogni[sz]ed|unknown|unexpected|deprecated|removed|extra_"
    r"|extra inputs|forbidden|invalid|incompatible|cannot|can't|may only|must be|does not|doesn't"
    r"|unavailable|unset|reject|requires|only|may not",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unsupported|not supported|not support|extra_forbidden|extra inputs|unknown|unrecogni[sz]ed"
    r"|unexpected|not permitted|not allowed|instead|deprecated",
    re.IGNORECASE,
)
#: A value that is wrong in itself is the person's to mend.
_OUT_OF_RANGE = re.compile(
    r"(?:above|below) (?:the )?m(?:ax|in)imum|expected a value|(?:less|greater) than or equal"
    r"|between [\d.]+ and|in (?:the )?range|valid (?:number|float)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a rule sees: the sentences, the request that was refused, and the model's profile."""

    text: str
    request: Json
    profile: Profile

    @property
    def model(self) -> str:
        name = str(self.request.get("model") or self.profile.name)
        return "".join(c for c in name if c.isprintable())[:80]

    def says(self, pattern: str) -> bool:
        return re.search(pattern, self.text, re.IGNORECASE | re.DOTALL) is not None

    def get(self, field: str) -> Any:
        """The request's value of a field of the closed list."""
        place = find_place(self.request, field)
        return None if place is None else get_at(self.request, place)

    def leave_out(self, field: str, label: str | None = None, **more: Any) -> Adjustment:
        note = f"{self.model} takes no {label or field}: sent without it."
        return Adjustment(field=field, action="leave_out", note=note, **more)


def read_refusal(
    status: int | None, body: str | bytes, request: Json, profile: Profile
) -> Adjustment | None:
    """The change that a refusal asks for; None where the error stays: it names none of our fields,
    or what gives the request its meaning. `body`: the answer's, or the message of an error."""
    if status not in (400, 422):
        return None
    words = read_words(body)
    refusal = Refusal(words.text, request, profile)
    if adjustment := _read_role(refusal, words):
        return adjustment
    for field in find_fields(words):
        adjustment = _RULES[field](refusal)
        if adjustment is not None and adjustment.apply(request) != request:
            return adjustment
        if adjustment is not None and adjustment.action == "rebuild":
            return adjustment
    return None


def _read_role(refusal: Refusal, words: Words) -> Adjustment | None:
    turns = [*_list(refusal.request, "messages"), *_list(refusal.request, "input")]
    roles = {turn.get("role") for turn in turns if isinstance(turn, dict)}
    named = any(path[-1] == "role" for path in words.paths) or refusal.says(r"\brole\b|variant")
    # "unknown variant `developer`, expected one of `system`, …"; vLLM: "Unexpected message role."
    if named and "developer" in roles and refusal.says(r"developer|unexpected|discriminator"):
        swap = ("developer", "system")
    # o1: "Unsupported value: 'messages[0].role' does not support 'system' with this model."
    elif named and "system" in roles and refusal.says(r"does not support ['\"]system"):
        swap = ("system", "developer")
    else:
        return None
    note = f"{refusal.model} takes no {swap[0]} message: sent as {swap[1]}."
    return Adjustment(field="role", action="to", value=swap, note=note)


def _list(request: Json, key: str) -> list[Any]:
    value = request.get(key)
    return value if isinstance(value, list) else []


def _read_sampling(field: str) -> Callable[[Refusal], Adjustment | None]:
    def read(refusal: Refusal) -> Adjustment | None:
        if refusal.get(field) is None or not _REFUSES.search(refusal.text):
            return None
        # Claude 4: "`temperature` and `top_p` cannot both be specified for this model."
        if refusal.says(r"cannot both be|only one of") and refusal.get("top_p") is not None:
            return refusal.leave_out("top_p", "top_p beside a temperature", when="temperature")
        # "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
        if refusal.says(r"thinking is enabled|when thinking|adaptive mode"):
            return refusal.leave_out(field, f"{field} while it thinks", when="thinking")
        if _OUT_OF_RANGE.search(refusal.text):
            return None
        return refusal.leave_out(field)

    return read


def _read_plain(field: str, label: str | None = None) -> Callable[[Refusal], Adjustment | None]:
    def read(refusal: Refusal) -> Adjustment | None:
        if field not in EVERYWHERE and refusal.get(field) is None:
            return None
        return refusal.leave_out(field, label) if _REFUSES.search(refusal.text) else None

    return read


_LEVELS_FOLLOW = re.compile(
    r"(?<![a-z])(?:supported (?:values?|levels?)|must be (?:one of|set to)?|expected one of"
    r"|input should be|one of|(?:valid|allowed|accepted) values?|only (?:supports|accepts))"
    r"(?: are| is)?:?(.{0,200})",
    re.IGNORECASE | re.DOTALL,
)
_LEVEL = re.compile(r"(?<![\w-])(none|minimal|low|medium|high|xhigh|max|default)(?![\w-])")


def _read_levels(text: str) -> tuple[str, ...]:
    lists = (set(_LEVEL.findall(match[1])) for match in _LEVELS_FOLLOW.finditer(text))
    longest: set[str] = max(lists, key=len, default=set())
    return tuple(level for level in (*EFFORTS, "default") if level in longest)


def _read_effort(refusal: Refusal) -> Adjustment | None:
    value, model = refusal.get("effort"), refusal.model
    if refusal.request.get("tools") and refusal.says(r"tools with reasoning_effort"):
        # gpt-5.4 to 6 on chat completions, also when no effort was sent (LibreChat #14231).
        if value == "none" or refusal.profile.chat_tools == "never":
            return None
        note = f"{model} takes tools here only without thought: sent with effort none."
        field = "effort beside tools"
        return Adjustment(field=field, action="to", value="none", note=note, when="tools")
    if value is None or not _REFUSES.search(refusal.text):
        return None
    levels = _read_levels(refusal.text)
    if not levels:
        return refusal.leave_out(
            "effort", f"effort {value}" if isinstance(value, str) else "effort"
        )
    chosen = choose_effort(str(value), levels)
    note = f"{model} takes the efforts {', '.join(levels)}: sent with {chosen}."
    return Adjustment(field="effort", action="choose", value=levels, note=note)


#: Ollama: '"x" does not support thinking'. Gemini: "thinking is not supported by this model".
_NO_THINKING = (
    r"does(?: not|n't) support (?:extended )?(?:thinking|reasoning)(?! mode)"
    r"|(?<!adaptive )(?:thinking|reasoning) is not supported"
)


def _read_thinking(refusal: Refusal) -> Adjustment | None:
    thinking, model = refusal.request.get("thinking"), refusal.model
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if kind == "enabled" and refusal.says(r"thinking\.type\.adaptive|type\.enabled.{0,40}not supp"):
        note = f"{model} takes no thinking budget: sent with adaptive thinking."
        return Adjustment(field="thinking", action="to", value="adaptive", note=note)
    # "adaptive thinking is not supported on this model"; "Input tag 'adaptive' … expected tags: …"
    if kind == "adaptive" and refusal.says(r"adaptive.{0,80}(?:not supp|unsupp|expected tags)"):
        note = f"{model} takes no adaptive thinking: sent with a thinking budget."
        return Adjustment(field="thinking", action="to", value="budget", note=note)
    # '"thinking.type.disabled" is not supported'; Kimi: "only type=enabled is allowed"
    if kind == "disabled" and refusal.says(r"disabled.{0,40}not supp|only type=enabled"):
        note = f"{model} always thinks: sent without the order not to."
        return Adjustment(field="thinking field", action="leave_out", note=note)
    if refusal.says(_NO_THINKING):
        note = f"{model} does not think: sent without thinking."
        return Adjustment(field="thinking", action="leave_out", note=note)
    if kind is not None and refusal.says(
        r"(?:unknown|unrecogni[sz]ed|extra_forbidden|extra inputs|unexpected)(?!.{0,80}thinking\.)"
    ):
        return refusal.leave_out("thinking field", "thinking field")
    return None


def _read_budget(refusal: Refusal) -> Adjustment | None:
    budget, most = refusal.get("thinking budget"), refusal.request.get("max_tokens")
    if not isinstance(budget, int):
        return None
    if refusal.says(r"thinking\.type\.adaptive"):
        return _read_thinking(refusal)
    least = _read_number(
        refusal, r"greater than or equal to {N}", r"at least {N}", r"between {N} and"
    )
    limit = _read_number(
        refusal, r"less than or equal to {N}", r"at most {N}", r"between \d+ and {N}"
    )
    # "`max_tokens` must be greater than `thinking.budget_tokens`."
    if (
        limit is None
        and isinstance(most, int)
        and refusal.says(r"max_tokens.{0,20}must be greater")
    ):
        limit = most - 1
    fitted = min(max(budget, least or 0), limit or MAX_TOKENS)
    if fitted < 1:
        return None
    note = f"{refusal.model} takes no thinking budget of {budget:,} tokens: sent with {fitted:,}."
    return Adjustment(field="thinking budget", action="to", value=fitted, note=note, lasting=False)


_LIMITS = (
    r"max_tokens: \d+ > {N}, which is the maximum",  # Anthropic
    r"supports at most {N} (?:completion |output )?tokens",  # OpenAI
    r"max\w*tokens[`'\"]? must be less than or equal to [`'\"]?{N}",  # Groq
    r"range of max_tokens (?:is|should be) \[\d+, ?{N}\]",  # DeepSeek, DashScope
    r"exceeds the model limit of {N}",  # Bedrock
    r"max(?:imum)?[ _](?:output[ _])?tokens must be (?:less than or equal to|at most) {N}",
    r"(?:at most|maximum of|up to|cannot exceed|no more than) {N} (?:output |completion )?tokens",
)
#: Gemini counts the first number that it does not take.
_EXCLUSIVE = r"supported range is from \d+ \(inclusive\) to {N} \(exclusive\)"


def _read_number(refusal: Refusal, *patterns: str) -> int | None:
    for pattern in patterns:
        whole = pattern.replace("{N}", r"(\d[\d,_]{0,14})")
        if match := re.search(whole, refusal.text, re.IGNORECASE):
            return min(int(re.sub(r"[,_]", "", match[1])), MAX_TOKENS)
    return None


def _read_tokens(refusal: Refusal) -> Adjustment | None:
    place = find_place(refusal.request, "token field")
    if place is None or not isinstance(asked := get_at(refusal.request, place), int):
        return None
    limit = _read_number(refusal, *_LIMITS)
    if limit is None and (past := _read_number(refusal, _EXCLUSIVE)):
        limit = past - 1
    if limit is not None and 0 < limit < asked:
        note = f"{refusal.model} gives at most {limit:,} tokens: sent with that limit."
        return Adjustment(field="token limit", action="limit", value=limit, note=note)
    overflow = read_overflow(refusal.text)
    if overflow is not None:
        room = overflow.room
        if room is None or not LEAST_ANSWER <= room < asked:
            return None  # the prompt itself is too long
        note = f"{refusal.model} has room for {room:,} more tokens: sent with that limit."
        return Adjustment(field="token limit", action="limit", value=room, note=note, lasting=False)
    if refusal.profile.endpoint != "chat" or not _UNKNOWN.search(refusal.text):
        return None
    old = place[0]
    # "Unsupported parameter: 'max_tokens' is not supported with this model. Use
    # 'max_completion_tokens' instead."
    new = "max_completion_tokens" if old == "max_tokens" else "max_tokens"
    note = f"{refusal.model} takes no {old}: sent as {new}."
    return Adjustment(field="token field", action="rename", value=new, note=note)


def _read_tool_choice(refusal: Refusal) -> Adjustment | None:
    if not is_forced(refusal.request) or not _REFUSES.search(refusal.text):
        return None
    note = f"{refusal.model} takes no forced tool: sent with a free choice."
    return Adjustment(field="tool_choice", action="to", value="auto", note=note)


def _read_format(refusal: Refusal) -> Adjustment | None:
    value = refusal.get("response_format")
    if not isinstance(value, dict) or not _REFUSES.search(refusal.text):
        return None
    if refusal.says(r"invalid schema|schema.{0,40}(?:invalid|must have|is required)"):
        return None  # it takes schemas, but not this one
    if value.get("type") != "json_schema":
        return refusal.leave_out("response_format")
    if refusal.profile.structured in ("tool", "none", None):
        return None
    note = f"{refusal.model} takes no schema for its answer: sent as a tool's."
    return Adjustment(field="response_format", action="rebuild", value="tool", note=note)


_RULES: dict[str, Callable[[Refusal], Adjustment | None]] = {
    "temperature": _read_sampling("temperature"),
    "top_p": _read_sampling("top_p"),
    "top_k": _read_sampling("top_k"),
    "effort": _read_effort,
    "thinking": _read_thinking,
    "thinking display": _read_plain("thinking display", "thinking.display"),
    "thinking binding": _read_plain("thinking binding", "thinking.block_binding"),
    "thinking budget": _read_budget,
    "token field": _read_tokens,
    "parallel_tool_calls": _read_plain("parallel_tool_calls"),
    "tool_choice": _read_tool_choice,
    "stream_options": _read_plain("stream_options", "stream_options (so it may tell no usage)"),
    "store": _read_plain("store"),
    "reasoning summary": _read_plain("reasoning summary", "reasoning.summary"),
    "encrypted reasoning": _read_plain("encrypted reasoning"),
    "response_format": _read_format,
    "cache_control": _read_plain("cache_control"),
    "prompt_cache_key": _read_plain("prompt_cache_key"),
    "strict": _read_plain("strict"),
    "eager_input_streaming": _read_plain("eager_input_streaming"),
    "stop": _read_plain("stop", "stop sequences"),
}
