"""One call of one tool: whether it may run, and its run. It waits for nobody's approval."""

from __future__ import annotations

import asyncio
import inspect
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lauren_ai._agents.definition import call_hook
from lauren_ai._agents.images import ToContent
from lauren_ai._agents.signals import Emitter
from lauren_ai._agents.tool_calls.result import build_content, build_result, describe_error
from lauren_ai._agents.types import AgentContext, ToolResult
from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._approval.desk import ApprovalDesk
from lauren_ai._approval.policy import ConfirmationRequest, ConfirmHook, Verdict
from lauren_ai._config import AgentConfig
from lauren_ai._exceptions import ToolExecutionError
from lauren_ai._streaming.read_guard import is_cancelled
from lauren_ai._tools import Tool, ToolContext
from lauren_ai._types import ToolCall

logger = logging.getLogger("lauren_ai")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnvironment:
    """What all calls of one run share."""

    context: AgentContext
    config: AgentConfig
    tools: Mapping[str, Tool]
    desk: ApprovalDesk
    emitter: Emitter
    confirm: ConfirmHook | None = None
    to_content: ToContent | None = None


def find_fault(env: ToolEnvironment, call: FrozenCall) -> str | None:
    """Why this call cannot run at all, in words for the model. Raises ToolExecutionError for
    arguments that do not fit, where the agent's `tool_error_policy` is "raise"."""
    tool = env.tools.get(call.name)
    if tool is None:
        return f"There is no tool called {call.name!r}. Tools: {', '.join(env.tools) or 'none'}."
    try:
        tool.validate(call.input)
    except ToolExecutionError as exc:
        if env.config.tool_error_policy == "raise":
            raise
        return str(exc)
    return None


async def judge(env: ToolEnvironment, call: FrozenCall, tool: Tool) -> Verdict | None:
    """What the tool's and the run's policies say; one that fails denies. None: it may just run."""
    try:
        needed = await tool.needs_confirmation(ToolCall(call.tool_use_id, call.name, call.input))
        verdict = None
        if env.confirm is not None:
            answer = env.confirm(
                ConfirmationRequest(
                    agent_run_id=env.context.agent_run_id, call=call, tool=tool, is_needed=needed
                )
            )
            verdict = await answer if inspect.isawaitable(answer) else answer
            if not isinstance(verdict, Verdict | None):
                raise TypeError(f"confirm gave {verdict!r}; give a Verdict, or None.")
    except (Exception, asyncio.CancelledError) as exc:
        if isinstance(exc, asyncio.CancelledError) and is_cancelled():
            raise
        logger.exception("The approval policy of %r failed, so the call is denied.", call.name)
        return Verdict("deny", f"The policy failed with {type(exc).__name__}.")
    return verdict or (Verdict("ask") if needed else None)


async def run_call(
    env: ToolEnvironment, tool: Tool, asked: FrozenCall, decision: ApprovalDecision | None
) -> ToolResult:
    """The result of a call that may run: exactly what was decided on runs, nothing else is at hand.

    Raises ToolExecutionError where the agent's `tool_error_policy` is "raise".
    """
    call = asked if decision is None else decision.call
    began = time.monotonic()
    error: BaseException | None = None
    try:
        content = build_content(
            call.name, await _call_in_time(env, tool, call), to_content=env.to_content
        )
    except asyncio.CancelledError as exc:
        if is_cancelled():
            raise
        error = exc
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - the model reads it; sys.exit() in a
        # tool must not end the kernel
        error = exc
    if error is not None:
        content = _describe(env, call.name, error)
    result = build_result(
        asked,
        content,
        status="done" if error is None else "error",
        decision=decision,
        duration_ms=(time.monotonic() - began) * 1000,
    )
    return await _offer_to_hook(env, result)


def _describe(env: ToolEnvironment, name: str, error: BaseException) -> str:
    policy = env.config.tool_error_policy
    if policy == "raise":
        text = f"The tool {name!r} failed: {describe_error(error)}"
        raise ToolExecutionError(text) from error
    logger.debug("The tool %r failed.", name, exc_info=error)
    return "(no result)" if policy == "skip" else describe_error(error)


async def _call_in_time(env: ToolEnvironment, tool: Tool, call: FrozenCall) -> Any:
    seconds = tool.timeout_s or env.config.tool_timeout_s
    run = env.context
    context = ToolContext(
        agent_run_id=run.agent_run_id,
        tool_use_id=call.tool_use_id,
        tool_name=call.name,
        agent=run.agent,
        conversation_id=run.conversation_id,
        metadata=run.metadata,
    )
    try:
        async with asyncio.timeout(seconds) as limit:
            return await tool.call(call.input, context)
    except TimeoutError:
        if not limit.expired():
            raise
        text = f"The tool {call.name!r} did not end within {seconds:g} s."
        raise ToolExecutionError(text) from None


async def _offer_to_hook(env: ToolEnvironment, result: ToolResult) -> ToolResult:
    """The hook may return another ToolResult, or a value in place of the content."""
    name, call_id = result.name, result.tool_use_id
    answer = await call_hook(env.context.agent, "on_tool_result", result, env.context)
    if answer is not None and not isinstance(answer, ToolResult):
        return replace(result, content=build_content(name, answer, to_content=env.to_content))
    answer = answer or result
    # It answers this call, and is text or blocks, whatever the hook wrote into it: what no
    # provider takes would stay in the history for ever.
    content = build_content(name, answer.content)
    return replace(answer, tool_use_id=call_id, name=name, content=content)
