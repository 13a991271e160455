"""The input items of a Responses request, and what a server remembers of those that it gave out.

It owns their form, that calls and outputs pair, and that an item which was not stored is not asked
for by its id: https://platform.openai.com/docs/guides/reasoning#encrypted-reasoning-items
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules.openai.messages import check_file, check_image
from tests.servers.rules.openai.request import invalid, missing, too_long, unknown

Item = Mapping[str, Any]
INPUT_PARTS = ("input_text", "input_image", "input_file", "input_audio")
PARTS = {
    "user": INPUT_PARTS,
    "system": INPUT_PARTS,
    "developer": INPUT_PARTS,
    "assistant": ("output_text", "refusal"),
}
# The SDK's ResponseInputItemParam, as far as a client writes them.
FIELDS = {
    "message": frozenset("type role content id status phase".split()),
    "reasoning": frozenset("type id summary content encrypted_content status".split()),
    "function_call": frozenset("type id call_id name arguments status caller namespace".split()),
    "function_call_output": frozenset("type id call_id output status caller".split()),
    "item_reference": frozenset(("type", "id")),
}
REQUIRED = {
    "message": ("role", "content"),
    "reasoning": ("summary",),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "item_reference": ("id",),
}
PREFIXES = {"message": "msg", "reasoning": "rs", "function_call": "fc"}
#: Items of built-in tools, which go back as they came.
BUILT_IN = frozenset(
    "web_search_call file_search_call computer_call computer_call_output code_interpreter_call "
    "image_generation_call mcp_list_tools mcp_call mcp_approval_request mcp_approval_response "
    "local_shell_call local_shell_call_output shell_call shell_call_output apply_patch_call "
    "apply_patch_call_output custom_tool_call custom_tool_call_output compaction program "
    "program_output tool_search_call tool_search_output".split()
)
MAX_ID = 64


@dataclass(slots=True)
class Memory:
    """Made with a server's rules: what it has stored, encrypted, and which item needs which."""

    responses: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    encrypted: dict[str, str] = field(default_factory=dict)
    """The encrypted content by the id of its reasoning item."""
    thought: dict[str, str] = field(default_factory=dict)
    """By the id of an item: the reasoning that came before it in its answer."""

    def note(self, response: Mapping[str, Any], *, stored: bool) -> None:
        """Remember an answer."""
        before = ""
        if stored:
            self.responses.add(response["id"])
        for item in response.get("output") or ():
            name = item["id"]
            if stored:
                self.stored.add(name)
            if item["type"] == "reasoning":
                before = name
                if item.get("encrypted_content"):
                    self.encrypted[name] = item["encrypted_content"]
            elif before:
                self.thought[name] = before


def items_of(body: Mapping[str, Any]) -> list[Item]:
    """Return the input as items; a str is the user's message."""
    given = body.get("input")
    return [{"role": "user", "content": given}] if isinstance(given, str) else list(given or ())


def check_items(body: Mapping[str, Any], memory: Memory) -> None:
    """Refuse items that the API refuses."""
    items = items_of(body)
    for i, item in enumerate(items):
        _check_item(f"input[{i}]", item)
    _check_known(items, memory)
    _check_reasoning(items, memory)
    if body.get("previous_response_id"):
        if body["previous_response_id"] not in memory.responses:
            refuse(
                f"Previous response with id '{body['previous_response_id']}' not found.",
                param="previous_response_id",
                code="previous_response_not_found",
            )
        return
    _check_pairs(items)


def _check_item(at: str, item: Item) -> None:
    kind = item.get("type", "message" if "role" in item else None)
    if kind in BUILT_IN:
        return
    if kind not in FIELDS:
        invalid(f"{at}.type", kind, tuple(FIELDS))
    for name in REQUIRED[kind]:
        if name not in item:
            missing(f"{at}.{name}")
    for name in unknown_fields(item, FIELDS[kind]):
        unknown(f"{at}.{name}")
    given = item.get("id")
    if given is not None and kind in PREFIXES and not given.startswith(PREFIXES[kind]):
        refuse(
            f"Invalid '{at}.id': '{given}'. Expected an ID that begins with '{PREFIXES[kind]}'.",
            param=f"{at}.id",
            code="invalid_value",
        )
    if kind == "message":
        _check_message(at, item)
    if len(item.get("call_id") or "") > MAX_ID:
        too_long(f"{at}.call_id", item["call_id"], MAX_ID)
    if kind == "function_call" and not isinstance(item["arguments"], str):
        _wrong_type(f"{at}.arguments")
    if kind == "function_call_output" and isinstance(item["output"], list):
        _check_parts(f"{at}.output", item["output"], INPUT_PARTS)
    elif kind == "function_call_output" and not isinstance(item["output"], str):
        _wrong_type(f"{at}.output")


def _wrong_type(at: str) -> None:
    refuse(
        f"Invalid type for '{at}': expected a string, but got an object instead.",
        param=at,
        code="invalid_type",
    )


def _check_message(at: str, item: Item) -> None:
    role = item["role"]
    if role not in PARTS:
        invalid(f"{at}.role", role, tuple(PARTS))
    if isinstance(item["content"], list):
        _check_parts(f"{at}.content", item["content"], PARTS[role])
    elif not isinstance(item["content"], str):
        _wrong_type(f"{at}.content")


def _check_parts(at: str, parts: Iterable[Item], kinds: tuple[str, ...]) -> None:
    for j, part in enumerate(parts):
        kind = part.get("type")
        if kind not in kinds:
            invalid(f"{at}[{j}].type", kind, kinds)
        if kind in ("input_text", "output_text") and not isinstance(part.get("text"), str):
            missing(f"{at}[{j}].text")
        if kind == "input_image" and part.get("image_url") is not None:
            if not isinstance(part["image_url"], str):
                refuse(
                    f"Invalid type for '{at}[{j}].image_url': expected an image URL, but got an "
                    "object instead.",
                    param=f"{at}[{j}].image_url",
                    code="invalid_type",
                )
            check_image(part["image_url"])
        if kind == "input_file" and not part.get("file_url"):
            check_file(f"{at}[{j}]", part)


def _check_known(items: list[Item], memory: Memory) -> None:
    """An id alone asks for what was stored: the words and the status, can1357/oh-my-pi issue 41."""
    for item in items:
        kind, name = item.get("type"), item.get("id")
        alone = kind == "item_reference" or (
            kind == "reasoning" and not item.get("encrypted_content")
        )
        if alone and name is not None and name not in memory.stored:
            refuse(
                f"Item with id '{name}' not found. Items are not persisted when `store` is set to "
                "false. Try again with `store` set to true, or remove this item from your input.",
                status=404,
                param="input",
            )
        content = item.get("encrypted_content") if kind == "reasoning" else None
        if content and content not in memory.encrypted.values():
            refuse(
                f"The encrypted content {content[:6]}... could not be verified. Reason: Encrypted "
                "content could not be decrypted or parsed.",
                param="input",
                code="invalid_encrypted_content",
            )


def _check_reasoning(items: list[Item], memory: Memory) -> None:
    """Reasoning and what follows it go together: continuedev/continue issues 8933 and 10018."""
    present = {item.get("id") for item in items if item.get("type") == "reasoning"}
    for item, following in zip(items, [*items[1:], None], strict=True):
        name, kind = item.get("id"), item.get("type", "message")
        needed = memory.thought.get(str(name))
        if needed and needed not in present and kind != "item_reference":
            refuse(
                f"Item '{name}' of type '{kind}' was provided without its required 'reasoning' "
                f"item: '{needed}'.",
                param="input",
            )
        if kind != "reasoning":
            continue
        after = (following or {}).get("type", "message") if following else None
        mine = following is not None and (
            after in ("reasoning", "function_call", "item_reference")
            or after in BUILT_IN
            or following.get("role") == "assistant"
        )
        if not mine:
            refuse(
                f"Item '{name}' of type 'reasoning' was provided without its required following "
                "item.",
                param="input",
            )


def _check_pairs(items: list[Item]) -> None:
    """The words: openai/openai-agents-python issues 673 and 1061."""
    calls = [item["call_id"] for item in items if item.get("type") == "function_call"]
    outputs = [item["call_id"] for item in items if item.get("type") == "function_call_output"]
    for name in calls:
        if name not in outputs:
            refuse(f"No tool output found for function call {name}.", param="input")
    for name in outputs:
        if name not in calls:
            refuse(
                f"No tool call found for function call output with call_id {name}.", param="input"
            )
