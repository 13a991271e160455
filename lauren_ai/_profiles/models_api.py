"""What a server says of its own model refines the table's profile. It asks no server.

Whoever asks (`GET /v1/models/{id}`, an entry of `GET /v1/models`, Ollama's `/api/show`) hands the
JSON in. It is hostile: what has the wrong form is not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from lauren_ai._json import read_count
from lauren_ai._profiles.limits import MAX_TOKENS
from lauren_ai._profiles.profile import EFFORTS, Profile, Structured, Thinking

#: Anthropic, OpenRouter, vLLM, Groq and LM Studio, Mistral, Gemini's own API.
_CONTEXT = (
    *("max_input_tokens", "context_length", "max_model_len", "context_window"),
    *("loaded_context_length", "max_context_length", "inputTokenLimit"),
)
_OUTPUT = ("max_tokens", "max_completion_tokens", "outputTokenLimit")
_ENDS = ("retires_at", "shutdown_date", "deprecation", "expiration_date")


def refine(profile: Profile, payload: Mapping[str, Any]) -> Profile:
    """The profile with what the server's own entry of the model says; pure. Limits and dates are
    believed of any server, capabilities where their form is known."""
    changes: dict[str, Any] = {}
    if context := _read_limit(payload, _CONTEXT):
        changes["context"] = context
    top = payload.get("top_provider")
    output = _read_limit(payload, _OUTPUT) or _read_limit(_get(top), _OUTPUT)
    if output and output <= (context or MAX_TOKENS):
        changes["max_output"] = output
    if (ends := _read_day(payload)) is not None:
        changes["ends"] = ends
    capabilities = payload.get("capabilities")
    if isinstance(capabilities, Mapping):
        changes |= _read_anthropic(profile, capabilities)
        if isinstance(capabilities.get("vision"), bool):  # Mistral
            changes["images"] = capabilities["vision"]
        if isinstance(capabilities.get("function_calling"), bool):
            changes["tools"] = capabilities["function_calling"]
    elif isinstance(capabilities, list):
        changes |= _read_ollama(capabilities, payload)
    modalities = _get(payload.get("architecture")).get("input_modalities")
    if isinstance(modalities, list):  # OpenRouter
        changes |= {"images": "image" in modalities, "audio": "audio" in modalities}
    return profile.with_(**changes) if changes else profile


def _get(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _read_limit(payload: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        count = read_count(payload.get(name))
        if count and count <= MAX_TOKENS:
            return count
    return None


def _read_day(payload: Mapping[str, Any]) -> date | None:
    for name in _ENDS:
        value = payload.get(name)
        if isinstance(value, str):
            try:
                return date.fromisoformat(value[:10])
            except ValueError:
                continue
    return None


def _is_supported(capabilities: Mapping[str, Any], *path: str) -> bool | None:
    value: Any = capabilities
    for key in (*path, "supported"):
        value = _get(value).get(key)
    return value if isinstance(value, bool) else None


def _read_anthropic(profile: Profile, capabilities: Mapping[str, Any]) -> dict[str, Any]:
    """Source: the SDK's `ModelCapabilities` (anthropic 2.14)."""
    found: dict[str, Any] = {
        "images": _is_supported(capabilities, "image_input"),
        "pdf": _is_supported(capabilities, "pdf_input"),
        "strict": _is_supported(capabilities, "structured_outputs"),
        "thinking_off": _is_supported(capabilities, "thinking", "types", "disabled"),
    }
    native = found["strict"]
    if native is not None and profile.endpoint == "messages":
        structured: Structured = "output_config.format" if native else "tool"
        found["structured"] = structured
    budget = _is_supported(capabilities, "thinking", "types", "enabled")
    adaptive = _is_supported(capabilities, "thinking", "types", "adaptive")
    if budget is not None and adaptive is not None and profile.endpoint == "messages":
        kinds: dict[tuple[bool, bool], Thinking] = {
            (True, True): "both",
            (True, False): "budget",
            (False, True): "adaptive",
            (False, False): "none",
        }
        found["thinking"] = kinds[budget, adaptive]
    if _is_supported(capabilities, "effort") is not None:
        found["effort"] = tuple(e for e in EFFORTS if _is_supported(capabilities, "effort", e))
    return {field: value for field, value in found.items() if value is not None}


def _read_ollama(capabilities: list[Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Source: https://docs.ollama.com/api/show"""
    changes: dict[str, Any] = {"images": "vision" in capabilities, "tools": "tools" in capabilities}
    if "thinking" not in capabilities:
        changes |= {"thinking": "none", "effort": ()}
    for key, value in list(_get(payload.get("model_info")).items())[:1_000]:
        limit = _read_limit({"context_length": value}, ("context_length",))
        if isinstance(key, str) and key.endswith(".context_length") and limit:
            changes["context"] = limit
    return changes
