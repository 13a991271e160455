"""Claude: what each generation takes. The first row that matches rules; the last is the newest.

Sources, read 2026-11: the pages "What's new" and "Migrating" of each model and "Thinking",
"Effort", "Structured outputs", "Prompt caching" under https://platform.claude.com/docs/en/; the
types of the Python SDK 2.14. A row names what it has beyond them.
"""

from __future__ import annotations

from typing import Any

from lauren_ai._profiles.profile import Row

Changes = dict[str, Any]

_LEVELS = ("low", "medium", "high", "xhigh", "max")
_SAMPLING = ("temperature", "top_p", "top_k")

#: What nearly every Claude has in common.
_CLAUDE: Changes = {
    "source": "platform.claude.com/docs/en/about-claude/models/overview",
    "endpoint": "messages",
    "effort_field": "output_config.effort",
    "tools": True,
    "parallel_tool_calls": True,
    "images": True,
    "pdf": True,
    "audio": False,
    "gives_back": ("thinking_signed",),
    "cache": "cache_control",
    "cache_1h": True,
    "stop": True,
}
#: models/opus-5-5/whats-new-opus-5-5: thinking is always on, a forced tool is refused, thinking
#: blocks are bound to what stands before them. Also Fable 5.1 and Sonnet 5.5.
_5_5: Changes = _CLAUDE | {
    "source": "platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5",
    "thinking": "adaptive",
    "thinking_default": True,
    "thinking_off": False,
    "thinking_display": "omitted",
    "effort": _LEVELS,
    "sampling": (),
    "sampling_when": "never",
    "forced_tool": False,
    "forced_with_thinking": False,
    "structured": "output_config.format",
    "strict": True,
    "prefix_bound": True,
    "max_output": 128_000,
}
_5: Changes = _5_5 | {
    "source": "platform.claude.com/docs/en/build-with-claude/thinking",
    "thinking_off": True,
    "forced_tool": True,
    # Adaptive thinking goes with a forced tool, a budget does not (pydantic-ai's profile).
    "forced_with_thinking": True,
    "prefix_bound": False,
}
#: "Deprecated on 4.6": `thinking.type: enabled` still works there.
_4_6: Changes = _5 | {
    "thinking": "both",
    "thinking_default": False,
    "thinking_display": "summarized",
    "effort": ("low", "medium", "high", "max"),
    "sampling": _SAMPLING,
    # "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
    "sampling_when": "not thinking",
    "sampling_one": True,
    # API version 2026-10-21 has none of them for any model.
    "old_version": "2023-06-01",
    # "Thinking may not be enabled when tool_choice forces tool use."
    "forced_with_thinking": False,
}
_4_5: Changes = _4_6 | {"thinking": "budget", "effort": (), "max_output": 64_000}
#: Structured outputs begin with 4.1.
_4_0: Changes = _4_5 | {"structured": "tool", "strict": False, "cache_min": 1_024}
_3_5: Changes = _4_0 | {
    "thinking": "none",
    "thinking_off": None,
    "thinking_display": None,
    "sampling_when": "always",
    "sampling_one": False,
    "gives_back": (),
    "max_output": 8_192,
}

ROWS = (
    Row("claude-opus-5.5", r"claude-opus-5\.5", _5_5 | {"effort_default": "medium"}),
    Row("claude-sonnet-5.5", r"claude-sonnet-5\.5", _5_5),
    # whats-new-haiku-5-5 counts neither a forced tool nor thinking off among what breaks.
    Row(
        "claude-haiku-5.5",
        r"claude-haiku-5\.5",
        _5_5
        | {
            "source": "platform.claude.com/docs/en/models/haiku-5-5/whats-new-haiku-5-5",
            "forced_tool": None,
            "forced_with_thinking": None,
            "thinking_off": None,
        },
    ),
    # "Fable 5 refuses `thinking.type: disabled`" (anthropics/skills, model catalogue); a forced
    # tool is refused too (pydantic-ai's profile).
    Row(
        "claude-fable-5",
        r"claude-(?:fable|mythos)-5(?!\.)",
        _5_5 | {"prefix_bound": False, "effort_default": "high", "cache_min": 512},
    ),
    Row("claude-fable-5.1", r"claude-(?:fable|mythos)-5\.[12]", _5_5 | {"effort_default": "high"}),
    Row("claude-mythos-preview", r"claude-mythos-preview", _5_5 | {"prefix_bound": False}),
    Row("claude-opus-5", r"claude-opus-5$", _5 | {"effort_default": "high", "cache_min": 512}),
    Row(
        "claude-sonnet-5", r"claude-sonnet-5$", _5 | {"effort_default": "high", "cache_min": 1_024}
    ),
    Row(
        "claude-opus-4.8", r"claude-opus-4\.8", _5 | {"thinking_default": False, "cache_min": 1_024}
    ),
    Row(
        "claude-opus-4.7", r"claude-opus-4\.7", _5 | {"thinking_default": False, "cache_min": 2_048}
    ),
    Row("claude-opus-4.6", r"claude-opus-4\.6", _4_6 | {"cache_min": 4_096}),
    Row(
        "claude-sonnet-4.6",
        r"claude-sonnet-4\.6",
        _4_6 | {"cache_min": 1_024, "effort_default": "high", "max_output": 64_000},
    ),
    Row(
        "claude-opus-4.5",
        r"claude-opus-4\.5",
        _4_5 | {"effort": ("low", "medium", "high"), "cache_min": 4_096},
    ),
    Row("claude-sonnet-4.5", r"claude-sonnet-4\.5", _4_5 | {"cache_min": 1_024}),
    Row("claude-haiku-4.5", r"claude-haiku-4\.5", _4_5 | {"cache_min": 4_096}),
    Row("claude-opus-4.1", r"claude-opus-4\.1", _4_5 | {"max_output": 32_000, "cache_min": 1_024}),
    Row("claude-opus-4", r"claude-opus-4$", _4_0 | {"max_output": 32_000}),
    Row("claude-sonnet-4", r"claude-sonnet-4$", _4_0),
    Row("claude-sonnet-3.7", r"claude-sonnet-3\.7", _4_0),
    Row("claude-3.5", r"claude-(?:sonnet|haiku)-3\.5", _3_5),
    Row("claude-3", r"claude-(?:opus|sonnet|haiku)-3$", _3_5 | {"pdf": None, "max_output": 4_096}),
    Row(
        "claude-2",
        r"claude-instant|claude-[12](?:\.\d)?$",
        _3_5
        | {"images": False, "pdf": False, "tools": False, "cache": "none", "max_output": 4_096},
    ),
    Row("claude", r"", _5_5, newest=True),
)
