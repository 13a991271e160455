"""Says what a person asked for and a request has not, because its model does not take it. Pure.

The lines are those of a refusal of the same field, so that nobody reads them twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lauren_ai._profiles import Profile
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.openai.messages import Json


def iter_left_out(request: CompletionRequest, profile: Profile, body: Json) -> Iterator[str]:
    """Lines for the person, of the body as it is sent."""
    model = request.model
    extra = request.request_options.get("extra_body")
    own = extra if isinstance(extra, Mapping) else {}  # what they took out themselves they know
    effort = _get_effort(body)
    thinks = request.thinking or effort not in (None, "none")
    for name in ("temperature", "top_p"):
        if getattr(request, name) is None or name in body or name in own:
            continue
        why = " while it thinks" if thinks and profile.takes_sampling(name, effort="none") else ""
        yield f"{model} takes no {name}{why}: sent without it."
    if request.thinking and profile.thinking == "none":
        yield f"{model} does not think: sent without thinking."
    asked = request.reasoning_effort
    toggled = profile.thinking == "toggle" and asked == "none"
    if (
        asked is None
        or effort == asked
        or toggled
        or own.keys() & {"reasoning", "reasoning_effort"}
    ):
        return
    if effort is None:
        yield f"{model} takes no effort: sent without it."
    elif request.tools and effort == "none":
        yield f"{model} takes tools here only without thought: sent with effort none."
    else:
        yield f"{model} takes no effort {asked}: sent with {effort}."


def _get_effort(body: Json) -> str | None:
    reasoning = body.get("reasoning")
    inner = reasoning.get("effort") if isinstance(reasoning, dict) else None
    effort = body.get("reasoning_effort", inner)
    return effort if isinstance(effort, str) else None
