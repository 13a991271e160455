"""What an interrupted answer may have used, where its provider never told. It asks nobody.

What is written here is a guess, is marked as one, and counts only where a response has no end.
"""

from __future__ import annotations

import json
from dataclasses import replace

from lauren_ai._conversations.memory import estimate_content, estimate_tokens
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._usage import TokenUsage


def estimate_usage(request: CompletionRequest, snapshot: Accumulator) -> TokenUsage:
    """The input as the provider told at the start, else by the request's length; the output by
    what has come. Thinking that is not shown is not known."""
    output = estimate_output(snapshot)
    told = snapshot.usage
    if told is not None:
        return replace(told, output_tokens=max(told.output_tokens, output), is_estimated=True)
    return TokenUsage(estimate_prompt(request), output, is_estimated=True)


def estimate_prompt(request: CompletionRequest) -> int:
    """Tokens of everything that is sent."""
    tools = [[t.name, t.description, t.input_schema] for t in request.tools]
    around = [request.system or "", json.dumps(tools) if tools else ""]
    return sum(map(estimate_content, around)) + sum(map(estimate_tokens, request.messages))


def estimate_output(snapshot: Accumulator) -> int:
    """Tokens of what has come: text, thinking and the arguments of calls."""
    return sum(estimate_content(block.text.getvalue()) for block in snapshot.blocks)
