"""A profile in lines for the person, as `%lauren models NAME` shows it."""

from __future__ import annotations

from datetime import date

from lauren_ai._profiles.lifecycle import describe_end
from lauren_ai._profiles.limits import get_context_window
from lauren_ai._profiles.profile import Profile

_THINKING = {
    "none": "does not think",
    "budget": "by a budget of tokens",
    "both": "adaptive, or by a budget of tokens",
    "adaptive": "adaptive",
    "effort": "by its effort",
    "toggle": "on or off",
    "fixed": "always, not to be set",
    None: "not known",
}
_SAMPLING = {
    "always": "",
    "effort none": ", with effort none only",
    "not thinking": ", while it does not think",
}


def describe(profile: Profile, *, today: date | None = None) -> list[str]:
    """One fact a line, "label: value"; what is not known is said to be so."""
    rows = [
        ("model", profile.name if profile.known else f"{profile.name} (read as the newest)"),
        ("family", profile.family or "not known"),
        ("asked at", f"{profile.server}, {profile.endpoint}"),
        ("thinking", _describe_thinking(profile)),
        ("effort", _describe_effort(profile)),
        ("sampling", _describe_sampling(profile)),
        ("tools", _describe_tools(profile)),
        ("answers by schema", profile.structured or "not known, by a tool"),
        ("takes", _describe_input(profile)),
        ("context", _describe_count(get_context_window(profile))),
        ("longest answer", _describe_count(profile.max_output)),
        ("cache", _describe_cache(profile)),
        ("goes back to it", ", ".join(profile.gives_back).replace("_", " ") or "nothing"),
        ("source", profile.source or "none"),
    ]
    lines = [f"{label}: {value}" for label, value in rows]
    if profile.ends is not None:
        end = describe_end(profile, today=today or date.today(), within_days=100_000)
        lines.insert(1, f"end: {end}")
    return lines


def _describe_thinking(profile: Profile) -> str:
    text = _THINKING[profile.thinking]
    if profile.thinking in (None, "none", "fixed"):
        return text
    default = {True: "on by itself", False: "off unless asked", None: "not known"}
    off = ", cannot be turned off" if profile.thinking_off is False else ""
    shown = f", {profile.thinking_display} by itself" if profile.thinking_display else ""
    return f"{text}; {default[profile.thinking_default]}{off}{shown}"


def _describe_effort(profile: Profile) -> str:
    if profile.effort is None:
        return "not known"
    if not profile.effort:
        return "none taken"
    default = f" ({profile.effort_default} by itself)" if profile.effort_default else ""
    return f"{', '.join(profile.effort)}{default}"


def _describe_sampling(profile: Profile) -> str:
    if not profile.sampling or profile.sampling_when == "never":
        return "none taken"
    both = ", one of temperature and top_p" if profile.sampling_one else ""
    return f"{', '.join(profile.sampling)}{_SAMPLING[profile.sampling_when]}{both}"


def _describe_tools(profile: Profile) -> str:
    if profile.tools is False:
        return "none"
    known = "yes" if profile.tools else "not known"
    forced = {True: "", False: ", never forced", None: ""}[profile.forced_tool]
    if profile.endpoint != "chat" or profile.chat_tools == "any effort":
        return known + forced
    return f"{known}{forced}, on chat completions: {profile.chat_tools}"


def _describe_input(profile: Profile) -> str:
    kinds = {"images": profile.images, "PDF": profile.pdf, "audio": profile.audio}
    taken = ["text", *(kind for kind, known in kinds.items() if known)]
    unknown = [kind for kind, known in kinds.items() if known is None]
    return ", ".join(taken) + (f" (not known: {', '.join(unknown)})" if unknown else "")


def _describe_count(count: int | None) -> str:
    return "not known" if count is None else f"{count:,} tokens"


def _describe_cache(profile: Profile) -> str:
    if profile.cache is None:
        return "not known"
    least = f", from {profile.cache_min:,} tokens" if profile.cache_min else ""
    return f"{profile.cache.replace('_', ' ')}{least}{', up to 1 h' if profile.cache_1h else ''}"
