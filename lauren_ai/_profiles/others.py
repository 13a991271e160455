"""The other vendors' models, as their own chat completions take them. Servers that run the same
weights change some of it (`servers`).

Sources, read 2026-11, beside each vendor; output limits: models.dev (2026-07).
"""

from __future__ import annotations

from typing import Any

from lauren_ai._profiles.profile import Row

Changes = dict[str, Any]

_TO_HIGH = ("low", "medium", "high")
#: What all of these share: function tools, forced or not, and stop sequences.
_CHAT: Changes = {"tools": True, "forced_tool": True, "audio": False, "stop": True}

# The pages openai, thinking and thought-signatures of ai.google.dev/gemini-api. Thoughts come only
# when asked for in extra_body; a call's signature must come back from Gemini 3 on.
_GEMINI_2: Changes = _CHAT | {
    "source": "ai.google.dev/gemini-api/docs/openai",
    "thinking": "none",
    "effort": (),
    # 'Unknown name "parallel_tool_calls": Cannot find field.' (magentic #382)
    "parallel_tool_calls": False,
    "structured": "response_format",
    "images": True,
    "audio": True,
    "cache": "automatic",
    "context": 1_048_576,
    "max_output": 8_192,
}
_GEMINI_2_5: Changes = _GEMINI_2 | {
    "source": "ai.google.dev/gemini-api/docs/thinking",
    "thinking": "effort",
    "thinking_default": True,
    "thinking_off": False,
    "thinking_display": "omitted",
    "effort": ("minimal", *_TO_HIGH),
    "forced_with_thinking": True,
    "gives_back": ("thought_signature",),
    "max_output": 65_536,
}
_GEMINI_3: Changes = _GEMINI_2_5 | {"effort": _TO_HIGH, "stand_in": "thought_signature"}
GOOGLE = (
    Row("gemma", r"gemma", {"source": "ai.google.dev/gemma", "tools": None, "pdf": False}),
    Row("gemini-2.0", r"gemini-(?:1|2\.0)", _GEMINI_2),
    # none "is only valid for the Gemini 2.5 non-Pro family" (DeepTutor #809).
    Row("gemini-2.5-pro", r"gemini-2\.5-pro", _GEMINI_2_5),
    Row(
        "gemini-2.5",
        r"gemini-2\.5",
        _GEMINI_2_5 | {"effort": ("none", "minimal", *_TO_HIGH), "thinking_off": True},
    ),
    Row("gemini-3-pro", r"gemini-3-pro", _GEMINI_3 | {"effort": ("low", "high")}),
    Row(
        "gemini-3-flash",
        r"gemini-3(?:\.[156])?-flash",
        _GEMINI_3 | {"effort": ("minimal", *_TO_HIGH)},
    ),
    Row("gemini-3.1", r"gemini-3\.[178]", _GEMINI_3),
    Row("gemini-3", r"", _GEMINI_3, newest=True),
)

# api-docs.deepseek.com/guides/thinking_mode
_DEEPSEEK: Changes = _CHAT | {
    "source": "api-docs.deepseek.com/guides/thinking_mode",
    "thinking": "toggle",
    "thinking_default": True,
    "thinking_off": True,
    "thinking_display": "summarized",
    "effort": ("low", "high", "max"),
    "effort_default": "high",
    "sampling_when": "not thinking",
    # "Thinking mode does not support this tool_choice" (DeepSeek-V3 #1376)
    "forced_with_thinking": False,
    # "This response_format type is unavailable now": json_object is, json_schema is not.
    "structured": "tool",
    "images": False,
    "pdf": False,
    # "The `reasoning_content` in the thinking mode must be passed back to the API."
    "gives_back": ("reasoning_content",),
    "stand_in": "reasoning_content",
    "cache": "automatic",
    "max_output": 384_000,
}
_DEEPSEEK_3: Changes = _DEEPSEEK | {
    "thinking": None,
    "thinking_default": False,
    "effort": None,
    "effort_default": None,
    "stand_in": None,
    "max_output": None,
}
DEEPSEEK = (
    Row("deepseek-chat", r"deepseek-chat", _DEEPSEEK | {"thinking_default": False}),
    Row(
        "deepseek-r1",  # its first API refused reasoning_content in a request
        r"deepseek-r1",
        _DEEPSEEK_3
        | {"thinking": "fixed", "thinking_default": True, "effort": (), "gives_back": ()},
    ),
    Row("deepseek-v3", r"deepseek-(?:v[23]|coder)", _DEEPSEEK_3),
    Row("deepseek-v4", r"deepseek-(?:reasoner|flash|v4)", _DEEPSEEK),
    Row("deepseek", r"", _DEEPSEEK, newest=True),
)

# platform.kimi.ai/docs/api: temperature is fixed ("invalid temperature: only 1 is allowed for this
# model"); which models take a forced tool while they think: inspect_ai #5152.
_KIMI: Changes = _CHAT | {
    "source": "platform.kimi.ai/docs/api/models-overview",
    "thinking": "effort",
    "thinking_default": True,
    "thinking_off": False,
    "thinking_display": "summarized",
    "effort": ("low", "high", "max"),
    "effort_default": "max",
    "sampling": (),
    "sampling_when": "never",
    "forced_tool": False,
    "forced_with_thinking": False,
    "token_field": "max_completion_tokens",
    "structured": "response_format",
    "images": True,
    # "thinking is enabled but reasoning_content is missing in assistant tool call message"
    "gives_back": ("reasoning_content", "reasoning", "reasoning_details"),
    "stand_in": "reasoning_content",
    "cache": "automatic",
}
_KIMI_2_5: Changes = _KIMI | {
    "thinking": "toggle",
    "thinking_off": True,
    "effort": (),
    "effort_default": None,
    "forced_tool": True,
    "max_output": 262_144,
}
_KIMI_2: Changes = _KIMI_2_5 | {
    "thinking": "none",
    "thinking_default": False,
    "thinking_off": None,
    "sampling": ("temperature", "top_p"),
    "sampling_when": "always",
    "forced_with_thinking": None,
    "images": False,
    "gives_back": (),
    "stand_in": None,
    "max_output": None,
}
MOONSHOT = (
    # "invalid thinking: only type=enabled is allowed for this model" (oh-my-pi #3852)
    Row(
        "kimi-k2.7",
        r"kimi-(?:k2\.7|for-coding)",
        _KIMI_2_5 | {"thinking": "fixed", "thinking_off": False},
    ),
    Row("kimi-k2.5", r"kimi-k2\.[56]", _KIMI_2_5),
    Row(
        "kimi-k2-thinking",
        r"kimi-(?:k2-)?thinking",
        _KIMI_2_5 | {"thinking": "fixed", "thinking_off": False},
    ),
    Row("kimi-k2", r"kimi-k2(?!\.)|moonshot", _KIMI_2),
    Row("kimi-k3", r"kimi-k3", _KIMI),
    Row("kimi", r"", _KIMI, newest=True),
)

# docs.x.ai/developers/model-capabilities/text/reasoning; who takes an effort at all: hermes-agent
# #23435, checked there against the API. Models that think refuse `stop`.
_GROK: Changes = _CHAT | {
    "source": "docs.x.ai/developers/model-capabilities/text/reasoning",
    "thinking": "effort",
    "thinking_default": True,
    "thinking_off": False,
    "effort": (*_TO_HIGH, "xhigh"),
    "effort_default": "high",
    "token_field": "max_completion_tokens",
    "structured": "response_format",
    "images": True,
    "cache": "automatic",
    "stop": False,
}
_GROK_FIXED: Changes = _GROK | {"thinking": "fixed", "effort": (), "effort_default": None}
_GROK_PLAIN: Changes = _GROK | {
    "thinking": "none",
    "thinking_default": False,
    "thinking_off": None,
    "effort": (),
    "effort_default": None,
    "stop": True,
}
XAI = (
    Row("grok-non-reasoning", r"grok.*-non-reasoning", _GROK_PLAIN),
    Row(
        "grok-3-mini",
        r"grok-3-mini",
        _GROK | {"effort": ("low", "high"), "effort_default": None, "images": False},
    ),
    Row("grok-3", r"grok-[123](?![\d.])", _GROK_PLAIN | {"images": None}),
    Row("grok-4.20-multi-agent", r"grok-4\.20-multi", _GROK | {"effort_default": None}),
    Row("grok-4", r"grok-(?:4(?:\.1|\.20)?(?!\d|\.)|code|build)", _GROK_FIXED),
    Row(
        "grok-4.3",
        r"grok-4\.3",
        _GROK | {"effort": ("none", *_TO_HIGH), "effort_default": "low", "thinking_off": True},
    ),
    Row("grok-4.5", r"grok-4\.5", _GROK | {"effort": _TO_HIGH}),
    Row("grok-4.6", r"grok-4\.[67]", _GROK),
    Row("grok", r"", _GROK, newest=True),
)

# docs.mistral.ai/api: unknown fields are refused with 422, max_completion_tokens among them.
_MISTRAL: Changes = _CHAT | {
    "source": "docs.mistral.ai/api",
    "thinking": "none",
    "thinking_default": False,
    "effort": (),
    "parallel_tool_calls": True,
    "structured": "response_format",
    "strict": None,
    "pdf": None,
    # "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9." (ironclaw #1241)
    "call_id": r"[a-zA-Z0-9]{9}",
    # "Unexpected role 'user' after role 'tool'" (LibreChat-AI/agents #344)
    "user_after_tool": False,
}
_MISTRAL_THINKS: Changes = _MISTRAL | {
    "source": "docs.mistral.ai/capabilities/reasoning",
    "thinking": "effort",
    "thinking_off": True,
    "effort": ("none", "high"),
    "effort_default": "none",
    "images": True,
}
MISTRAL = (
    Row(
        "magistral",
        r"magistral",
        _MISTRAL | {"thinking": "fixed", "thinking_default": True, "thinking_off": False},
    ),
    Row("mistral-2025", r"mistral-(?:small|medium|large)-(?:3(?:[-.]1)?$|2[345])", _MISTRAL),
    Row("mistral-thinking", r"mistral-(?:small|medium)", _MISTRAL_THINKS),
    Row(
        "mistral-plain",
        r"mistral-(?:large(?!-4)|7b|nemo|tiny|saba)|codestral|devstral|ministral|pixtral|mixtral",
        _MISTRAL,
    ),
    Row("mistral", r"", _MISTRAL | {"thinking": None, "effort": None}, newest=True),
)

# Open weights: what they take is the server's affair.
ALIBABA = (
    Row(
        "qwen3",  # "tool_choice … does not support … required or object in thinking mode"
        r"(?:qwen-)?qwen-?3|qwq",
        {"source": "qwen.readthedocs.io", "tools": True, "forced_with_thinking": False},
    ),
    Row("qwen", r"", {"source": "qwen.readthedocs.io", "tools": True}, newest=True),
)
META = (
    Row(
        "llama",
        r"",
        {"source": "llama.com/docs", "thinking": "none", "thinking_default": False, "effort": ()},
        newest=True,
    ),
)
ZAI = (Row("glm", r"", {"source": "docs.z.ai"}, newest=True),)
MINIMAX = (Row("minimax", r"", {"source": "platform.minimax.io"}, newest=True),)
