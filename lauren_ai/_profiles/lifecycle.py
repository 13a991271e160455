"""When a model ends, and which names are near a wrong one. It asks no server.

The dates are those of the SDKs (anthropic 2.14 `DEPRECATED_MODELS`, openai 3.57 `ChatModel`; a test
compares) and, for what is gone, of
https://platform.claude.com/docs/en/about-claude/model-deprecations.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lauren_ai._profiles.profile import Profile


@dataclass(frozen=True, slots=True)
class End:
    """The day on which a model ends, and a current one of its kind to suggest in its place."""

    day: date
    successor: str | None = None


_OPUS, _SONNET, _HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
_TERRA, _SOL, _LUNA = "gpt-6.1-terra", "gpt-6.1-sol", "gpt-6-luna"

#: (year, month, day), successor, names: dated ones as the vendor writes them, others in the table's
#: spelling.
_ENDS: tuple[tuple[tuple[int, int, int], str | None, str], ...] = (
    ((2025, 7, 21), _SONNET, "claude-2 claude-2.1 claude-sonnet-3"),
    ((2025, 10, 28), _SONNET, "claude-sonnet-3.5"),
    ((2026, 1, 5), _OPUS, "claude-opus-3"),
    ((2026, 2, 19), _SONNET, "claude-sonnet-3.7"),
    ((2026, 2, 19), _HAIKU, "claude-haiku-3.5"),
    ((2026, 4, 19), _HAIKU, "claude-haiku-3"),
    ((2026, 6, 15), _SONNET, "claude-sonnet-4"),
    ((2026, 6, 15), _OPUS, "claude-opus-4"),
    ((2026, 6, 30), "claude-mythos-5-2", "claude-mythos-preview"),
    ((2026, 8, 5), _OPUS, "claude-opus-4.1"),
    ((2026, 11, 30), _SONNET, "claude-sonnet-4.5"),
    ((2027, 1, 22), _OPUS, "claude-opus-4.5"),
    ((2024, 9, 13), None, "gpt-3.5-turbo-16k gpt-3.5-turbo-0301 gpt-3.5-turbo-0613"),
    ((2024, 9, 13), None, "gpt-3.5-turbo-16k-0613"),
    ((2024, 12, 6), None, "gpt-4-vision-preview"),
    ((2025, 6, 6), None, "gpt-4-32k gpt-4-32k-0314 gpt-4-32k-0613"),
    ((2025, 7, 28), _SOL, "o1-preview"),
    ((2025, 10, 10), None, "gpt-4o-audio-preview-2024-10-01"),
    ((2025, 10, 27), _LUNA, "o1-mini"),
    ((2026, 2, 12), _SOL, "codex-mini"),
    ((2026, 2, 17), _TERRA, "chatgpt-4o"),
    ((2026, 3, 26), _TERRA, "gpt-4-0125-preview gpt-4-turbo-preview gpt-4-0314"),
    ((2026, 5, 7), None, "gpt-4o-audio-preview gpt-4o-mini-audio-preview"),
    ((2026, 7, 23), _SOL, "gpt-5.1-codex gpt-5.1-chat gpt-5-chat"),
    ((2026, 7, 23), _TERRA, "gpt-4o-search-preview gpt-4o-mini-search-preview"),
    ((2026, 8, 10), _TERRA, "gpt-5.3-chat gpt-5.2-chat"),
    ((2026, 9, 28), _LUNA, "gpt-3.5-turbo-1106"),
    ((2026, 10, 23), _LUNA, "gpt-4.1-nano o4-mini o3-mini gpt-3.5-turbo gpt-3.5-turbo-0125"),
    (
        (2026, 10, 23),
        _TERRA,
        "o1 gpt-4o-2024-05-13 gpt-4-turbo gpt-4-1106-preview gpt-4 gpt-4-0613",
    ),
    ((2026, 12, 11), _TERRA, "gpt-5 gpt-5-mini o3"),
    ((2026, 12, 11), _LUNA, "gpt-5-nano"),
    ((2027, 1, 14), _TERRA, "gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini"),
    ((2027, 1, 20), None, "gpt-audio-mini"),
    ((2027, 4, 1), _TERRA, "gpt-5.1"),
    ((2027, 4, 1), _LUNA, "gpt-5.4-nano"),
)
ENDS = {name: End(date(*day), then) for day, then, names in _ENDS for name in names.split()}

#: Names to suggest and to complete offline, by provider, newest first.
KNOWN_MODELS: dict[str, tuple[str, ...]] = {
    "anthropic": (
        *("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-2"),
        *("claude-fable-5-1", "claude-opus-5", "claude-sonnet-5", "claude-fable-5"),
        *("claude-opus-4-8", "claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6"),
        *("claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5"),
    ),
    "openai": (
        *("gpt-6.2-sol", "gpt-6.2-astra", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-astra"),
        *("gpt-6-sol", "gpt-6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-5.5"),
        *("gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.2", "gpt-5.1", "gpt-5", "gpt-5-mini"),
        *("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini", "o3", "o4-mini"),
    ),
    "gemini": (
        *("gemini-3.8-flash", "gemini-3.7-flash", "gemini-3.5-flash", "gemini-3.5-flash-lite"),
        *("gemini-3.1-pro-preview", "gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ),
    "deepseek": ("deepseek-v4-pro", "deepseek-v4-flash", "deepseek-chat", "deepseek-reasoner"),
    "moonshot": ("kimi-k3.1-pro", "kimi-k3", "kimi-k2.7-code", "kimi-k2.6", "kimi-k2.5"),
    "xai": ("grok-4.7", "grok-4.6", "grok-4.5", "grok-4.3"),
    "mistral": (
        *("mistral-large-latest", "mistral-medium-latest", "mistral-small-latest"),
        *("magistral-medium-latest", "codestral-latest", "devstral-latest"),
    ),
    "groq": (
        *("openai/gpt-oss-120b", "openai/gpt-oss-20b", "qwen/qwen3-32b"),
        *("llama-3.3-70b-versatile", "llama-3.1-8b-instant"),
    ),
    "local": ("smollm2",),
}


def get_end(stripped: str, name: str) -> End | None:
    """When a model ends: by its dated name, else by the undated one."""
    return ENDS.get(stripped) or ENDS.get(name)


def describe_end(profile: Profile, *, today: date, within_days: int = 60) -> str | None:
    """One line for the person when a model is gone or ends within so many days."""
    if profile.ends is None or (profile.ends - today).days > within_days:
        return None
    verb = "ended" if profile.ends <= today else "ends"
    instead = f" Use {profile.successor}." if profile.successor else ""
    return f"{profile.name} {verb} on {profile.ends.isoformat()}.{instead}"


def suggest_models(provider: str, model: str, known: Iterable[str] = ()) -> list[str]:
    """Up to three names near a wrong one, among `known` and what this table has."""
    names = dict.fromkeys((*known, *KNOWN_MODELS.get(provider, ())))
    by_lower = {name.lower(): name for name in list(names)[:2_000]}
    wanted = model[:200].lower()
    found = difflib.get_close_matches(wanted, by_lower, n=3, cutoff=0.6)
    return [by_lower[name] for name in found if by_lower[name] != model]
