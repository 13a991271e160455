"""Runs agents over a transport, and takes people's answers to what their tools ask.

It resolves what a run is made of; `run.py` and `stream.py` do the running.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import uuid4

from typing_extensions import TypeVar

from lauren_ai._agents.definition import AgentMeta, get_meta, make_instance
from lauren_ai._agents.history import build_user_message
from lauren_ai._agents.run import AgentRun
from lauren_ai._agents.signals import Emitter, EventSink, SignalBus
from lauren_ai._agents.spec import (
    RunOptions,
    RunSpec,
    apply_override,
    as_service,
    choose_conversation,
    choose_system,
    choose_window,
    names_model,
    with_retries,
)
from lauren_ai._agents.stream import RunStream
from lauren_ai._agents.tool_call import ToolEnvironment
from lauren_ai._agents.types import AgentContext, AgentResponse
from lauren_ai._approval.desk import ApprovalDesk
from lauren_ai._approval.policy import ConfirmHook
from lauren_ai._config import AgentConfig
from lauren_ai._conversations.memory import ShortTermMemory
from lauren_ai._conversations.stores import ConversationStore, InMemoryConversationStore
from lauren_ai._exceptions import AgentConfigError
from lauren_ai._module import LLMService
from lauren_ai._streaming.request import Transport
from lauren_ai._tools import collect_tools
from lauren_ai._types import ContentBlock, Message, PendingApproval

#: What a person says: text, or text, images' bytes and blocks in order.
UserMessage = str | Message | Sequence[str | bytes | ContentBlock]

AgentT_co = TypeVar("AgentT_co", covariant=True, default=Any)


class AgentRunner(Protocol[AgentT_co]):
    """What users of a runner rely on; `AgentRunner[MyAgent]` names the agent to be injected."""

    async def run(self, agent: Any, message: UserMessage, **options: Any) -> AgentResponse: ...

    def run_stream(self, agent: Any, message: UserMessage, **options: Any) -> RunStream: ...

    def approve_tool(
        self, agent_run_id: str, tool_use_id: str, *, input: dict[str, Any] | None = None
    ) -> bool: ...

    def reject_tool(self, agent_run_id: str, tool_use_id: str, *, reason: str = "") -> bool: ...

    def pending_approvals(self, agent_run_id: str | None = None) -> list[PendingApproval]: ...


class AgentRunnerBase:
    """Made once and shared; runs go side by side. It opens nothing of its own: whoever made the
    transport or the service closes it.

    `transport` may be an LLMService, whose model, limits and retries then hold; a provider's
    transport knows its own. Without a store, conversations live in this runner.
    """

    def __init__(
        self,
        transport: Transport | LLMService,
        *,
        signals: SignalBus | None = None,
        event_sinks: Sequence[EventSink] = (),
        conversation_store: ConversationStore | None = None,
    ) -> None:
        self._service = as_service(transport)
        self.signals = signals
        self._event_sinks = tuple(event_sinks)
        self._store: ConversationStore = (
            InMemoryConversationStore() if conversation_store is None else conversation_store
        )
        self._desk = ApprovalDesk()

    async def run(
        self,
        agent: object,
        message: UserMessage,
        *,
        conversation_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        memory: ShortTermMemory | None = None,
        conversation_store: ConversationStore | None = None,
        config_override: AgentConfig | Mapping[str, Any] | None = None,
        model_override: str | None = None,
        run_id: str | None = None,
        event_sinks: Sequence[EventSink] = (),
        confirm: ConfirmHook | None = None,
    ) -> AgentResponse:
        """The outcome of the whole run; options and errors as `run_stream`. A call that needs
        approval waits for `approve_tool` or `reject_tool` as well."""
        stream = self.run_stream(
            agent,
            message,
            conversation_id=conversation_id,
            metadata=metadata,
            memory=memory,
            conversation_store=conversation_store,
            config_override=config_override,
            model_override=model_override,
            run_id=run_id,
            event_sinks=event_sinks,
            confirm=confirm,
        )
        async for _ in stream:
            pass
        return stream.response

    def run_stream(
        self,
        agent: object,
        message: UserMessage,
        *,
        conversation_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        memory: ShortTermMemory | None = None,
        conversation_store: ConversationStore | None = None,
        config_override: AgentConfig | Mapping[str, Any] | None = None,
        model_override: str | None = None,
        run_id: str | None = None,
        event_sinks: Sequence[EventSink] = (),
        confirm: ConfirmHook | None = None,
    ) -> RunStream:
        """A stream of the run's chunks; `await` it or not.

        `agent` is an agent class or an instance, or what `make_agent` gave. A `conversation_id`
        is read from and saved to the store (of this call, the agent, or the runner); `memory`
        serves runs without an id, and sets the window of those with one. `config_override` is a
        whole AgentConfig, or some of its fields. `confirm` is asked before each call.

        Raises AgentConfigError and ToolConfigError here; the stream raises TransportError,
        StorageError, ToolExecutionError (`tool_error_policy="raise"`) and what hooks raise.
        """
        options = RunOptions(
            conversation_id=conversation_id,
            metadata=metadata or {},
            memory=memory,
            conversation_store=conversation_store,
            config_override=config_override,
            model_override=model_override,
            run_id=run_id,
            event_sinks=event_sinks,
            confirm=confirm,
        )
        return RunStream(AgentRun(self._build_spec(agent, message, options)))

    def approve_tool(
        self,
        agent_run_id: str,
        tool_use_id: str,
        *,
        input: dict[str, Any] | None = None,
        reason: str = "",
        decided_by: str = "user",
        digest: str | None = None,
    ) -> bool:
        """Let a call run, with edited arguments if given. Safe in any thread, at any time.

        The first answer wins: False for a second one, an unknown id, and a `digest` that is not
        of this call. `decided_by` and `reason` go into the audit. Raises ToolExecutionError for
        arguments that do not fit the tool's schema; the call then still waits.
        """
        return self._desk.decide(
            agent_run_id,
            tool_use_id,
            approved=True,
            input=input,
            reason=reason,
            decided_by=decided_by,
            digest=digest,
        )

    def reject_tool(
        self, agent_run_id: str, tool_use_id: str, *, reason: str = "", decided_by: str = "user"
    ) -> bool:
        """Refuse a call; the model reads `reason` word for word. False as `approve_tool`."""
        return self._desk.decide(
            agent_run_id, tool_use_id, approved=False, reason=reason, decided_by=decided_by
        )

    def pending_approvals(self, agent_run_id: str | None = None) -> list[PendingApproval]:
        """What waits for a person, oldest first: of one run, or of all. Safe in any thread."""
        return self._desk.list_pending(agent_run_id)

    def _build_spec(self, agent: object, message: UserMessage, options: RunOptions) -> RunSpec:
        meta = get_meta(agent)
        if inspect.isclass(agent):
            agent = make_instance(agent)
        config = apply_override(meta.config, options.config_override)
        context = AgentContext(
            agent_run_id=options.run_id or f"run_{uuid4().hex}",
            agent=agent,
            agent_name=meta.name,
            model=self._choose_model(meta, options.model_override),
            conversation_id=options.conversation_id,
            metadata=dict(options.metadata),
        )
        emitter = Emitter(self.signals, (*self._event_sinks, *options.event_sinks))
        tools = collect_tools(meta.tools)
        system = choose_system(meta, config, options)
        asked = build_user_message(message)
        schemas = json.dumps([tool.schema.input_schema for tool in tools.values()])
        around = (system or "", schemas, asked.content)
        window = choose_window(self._service, context.model, config, around)
        return RunSpec(
            service=with_retries(self._service, config.transport_max_retries),
            model=context.model,
            system=system,
            config=config,
            message=asked,
            conversation=choose_conversation(options, meta, self._store, window_tokens=window),
            tools=ToolEnvironment(
                context=context,
                config=config,
                tools=tools,
                desk=self._desk,
                emitter=emitter,
                confirm=options.confirm,
            ),
        )

    def _choose_model(self, meta: AgentMeta, model_override: str | None) -> str:
        model = model_override or meta.model
        if model is None and not names_model(self._service):
            raise AgentConfigError(
                f"The agent {meta.name!r} names no model. Use @agent(model=…), or give the runner "
                "an LLMService: AgentRunnerBase(LLMService.from_config(config))."
            )
        return model or self._service.config.model
