"""Every path that the first version's document and its users import goes on with the same names.

The list is frozen as the first version had it: a name is added here, and never goes.
"""

from __future__ import annotations

import warnings
from importlib import import_module

import pytest

import lauren_ai

PROMISED = {
    "lauren_ai": (
        "AgentBudgetExceededError AgentConfig AgentConfigError AgentContext AgentMaxTurnsError "
        "AgentMeta AgentResponse AgentRunComplete AgentRunner AgentRunnerBase AgentTurnComplete "
        "ApprovalDecision ApprovalGrant ApprovalGrants ApprovalPolicy AuthTransportError "
        "CassetteError CassetteMissError CassettePlayer CassetteRecorder Chain ChainRun "
        "ChainStream ChatPrompt ChatPromptTemplate CommaSeparatedListParser Completion "
        "CompletionChunk CompletionStream ConfirmationRequest ContentBlock ConversationStore "
        "DecoratorUsageError Embedding EmptyQueueError EventSink FewShotPromptTemplate FrozenCall "
        "InMemoryConversationStore InvalidToolCall JSONOutputParser LLMConfig LLMService "
        "LaurenAIError MarkdownCodeBlockParser Message ModelCallComplete ModelCallStarted "
        "OutputParser OutputParserError PendingApproval PromptRenderError PromptTemplate "
        "PydanticOutputParser RateLimitTransportError RegexParser RetryNotice RetryOutputParser "
        "RunStream SQLiteConversationStore ShortTermMemory Signal SignalBus Step StepRun "
        "StorageDependencyError StorageError StrOutputParser StreamTruncatedError StructuredLLM "
        "Timeouts TokenUsage Tool ToolApprovalResolved ToolCall ToolCallComplete ToolCallDelta "
        "ToolCallStarted ToolChoice ToolConfigError ToolConfirmationRejectedError ToolContext "
        "ToolExecutionError ToolPendingApproval ToolResult ToolSchema ToolSchemaError "
        "TransientTransportError TransportError Verdict agent chain get_tool make_agent "
        "set_cassette tool use_tools"
    ),
    "lauren_ai._module": ("LLMService build_transport"),
    "lauren_ai._transport": (
        "Completion CompletionChunk ContentBlock Embedding InvalidToolCall Message "
        "PendingApproval TokenUsage ToolCall ToolCallDelta ToolChoice ToolSchema"
    ),
    "lauren_ai._prompts": (
        "ChatPrompt ChatPromptTemplate FewShotPromptTemplate INPUT PromptTemplate Template"
    ),
    "lauren_ai._config": (
        "AgentConfig LLMConfig PROVIDERS Timeouts ToolErrorPolicy is_header_safe"
    ),
    "lauren_ai._agents": (
        "ATTRIBUTE AgentMeta agent get_meta make_agent make_instance override use_tools"
    ),
    "lauren_ai._tools": (
        "ConfirmationPolicy Tool ToolContext check_tools collect_tools get_tool tool"
    ),
    "lauren_ai._chains": ("Chain Step StepKind chain"),
    "lauren_ai._output_parsers": (
        "CommaSeparatedListParser JSONOutputParser MarkdownCodeBlockParser OutputParser "
        "PydanticOutputParser RegexParser RetryOutputParser StrOutputParser add_usage "
        "describe_mismatch text_of"
    ),
    "lauren_ai._exceptions": (
        "AgentBudgetExceededError AgentConfigError AgentMaxTurnsError AuthTransportError "
        "CassetteError CassetteMissError DecoratorUsageError EmptyQueueError LaurenAIError "
        "OutputParserError PromptRenderError RateLimitTransportError StorageDependencyError "
        "StorageError StreamTruncatedError ToolConfigError ToolConfirmationRejectedError "
        "ToolExecutionError ToolSchemaError TransientTransportError TransportError"
    ),
    "lauren_ai._transport._mock": ("MockTransport Queued"),
    "lauren_ai.testing": ("AgentTestClient MockTransport TestClient"),
    "lauren_ai.web": ("AgentModule EventStream LLMModule"),
    "lauren_nb": ("ChatPanel __version__ load_ipython_extension unload_ipython_extension"),
    "lauren_nb.panel": ("ChatPanel"),
    "lauren_nb.tools": ("dataframe_info inspect_variable list_variables run_python"),
}


@pytest.mark.parametrize("module", PROMISED)
def test_a_promised_path_has_its_names(module: str) -> None:
    found = import_module(module)
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        assert [name for name in PROMISED[module].split() if not hasattr(found, name)] == []


def test_a_name_that_moved_is_the_same_thing_and_says_where_it_stands() -> None:
    moved = set(PROMISED["lauren_ai"].split()) - set(lauren_ai.__all__)
    assert moved
    for name in moved:
        with pytest.warns(DeprecationWarning, match=rf"lauren_ai\.\w+\.{name} now") as told:
            old = getattr(lauren_ai, name)
        place = str(told[0].message).split(" is ")[1].split()[0].rpartition(".")[0]
        assert name in import_module(place).__all__
        assert getattr(import_module(place), name) is old
        assert told[0].filename == __file__


def test_importing_a_name_that_moved_warns_where_the_user_wrote_it() -> None:
    with pytest.warns(DeprecationWarning) as told:
        from lauren_ai import CassettePlayer  # type: ignore[attr-defined]
    assert CassettePlayer.__name__ == "CassettePlayer"
    assert {warning.filename for warning in told} == {__file__}


def test_a_name_that_never_was_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'lauren_ai' has no attribute 'Nothing'"):
        _ = lauren_ai.Nothing  # type: ignore[attr-defined]
