"""How many tokens a model takes, and by how many a refused prompt was too long."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lauren_ai._json import replace_surrogates
from lauren_ai._profiles.names import read_name, read_vendor, strip_name
from lauren_ai._profiles.profile import Profile

#: No model has a longer one; a server that says so is not believed.
MAX_TOKENS = 1_000_000_000
#: What is read of a refusal.
MAX_TEXT = 65_536

#: A table of prices knows these servers by other names.
_PRICED = {"google": "google", "moonshot": "moonshotai", "xai": "x-ai"}
_PRICED |= {vendor: vendor for vendor in ("anthropic", "openai", "deepseek", "mistral")}
#: Whose windows are their own: a person's machine, or a server that cuts them.
_OWN_WINDOW = frozenset({"ollama", "local", "mock", "other", "vllm"})


def get_context_window(profile: Profile) -> int | None:
    """Tokens of prompt and answer together: what the profile says, else what the offline table of
    `genai-prices` has for the model or its family; None where neither knows."""
    if profile.context is not None:
        return profile.context
    if profile.server in _OWN_WINDOW and profile.vendor not in ("anthropic", "openai", "google"):
        return None
    if not profile.family:
        return None
    family = profile.family if profile.known else profile.vendor
    alike = _ALIKE.get(family, family)
    return _find_window(profile.vendor, profile.name, alike)


@lru_cache(maxsize=256)
def _find_window(vendor: str, model: str, alike: str) -> int | None:
    from genai_prices.data_snapshot import get_snapshot

    priced = _PRICED.get(vendor)
    if priced is None:
        return None
    stripped = strip_name(model)
    name = read_name(stripped, read_vendor(stripped))
    for spelling in (stripped, name, name.replace(".", "-"), alike.replace(".", "-"), alike):
        try:
            found = get_snapshot().find_provider_model(spelling, None, priced, None)[1]
        except LookupError:
            continue
        if found.context_window:
            return found.context_window
    return None


#: Who stands for a family, or for a vendor's newest, where the table of prices lacks a name.
_ALIKE = {"anthropic": "claude-opus-5-5", "openai": "gpt-6.1-sol", "gpt-6.1": "gpt-6.1-sol"}
_ALIKE |= {"deepseek": "deepseek-v4-pro", "moonshot": "kimi-k3", "xai": "grok-4.7"}


@dataclass(frozen=True, slots=True)
class Overflow:
    """A prompt that did not fit: its tokens and the most that the model takes, where told.

    `answer` is what was asked for the answer beside it: less of that would have fitted."""

    tokens: int | None = None
    maximum: int | None = None
    answer: int = 0

    @property
    def over(self) -> int | None:
        """By how many tokens the prompt was too long; None where the server told no numbers."""
        if self.tokens is None or self.maximum is None or self.tokens + self.answer <= self.maximum:
            return None
        return self.tokens + self.answer - self.maximum

    @property
    def room(self) -> int | None:
        """What is left for an answer beside this prompt."""
        if self.tokens is None or self.maximum is None:
            return None
        return self.maximum - self.tokens

    def describe(self, model: str) -> str:
        """A sentence for the person: by how much, and what to do."""
        if self.over is None or self.tokens is None or self.maximum is None:
            return (
                f"The prompt is longer than {model} takes. Shorten it, or start a new conversation."
            )
        answer = f" with the {self.answer:,} asked for the answer" if self.answer else ""
        return (
            f"The prompt has {self.tokens:,} tokens{answer}: {self.over:,} more than the "
            f"{self.maximum:,} that {model} takes. Shorten it by that much, or start a new "
            "conversation."
        )


_N = r"(\d[\d,_]{0,14})"
#: (pattern, the groups that hold prompt, maximum, answer). Each gap is bounded: the text is
#: hostile.
_OVERFLOWS: tuple[tuple[str, tuple[int, int, int | None]], ...] = (
    # Anthropic; Bedrock and Vertex say the same
    (rf"prompt is too long: {_N} tokens > {_N} maximum", (1, 2, None)),
    (
        rf"input length and [`']?max_tokens[`']? exceed context limit: {_N} \+ {_N} > {_N}",
        (1, 3, 2),
    ),
    # OpenAI chat completions, Azure, OpenRouter
    (
        rf"maximum context length is {_N} tokens.{{0,60}}?requested (?:about )?{_N} tokens "
        rf"\({_N} (?:in the messages|of text input|in your prompt).{{0,80}}?{_N} "
        r"(?:in the completion|in the output|for the completion)",
        (3, 1, 4),
    ),
    (
        rf"maximum context length is {_N} tokens.{{0,60}}?messages resulted in {_N} tokens",
        (2, 1, None),
    ),
    # vLLM
    (
        rf"maximum context length is {_N} tokens and your request has {_N} input tokens",
        (2, 1, None),
    ),
    (
        rf"passed {_N} input tokens and requested {_N} output tokens.{{0,80}}?only {_N} tokens",
        (1, 3, 2),
    ),
    (rf"prompt \(length {_N}\) is longer than the maximum model length of {_N}", (1, 2, None)),
    # SGLang, MiniMax
    (
        rf"maximum context length of {_N} tokens.{{0,60}}?: {_N} tokens from the input "
        rf"messages and {_N} tokens for the completion",
        (2, 1, 3),
    ),
    # Gemini
    (
        rf"input token count \(?{_N}\)? exceeds the maximum number of tokens allowed \(?{_N}\)?",
        (1, 2, None),
    ),
    # llama.cpp, LM Studio
    (rf"request \({_N} tokens\) exceeds the available context size \({_N} tokens\)", (1, 2, None)),
    (
        rf"input \({_N} tokens\) is longer than the model's context length \({_N} tokens\)",
        (1, 2, None),
    ),
    # Mistral, xAI, Copilot, Moonshot
    (rf"Prompt contains {_N} tokens.{{0,60}}?model with {_N} maximum context", (1, 2, None)),
    (rf"maximum prompt length is {_N} but the request contains {_N} tokens", (2, 1, None)),
    (rf"prompt token count of {_N} exceeds the limit of {_N}", (1, 2, None)),
    (rf"exceeded model token limit: {_N} \(requested: {_N}\)", (2, 1, None)),
)
_LLAMA_CPP = re.compile(r'"n_prompt_tokens": ?(\d{1,12}).{0,40}?"n_ctx": ?(\d{1,12})')
_WORDLESS = re.compile(
    r"context_length_exceeded|exceeds the context window|exceed_context_size_error"
    r"|input is too long for requested model|prompt is too long"
    r"|reduce the length of the messages|exceeds the available context size",
    re.IGNORECASE,
)


def read_overflow(text: str) -> Overflow | None:
    """How a refusal says that a prompt was too long, in any known server's words; None where it
    says something else."""
    text = replace_surrogates(text[:MAX_TEXT])
    for pattern, (prompt, maximum, answer) in _OVERFLOWS:
        if match := re.search(pattern, text, re.IGNORECASE):
            asked = _read_number(match[answer]) if answer else 0
            return Overflow(_read_number(match[prompt]), _read_number(match[maximum]), asked)
    if match := _LLAMA_CPP.search(text):
        return Overflow(_read_number(match[1]), _read_number(match[2]))
    return Overflow() if _WORDLESS.search(text) else None


def _read_number(digits: str) -> int:
    return min(int(re.sub(r"[,_]", "", digits)), MAX_TOKENS)
