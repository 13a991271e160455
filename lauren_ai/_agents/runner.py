"""Runs agents over a transport, and takes people's answers to what their tools ask.

`spec.py` resolves what a run is made of; `run.py` and `stream.py` do the running.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from typing_extensions import TypeVar, Unpack

from lauren_ai._agents.history import UserMessage
from lauren_ai._agents.images import ToContent
from lauren_ai._agents.run import AgentRun
from lauren_ai._agents.signals import EventSink, SignalBus
from lauren_ai._agents.spec import RunOptions, as_service, build_spec
from lauren_ai._agents.stream import RunStream
from lauren_ai._agents.types import AgentResponse
from lauren_ai._approval.desk import ApprovalDesk
from lauren_ai._conversations.stores import ConversationStore, InMemoryConversationStore
from lauren_ai._module import LLMService
from lauren_ai._streaming.request import Transport
from lauren_ai._types import PendingApproval

AgentT_co = TypeVar("AgentT_co", covariant=True, default=Any)


class AgentRunner(Protocol[AgentT_co]):
    """What users of a runner rely on; `AgentRunner[MyAgent]` names the agent to be injected."""

    async def run(
        self, agent: Any, message: UserMessage, **options: Unpack[RunOptions]
    ) -> AgentResponse: ...

    def run_stream(
        self, agent: Any, message: UserMessage, **options: Unpack[RunOptions]
    ) -> RunStream: ...

    def approve_tool(
        self, agent_run_id: str, tool_use_id: str, *, input: dict[str, Any] | None = None
    ) -> bool: ...

    def reject_tool(self, agent_run_id: str, tool_use_id: str, *, reason: str = "") -> bool: ...

    def pending_approvals(self, agent_run_id: str | None = None) -> list[PendingApproval]: ...


class AgentRunnerBase:
    """Made once and shared; runs go side by side. It opens nothing of its own: whoever made the
    transport or the service closes it.

    `transport` may be an LLMService, whose model, limits and retries then hold; a provider's
    transport knows its own. Without a store, conversations live in this runner. `to_content` may
    make text or an image block of what a tool returns, a table say; None leaves it to the core.
    """

    def __init__(
        self,
        transport: Transport | LLMService,
        *,
        signals: SignalBus | None = None,
        event_sinks: Sequence[EventSink] = (),
        conversation_store: ConversationStore | None = None,
        to_content: ToContent | None = None,
    ) -> None:
        self._service = as_service(transport)
        self._to_content = to_content
        self.signals = signals
        self._event_sinks = tuple(event_sinks)
        self._store: ConversationStore = (
            InMemoryConversationStore() if conversation_store is None else conversation_store
        )
        self._desk = ApprovalDesk()

    async def run(
        self, agent: object, message: UserMessage, **options: Unpack[RunOptions]
    ) -> AgentResponse:
        """The outcome of the whole run; options and errors as `run_stream`. A call that needs
        approval waits for `approve_tool` or `reject_tool` as well."""
        stream = self.run_stream(agent, message, **options)
        async for _ in stream:
            pass
        return stream.response

    def run_stream(
        self, agent: object, message: UserMessage, **options: Unpack[RunOptions]
    ) -> RunStream:
        """A stream of the run's chunks; `await` it or not.

        `agent` is an agent class or an instance, or what `make_agent` gave. Options:
        `conversation_id`, read from and saved to the store (`conversation_store` of this call, the
        agent's, or the runner's); `memory`, which serves runs without an id, and sets the window of
        those with one; `config_override`, a whole AgentConfig or some of its fields;
        `model_override`; `metadata`, for hooks and tools; `run_id`; `event_sinks`, beside the
        runner's own; `confirm`, which is asked before each call.

        Raises AgentConfigError, ToolConfigError and TypeError (an unknown option) here; the stream
        raises TransportError, StorageError, ToolExecutionError (`tool_error_policy="raise"`) and
        what hooks raise.
        """
        spec = build_spec(
            agent,
            message,
            options,
            service=self._service,
            store=self._store,
            desk=self._desk,
            signals=self.signals,
            event_sinks=self._event_sinks,
            to_content=self._to_content,
        )
        return RunStream(AgentRun(spec))

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
