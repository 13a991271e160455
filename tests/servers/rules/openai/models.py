"""What each GPT and o-series model takes, on either endpoint.

It owns the table. One row a family; a made-up `gpt-…` is the newest. Sources:
https://platform.openai.com/docs/guides/latest-model (efforts, parameter compatibility),
https://platform.openai.com/docs/models (output limits, endpoints); where chat completions take
tools: https://apidog.com/blog/gpt-6-1-sol-api (OpenAI's table of GPT-6 Sol and 6.1 Sol),
danny-avila/LibreChat issue 14231; which levels: SkillfulAgents/SuperAgent pull 1142.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

LOW_TO_HIGH = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A family; `pattern` is matched at the start of a name."""

    pattern: str
    efforts: tuple[str, ...] = ()
    """The values of the effort; none where the model does not reason."""
    default_effort: str = "medium"
    samples: Literal["always", "default only", "never"] = "default only"
    """Whether temperature may be set while it reasons; without reasoning it always may."""
    chat_tools: Literal["always", "effort none", "never"] = "always"
    """When `/v1/chat/completions` takes function tools."""
    chat: bool = True
    """Whether `/v1/chat/completions` serves it at all."""
    parallel_calls: bool = True
    """Whether it takes `parallel_tool_calls`."""
    schemas: bool = True
    """Whether it takes `response_format` of type json_schema."""
    max_output: int = 128_000

    @property
    def reasons(self) -> bool:
        """Whether it is a reasoning model."""
        return bool(self.efforts)

    def is_reasoning(self, effort: str | None) -> bool:
        """Whether a request with that effort (None: not given) reasons."""
        return self.reasons and (effort or self.default_effort) != "none"


_PLAIN = Model(pattern="", samples="always", max_output=16_384)
_O = Model(
    pattern=r"o\d",
    efforts=LOW_TO_HIGH,
    samples="never",
    parallel_calls=False,
    max_output=100_000,
)
_NEW = Model(
    pattern="",
    efforts=("none", *LOW_TO_HIGH, "xhigh", "max"),
    chat_tools="effort none",
)

MODELS = (
    replace(_PLAIN, pattern=r"(gpt-3\.5|gpt-4-turbo|gpt-4-1106)", schemas=False, max_output=4096),
    replace(_PLAIN, pattern=r"gpt-4(-\d{4})?$", schemas=False, max_output=8192),
    replace(_PLAIN, pattern=r"gpt-4\.1", max_output=32_768),
    replace(_PLAIN, pattern=r"(gpt-4|chatgpt-4o)"),
    replace(_O, pattern=r"o\d-?(mini-)?(pro|deep)", chat=False),
    _O,
    # The chat variants reason at one fixed effort.
    Model(pattern=r"gpt-5(\.\d)?-chat", efforts=("medium",), max_output=16_384),
    # https://platform.openai.com/docs/guides/migrate-to-responses: pro and codex
    replace(_NEW, pattern=r"gpt-[5-9][\d.]*(-\w+)?-(pro|codex)", chat=False),
    Model(pattern=r"gpt-5(?![.\d])", efforts=("minimal", *LOW_TO_HIGH)),
    Model(pattern=r"gpt-5\.1", efforts=("none", *LOW_TO_HIGH), default_effort="none"),
    Model(pattern=r"gpt-5\.[23]", efforts=("none", *LOW_TO_HIGH, "xhigh"), default_effort="none"),
    # "GPT-5.4 defaults to none; GPT-5.5 defaults to medium" (OpenAI's model pages; so litellm's
    # `default_reasoning_effort`, which BerriAI/litellm-docs pull 1064 checked against the API)
    replace(
        _NEW,
        pattern=r"gpt-5\.4",
        efforts=("none", *LOW_TO_HIGH, "xhigh"),
        default_effort="none",
    ),
    replace(_NEW, pattern=r"gpt-5\.5", efforts=("none", *LOW_TO_HIGH, "xhigh")),
    # https://openrouter.ai/docs/cookbook/evaluate-and-optimize/model-migrations/gpt-6
    replace(
        _NEW,
        pattern=r"gpt-6(-astra|\.1-sol)",
        efforts=(*LOW_TO_HIGH, "xhigh", "max"),
        chat_tools="never",
    ),
    _NEW,
)


def model_of(name: str) -> Model:
    """Return the family of a model's name, with or without a gateway's prefix."""
    plain = name.rsplit("/", 1)[-1]
    return next(model for model in MODELS if re.match(model.pattern, plain))


def listed(values: tuple[str, ...]) -> str:
    """Return the values as OpenAI's errors list them."""
    quoted = [f"'{value}'" for value in values]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])}, and {quoted[-1]}"
