"""One run of one agent, from turn to turn: what was said, used and decided, and how it ends.

It yields no chunk; `stream.py` passes them on and says when to stop.
"""

from __future__ import annotations

import logging
import time

from lauren_ai._agents.budget import Budget
from lauren_ai._agents.definition import call_hook
from lauren_ai._agents.history import (
    CallIds,
    append_assistant,
    build_assistant_message,
    build_results_message,
    build_stub_tools,
    close_history,
)
from lauren_ai._agents.signals import (
    AgentRunComplete,
    AgentTurnComplete,
    ModelCallComplete,
    ModelCallStarted,
    Signal,
)
from lauren_ai._agents.spec import RunSpec
from lauren_ai._agents.tool_calls.round import ToolRound
from lauren_ai._agents.types import AgentContext, AgentResponse, ToolResult
from lauren_ai._conversations.memory import estimate_tokens
from lauren_ai._pricing import Counts
from lauren_ai._streaming.request import OnNotice
from lauren_ai._streaming.retry import OnRetry
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, Message, ToolChoice, ToolSchema
from lauren_ai._usage import TokenUsage

logger = logging.getLogger("lauren_ai")


class AgentRun:
    """Made by the runner, driven by one RunStream: `start`, then for each turn `open_turn`,
    `close_turn` and, where it returns a round, `end_round`; `finish` always, once."""

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec
        self.context: AgentContext = spec.tools.context
        self.stop_reason: str | None = None
        self.last: Completion | None = None
        self.ids = CallIds(())
        self._budget = Budget(spec.config.max_cost_usd, spec.service.transport.provider)
        self._messages: list[Message] = []
        self._first_added = 0
        self._schemas: list[ToolSchema] = [t.schema for t in spec.tools.tools.values()]
        self._turn: CompletionStream | None = None
        self._turn_began = 0.0
        self._known: tuple[int, TokenUsage] | None = None  # messages sent, and what they took
        self._round: ToolRound | None = None
        self._texts: list[str] = []
        self._traces: list[str] = []
        self._results: list[ToolResult] = []
        self._is_started = False
        self.response: AgentResponse | None = None

    async def start(self) -> None:
        """Wait for the conversation, read it, tell the agent. Raises StorageError, and
        AgentConfigError for a budget in a currency of unknown prices."""
        spec = self._spec
        self._is_started = True
        self._budget.check(spec.model)
        self._messages = await spec.conversation.open()
        self._first_added = len(self._messages)
        self.ids = CallIds(self._messages)
        self._messages.append(spec.message)
        await call_hook(self.context.agent, "on_start", self.context)

    async def open_turn(
        self, on_retry: OnRetry | None, on_notice: OnNotice | None = None
    ) -> CompletionStream:
        """The next response. Nothing is sent before its first chunk is asked for."""
        spec, config = self._spec, self._spec.config
        self.context.turn += 1
        self.ids.begin_turn()
        self._turn_began = time.monotonic()
        if self.context.turn == 1 and (left_out := spec.conversation.left_out):
            _tell_left_out(left_out, on_notice)
        if not spec.tools.tools:
            self._schemas = build_stub_tools(self._messages)
        await self._emit(ModelCallStarted(*self._about, turn=self.context.turn, model=spec.model))
        self._turn = spec.service.complete_stream(
            list(self._messages),
            system=spec.system,
            tools=self._schemas,
            tool_choice=None if spec.tools.tools else ToolChoice("none"),
            model=spec.model,
            max_tokens=config.max_tokens_per_turn,
            temperature=config.temperature,
            top_p=config.top_p,
            thinking=config.thinking,
            thinking_budget_tokens=config.thinking_budget_tokens,
            reasoning_effort=config.reasoning_effort,
            extra=config.extra,
            timeout=config.timeout,
            parallel_tool_calls=config.parallel_tool_calls if self._schemas else None,
            cache=config.cache,
            on_retry=on_retry,
            on_notice=on_notice,
        )
        self._turn.prompt = self._expect_prompt()
        self._budget.limit(self._turn)
        return self._turn

    def _expect_prompt(self) -> Counts | None:
        """What the next request takes, by what the last one took and what was said since."""
        if self._known is None:
            return None
        count, usage = self._known
        before = usage.count()
        new = sum(map(estimate_tokens, self._messages[count:]))
        if before.prompt > before.input:  # the provider keeps what it has seen
            return Counts(input=new, cache_read=before.prompt)
        return Counts(input=before.input + new)

    async def close_turn(self) -> ToolRound | None:
        """Take in the response that ended. A round is returned where its calls are to be run;
        else `stop_reason` says whether the run is over."""
        completion = await self._take_turn()
        await call_hook(self.context.agent, "on_turn_complete", completion, self.context)
        has_calls = bool(completion.tool_calls or completion.invalid_tool_calls)
        wants_tools = completion.stop_reason == "tool_use" and has_calls
        limit = self._get_limit()
        if not wants_tools and completion.stop_reason != "pause_turn":
            self.stop_reason = completion.stop_reason
        elif limit is not None:
            self.stop_reason = limit
        self._take_message(build_assistant_message(completion, keep_calls=wants_tools))
        if not has_calls:
            await self._complete_turn(())
            return None
        round_ = ToolRound(self._spec.tools, completion)
        if not wants_tools:  # cut off in a call: nobody may run it, but observers saw it begin
            await round_.skip(_CUT_OFF)
            await self._complete_turn(tuple(round_.results))
            return None
        self._round = round_
        if limit is None:
            return round_
        await round_.skip(_LIMITS[limit])
        await self.end_round()
        return None

    async def end_round(self) -> None:
        """Take in the results of a round, for the model's next turn."""
        round_, self._round = self._round, None
        if round_ is None:
            return
        results = round_.results
        self._results.extend(results)
        self._messages.append(build_results_message(results))
        await self._complete_turn(tuple(results))

    def withdraw(self) -> None:
        """Refuse at once what waits for a person: nothing of this run may begin any more."""
        if self._round is not None:
            self._round.withdraw()

    async def finish(self, stop_reason: str, error: BaseException | None) -> None:
        """Save what a provider will accept, tell hooks and observers, let the next run begin.
        `response` is there before they are told, also where the history could not be saved."""
        self.stop_reason = stop_reason
        try:
            await self._end_turn()
            added = close_history(self._messages[self._first_added :], stop_reason)
            try:
                if added:
                    await self._spec.conversation.commit(added)
            except BaseException as exc:
                await self._tell(self.build_response("error", []), error or exc)
                raise
            await self._tell(self.build_response(stop_reason, added), error)
        finally:
            self._spec.conversation.close()

    async def _end_turn(self) -> None:
        """Take in what an early end left open: a response, or a round of calls."""
        if self._turn is not None:
            await self._turn.aclose()
            completion = await self._take_turn()
            self._take_message(build_assistant_message(completion, keep_calls=False))
            await ToolRound(self._spec.tools, completion).skip(_CUT_OFF)
        if self._round is not None:
            await self._round.cancel()
            await self.end_round()

    async def _tell(self, response: AgentResponse, error: BaseException | None) -> None:
        self.response = response
        if not self._is_started:
            return
        try:
            await call_hook(self.context.agent, "on_finish", response, self.context)
        finally:
            await self._emit(AgentRunComplete(*self._about, response=response, error=error))

    def build_response(self, stop_reason: str, added: list[Message]) -> AgentResponse:
        """The outcome as it stands."""
        return AgentResponse(
            self._texts[-1] if self._texts else "",
            self.context.turn,
            self.context.usage,
            list(self._results),
            stop_reason,
            self.context.metadata,
            list(self._traces),
            agent_run_id=self.context.agent_run_id,
            model=self.last.model
            if self.last is not None and self.last.model
            else self._spec.model,
            messages=added,
        )

    @property
    def text(self) -> str:
        """The text of all turns so far."""
        open_text = self._turn.text if self._turn is not None else ""
        return "".join(self._texts) + open_text

    async def _take_turn(self) -> Completion:
        """Account for the response that ended, however it did."""
        assert self._turn is not None
        completion = self.last = self.ids.rename(self._turn.completion)
        if completion.usage is not None and not completion.usage.is_estimated:
            self._known = len(self._turn.request.messages), completion.usage
        self._turn = None
        self._texts.append(completion.content)
        traces = [b.text for b in completion.thinking_blocks if b.text]
        self._traces.extend(traces)
        self._budget.add(completion, self._spec.model)
        self.context.usage = _add(self.context.usage, completion.usage)
        duration_ms = (time.monotonic() - self._turn_began) * 1000
        await self._emit(
            ModelCallComplete(
                *self._about, turn=self.context.turn, completion=completion, duration_ms=duration_ms
            )
        )
        return completion

    def _take_message(self, message: Message | None) -> None:
        if message is not None:
            append_assistant(self._messages, message)

    def _get_limit(self) -> str | None:
        """The limit that lets no further turn begin."""
        if self._budget.is_spent:
            return "budget_exceeded"
        return "max_turns" if self.context.turn >= self._spec.config.max_turns else None

    async def _complete_turn(self, results: tuple[ToolResult, ...]) -> None:
        if self.last is not None:
            turn = self.context.turn
            await self._emit(
                AgentTurnComplete(*self._about, turn=turn, completion=self.last, results=results)
            )

    async def _emit(self, event: Signal) -> None:
        await self._spec.tools.emitter.emit(event)

    @property
    def _about(self) -> tuple[str, str]:
        return self.context.agent_run_id, self.context.agent_name


def _tell_left_out(left_out: int, on_notice: OnNotice | None) -> None:
    """Say what the model does not see of the conversation."""
    turns = "1 earlier turn" if left_out == 1 else f"{left_out} earlier turns"
    text = f"{turns} left out: the model's context has no room for them."
    if on_notice is None:
        logger.info(text)
    else:
        on_notice(text)


_CUT_OFF = "the response was cut off"
_LIMITS = {
    "max_turns": "the run reached its limit of turns",
    "budget_exceeded": "the run reached its limit of cost",
}


def _add(total: TokenUsage | None, usage: TokenUsage | None) -> TokenUsage | None:
    """Usage that a provider did not send leaves the sum as it is."""
    return usage if total is None else total if usage is None else total + usage
