"""What a run is made of, resolved from the agent, the runner and the options of one call.

It runs nothing, and opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lauren_ai._agents.definition import AgentMeta, override
from lauren_ai._agents.signals import EventSink
from lauren_ai._agents.tool_call import ToolEnvironment
from lauren_ai._approval.policy import ConfirmHook
from lauren_ai._config import AgentConfig, LLMConfig
from lauren_ai._conversations.conversation import (
    Conversation,
    MemoryConversation,
    NoConversation,
    StoredConversation,
)
from lauren_ai._conversations.memory import DEFAULT_TOKENS, ShortTermMemory, estimate_content
from lauren_ai._conversations.stores import ConversationStore
from lauren_ai._module import LLMService
from lauren_ai._profiles import get_context_window
from lauren_ai._streaming.request import Transport
from lauren_ai._types import ContentBlock, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """Made by the runner for one run. `model` and `config` are final."""

    service: LLMService
    model: str
    system: str | None
    config: AgentConfig
    message: Message
    conversation: Conversation
    tools: ToolEnvironment


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The keywords of `run` and `run_stream`, as they were given."""

    conversation_id: str | None
    metadata: Mapping[str, Any]
    memory: ShortTermMemory | None
    conversation_store: ConversationStore | None
    config_override: AgentConfig | Mapping[str, Any] | None
    model_override: str | None
    run_id: str | None
    event_sinks: Sequence[EventSink]
    confirm: ConfirmHook | None


#: Of a transport of the user's own making, which says nothing of itself.
_UNKNOWN = LLMConfig("mock", "mock-model")


def as_service(transport: Transport | LLMService) -> LLMService:
    """A bare transport's service goes by what the transport was made of, where it says so."""
    if isinstance(transport, LLMService):
        return transport
    config = getattr(transport, "config", None)
    return LLMService(transport, config if isinstance(config, LLMConfig) else _UNKNOWN)


def names_model(service: LLMService) -> bool:
    """Whether an agent may leave the model out."""
    return service.config is not _UNKNOWN or service.transport.provider == "mock"


def with_retries(service: LLMService, retries: int) -> LLMService:
    """An agent may ask for more attempts than the service makes."""
    if retries <= service.config.max_retries:
        return service
    return LLMService(service.transport, replace(service.config, max_retries=retries))


def apply_override(
    config: AgentConfig, change: AgentConfig | Mapping[str, Any] | None
) -> AgentConfig:
    if isinstance(change, AgentConfig):
        return override(change, {})
    return override(config, dict(change or {}))


def choose_system(meta: AgentMeta, config: AgentConfig, options: RunOptions) -> str | None:
    """The system prompt by the nearest word: of the run, the agent, its configuration."""
    change = options.config_override
    if isinstance(change, AgentConfig):
        asked = change.system_prompt
    else:
        asked = (change or {}).get("system_prompt")
    named = meta.system if asked is None else asked
    return config.system_prompt if named is None else named


def choose_window(
    service: LLMService,
    model: str,
    config: AgentConfig,
    around: Sequence[str | list[ContentBlock]],
) -> int:
    """Tokens of a history that may be sent: what the context leaves beside the answer and what is
    sent `around` it. A quarter of that is kept back: tokens are estimated, and a run adds its own.
    """
    if config.memory_window_tokens is not None:
        return config.memory_window_tokens
    profile = service.get_profile(model)
    context = get_context_window(profile)
    if context is None:
        return DEFAULT_TOKENS
    answer = config.max_tokens_per_turn or service.config.max_tokens or profile.max_output or 0
    room = (context - min(answer, context // 3)) * 3 // 4
    return max(0, room - sum(map(estimate_content, around)))


def choose_conversation(
    options: RunOptions, meta: AgentMeta, default: ConversationStore, *, window_tokens: int
) -> Conversation:
    """The history by the nearest word: of the run, the agent, the runner."""
    # Compared with None: an empty memory is false, and so may be a user's store.
    memory = meta.memory if options.memory is None else options.memory
    if options.conversation_id is None:
        if memory is None:
            return NoConversation()
        return MemoryConversation(memory, window_tokens=window_tokens)
    stores = (options.conversation_store, meta.conversation_store, default)
    store = next(store for store in stores if store is not None)
    own = memory.max_tokens if memory is not None else None
    return StoredConversation(store, options.conversation_id, window_tokens=own or window_tokens)
