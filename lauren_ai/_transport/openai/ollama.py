"""Ollama: through its chat completions, and through its own API where those lack a word.

`num_ctx`, without which a long prompt is cut in silence, has no place in /v1
(https://docs.ollama.com/api/openai-compatibility#setting-the-context-size): a request that sets it
goes to /api/chat, whose answer is read as chat completions are.
Source: https://docs.ollama.com/api/chat
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec

from lauren_ai._exceptions import TransportError
from lauren_ai._http.response import WireResponse
from lauren_ai._json import encode_json
from lauren_ai._profiles import Profile
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.openai import request as chat
from lauren_ai._transport.openai.endpoint import Endpoint
from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai._transport.openai.transport import OpenAITransport, build_timeout
from lauren_ai._types import CompletionChunk

Json = dict[str, Any]

PATH = "/api/chat"
#: A line is one piece of the answer; a longer one is none of Ollama's.
MAX_LINE = 32 * 1024 * 1024
#: Fields of chat completions that are options there, and those that no option stands for.
_OPTIONS = {"temperature": "temperature", "top_p": "top_p", "seed": "seed", "stop": "stop"}
_OPTIONS |= {"max_tokens": "num_predict", "max_completion_tokens": "num_predict"}
_DROPPED = frozenset(
    "stream_options tool_choice parallel_tool_calls response_format reasoning_effort "
    "reasoning num_ctx options".split()
)


class OllamaTransport(OpenAITransport):
    """A running Ollama. `extra` of a request may hold `num_ctx` (tokens), or `options`,
    `keep_alive` and more of its own API; a profile's `context` counts as `num_ctx`."""

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        profile = self.get_profile(request.model)
        if not _needs_own_api(request, profile):
            return super().stream(request, snapshot)
        owner = self._get_owner(profile)
        allow = bool(request.request_options.get("allow_truncated"))
        build = partial(build_own, request, owner=owner)
        return self._stream(
            OpenAIDecoder(snapshot, profile, owner=owner, allow_truncated=allow),
            lambda: build(profile),
            lambda: self._open_own(build, request, profile),
            path=PATH,
            options=request.request_options,
        )

    @asynccontextmanager
    async def _open_own(
        self, build: Any, request: CompletionRequest, profile: Profile
    ) -> AsyncIterator[WireResponse]:
        known = await self.get_endpoint()
        endpoint = Endpoint(known.base_url.removesuffix("/v1"), known.api_key)
        options = request.request_options
        timeout = build_timeout(None, self._config.get_timeouts(options))
        headers = options.get("headers")
        send = partial(self._open, endpoint, PATH, headers=headers, timeout=timeout)
        async with AsyncExitStack() as stack:
            response = await stack.enter_async_context(
                self._negotiate(
                    profile, endpoint.base_url, build, send, on_notice=request.on_notice
                )
            )
            if response.status != 200:
                yield response
                return
            headers = {"content-type": "text/event-stream"}
            yield WireResponse(200, headers, aiter_as_events(response.chunks))


def _needs_own_api(request: CompletionRequest, profile: Profile) -> bool:
    extra = request.request_options.get("extra_body")
    named = isinstance(extra, Mapping) and not extra.keys().isdisjoint(("num_ctx", "options"))
    return named or profile.context is not None


def build_own(request: CompletionRequest, profile: Profile, *, owner: str) -> Json:
    """The body of `POST /api/chat`. Raises TransportError for what Ollama does not take."""
    body = chat.build_body(request, profile, owner=owner)
    options = {own: body[name] for name, own in _OPTIONS.items() if name in body}
    if profile.context is not None:
        options["num_ctx"] = profile.context
    if "num_ctx" in body:
        options["num_ctx"] = body["num_ctx"]
    if isinstance(body.get("options"), dict):
        options |= body["options"]
    built = {k: v for k, v in body.items() if k not in _DROPPED and k not in _OPTIONS}
    built["messages"] = _build_messages(body["messages"])
    built["options"] = options
    effort = body.get("reasoning_effort")
    if effort is not None:
        built["think"] = False if effort == "none" else effort
    if (schema := body.get("response_format")) is not None:
        built["format"] = schema["json_schema"]["schema"] if "json_schema" in schema else "json"
    return built


def _build_messages(messages: list[Json]) -> list[Json]:
    names: dict[str, str] = {}
    return [_build_message(message, names) for message in messages]


def _build_message(message: Json, names: dict[str, str]) -> Json:
    """`names` are those of the calls so far, by id: a result is told by its tool's name there."""
    role = "system" if message["role"] == "developer" else message["role"]
    built: Json = {"role": role}
    content = message.get("content") or ""
    if isinstance(content, list):
        built["content"] = "\n".join(p["text"] for p in content if p["type"] == "text")
        if images := [_get_image(p) for p in content if p["type"] != "text"]:
            built["images"] = images
    else:
        built["content"] = content
    if isinstance(thinking := message.get("reasoning"), str):
        built["thinking"] = thinking
    if role == "tool":
        built["tool_name"] = names.get(message["tool_call_id"], "")
    if calls := message.get("tool_calls"):
        names |= {call["id"]: call["function"]["name"] for call in calls}
        built["tool_calls"] = [
            {
                "function": {
                    "name": call["function"]["name"],
                    "arguments": json.loads(call["function"]["arguments"]),
                }
            }
            for call in calls
        ]
    return built


def _get_image(part: Json) -> str:
    url = part.get("image_url", {}).get("url", "")
    head, found, data = url.partition(";base64,")
    if not found or not head.startswith("data:"):
        raise TransportError(
            f"Ollama's own API takes the bytes of images alone, and the message holds a "
            f"{part['type']!r} part. Leave it out, or leave out num_ctx."
        )
    return str(data)


async def aiter_as_events(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Ollama's lines as events of chat completions, each read as it comes. Raises TransportError
    for a line that is too long."""
    translate = _Translator()
    held: list[bytes] = []
    size = 0
    async for data in chunks:
        head, *rest = data.split(b"\n")
        held.append(head)
        size += len(head)
        if size > MAX_LINE:
            raise TransportError(f"Ollama sent a line of over {MAX_LINE >> 20} MiB. Ask again.")
        if not rest:
            yield b""
            continue
        lines = [b"".join(held), *rest[:-1]]
        held, size = [rest[-1]], len(rest[-1])
        yield b"".join(translate(line) for line in lines if line.strip())
    last = b"".join(held)
    if last.strip():
        yield translate(last)


class _Translator:
    """Made for one answer: its calls are numbered, and get the ids that Ollama may leave out."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, line: bytes) -> bytes:
        try:
            value = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return _event(line)  # the decoder says what came
        if not isinstance(value, dict) or not isinstance(message := value.get("message"), dict):
            return _event(line)  # an error, in its own words
        delta: Json = {"content": message.get("content") or ""}
        if message.get("thinking"):
            delta["reasoning"] = message["thinking"]
        if isinstance(calls := message.get("tool_calls"), list):
            delta["tool_calls"] = [self._build_call(c) for c in calls if isinstance(c, dict)]
        done = bool(value.get("done"))
        choice = {"index": 0, "delta": delta}
        if done:
            choice["finish_reason"] = value.get("done_reason") or "stop"
        chunk: Json = {"id": "ollama", "model": value.get("model"), "choices": [choice]}
        if done and "eval_count" in value:
            chunk["usage"] = {
                "prompt_tokens": value.get("prompt_eval_count", 0),
                "completion_tokens": value["eval_count"],
            }
        return _event(encode_json(chunk).encode()) + (_event(b"[DONE]") if done else b"")

    def _build_call(self, call: Json) -> Json:
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        number = self._calls
        self._calls += 1
        arguments = function.get("arguments")
        text = arguments if isinstance(arguments, str) else encode_json(arguments or {})
        return {
            "index": number,
            "id": call.get("id") or f"call_{uuid4().hex[:24]}",
            "type": "function",
            "function": {"name": function.get("name"), "arguments": text},
        }


def _event(data: bytes) -> bytes:
    return b"data: " + data + b"\n\n"
