"""One change to a request that a server asked for, and its application. It reads no refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lauren_ai._profiles.profile import Profile, choose_effort

Json = dict[str, Any]
Action = Literal["leave_out", "rename", "limit", "choose", "to", "rebuild"]

#: Where each field of the closed list stands in a body of ours: chat completions, Responses,
#: Messages, Ollama.
PLACES: dict[str, tuple[tuple[str, ...], ...]] = {
    "temperature": (("temperature",),),
    "top_p": (("top_p",),),
    "top_k": (("top_k",),),
    "effort": (
        ("reasoning_effort",),
        ("reasoning", "effort"),
        ("output_config", "effort"),
        ("think",),
    ),
    "thinking": (("thinking",),),
    "thinking field": (("thinking",),),
    "thinking display": (("thinking", "display"),),
    "thinking binding": (("thinking", "block_binding"),),
    "token field": (("max_tokens",), ("max_completion_tokens",), ("max_output_tokens",)),
    "parallel_tool_calls": (
        ("parallel_tool_calls",),
        ("tool_choice", "disable_parallel_tool_use"),
    ),
    "tool_choice": (("tool_choice",),),
    "stream_options": (("stream_options",),),
    "store": (("store",),),
    "reasoning summary": (("reasoning", "summary"),),
    "encrypted reasoning": (("include",),),
    "response_format": (("response_format",), ("text", "format"), ("output_config", "format")),
    "cache_control": (("cache_control",),),
    "prompt_cache_key": (("prompt_cache_key",),),
    "stop": (("stop",), ("stop_sequences",)),
}
#: The limit and the spelling of max_tokens are two things: each may be learned once.
PLACES["token limit"] = PLACES["token field"]
#: So are the efforts that it takes, and the one that goes with tools.
PLACES["effort beside tools"] = PLACES["effort"]
PLACES["thinking budget"] = (("thinking", "budget_tokens"),)
#: These stand in tools and messages too; `_strip` finds them there.
EVERYWHERE = {"cache_control", "strict", "eager_input_streaming"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What `read_refusal` found: a field of the closed list, and what becomes of it.

    Attributes:
        field: its name in the closed list.
        action: "leave_out"; "rename" to `value`; "limit" a number to `value`; "choose" an effort
            among `value`; "to" a fixed `value`; "rebuild": the request is to be built again from
            the amended profile, since leaving the field out would change what is asked.
        note: one line for the person.
        when: the request that it holds for: any, one with tools, one that thinks, one with a
            temperature.
        lasting: whether the next requests to this model are changed too.
    """

    field: str
    action: Action
    value: Any = None
    note: str = ""
    when: Literal["always", "tools", "thinking", "temperature"] = "always"
    lasting: bool = True

    def apply(self, body: Json) -> Json:
        """A changed copy of a request's JSON; the same where it has nothing to change."""
        if self.action == "rebuild" or not self._concerns(body):
            return body
        if self.field in EVERYWHERE:
            stripped: Json = _strip(body, self.field)
            return stripped
        if self.field == "role":
            return _change_role(body, *self.value)
        if self.field == "tool_choice" and not is_forced(body):
            return body
        if self.field == "effort beside tools" and not find_place(body, "effort"):
            return body | {"reasoning_effort": self.value}
        if self.field == "thinking" and self.action == "leave_out":
            return _stop_thinking(body)
        if self.field == "encrypted reasoning":
            return _exclude(body, "reasoning.encrypted_content")
        change = _CHANGES[self.action]
        for place in PLACES[self.field]:
            if get_at(body, place) is not None:
                body = change(self, body, place)
        return body

    def amend(self, profile: Profile) -> Profile:
        """The profile with what the refusal tells of the model."""
        changes = _AMENDS.get((self.field, self.action))
        return profile.with_(**changes(self, profile)) if changes and self.lasting else profile

    def _concerns(self, body: Json) -> bool:
        if self.when == "tools":
            return bool(body.get("tools"))
        if self.when == "thinking":
            return is_thinking(body)
        return self.when != "temperature" or body.get("temperature") is not None


def is_thinking(body: Json) -> bool:
    """Whether a request asks for thought."""
    thinking = body.get("thinking")
    if isinstance(thinking, dict) and thinking.get("type") in ("enabled", "adaptive"):
        return True
    place = find_place(body, "effort")
    return place is not None and get_at(body, place) not in ("none", False)


def is_forced(body: Json) -> bool:
    """Whether a request forces the model to call a tool."""
    choice = body.get("tool_choice")
    if isinstance(choice, dict):
        return choice.get("type") in ("any", "tool", "function", "required", "allowed_tools")
    return choice in ("required", "any")


def get_at(body: Json, place: tuple[str, ...]) -> Any:
    """The value at a place of a request, None where there is none."""
    value: Any = body
    for key in place:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def find_place(body: Json, field: str) -> tuple[str, ...] | None:
    """Where a request has a field of the closed list."""
    return next((p for p in PLACES.get(field, ()) if get_at(body, p) is not None), None)


def _set_at(body: Json, place: tuple[str, ...], value: Any) -> Json:
    """A copy with another value there; None takes it out, and what it leaves empty."""
    key, rest = place[0], place[1:]
    inner = _set_at(body[key], rest, value) if rest else value
    if inner is None or (rest and inner == {}):
        return {k: v for k, v in body.items() if k != key}
    return body | {key: inner}


def _leave_out(_: Adjustment, body: Json, place: tuple[str, ...]) -> Json:
    return _set_at(body, place, None)


def _rename(self: Adjustment, body: Json, place: tuple[str, ...]) -> Json:
    if place == (self.value,):
        return body
    value = get_at(body, place)
    return {
        (self.value if k == place[0] else k): (value if k == place[0] else v)
        for k, v in body.items()
    }


def _limit(self: Adjustment, body: Json, place: tuple[str, ...]) -> Json:
    value = get_at(body, place)
    if isinstance(value, int) and value > self.value:
        return _set_at(body, place, self.value)
    return body


def _choose(self: Adjustment, body: Json, place: tuple[str, ...]) -> Json:
    return _set_at(body, place, choose_effort(str(get_at(body, place)), self.value))


def _set(self: Adjustment, body: Json, place: tuple[str, ...]) -> Json:
    if self.field == "tool_choice":
        value = body["tool_choice"]
        kept = {"disable_parallel_tool_use"} & set(value) if isinstance(value, dict) else set()
        # Messages writes an object, chat completions and Responses the word.
        words = isinstance(value, dict) and value.get("type") in ("any", "tool")
        auto = {"type": "auto"} | {key: value[key] for key in kept} if words else "auto"
        return body | {"tool_choice": auto}
    if self.field == "thinking":
        return body | {"thinking": _build_thinking(body, self.value)}
    return _set_at(body, place, self.value)


_CHANGES: dict[str, Callable[[Adjustment, Json, tuple[str, ...]], Json]] = {
    "leave_out": _leave_out,
    "rename": _rename,
    "limit": _limit,
    "choose": _choose,
    "to": _set,
}


def _build_thinking(body: Json, kind: str) -> Json:
    """The request's thinking under another type; what it says beside type and budget stays."""
    kept = {k: v for k, v in body["thinking"].items() if k not in ("type", "budget_tokens")}
    if kind == "adaptive":
        return {"type": "adaptive", **kept}
    most = body.get("max_tokens")
    budget = max(1_024, min(8_000, most - 1)) if isinstance(most, int) else 8_000  # the API's floor
    return {"type": "enabled", "budget_tokens": budget, **kept}


def _stop_thinking(body: Json) -> Json:
    body = {k: v for k, v in body.items() if k not in ("thinking", "reasoning_effort", "think")}
    for place in (("reasoning",), ("output_config", "effort")):
        if get_at(body, place) is not None:
            body = _set_at(body, place, None)
    return body


def _change_role(body: Json, old: str, new: str) -> Json:
    changed = dict(body)
    for key in ("messages", "input"):
        if isinstance(turns := body.get(key), list):
            changed[key] = [
                turn | {"role": new} if isinstance(turn, dict) and turn.get("role") == old else turn
                for turn in turns
            ]
    return changed


def _exclude(body: Json, word: str) -> Json:
    if not isinstance(include := body.get("include"), list):
        return body
    return _set_at(body, ("include",), [item for item in include if item != word] or None)


def _strip(value: Any, field: str) -> Any:
    """`strict` says how a schema is held to, `cache_control` what is cached: neither is looked for
    inside a schema or a tool's own arguments."""
    if isinstance(value, list):
        return [_strip(item, field) for item in value]
    if not isinstance(value, dict):
        return value
    opaque = ("input_schema", "parameters", "schema", "input", "arguments", "source")
    return {
        key: item if key in opaque and not isinstance(item, list) else _strip(item, field)
        for key, item in value.items()
        if key != field
    }


def _drop_sampling(self: Adjustment, profile: Profile) -> dict[str, Any]:
    if self.when != "always":
        return {}
    return {"sampling": tuple(name for name in profile.sampling if name != self.field)}


_AMENDS: dict[tuple[str, Action], Callable[[Adjustment, Profile], dict[str, Any]]] = {
    ("temperature", "leave_out"): _drop_sampling,
    ("top_p", "leave_out"): _drop_sampling,
    ("top_k", "leave_out"): _drop_sampling,
    ("effort", "leave_out"): lambda self, profile: {"effort": ()},
    ("effort", "choose"): lambda self, profile: {"effort": self.value},
    ("effort beside tools", "to"): lambda self, profile: {"chat_tools": "effort none"},
    ("thinking", "leave_out"): lambda self, profile: {"thinking": "none", "effort": ()},
    ("thinking", "to"): lambda self, profile: {"thinking": self.value},
    ("token field", "rename"): lambda self, profile: {"token_field": self.value},
    ("token limit", "limit"): lambda self, profile: {"max_output": self.value},
    ("parallel_tool_calls", "leave_out"): lambda self, profile: {"parallel_tool_calls": False},
    ("tool_choice", "to"): lambda self, profile: {
        "forced_tool": False,
        "forced_with_thinking": False,
    },
    ("response_format", "rebuild"): lambda self, profile: {"structured": "tool"},
    ("cache_control", "leave_out"): lambda self, profile: {"cache": "none"},
    ("strict", "leave_out"): lambda self, profile: {"strict": False},
    ("stop", "leave_out"): lambda self, profile: {"stop": False},
    ("role", "to"): lambda self, profile: {"system_role": self.value[1]},
}
