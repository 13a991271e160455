"""OpenAI's models, as its Responses API takes them; `for_endpoint("chat")` spells the rest.

Sources, read 2026-11: https://developers.openai.com/api/docs/guides/reasoning and /models; the
types of the Python SDK 3.57 ("Not supported with latest reasoning models" of `stop`); which efforts
are on, off or refused: pydantic-ai's profile, checked there against the API (2026-07).
"""

from __future__ import annotations

from typing import Any

from lauren_ai._profiles.profile import Row

Changes = dict[str, Any]

_TO_HIGH = ("low", "medium", "high")
_TO_XHIGH = (*_TO_HIGH, "xhigh")
_TO_MAX = (*_TO_XHIGH, "max")

#: Every model that does not think.
_PLAIN: Changes = {
    "source": "developers.openai.com/api/docs/models",
    "endpoint": "responses",
    "token_field": "max_output_tokens",
    "effort_field": "reasoning.effort",
    "thinking": "none",
    "thinking_default": False,
    "effort": (),
    "tools": True,
    "forced_tool": True,
    "parallel_tool_calls": True,
    "structured": "text.format",
    "strict": True,
    "images": True,
    "pdf": True,
    "audio": False,
    "cache": "automatic",
    "cache_min": 1_024,  # guides/prompt-caching
    "stop": True,
    "max_output": 16_384,
}
_REASONS: Changes = _PLAIN | {
    "source": "developers.openai.com/api/docs/guides/reasoning",
    "thinking": "effort",
    "thinking_default": True,
    "thinking_off": False,
    "thinking_display": "omitted",
    "effort": _TO_HIGH,
    "effort_default": "medium",
    "sampling_when": "never",
    "forced_with_thinking": True,
    "system_role": "developer",
    "gives_back": ("encrypted_reasoning",),
    "stop": False,
    "max_output": 128_000,
}
#: From 5.1 on: effort none turns thinking off, and lets temperature and top_p through.
_CAN_REST: Changes = _REASONS | {
    "thinking_off": True,
    "effort": ("none", *_TO_XHIGH),
    "sampling_when": "effort none",
}
#: They do not think unless asked.
_RESTS: Changes = _CAN_REST | {"thinking_default": False, "effort_default": "none"}
#: "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. To
#: use function tools, use /v1/responses or set reasoning_effort to 'none'." (litellm #34569)
_TOOLS_AT_REST: Changes = {"chat_tools": "effort none"}
#: The big siblings answer at /v1/responses only, and never without thought.
_PRO: Changes = _REASONS | {"effort": ("medium", "high", "xhigh")}
_CODEX: Changes = _PRO | {"effort": _TO_HIGH}
#: The chat variants think at one fixed effort.
_CHAT: Changes = _REASONS | {"effort": ("medium",), "max_output": 16_384}
_O: Changes = _REASONS | {
    # "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."
    "parallel_tool_calls": False,
    "max_output": 100_000,
}
#: Audio and web search of their own: /v1/responses does not know them.
_CHAT_ONLY: Changes = {
    "endpoint": "chat",
    "token_field": "max_tokens",
    "effort_field": "reasoning_effort",
    "structured": "response_format",
}
_OLD: Changes = _PLAIN | {"structured": "tool", "strict": False, "pdf": False, "cache": "none"}
#: No none any more: with tools they can only be asked at /v1/responses (bolna #1019;
#: dev.to/aihubmix on gpt-6.1-sol: low to max, medium by default).
_6_1: Changes = _REASONS | {"effort": _TO_MAX, "chat_tools": "never"}

ROWS = (
    Row("gpt-4o-search", r"gpt-(?:4o(?:-mini)?|5)-search", _PLAIN | _CHAT_ONLY | {"tools": None}),
    Row("gpt-6-astra", r"gpt-6-astra", _6_1 | {"effort_default": None}),
    # none to max (docs.oxen.ai on gpt-6-sol).
    Row("gpt-6", r"gpt-6(?!\.)", _CAN_REST | _TOOLS_AT_REST | {"effort": ("none", *_TO_MAX)}),
    Row("gpt-6.1", r"gpt-6\.[12]", _6_1),
    Row("gpt-5.6", r"gpt-5\.6", _CAN_REST | _TOOLS_AT_REST | {"effort": ("none", *_TO_MAX)}),
    Row("gpt-5.4-pro", r"gpt-5\.[45]-pro", _PRO),
    Row("gpt-5.5", r"gpt-5\.5", _CAN_REST | _TOOLS_AT_REST),
    Row("gpt-5.4", r"gpt-5\.4", _RESTS | _TOOLS_AT_REST),
    Row(
        "gpt-5-chat",
        r"gpt-5-chat",
        _PLAIN | {"max_output": None},
    ),
    Row("gpt-5.1-chat", r"gpt-5\.[123]-chat", _CHAT),
    Row("gpt-5.2-codex", r"gpt-5\.(?:1-codex-max|[23]-codex)", _CODEX | {"effort": _TO_XHIGH}),
    Row("gpt-5.1-codex", r"gpt-5(?:\.1)?-codex|codex", _CODEX),
    Row("gpt-5.2-pro", r"gpt-5\.2-pro", _PRO),
    Row("gpt-5.2", r"gpt-5\.[23]", _RESTS),
    Row("gpt-5.1", r"gpt-5\.1", _RESTS | {"effort": ("none", *_TO_HIGH)}),
    Row(
        "gpt-5-pro",
        r"gpt-5-pro",
        _PRO | {"effort": ("high",), "effort_default": "high", "max_output": 272_000},
    ),
    Row("gpt-5", r"gpt-5(?!\.)", _REASONS | {"effort": ("minimal", *_TO_HIGH)}),
    Row(
        "o1-preview",  # before tools, schemas and system prompts
        r"o1-(?:preview|mini)",
        _O
        | {
            "effort": (),
            "effort_default": None,
            "tools": False,
            "structured": "none",
            "images": False,
            "pdf": False,
        },
    ),
    Row("o-deep-research", r"o[34](?:-mini)?-deep-research", _PRO | {"effort": ("medium",)}),
    Row("o3-mini", r"o3-mini", _O | {"images": False, "pdf": False}),
    Row("o-series", r"o[1-9]", _O),
    Row(
        "gpt-oss",  # open weights: served by others, never by OpenAI
        r"gpt-oss",
        {
            "source": "huggingface.co/openai/gpt-oss-120b",
            "thinking": "effort",
            "thinking_default": True,
            "thinking_off": False,
            "effort": _TO_HIGH,
            "effort_default": "medium",
            "tools": True,
            "images": False,
            "pdf": False,
            "audio": False,
            "gives_back": ("reasoning",),
        },
    ),
    Row("gpt-4.1", r"gpt-4\.[15]", _PLAIN | {"max_output": 32_768}),
    Row(
        "gpt-4o-audio",
        r"gpt-(?:4o(?:-mini)?-)?audio",
        _PLAIN | _CHAT_ONLY | {"audio": True, "images": False},
    ),
    Row("gpt-4o", r"gpt-4o|chatgpt-4o", _PLAIN),
    Row("gpt-4-turbo", r"gpt-4-(?:turbo|vision|1106|0125)", _OLD | {"max_output": 4_096}),
    Row("gpt-4", r"gpt-4(?!o|\.)", _OLD | {"images": False, "max_output": 8_192}),
    Row("gpt-3.5", r"gpt-3", _OLD | {"images": False, "max_output": 4_096}),
    Row("gpt", r"", _6_1, newest=True),
)
