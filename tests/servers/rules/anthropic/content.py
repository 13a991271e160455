"""The messages of a request: who speaks, in which blocks, and that calls and results pair.

It owns blocks, roles and pairing; `media` owns images and documents, `thinking` what is signed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules.anthropic.headers import NEWEST
from tests.servers.rules.anthropic.media import check_document, check_image, check_image_count
from tests.servers.rules.anthropic.models import Model

Block = Mapping[str, Any]
_EXTRA = "Extra inputs are not permitted"

# The fields of each block, from the SDK's …BlockParam types.
FIELDS: dict[str, frozenset[str]] = {
    kind: frozenset(("type", *names.split()))
    for kind, names in {
        "text": "text cache_control citations",
        "image": "source cache_control transformations",
        "document": "source cache_control citations context title",
        "search_result": "content source title cache_control citations",
        "tool_use": "id input name cache_control caller toolset_name",
        "tool_result": "tool_use_id cache_control content is_error toolset_name",
        "thinking": "thinking signature",
        "redacted_thinking": "data",
        "server_tool_use": "id input name cache_control caller",
        "container_upload": "file_id cache_control",
        "web_search_tool_result": "content tool_use_id cache_control caller",
        "web_fetch_tool_result": "content tool_use_id cache_control caller",
        "code_execution_tool_result": "content tool_use_id cache_control",
        "bash_code_execution_tool_result": "content tool_use_id cache_control",
        "text_editor_code_execution_tool_result": "content tool_use_id cache_control",
        "tool_search_tool_result": "content tool_use_id cache_control",
        "mcp_tool_use": "id input name server_name cache_control",
        "mcp_tool_result": "tool_use_id content is_error cache_control",
        "advisor_tool_result": "content tool_use_id cache_control",
        "compaction": "content cache_control encrypted_content signature tool_changes",
        "fallback": "from to trigger",
    }.items()
}
REQUIRED = {
    "text": ("text",),
    "image": ("source",),
    "document": ("source",),
    "search_result": ("content", "source", "title"),
    "tool_use": ("id", "name", "input"),
    "tool_result": ("tool_use_id",),
    "thinking": ("signature", "thinking"),
    "redacted_thinking": ("data",),
}
USER_ONLY = {"tool_result", "image", "search_result", "container_upload", "mcp_tool_result"}
ASSISTANT_ONLY = {"tool_use", "thinking", "redacted_thinking", "server_tool_use", "mcp_tool_use"}
RESULT_PARTS = {"text", "image", "document", "search_result", "tool_reference"}
_ID = re.compile(r"[a-zA-Z0-9_-]+")


def blocks_of(content: object) -> list[Block]:
    """Return content as blocks; a str is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())  # type: ignore[call-overload]


def iter_blocks(body: Mapping[str, Any]) -> Iterator[tuple[int, int, str, Block]]:
    """Yield each block with the numbers of its message and of itself, and its role."""
    for i, message in enumerate(body["messages"]):
        for j, block in enumerate(blocks_of(message["content"])):
            yield i, j, message["role"], block


def check_messages(
    body: Mapping[str, Any], version: str, model: Model, *, kinds: Collection[str] = ()
) -> None:
    """Refuse messages that the API refuses, in the order in which it looks at them.

    `kinds` are blocks that the server has sent, and so takes from the assistant.
    """
    messages = body["messages"]
    if not messages:
        refuse("messages: at least one message is required")
    _check_system(body.get("system"))
    for i, message in enumerate(messages):
        _check_message(i, message, version, model, kinds, last=i == len(messages) - 1)
    if messages[0]["role"] != "user":
        refuse('messages: first message must use the "user" role')
    check_image_count([block for *_, block in iter_blocks(body)], model.max_images)
    _check_turns(messages)
    _check_pairs(messages)
    _check_last(messages[-1], model)


def _check_system(system: object) -> None:
    if system is None or isinstance(system, str):
        return
    for i, block in enumerate(blocks_of(system)):
        if block.get("type") != "text":
            refuse(f"system.{i}.type: Input should be 'text'")
        for name in unknown_fields(block, FIELDS["text"]):
            refuse(f"system.{i}.{name}: {_EXTRA}")
        if not block["text"].strip():
            refuse("system: text content blocks must be non-empty")


def _check_message(
    i: int, message: Block, version: str, model: Model, kinds: Collection[str], *, last: bool
) -> None:
    for name in unknown_fields(message, ("role", "content")):
        refuse(f"messages.{i}.{name}: {_EXTRA}")
    for name in ("role", "content"):
        if name not in message:
            refuse(f"messages.{i}.{name}: Field required")
    role, content = message["role"], message["content"]
    if role == "system" and not model.system_turns:
        refuse("role 'system' is not supported on this model")
    if role not in ("user", "assistant", "system"):
        refuse(f"messages.{i}.role: Input should be 'user', 'assistant' or 'system'")
    if not content and not (last and role == "assistant"):
        refuse(
            f"messages.{i}: all messages must have non-empty content except for the optional final "
            "assistant message"
        )
    if not isinstance(content, str | list):
        refuse(f"messages.{i}.content: Input should be a valid list")
    for j, block in enumerate(blocks_of(content)):
        if block.get("type") in FIELDS or role != "assistant" or block.get("type") not in kinds:
            _check_block(f"messages.{i}.content.{j}", block, role, version)


def _check_block(at: str, block: Block, role: str, version: str) -> None:
    kind = block.get("type")
    if (
        kind not in FIELDS
        or (role != "user" and kind in USER_ONLY)
        or (role != "assistant" and kind in ASSISTANT_ONLY)
        or (role == "system" and kind != "text")
        # https://platform.claude.com/docs/en/api/versioning: 2026-10-21
        or (kind == "document" and role == "assistant" and version == NEWEST)
    ):
        refuse(
            f"{at}: Input tag '{kind}' found using 'type' does not match any of the expected tags"
        )
    for name in REQUIRED.get(kind, ()):
        if name not in block:
            refuse(f"{at}.{kind}.{name}: Field required")
    for name in unknown_fields(block, FIELDS[kind]):
        refuse(f"{at}.{kind}.{name}: {_EXTRA}")
    match kind:
        case "text":
            _check_text(at, block, role, version)
        case "image":
            check_image(at, block["source"])
        case "document":
            check_document(at, block["source"])
        case "tool_use" | "server_tool_use":
            _check_call(at, kind, block)
        case "tool_result":
            _check_result(at, block)


def _check_text(at: str, block: Block, role: str, version: str) -> None:
    if not isinstance(block["text"], str):
        refuse(f"{at}.text.text: Input should be a valid string")
    if not block["text"]:
        if block.get("cache_control"):
            refuse(f"{at}.text: cache_control cannot be set for empty text blocks")
        refuse("messages: text content blocks must be non-empty")
    if not block["text"].strip():
        refuse("messages: text content blocks must contain non-whitespace text")
    if block.get("citations") and role == "user" and version == NEWEST:
        refuse(f"{at}.text.citations: {_EXTRA}")


def _check_call(at: str, kind: str, block: Block) -> None:
    if not _ID.fullmatch(str(block["id"])):
        refuse(f"{at}.{kind}.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if not isinstance(block["input"], Mapping):
        refuse(f"{at}.{kind}.input: Input should be a valid dictionary")
    if not 1 <= len(block["name"]) <= 200:
        refuse(f"{at}.{kind}.name: String should have at most 200 characters")


def _check_result(at: str, block: Block) -> None:
    content = block.get("content")
    if not isinstance(content, str | list | None):
        refuse(f"{at}.tool_result.content: Input should be a valid list")
    for k, part in enumerate(blocks_of(content) if isinstance(content, list) else ()):
        kind, where = part.get("type"), f"{at}.tool_result.content.{k}"
        if kind not in RESULT_PARTS:
            refuse(
                f"{where}: Input tag '{kind}' found using 'type' does not match any of the "
                "expected tags: 'document', 'image', 'search_result', 'text', 'tool_reference'"
            )
        if kind == "text" and not part["text"]:
            refuse("messages: text content blocks must be non-empty")
        if kind == "image":
            check_image(where, part["source"])
        if kind == "document":
            check_document(where, part["source"])


def _check_turns(messages: list[Any]) -> None:
    """A system turn follows the user's and comes last or before the assistant's.

    https://platform.claude.com/docs/en/build-with-claude/prompt-caching (mid-conversation system)
    """
    for i, message in enumerate(messages):
        if message["role"] != "system":
            continue
        after = messages[i + 1]["role"] if i + 1 < len(messages) else "assistant"
        if messages[i - 1]["role"] not in ("user", "system") or after == "user":
            refuse(
                f"messages.{i}: role 'system' must follow a 'user' message and be the last message "
                "or be followed by an 'assistant' message"
            )


def _merged(messages: list[Any]) -> Iterator[tuple[int, str, list[Block]]]:
    """Yield the turns as the API joins them: messages of one role in a row are one turn."""
    turn: tuple[int, str, list[Block]] | None = None
    for i, message in enumerate(messages):
        blocks = blocks_of(message["content"])
        if turn and turn[1] == message["role"]:
            turn[2].extend(blocks)
            continue
        if turn:
            yield turn
        turn = i, message["role"], blocks
    if turn:
        yield turn


def _check_pairs(messages: list[Any]) -> None:
    """Each call has its one result, first in the next turn, and each result its call.

    https://platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls; the words:
    anthropics/claude-code issues 473 and 1894.
    """
    seen: set[str] = set()
    turns = list(_merged(messages))
    for (i, role, blocks), following in zip(turns, [*turns[1:], None], strict=True):
        calls = [b["id"] for b in blocks if b["type"] == "tool_use" and role == "assistant"]
        if len(set(calls)) != len(calls) or seen & set(calls):
            refuse("messages: `tool_use` ids must be unique")
        seen |= set(calls)
        answered = _leading_results(following[2]) if following else []
        if missing := [call for call in calls if call not in answered]:
            refuse(
                f"messages.{i}: `tool_use` ids were found without `tool_result` blocks immediately "
                f"after: {', '.join(missing)}. Each `tool_use` block must have a corresponding "
                "`tool_result` block in the next message."
            )
        if following:
            _check_results(following, calls)
    if turns and turns[0][1] == "user":
        _check_results(turns[0], [])


def _leading_results(blocks: list[Block]) -> list[str]:
    ids = []
    for block in blocks:
        if block["type"] != "tool_result":
            break
        ids.append(block["tool_use_id"])
    return ids


def _check_results(turn: tuple[int, str, list[Block]], calls: list[str]) -> None:
    i, _, blocks = turn
    results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
    for j, block in enumerate(blocks):
        if block["type"] == "tool_result" and block["tool_use_id"] not in calls:
            refuse(
                f"messages.{i}.content.{j}: unexpected `tool_use_id` found in `tool_result` "
                f"blocks: {block['tool_use_id']}. Each `tool_result` block must have a "
                "corresponding `tool_use` block in the previous message."
            )
    if double := [name for name in results if results.count(name) > 1]:
        refuse(
            f"messages.{i}.content: each tool_use must have a single result. Found multiple "
            f"`tool_result` blocks with id: {double[0]}"
        )


def _check_last(message: Block, model: Model) -> None:
    """Refuse a last message of the assistant's where the model takes none, or that ends in space.

    https://platform.claude.com/docs/en/api/errors#prefill-not-supported. A turn that paused at a
    tool of the server's own is sent back to go on, and is no prefill:
    https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons#pause_turn
    """
    if message["role"] != "assistant" or _is_paused(blocks_of(message["content"])):
        return
    if not model.prefill:
        refuse(
            "This model does not support assistant message prefill. The conversation must end with "
            "a user message."
        )
    blocks = blocks_of(message["content"])
    if (
        blocks
        and blocks[-1]["type"] == "text"
        and blocks[-1]["text"] != blocks[-1]["text"].rstrip()
    ):
        refuse("messages: final assistant content cannot end with trailing whitespace")


def _is_paused(blocks: list[Block]) -> bool:
    """Whether a turn ends in a call of the server's own tool, or in its result."""
    last = str(blocks[-1].get("type")) if blocks else ""
    return last != "tool_use" and last.endswith(("_tool_use", "_tool_result"))
