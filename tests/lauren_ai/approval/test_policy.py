"""Rules of a run and grants of a session, in a person's place."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import (
    AgentRunnerBase,
    ApprovalPolicy,
    CompletionChunk,
    ConfirmationRequest,
    ToolCall,
    ToolCallDelta,
    Verdict,
    get_tool,
    tool,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.signals import ToolApprovalResolved
from lauren_ai.types import ApprovalGrants, FrozenCall
from tests.support.agents import Recorder, add, build_agent, remove, until_pending


def request_for(
    value: Any = remove, *, is_needed: bool = True, **input: Any
) -> ConfirmationRequest:
    made = get_tool(value)
    call = FrozenCall.freeze("c1", made.name, input or {"path": "x"})
    return ConfirmationRequest(agent_run_id="r", call=call, tool=made, is_needed=is_needed)


async def run(confirm: Any, *, name: str = "remove") -> tuple[list[Any], str]:
    """The decisions of a run with one call, and the result that the model read."""
    mock, sink = MockTransport(), Recorder()
    mock.queue_tool_use(name, {"path": "x"} if name == "remove" else {"a": 1, "b": 1})
    mock.queue_response("done")
    runner = AgentRunnerBase(mock)
    asked = build_agent(remove, add, approval_timeout_s=0.01)
    await runner.run(asked, "go", confirm=confirm, event_sinks=[sink])
    content = mock.calls[-1].messages[-1].content
    assert isinstance(content, list)
    decisions = [
        (e.decision.approved, e.decision.decided_by) for e in sink.of(ToolApprovalResolved)
    ]
    return decisions, str(content[0].content)


@pytest.mark.parametrize(
    ("policy", "decisions", "result"),
    [
        (ApprovalPolicy("approve"), [(True, "policy")], "removed x"),
        (ApprovalPolicy("deny"), [(False, "policy")], "No person is there"),
        (ApprovalPolicy("ask"), [(False, "timeout")], "got none"),
        (ApprovalPolicy("deny", approved_tools=["remove"]), [(True, "policy")], "removed x"),
        (ApprovalPolicy("deny", approved_tools=["other"]), [(False, "policy")], "denied"),
    ],
)
async def test_a_runs_policy_answers_for_tools_that_ask(
    policy: ApprovalPolicy, decisions: list[Any], result: str
) -> None:
    found, text = await run(policy)
    assert found == decisions
    assert result in text


async def test_a_runs_policy_leaves_harmless_tools_alone() -> None:
    assert await run(ApprovalPolicy("deny"), name="add") == ([], "2")


async def test_a_hook_may_be_async_and_ask_about_anything() -> None:
    async def hook(request: ConfirmationRequest) -> Verdict:
        assert not request.is_needed
        return Verdict("deny", "I said so.", decided_by="me")

    decisions, text = await run(hook, name="add")
    assert decisions == [(False, "me")]
    assert "I said so." in text


async def test_a_hook_without_an_opinion_leaves_it_to_the_tool() -> None:
    mock = MockTransport()
    mock.queue_tool_use("remove", {"path": "x"})
    stream = AgentRunnerBase(mock).run_stream(build_agent(remove), "go", confirm=lambda _: None)
    (pending,) = await until_pending(aiter(stream))
    assert pending.tool_name == "remove"
    await stream.aclose()


async def test_a_grant_lets_a_tool_run_and_says_so() -> None:
    grants = ApprovalGrants()
    grants.grant(get_tool(remove))
    assert await run(ApprovalPolicy("deny", grants=grants)) == ([(True, "grant")], "removed x")


def test_a_grant_for_exact_arguments_covers_only_these() -> None:
    grants = ApprovalGrants()
    asked = request_for(path="x")
    made = grants.grant(asked.tool, call=asked.call)
    assert grants.find(request_for(path="x")) is made
    assert grants.find(request_for(path="y")) is None
    assert grants.find(request_for(path="x", force=True)) is None


def test_a_grant_is_listed_and_revoked() -> None:
    grants = ApprovalGrants()
    made = grants.grant(get_tool(remove))
    assert grants.list_grants() == [made]
    assert grants.revoke(made.id)
    assert not grants.revoke(made.id)
    assert grants.find(request_for()) is None
    grants.grant(get_tool(remove))
    grants.revoke_all()
    assert grants.list_grants() == []


def test_another_function_of_the_same_name_has_no_grant() -> None:
    grants = ApprovalGrants()
    grants.grant(get_tool(remove))

    @tool(name="remove", requires_confirmation=True)
    def impostor(path: str) -> None:
        """What code of a model might define in the user's namespace."""

    assert grants.find(request_for(impostor)) is None
    assert grants.find(request_for(remove)) is not None


@pytest.mark.parametrize("answer", [True, False, "approve", 1])
async def test_a_hook_that_gives_no_verdict_denies(answer: Any) -> None:
    """True could mean that it may run, or that it needs a person."""
    decisions, text = await run(lambda request: answer)
    assert decisions == [(False, "policy")]
    assert "failed with TypeError" in text


async def test_no_time_of_a_person_runs_while_a_policy_thinks() -> None:
    mock = MockTransport()
    calls = [
        CompletionChunk(tool_call_delta=ToolCallDelta(name, name, '{"path": "x"}'))
        for name in ("remove", "slow")
    ]
    mock.queue_stream([*calls, CompletionChunk(stop_reason="tool_use")])
    mock.queue_response("done")
    runner = AgentRunnerBase(mock)

    async def think(call: ToolCall) -> bool:
        assert runner.pending_approvals() == []  # the first call's approval has not begun
        return True

    @tool(confirmation_policy=think)
    async def slow(path: str) -> str:
        return "slow"

    stream = runner.run_stream(build_agent(remove, slow), "go")
    asked = []
    async for chunk in stream:
        if chunk.pending_approval is not None:
            asked.append(chunk.pending_approval.tool_name)
            chunk.pending_approval.approve()
    assert asked == ["remove", "slow"]
    assert [r.text for r in stream.response.tool_calls_made] == ["removed x", "slow"]
