"""The top level of a Messages request: fields, sampling, thinking, effort, tools, limits.

It owns one function a rule; the content of the messages is `content`'s, and thinking that comes
back is `thinking`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules._schema import anthropic_strict_fault
from tests.servers.rules.anthropic.headers import NEWEST, has_beta, opened_fields
from tests.servers.rules.anthropic.models import Model

Body = Mapping[str, Any]
Headers = Mapping[str, str]

# The SDK's MessageCreateParams and MessageCountTokensParams.
COUNT_FIELDS = frozenset(
    "cache_control messages model output_config speed system thinking tool_choice tools "
    "user_profile_id".split()
)
FIELDS = COUNT_FIELDS | frozenset(
    "max_tokens container diagnostics inference_geo metadata service_tier stop_sequences "
    "stream".split()
)
SAMPLING = {"temperature": 1, "top_p": 1, "top_k": None}
EFFORTS = ("low", "medium", "high", "xhigh", "max")
TOOL_FIELDS = frozenset(
    "input_schema name allowed_callers cache_control defer_loading description "
    "eager_input_streaming input_examples strict type".split()
)
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_EXTRA = "Extra inputs are not permitted"


def check_fields(body: Body, headers: Headers, *, counting: bool) -> None:
    """Refuse what the endpoint does not know, and a request without what it needs."""
    known = set(COUNT_FIELDS if counting else FIELDS) | opened_fields(headers)
    if headers["anthropic-version"] != NEWEST and not counting:
        known |= set(SAMPLING)
    for name in unknown_fields(body, known):
        refuse(f"{name}: {_EXTRA}")
    for name in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if name not in body:
            refuse(f"{name}: Field required")
    for name in unknown_fields(body.get("metadata") or {}, ("user_id",)):
        refuse(f"metadata.{name}: {_EXTRA}")


def check_sampling(body: Body, model: Model) -> None:
    """Refuse sampling where a model has it no more; only 2023-06-01 comes here with any.

    https://platform.claude.com/docs/en/models/haiku-5-5/whats-new-haiku-5-5 (non-default values),
    the words: Cratis/AI v7.105.1, vercel/ai issue 14451, modelparams.dev pull 214.
    """
    given = {name: body[name] for name in SAMPLING if body.get(name) is not None}
    if not 0 <= given.get("temperature", 1) <= 1:
        refuse("temperature: range: 0..1")
    if model.sampling == "defaults":
        for name, value in given.items():
            if value != SAMPLING[name]:
                refuse(f"`{name}` is deprecated for this model.")
    elif {"temperature", "top_p"} <= set(given):
        refuse(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only "
            "one."
        )
    if thinking_type(body, model) in ("enabled", "adaptive"):
        if given.get("temperature", 1) != 1:
            refuse(
                "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode."
            )
        if "top_k" in given:
            refuse("`top_k` must be unset when thinking is enabled or in adaptive mode.")
        if given.get("top_p", 1) < 0.95:
            refuse(
                "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled"
            )


def thinking_type(body: Body, model: Model) -> str:
    """Return how this request thinks, the model's default included."""
    given = body.get("thinking")
    if isinstance(given, Mapping):
        return str(given.get("type"))
    return "adaptive" if model.thinks else "disabled"


def check_thinking(body: Body, headers: Headers, model: Model) -> None:
    """Refuse the kinds of thinking that a model has no more, or has not yet.

    https://platform.claude.com/docs/en/models/opus-5-5/whats-new-opus-5-5#thinking-cant-be-disabled
    """
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type")
    if kind not in ("enabled", "adaptive", "disabled", "between_tools"):
        refuse(
            f"thinking: Input tag '{kind}' found using 'type' does not match any of the expected "
            "tags: 'adaptive', 'between_tools', 'disabled', 'enabled'"
        )
    _check_thinking_fields(thinking, headers, kind)
    if kind not in model.thinking:
        _refuse_thinking(kind, model)
    effort = (body.get("output_config") or {}).get("effort") or "high"
    if kind in ("disabled", "between_tools") and effort not in model.off_up_to:
        refuse(f'"thinking.type.{kind}" is not supported at effort "{effort}" for this model.')
    if kind == "enabled":
        _check_budget(thinking, body, headers)


def _refuse_thinking(kind: str, model: Model) -> None:
    if kind == "adaptive":  # caozhiyuan/copilot-api, NousResearch/hermes-agent pull 1128
        refuse("adaptive thinking is not supported on this model")
    if kind == "disabled" and "between_tools" in model.thinking:
        refuse(
            'To turn thinking off on this model, send "thinking": {"type": "between_tools"}. '
            '"thinking.type.disabled" is not supported for this model.'
        )
    refuse(
        f'"thinking.type.{kind}" is not supported for this model. Use "thinking.type.adaptive" and '
        '"output_config.effort" to control thinking behavior.'
    )


def _check_thinking_fields(thinking: Mapping[str, Any], headers: Headers, kind: str) -> None:
    """Refuse `budget_tokens` outside `enabled`, `block_binding` without its beta."""
    known = {"type"}
    if kind in ("enabled", "adaptive"):
        known.add("display")
    if kind == "enabled":
        known.add("budget_tokens")
    if kind == "adaptive" and has_beta(headers, "thinking-binding-controls"):
        known.add("block_binding")
    for name in unknown_fields(thinking, known):
        refuse(f"thinking.{kind}.{name}: {_EXTRA}")
    shown = (
        "summarized",
        "omitted",
        *(("updates",) * has_beta(headers, "thinking-display-updates")),
    )
    if thinking.get("display") not in (None, *shown):
        refuse(f"thinking.{kind}.display: Input should be {_either(shown)}")


def _check_budget(thinking: Mapping[str, Any], body: Body, headers: Headers) -> None:
    """https://platform.claude.com/docs/en/build-with-claude/extended-thinking"""
    if "budget_tokens" not in thinking:
        refuse("thinking.enabled.budget_tokens: Field required")
    budget = thinking["budget_tokens"]
    if budget < 1024:
        refuse("thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
    if not has_beta(headers, "interleaved-thinking") and budget >= body.get("max_tokens", 1 << 30):
        refuse(
            "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
            "documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
            "#max-tokens-and-context-window-size"
        )


def check_output(body: Body, headers: Headers, model: Model) -> None:
    """Refuse efforts and formats that a model lacks, and schemas that no grammar holds."""
    output = body.get("output_config")
    if output is None:
        return
    known = {"effort", "format"}
    if has_beta(headers, "task-budgets"):
        known.add("task_budget")
    for name in unknown_fields(output, known):
        refuse(f"output_config.{name}: {_EXTRA}")
    _check_effort(output.get("effort"), model)
    if (given := output.get("format")) is not None:
        if not model.formats:
            refuse(f"'{body['model']}' does not support output format.")
        if given.get("type") != "json_schema":
            refuse("output_config.format.type: Input should be 'json_schema'")
        if "schema" not in given:
            refuse("output_config.format.schema: Field required")
        for name in unknown_fields(given, ("type", "schema")):
            refuse(f"output_config.format.{name}: {_EXTRA}")
        if fault := anthropic_strict_fault(given["schema"]):
            refuse(f"output_config.format.schema: {fault}")


def _check_effort(effort: object, model: Model) -> None:
    """The words: askalf/dario pull 491; which levels: SkillfulAgents/SuperAgent pull 1142."""
    if effort is None:
        return
    if effort not in EFFORTS:
        refuse(f"output_config.effort: Input should be {_either(EFFORTS)}")
    if not model.efforts:
        refuse("This model does not support the effort parameter.")
    if effort not in model.efforts:
        levels = ", ".join(sorted(model.efforts))
        refuse(f"This model does not support effort level '{effort}'. Supported levels: {levels}.")


def check_limits(body: Body, model: Model) -> None:
    """The words: anthropics/claude-code issue 8756."""
    asked, limit = body["max_tokens"], model.max_output
    if not isinstance(asked, int) or isinstance(asked, bool):
        refuse("max_tokens: Input should be a valid integer")
    if asked < 0 or (asked == 0 and body.get("stream")):
        refuse("max_tokens: Input should be greater than or equal to 1")
    if asked > limit:
        refuse(
            f"max_tokens: {asked} > {limit}, which is the maximum allowed number of output tokens "
            f"for {body['model']}"
        )
    for i, stop in enumerate(body.get("stop_sequences") or ()):
        if not isinstance(stop, str):
            refuse(f"stop_sequences.{i}: Input should be a valid string")
        if not stop.strip():
            refuse("stop_sequences: each stop sequence must contain non-whitespace")


def check_tools(body: Body, headers: Headers, model: Model) -> None:
    """Refuse tools that are none, and forced ones where a model can't be forced.

    https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools
    """
    tools = body.get("tools") or []
    for i, tool in enumerate(tools):
        if tool.get("type", "custom") in (None, "custom"):
            _check_tool(f"tools.{i}.custom", tool)
    names = [tool.get("name") for tool in tools if tool.get("name")]
    if len(set(names)) != len(names):
        refuse("tools: Tool names must be unique.")
    _check_choice(body, model, names)


def _check_tool(at: str, tool: Mapping[str, Any]) -> None:
    for name in unknown_fields(tool, TOOL_FIELDS):
        refuse(f"{at}.{name}: {_EXTRA}")
    for name in ("name", "input_schema"):
        if name not in tool:
            refuse(f"{at}.{name}: Field required")
    if not _NAME.fullmatch(tool["name"]):
        refuse(f"{at}.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'")
    schema = tool["input_schema"]
    if "type" not in schema:
        refuse(f"{at}.input_schema.type: Field required")
    if schema["type"] != "object":
        refuse(f"{at}.input_schema.type: Input should be 'object'")
    if {"oneOf", "allOf", "anyOf"} & set(schema):  # anthropics/claude-code issue 4886
        refuse(
            f"{at}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top "
            "level"
        )
    if tool.get("strict") and (fault := anthropic_strict_fault(schema)):
        refuse(f"{at}.input_schema: {fault}")


def _check_choice(body: Body, model: Model, names: list[Any]) -> None:
    choice = body.get("tool_choice")
    if choice is None:
        return
    kind = choice.get("type")
    if kind not in ("auto", "any", "tool", "none"):
        refuse(
            f"tool_choice: Input tag '{kind}' found using 'type' does not match any of the "
            "expected tags: 'any', 'auto', 'none', 'tool'"
        )
    known = {"type"} | ({"disable_parallel_tool_use"} if kind != "none" else set())
    for name in unknown_fields(choice, known | ({"name"} if kind == "tool" else set())):
        refuse(f"tool_choice.{kind}.{name}: {_EXTRA}")
    if not body.get("tools"):
        refuse("tool_choice: tool_choice may only be specified while providing tools")
    if kind == "tool" and choice.get("name") not in names:
        refuse(f"Tool '{choice.get('name')}' not found in provided tools")
    if kind not in ("any", "tool"):
        return
    if not model.forced_tool:  # vercel/ai issue 21364, zed issue 63571
        refuse('tool_choice: type "tool" and "any" are not supported for this model.')
    if (body.get("thinking") or {}).get("type") == "enabled":
        refuse("Thinking may not be enabled when tool_choice forces tool use.")


def _either(values: tuple[str, ...]) -> str:
    quoted = [f"'{value}'" for value in values]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"
