"""Writes a cassette for people: what was asked, the answers put together, usage, decisions.

It asks nobody; the answers go through the same parsers as in a replay.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from lauren_ai import Completion, TransportError
from lauren_ai._cassettes import (
    LEFT,
    Exchange,
    RecordedDecision,
    WireRequest,
    iter_lines,
    load,
)
from lauren_ai._http import ChunkDecoder, WireResponse, aiter_chunks
from lauren_ai._profiles import get_profile
from lauren_ai._streaming import Accumulator
from lauren_ai._transport.anthropic import AnthropicDecoder
from lauren_ai._transport.openai import OpenAIDecoder
from lauren_ai._transport.openai.responses import ResponsesDecoder
from lauren_nb._cuts import cut_end
from lauren_nb._display.format import format_elapsed, format_tokens
from lauren_nb._hazards import neutralise_text, visible

_ANSWERS = ("/v1/messages", "/chat/completions", "/responses")
MAX_SHOWN = 2_000


def describe_cassette(path: Path) -> str:
    """The whole cassette as text that no terminal acts on. Raises CassetteError."""
    contents = load(path)
    lines = [f"{visible(path.name)}: {len(contents.exchanges)} exchanges"]
    if contents.default_model:
        lines.append(f"without -m: {visible(contents.default_model)}")
    for number, exchange in enumerate(contents.exchanges, 1):
        lines += ["", *_describe_exchange(number, exchange)]
    if contents.decisions:
        lines += ["", "decisions on tool calls"]
        lines += [f"  {_describe_decision(decision)}" for decision in contents.decisions]
    return neutralise_text("\n".join(lines))


def _describe_exchange(number: int, exchange: Exchange) -> Iterator[str]:
    request = exchange.request
    elapsed = format_elapsed(exchange.chunks[-1][0]) if exchange.chunks else "0 s"
    yield f"── {number} · {request.provider} {request.model} · {request.method} {request.path}"
    for key, value in (request.body or {}).items():
        if key not in ("model", "stream", "stream_options", "tools"):
            yield from iter_lines(value, "  ", key)
    tools = (request.body or {}).get("tools")
    if names := [_get_tool_name(tool) for tool in tools] if isinstance(tools, list) else []:
        yield f"  tools: {', '.join(names)}"
    broken = {"": "", LEFT: " · its reader left"}.get(exchange.ended, f" · broke: {exchange.ended}")
    yield f"  → {exchange.status} · {elapsed}{broken}"
    if request.path in _ANSWERS:
        yield from asyncio.run(_describe_answer(exchange))
    else:
        body = b"".join(data for _, data in exchange.chunks).decode("utf-8", "replace")
        yield f"    {cut_end(body, MAX_SHOWN)}"


def _get_tool_name(tool: object) -> str:
    function = tool.get("function") if isinstance(tool, dict) else None
    named = function if isinstance(function, dict) else tool
    return str(named.get("name") if isinstance(named, dict) else named)


async def _describe_answer(exchange: Exchange) -> list[str]:
    """What the parsers make of the recorded bytes, and the error that they end in, if any."""
    request = exchange.request
    snapshot = Accumulator(provider=request.provider, model=request.model)
    lines: list[str] = []
    try:
        async for _ in aiter_chunks(_open(exchange), _make_decoder(request, snapshot)):
            pass
    except TransportError as error:
        lines.append(f"    {type(error).__name__}: {error}")
    return [*_describe_completion(snapshot.build_completion(ending="error")), *lines]


def _make_decoder(request: WireRequest, snapshot: Accumulator) -> ChunkDecoder:
    match request.path:
        case "/v1/messages":
            return AnthropicDecoder(snapshot, allow_truncated=False)
        case "/responses":
            return ResponsesDecoder(snapshot)
    return OpenAIDecoder(snapshot, get_profile(request.provider, request.model), owner="")


def _describe_completion(completion: Completion) -> Iterator[str]:
    for block in completion.thinking_blocks:
        yield from iter_lines(block.text or "(redacted)", "    ", "thinking")
    if completion.content:
        yield from iter_lines(completion.content, "    ", "text")
    for call in completion.tool_calls:
        yield f"    call {call.name}({json.dumps(call.input, ensure_ascii=False)})"
    for invalid in completion.invalid_tool_calls:
        yield f"    call {invalid.name}, not complete: {invalid.error}"
    usage = completion.usage
    if usage is not None:
        sent = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens
        out = format_tokens(usage.output_tokens)
        yield f"    {format_tokens(sent)} in · {out} out · {completion.stop_reason}"


@asynccontextmanager
async def _open(exchange: Exchange) -> AsyncIterator[WireResponse]:
    yield WireResponse(exchange.status, exchange.headers, _iter_data(exchange))


async def _iter_data(exchange: Exchange) -> AsyncGenerator[bytes, None]:
    for _, data in exchange.chunks:
        yield data


def _describe_decision(decision: RecordedDecision) -> str:
    said = "approved" if decision.approved else "denied"
    line = f"{decision.tool} ({decision.digest[:8]}): {said} by {decision.by}"
    if decision.input is not None:
        line += f", changed to {json.dumps(decision.input, ensure_ascii=False)}"
    return line + (f": {decision.reason}" if decision.reason else "")
