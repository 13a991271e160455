"""The messages of a chat completions request: roles, parts, and that calls and results pair.

It owns what OpenAI says of them; vendors behind the same wire share the pairing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.servers.rules._media import decode, media_type
from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules.openai.request import invalid, missing, too_long, unknown

Message = Mapping[str, Any]
ROLES = ("system", "assistant", "user", "function", "tool", "developer")
FIELDS = {
    "system": frozenset(("role", "content", "name")),
    "developer": frozenset(("role", "content", "name")),
    "user": frozenset(("role", "content", "name")),
    "assistant": frozenset(
        "role content name refusal audio tool_calls function_call annotations".split()
    ),
    "tool": frozenset(("role", "content", "tool_call_id")),
    "function": frozenset(("role", "content", "name")),
}
PARTS = {
    "system": ("text",),
    "developer": ("text",),
    "user": ("text", "image_url", "input_audio", "file"),
    "assistant": ("text", "refusal"),
    "tool": ("text",),
    "function": ("text",),
}
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
MAX_ID = 40


def check_messages(messages: Any, *, extra: Collection[str] = ()) -> None:
    """Refuse messages that OpenAI refuses; `extra` are the fields of a vendor's own."""
    if not messages:
        refuse(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            param="messages",
            code="empty_array",
        )
    for i, message in enumerate(messages):
        _check_message(f"messages[{i}]", message, extra)
    check_pairs(messages)


def _check_message(at: str, message: Message, extra: Collection[str]) -> None:
    role = message.get("role")
    if role not in ROLES:
        invalid(f"{at}.role", role, ROLES)
    for name in unknown_fields(message, FIELDS[role] | set(extra)):
        unknown(f"{at}.{name}")
    content = message.get("content")
    if content is None and not message.get("tool_calls") and not message.get("refusal"):
        refuse(
            "Invalid value for 'content': expected a string, got null.",
            param=f"{at}.content",
        )
    if isinstance(content, list):
        for j, part in enumerate(content):
            _check_part(f"{at}.content[{j}]", part, role)
    if role == "tool" and not message.get("tool_call_id"):
        missing(f"{at}.tool_call_id")
    if message.get("tool_calls") == []:
        refuse(
            f"Invalid '{at}.tool_calls': empty array. Expected an array with minimum length 1, but "
            "got an empty array instead.",
            param=f"{at}.tool_calls",
            code="empty_array",
        )
    for j, call in enumerate(message.get("tool_calls") or ()):
        _check_call(f"{at}.tool_calls[{j}]", call, extra)


def _check_part(at: str, part: Message, role: str) -> None:
    kind = part.get("type")
    if kind == "image_url" and role != "user":
        refuse(
            f"Invalid '{at.split('.')[0]}'. Image URLs are only allowed for messages with role "
            f"'user', but this message with role '{role}' contains an image URL.",
            param=at.split(".")[0],
            code="invalid_value",
        )
    if kind not in PARTS[role]:
        invalid(f"{at}.type", kind, PARTS[role])
    if kind not in part:
        missing(f"{at}.{kind}")
    for name in unknown_fields(part, ("type", kind, "prompt_cache_breakpoint")):
        unknown(f"{at}.{name}")
    if kind == "image_url":
        if not isinstance(part[kind], Mapping):
            refuse(
                f"Invalid type for '{at}.image_url': expected an object, but got a string instead.",
                param=f"{at}.image_url",
                code="invalid_type",
            )
        check_image(part[kind]["url"])
    if kind == "file":
        check_file(at, part[kind])


def check_image(url: str) -> None:
    """The words: openai/openai-python issue 1730."""
    if not url.startswith("data:"):
        return
    data = decode(url.partition("base64,")[2])
    if not data or media_type(data) not in IMAGES:
        refuse(
            "You uploaded an unsupported image. Please make sure your image has of one the "
            "following formats: ['png', 'jpeg', 'gif', 'webp'].",
            code="invalid_image_format",
        )


def check_file(at: str, file: Message) -> None:
    """https://platform.openai.com/docs/guides/pdf-files: a data URL and a name, or an id."""
    if "file_id" in file:
        return
    if "file_data" not in file:
        missing(f"{at}.file.file_id")
    if not str(file["file_data"]).startswith("data:"):
        refuse(
            "Invalid file data: 'file_data'. Expected a base64-encoded data URL with an "
            "application/pdf MIME type (e.g. 'data:application/pdf;base64,aGVsbG8K'), but got a "
            "value without the 'data:' prefix.",
            param=f"{at}.file.file_data",
            code="invalid_value",
        )
    if not file.get("filename"):
        missing(f"{at}.file.filename")


def _check_call(at: str, call: Message, extra: Collection[str]) -> None:
    for name in unknown_fields(call, {"id", "type", "function", "custom", *extra}):
        unknown(f"{at}.{name}")
    if not call.get("id"):
        missing(f"{at}.id")
    if len(call["id"]) > MAX_ID:
        too_long(f"{at}.id", call["id"], MAX_ID)
    if call.get("type") not in ("function", "custom"):
        invalid(f"{at}.type", call.get("type"), ("function", "custom"))
    if call["type"] == "function" and not isinstance(call["function"].get("arguments"), str):
        refuse(
            f"Invalid type for '{at}.function.arguments': expected a string, but got an object "
            "instead.",
            param=f"{at}.function.arguments",
            code="invalid_type",
        )


def check_pairs(messages: list[Message]) -> None:
    """Each call is answered before anybody else speaks: openai/openai-python issue 1175."""
    waiting: list[str] = []
    for i, message in enumerate(messages):
        if message.get("role") != "tool":
            _refuse_waiting(waiting, i)
            waiting = [str(call.get("id")) for call in message.get("tool_calls") or ()]
        elif message.get("tool_call_id") in waiting:
            waiting.remove(message["tool_call_id"])
        else:
            refuse(
                "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
                "message with 'tool_calls'.",
                param=f"messages.[{i}].role",
            )
    _refuse_waiting(waiting, len(messages))


def _refuse_waiting(waiting: list[str], i: int) -> None:
    if waiting:
        refuse(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(waiting)}",
            param=f"messages.[{i}].role",
        )
