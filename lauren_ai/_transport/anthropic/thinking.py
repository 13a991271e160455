"""Decides how a request to Anthropic's API asks for thought, and what may go beside it. Pure.

Sources: https://platform.claude.com/docs/en/build-with-claude/thinking, …/effort,
…/extended-thinking, https://platform.claude.com/docs/en/api/versioning (2026-10-21).
"""

from __future__ import annotations

from typing import Any

from lauren_ai._profiles import Profile
from lauren_ai._streaming.request import CompletionRequest

Json = dict[str, Any]
LEAST_BUDGET = 1_024  # the API's own floor
DEFAULT_BUDGET = 8_000


def add_thinking(
    body: Json, request: CompletionRequest, profile: Profile, notes: list[str]
) -> None:
    """Thinking, effort and the room for both, as this model takes them."""
    effort = request.reasoning_effort
    kind = profile.thinking
    wanted = request.thinking
    if wanted and kind == "none":
        notes.append(f"{request.model} does not think: sent without thinking.")
        wanted = False
    if effort == "none" and not wanted and profile.thinking_off:
        body["thinking"] = {"type": "disabled"}
        return
    if wanted:
        effort = _ask(body, request, profile)
    elif kind == "adaptive" and profile.thinking_default and profile.thinking_display == "omitted":
        # It thinks anyway, and would show nothing of it.
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
    if effort:
        _add_effort(body, request, profile, effort, notes)


def _ask(body: Json, request: CompletionRequest, profile: Profile) -> str | None:
    """Ask for thought; returns the effort that goes with it."""
    effort, budget = request.reasoning_effort, request.thinking_budget_tokens
    match profile.thinking:
        case "adaptive" | "both":
            body["thinking"] = {"type": "adaptive", "display": "summarized"}
        case "effort":
            return effort or profile.get_effort_for_budget(budget)
        case "toggle":
            body["thinking"] = {"type": "enabled"}
        case "budget" | None:  # servers of models that we do not know take a budget as well
            _add_budget(body, budget or DEFAULT_BUDGET, profile.max_output)
            return effort
    if effort is None and budget is not None:
        return profile.get_effort_for_budget(budget)
    return effort


def _add_budget(body: Json, budget: int, limit: int | None) -> None:
    budget = max(LEAST_BUDGET, budget)
    if body["max_tokens"] <= budget:  # max_tokens counts the thinking too
        body["max_tokens"] += budget
    if limit is not None and body["max_tokens"] > limit:
        body["max_tokens"] = limit
        budget = min(budget, limit - 1)
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _add_effort(
    body: Json, request: CompletionRequest, profile: Profile, effort: str, notes: list[str]
) -> None:
    chosen = profile.choose_effort(effort)
    if chosen is None:
        if request.reasoning_effort:
            notes.append(f"{request.model} takes no effort: sent without it.")
        return
    body["output_config"] = {"effort": chosen}
    if request.reasoning_effort and chosen != request.reasoning_effort:
        notes.append(f"{request.model} takes no effort {effort}: sent with {chosen}.")


def is_thinking(body: Json) -> bool:
    """Whether a request asks for thought."""
    thinking = body.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") in ("enabled", "adaptive")


def add_sampling(
    body: Json, request: CompletionRequest, profile: Profile, notes: list[str]
) -> str | None:
    """Temperature and top_p, where the model has them still. Returns the version of the API under
    which it takes them, if that is an older one."""
    thinks = is_thinking(body)
    for name in ("temperature", "top_p"):
        value = getattr(request, name)
        if value is None:
            continue
        beside = profile.sampling_one and "temperature" in body
        if beside or not profile.takes_sampling(name, thinking=thinks):
            why = " while it thinks" if thinks and profile.sampling else ""
            notes.append(f"{request.model} takes no {name}{why}: sent without it.")
        else:
            body[name] = value
    return profile.old_version if {"temperature", "top_p"} & set(body) else None
