"""Which fields of the closed list a refusal names, under whatever name the server knows them."""

from __future__ import annotations

import re

from lauren_ai._profiles.limits import read_overflow
from lauren_ai._profiles.refusals.adjustment import EVERYWHERE
from lauren_ai._profiles.refusals.words import Words

#: The first parts of a path that lead into what a request means.
_MEANING = frozenset(
    "messages message input inputs system tools tool functions contents content prompt".split()
    + "instructions documents files".split()
)
_SCHEMAS = {"parameters", "input_schema", "schema", "properties"}
#: (field, the names by which a sentence may mean it). Those in quotes or after a colon only are
#: words of every day.
_NAMES = (
    ("temperature", "temperature"),
    ("top_p", "top_p|topp"),
    ("top_k", "top_k|topk"),
    ("thinking budget", r"thinking\.budget_tokens|budget_tokens|thinking[_ ]budget|thinkingbudget"),
    ("thinking display", r"thinking\.(?:adaptive\.|enabled\.)?display"),
    ("thinking binding", r"thinking\.block_binding|block_binding|prefix_mismatch_behavior"),
    (
        "effort",
        r"reasoning_effort|reasoningeffort|reasoning\.effort|output_config\.effort"
        r"|(?:the )?effort (?:parameter|level)|think value|reasoning value|reasoning is mandatory",
    ),
    ("thinking", r"thinking\.type(?:\.\w+)?|thinking|think|reasoning"),
    ("token field", r"max_tokens|max_completion_tokens|max_output_tokens|maxoutputtokens"),
    ("token field", r"maximum tokens you requested"),
    ("parallel_tool_calls", r"parallel_tool_calls|disable_parallel_tool_use|parallel tool calls"),
    ("tool_choice", r"tool_choice"),
    ("stream_options", r"stream_options(?:\.include_usage)?|include_usage"),
    ("reasoning summary", r"reasoning\.summary|reasoning summar(?:y|ies)"),
    ("encrypted reasoning", r"reasoning\.encrypted_content|encrypted (?:content|reasoning)"),
    ("response_format", r"response_format|response format|text\.format|output_config\.format"),
    ("response_format", r"json_schema|output_format"),
    ("cache_control", r"cache_control"),
    ("prompt_cache_key", r"prompt_cache_key"),
    ("eager_input_streaming", r"eager_input_streaming"),
    ("stop", r"stop_sequences"),
)
_EVERYDAY = (("stop", "stop"), ("store", "store"), ("strict", "strict"), ("effort", "effort"))

_GROUPS = [
    *(rf"(?:(?<![\w.])|(?<=body\.))({names})(?![\w])" for _, names in _NAMES),
    *(rf"(?:['\"`\[]|: )({names})(?=['\"`\],.\s]|\Z)" for _, names in _EVERYDAY),
]
_FIELDS = [field for field, _ in (*_NAMES, *_EVERYDAY)]

#: The last parts of a path, where a server names one.
_TAILS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "reasoning_effort": "effort",
    "effort": "effort",
    "think": "thinking",
    "thinking": "thinking",
    "budget_tokens": "thinking budget",
    "display": "thinking display",
    "block_binding": "thinking binding",
    "max_tokens": "token field",
    "max_completion_tokens": "token field",
    "max_output_tokens": "token field",
    "parallel_tool_calls": "parallel_tool_calls",
    "disable_parallel_tool_use": "parallel_tool_calls",
    "tool_choice": "tool_choice",
    "stream_options": "stream_options",
    "include_usage": "stream_options",
    "store": "store",
    "summary": "reasoning summary",
    "include": "encrypted reasoning",
    "response_format": "response_format",
    "format": "response_format",
    "cache_control": "cache_control",
    "prompt_cache_key": "prompt_cache_key",
    "stop": "stop",
    "stop_sequences": "stop",
}


def find_fields(words: Words) -> list[str]:
    """The fields in the order in which the refusal names them; none where it points into the
    messages, the tools or another part that gives a request its meaning."""
    fields: dict[str, None] = {}
    for path in words.paths:
        if "cache_control" in path:
            fields["cache_control"] = None
        elif path[-1] in EVERYWHERE and not _SCHEMAS & set(path):
            fields[path[-1]] = None
        elif path[0] in _MEANING:
            return []
        elif field := _read_path(path):
            fields[field] = None
    if not fields:
        for match in re.finditer("|".join(_GROUPS), words.text, re.IGNORECASE):
            fields[_FIELDS[(match.lastindex or 1) - 1]] = None
            if len(fields) == len(_FIELDS):
                break
    if read_overflow(words.text) is not None:
        fields["token field"] = None
    return list(fields)


def _read_path(path: tuple[str, ...]) -> str | None:
    """`thinking.type` and `text.format.schema` count by the part that is ours."""
    return next((_TAILS[part] for part in reversed(path) if part in _TAILS), None)
