"""What a run is made of, resolved from the agent, the runner and the options of one call.

It runs nothing, and opens nothing.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypedDict
from uuid import uuid4

from lauren_ai._agents.definition import AgentMeta, get_meta, make_instance, override
from lauren_ai._agents.history import UserMessage, build_user_message
from lauren_ai._agents.images import ToContent
from lauren_ai._agents.signals import Emitter, EventSink, SignalBus
from lauren_ai._agents.tool_calls.call import ToolEnvironment
from lauren_ai._agents.types import AgentContext
from lauren_ai._approval.desk import ApprovalDesk
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
from lauren_ai._exceptions import AgentConfigError
from lauren_ai._module import LLMService
from lauren_ai._profiles import get_context_window
from lauren_ai._streaming.request import Transport
from lauren_ai._tools import collect_tools
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


class RunOptions(TypedDict, total=False):
    """The keywords of `run` and `run_stream`; None for one is "not said"."""

    conversation_id: str | None
    metadata: Mapping[str, Any] | None
    memory: ShortTermMemory | None
    conversation_store: ConversationStore | None
    config_override: AgentConfig | Mapping[str, Any] | None
    model_override: str | None
    run_id: str | None
    event_sinks: Sequence[EventSink] | None
    confirm: ConfirmHook | None


#: Of a transport of the user's own making, which says nothing of itself.
_UNKNOWN = LLMConfig("mock", "mock-model")


def as_service(transport: Transport | LLMService) -> LLMService:
    """A bare transport's service goes by what the transport was made of, where it says so."""
    if isinstance(transport, LLMService):
        return transport
    config = getattr(transport, "config", None)
    return LLMService(transport, config if isinstance(config, LLMConfig) else _UNKNOWN)


def build_spec(
    agent: object,
    message: UserMessage,
    options: RunOptions,
    *,
    service: LLMService,
    store: ConversationStore,
    desk: ApprovalDesk,
    signals: SignalBus | None,
    event_sinks: Sequence[EventSink],
    to_content: ToContent | None,
) -> RunSpec:
    """The run of an agent, class or instance. Raises AgentConfigError, ToolConfigError, and
    TypeError for an unknown option."""
    known = RunOptions.__annotations__
    if unknown := options.keys() - known.keys():
        raise TypeError(f"A run has no option {min(unknown)!r}. It has: {', '.join(known)}.")
    meta = get_meta(agent)
    config = _apply_override(meta.config, options.get("config_override"))
    context = _build_context(agent, meta, options, service)
    tools = collect_tools(meta.tools)
    system = _choose_system(meta, config, options.get("config_override"))
    asked = build_user_message(message)
    schemas = json.dumps([tool.schema.input_schema for tool in tools.values()])
    window = _choose_window(
        service, context.model, config, around=(system or "", schemas, asked.content)
    )
    return RunSpec(
        service=_with_retries(service, config.transport_max_retries),
        model=context.model,
        system=system,
        config=config,
        message=asked,
        conversation=_choose_conversation(options, meta, store, window_tokens=window),
        tools=ToolEnvironment(
            context=context,
            config=config,
            tools=tools,
            desk=desk,
            emitter=Emitter(signals, (*event_sinks, *(options.get("event_sinks") or ()))),
            confirm=options.get("confirm"),
            to_content=to_content,
        ),
    )


def _build_context(
    agent: object, meta: AgentMeta, options: RunOptions, service: LLMService
) -> AgentContext:
    return AgentContext(
        agent_run_id=options.get("run_id") or f"run_{uuid4().hex}",
        agent=make_instance(agent) if inspect.isclass(agent) else agent,
        agent_name=meta.name,
        model=_choose_model(service, meta, options.get("model_override")),
        conversation_id=options.get("conversation_id"),
        metadata=dict(options.get("metadata") or {}),
    )


def _choose_model(service: LLMService, meta: AgentMeta, override: str | None) -> str:
    model = override or meta.model
    is_known = service.config is not _UNKNOWN or service.transport.provider == "mock"
    if model is None and not is_known:
        raise AgentConfigError(
            f"The agent {meta.name!r} names no model. Use @agent(model=…), or give the runner "
            "an LLMService: AgentRunnerBase(LLMService.from_config(config))."
        )
    return model or service.config.model


def _with_retries(service: LLMService, retries: int) -> LLMService:
    """An agent may ask for more attempts than the service makes."""
    if retries <= service.config.max_retries:
        return service
    return LLMService(service.transport, replace(service.config, max_retries=retries))


def _apply_override(
    config: AgentConfig, change: AgentConfig | Mapping[str, Any] | None
) -> AgentConfig:
    if isinstance(change, AgentConfig):
        return override(change, {})
    return override(config, dict(change or {}))


def _choose_system(
    meta: AgentMeta, config: AgentConfig, change: AgentConfig | Mapping[str, Any] | None
) -> str | None:
    """The system prompt by the nearest word: of the run, the agent, its configuration."""
    if isinstance(change, AgentConfig):
        asked = change.system_prompt
    else:
        asked = (change or {}).get("system_prompt")
    named = meta.system if asked is None else asked
    return config.system_prompt if named is None else named


def _choose_window(
    service: LLMService,
    model: str,
    config: AgentConfig,
    *,
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


def _choose_conversation(
    options: RunOptions, meta: AgentMeta, default: ConversationStore, *, window_tokens: int
) -> Conversation:
    """The history by the nearest word: of the run, the agent, the runner."""
    # Compared with None: an empty memory is false, and so may be a user's store.
    memory, conversation_id = options.get("memory"), options.get("conversation_id")
    memory = meta.memory if memory is None else memory
    if conversation_id is None:
        if memory is None:
            return NoConversation()
        return MemoryConversation(memory, window_tokens=window_tokens)
    stores = (options.get("conversation_store"), meta.conversation_store, default)
    store = next(store for store in stores if store is not None)
    own = memory.max_tokens if memory is not None else None
    return StoredConversation(store, conversation_id, window_tokens=own or window_tokens)
