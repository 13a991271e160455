"""What each Claude takes, as Anthropic documents it.

It owns the table. One row a family, the newest last: an unknown name is the newest of its tier, a
name of no tier the newest Opus. Sources, unless a row names its own:
https://platform.claude.com/docs/en/build-with-claude/thinking (types, defaults, display),
https://platform.claude.com/docs/en/build-with-claude/effort (levels),
https://platform.claude.com/docs/en/build-with-claude/prompt-caching (smallest prefix),
https://platform.claude.com/docs/en/about-claude/models/overview (output limits),
https://platform.claude.com/docs/en/build-with-claude/structured-outputs (formats).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

LOW_TO_HIGH = ("low", "medium", "high")
ALL_EFFORTS = (*LOW_TO_HIGH, "xhigh", "max")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A family. `pattern` is matched at the start of a name, after a cloud's prefix."""

    pattern: str
    thinking: tuple[str, ...]
    """The values of `thinking.type` that are accepted."""
    thinks: bool = True
    """Whether it thinks where the request has no `thinking`."""
    display: Literal["summarized", "omitted"] = "omitted"
    """What a request without `thinking.display` gets back."""
    off_up_to: tuple[str, ...] = ALL_EFFORTS
    """The efforts that may go with thinking off (`disabled`, `between_tools`)."""
    efforts: tuple[str, ...] = ALL_EFFORTS
    sampling: Literal["one", "defaults"] = "defaults"
    """Under 2023-06-01: temperature or top_p, or only their default values."""
    forced_tool: bool = True
    bound: bool = False
    """Whether thinking is bound to what came before it (preserved thinking)."""
    prefill: bool = False
    max_output: int = 128_000
    min_cache: int = 512
    max_images: int = 600
    """A hundred where the context is 200k: https://platform.claude.com/docs/en/build-with-claude/vision"""
    formats: bool = True
    """Whether it takes `output_config.format`."""
    system_turns: bool = True
    """Whether `messages` may hold `role: system`."""


_OLD = Model(
    pattern=r"claude-(3|2|instant)",
    thinking=("enabled", "disabled"),
    thinks=False,
    display="summarized",
    efforts=(),
    sampling="one",
    prefill=True,
    max_output=64_000,
    min_cache=1024,
    max_images=100,
    formats=False,
    system_turns=False,
)
_46 = replace(
    _OLD,
    thinking=("enabled", "adaptive", "disabled"),
    efforts=(*LOW_TO_HIGH, "max"),
    # https://platform.claude.com/docs/en/about-claude/models/whats-new-claude-4-6#prefill-removal
    prefill=False,
    max_images=600,
    formats=True,
)
# https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5: four breaking changes
_ALWAYS = Model(pattern="", thinking=("adaptive",), forced_tool=False, bound=True)

MODELS = (
    _OLD,
    replace(_OLD, pattern=r"claude-opus-4(?!-[5-9]\b|\.[5-9])", max_output=32_000),
    replace(_OLD, pattern=r"claude-sonnet-4(?!-[5-9]\b|\.[5-9])"),
    replace(_OLD, pattern=r"claude-sonnet-4[-.]5", formats=True),
    replace(_OLD, pattern=r"claude-haiku-4", min_cache=4096, formats=True),
    replace(_OLD, pattern=r"claude-opus-4[-.]5", efforts=LOW_TO_HIGH, min_cache=4096, formats=True),
    replace(_46, pattern=r"claude-opus-4[-.]6", max_output=128_000, min_cache=4096),
    replace(_46, pattern=r"claude-sonnet-4[-.]6"),
    Model(
        pattern=r"claude-(opus-4[-.]7|mythos-preview)",
        thinking=("adaptive", "disabled"),
        thinks=False,
        min_cache=2048,
        system_turns=False,
    ),
    Model(
        pattern=r"claude-opus-4[-.]8",
        thinking=("adaptive", "disabled"),
        thinks=False,
        min_cache=1024,
    ),
    Model(
        pattern=r"claude-sonnet-5(?!-\d(\D|$))", thinking=("adaptive", "disabled"), min_cache=1024
    ),
    # disabled is refused at xhigh and max: the Opus 5 section of the migration guide
    Model(
        pattern=r"claude-opus-5(?!-\d(\D|$))",
        thinking=("adaptive", "disabled"),
        off_up_to=LOW_TO_HIGH,
    ),
    Model(pattern=r"claude-(fable|mythos)-5(?!-\d(\D|$))", thinking=("adaptive",)),
    replace(_ALWAYS, pattern=r"claude-(fable|mythos)"),
    # https://platform.claude.com/docs/en/models/haiku-5-5/migration-guide: takes a forced tool
    Model(
        pattern=r"claude-haiku",
        thinking=("adaptive", "disabled"),
        off_up_to=LOW_TO_HIGH,
        bound=True,
    ),
    # https://platform.claude.com/docs/en/models/sonnet-5-5/whats-new-sonnet-5-5
    replace(
        _ALWAYS,
        pattern=r"claude-sonnet",
        thinking=("adaptive", "between_tools"),
        off_up_to=LOW_TO_HIGH,
    ),
    replace(_ALWAYS, pattern=r""),
)
# Bedrock writes `us.anthropic.claude-…`, gateways `anthropic/claude-…`, Vertex `claude-…@date`.
_PREFIX = re.compile(r"^(?:[a-z]{2,6}\.)?(?:anthropic[./])?")


def model_of(name: str) -> Model:
    """Return the family of a model's name; the newest one for a name that nobody knows."""
    plain = _PREFIX.sub("", name)
    return next(model for model in MODELS if re.match(model.pattern, plain))


def speaks_claude(name: str) -> bool:
    """Whether the name is a Claude or made up, not that of a vendor that speaks Messages too."""
    return not re.search(r"deepseek|kimi|moonshot|glm|minimax|qwen|llama|gemma", name)
