"""A refusal that names a field of ours is answered with the request changed in that one place.

refusals.jsonl has the servers' own words, from their documentation and public reports; numbers and
names are made up. A line with "becomes" tells how the request changes (null: a field is left out);
one without stays an error.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lauren_ai._profiles import Learned, Negotiation, Profile, get_profile, read_refusal
from lauren_ai._profiles.refusals.adjustment import PLACES
from lauren_ai._profiles.refusals.words import read_words

SERVER = "http://127.0.0.1:1/v1"
LINES = (Path(__file__).parent / "refusals.jsonl").read_text("utf-8").splitlines()
ALL: list[dict[str, Any]] = [json.loads(line) for line in LINES]
CASES = [case for case in ALL if "becomes" in case]
STAYS = [case for case in ALL if "becomes" not in case]
#: Who is asked, by the API that a line is of.
PROVIDERS = {"messages": "anthropic", "chat": "openai", "responses": "openai"}

MESSAGES = [{"role": "system", "content": "S"}, {"role": "user", "content": "hi"}]
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
STRICT = {"type": "function", "function": {"name": "f", "parameters": {}, "strict": True}}
BARE = {"type": "function", "function": {"name": "f", "parameters": {}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
USE_INSTEAD = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)
NO_TOOLS_IN_THOUGHT = (
    "Function tools with reasoning_effort are not supported for gpt-5.6-sol in "
    "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to "
    "'none'."
)


def openai(message: str, param: str | None = None) -> str:
    return json.dumps({"error": {"message": message, "param": param, "code": None}})


def build(model: str, fields: dict[str, Any], api: str = "chat") -> dict[str, Any]:
    """A request; a field of None is left out."""
    request: dict[str, Any] = {"model": model, "stream": True}
    if api != "responses":
        request |= {"messages": MESSAGES, "max_tokens": 4_096}
    return {key: value for key, value in (request | fields).items() if value is not None}


def get(case: dict[str, Any]) -> Profile:
    provider = PROVIDERS.get(case["api"], case["api"])
    return get_profile(provider, case["model"], SERVER if case["api"] == "chat" else None)


def say(case: dict[str, Any]) -> str:
    says = case["says"]
    return says if isinstance(says, str) else json.dumps(says)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['api']}-{case['name']}")
def test_a_refused_field_is_changed_and_nothing_else(case: dict[str, Any]) -> None:
    model, api = case["model"], case["api"]
    request = build(model, case["request"], api)
    before = copy.deepcopy(request)
    adjustment = read_refusal(case.get("status", 400), say(case), request, get(case))
    assert adjustment is not None
    changed = adjustment.apply(request)
    assert changed == build(model, case["request"] | case["becomes"], api)
    assert request == before
    assert adjustment.apply(changed) == changed
    assert adjustment.lasting is case.get("lasting", True)
    assert adjustment.note.endswith(".")
    assert model in adjustment.note


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['api']}-{case['name']}")
def test_the_same_refusal_again_and_again_comes_to_an_end(case: dict[str, Any]) -> None:
    """A server may refuse whatever is sent; each request to it is billed or makes someone wait."""
    negotiation = Negotiation(Learned(), SERVER, get(case))
    request = negotiation.fit(build(case["model"], case["request"], case["api"]))
    asked = 0
    while negotiation.refused(case.get("status", 400), say(case), request) is not None:
        request = negotiation.fit(request)
        asked += 1
        assert asked <= 3
    assert asked >= 1


@pytest.mark.parametrize("case", STAYS, ids=lambda case: case["name"])
@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "some-model"), ("anthropic", "claude-opus-4-8")]
)
def test_what_gives_a_request_its_meaning_is_never_dropped(
    case: dict[str, Any], provider: str, model: str
) -> None:
    request = build(model, case["request"])
    profile = get_profile(provider, model, SERVER)
    assert read_refusal(case.get("status", 400), say(case), request, profile) is None


def test_a_refused_schema_is_asked_for_by_a_tool() -> None:
    """It is no field to leave out: the request is built again from what was learned."""
    learned, profile = Learned(), get_profile("openai", "gpt-4o", SERVER)
    negotiation = Negotiation(learned, SERVER, profile)
    request = build("gpt-4o", {"response_format": SCHEMA})
    words = "Invalid parameter: 'response_format' of type 'json_schema' is not supported."
    adjustment = negotiation.refused(400, openai(words, "response_format"), request)
    assert adjustment is not None
    assert adjustment.action == "rebuild"
    assert negotiation.fit(request) == request
    assert negotiation.profile.structured == "tool"
    assert negotiation.refused(400, openai(words, "response_format"), request) is None


def test_tools_stay_an_error_where_no_effort_helps() -> None:
    profile = get_profile("openai", "gpt-6.1-sol", SERVER)
    request = build("gpt-6.1-sol", {"tools": [TOOL]})
    assert (
        read_refusal(400, openai(NO_TOOLS_IN_THOUGHT, "reasoning_effort"), request, profile) is None
    )


def test_what_was_learned_of_tools_leaves_other_requests_their_effort() -> None:
    negotiation = Negotiation(Learned(), SERVER, get_profile("openai", "gpt-5.6", SERVER))
    request = build("gpt-5.6", {"tools": [TOOL]})
    assert negotiation.refused(400, openai(NO_TOOLS_IN_THOUGHT, "reasoning_effort"), request)
    assert negotiation.fit(request)["reasoning_effort"] == "none"
    plain = build("gpt-5.6", {"reasoning_effort": "high"})
    assert negotiation.fit(plain) == plain


def test_one_request_may_lose_several_fields_each_once() -> None:
    learned = Learned()
    profile = get_profile("openai", "my-deployment", SERVER)
    negotiation = Negotiation(learned, SERVER, profile)
    request = build("my-deployment", {"temperature": 0, "parallel_tool_calls": False})
    refusals = [
        openai(USE_INSTEAD, "max_tokens"),
        openai("Unsupported parameter: 'temperature' is not supported.", "temperature"),
        openai(
            "Unsupported parameter: 'parallel_tool_calls' is not supported.", "parallel_tool_calls"
        ),
        openai("max_completion_tokens is too large: 4096. This model supports at most 100 tokens"),
    ]
    for body in refusals:
        assert negotiation.refused(400, body, negotiation.fit(request))
    fitted = {"model": "my-deployment", "messages": MESSAGES, "stream": True}
    assert negotiation.fit(request) == fitted | {"max_completion_tokens": 100}
    amended = learned.amend(SERVER, "my-deployment", profile)
    assert (amended.token_field, amended.max_output) == ("max_completion_tokens", 100)
    assert (amended.sampling, amended.parallel_tool_calls) == (("top_p",), False)
    # The next request of the same model is right at once; another server's is untouched.
    assert Negotiation(learned, SERVER, profile).fit(request) == negotiation.fit(request)
    assert Negotiation(learned, "http://other/v1", profile).fit(request) == request


def test_a_limit_for_this_prompt_is_not_remembered() -> None:
    learned, profile = Learned(), get_profile("anthropic", "claude-opus-4-8")
    negotiation = Negotiation(learned, "https://api.anthropic.com", profile)
    words = "input length and `max_tokens` exceed context limit: 198000 + 4096 > 200000"
    request = build("claude-opus-4-8", {})
    assert negotiation.refused(400, openai(words), request)
    assert negotiation.fit(request)["max_tokens"] == 2_000
    assert learned.get("https://api.anthropic.com", "claude-opus-4-8") == ()


def test_a_field_learned_anew_replaces_what_was_known() -> None:
    learned, profile = Learned(), get_profile("openai", "x", SERVER)
    for limit in (3_000, 2_000):
        body = openai(f"max_tokens is too large. This model supports at most {limit} tokens")
        adjustment = read_refusal(400, body, build("x", {}), profile)
        assert adjustment is not None
        learned.learn(SERVER, "x", adjustment)
    assert [a.value for a in learned.get(SERVER, "x")] == [2_000]
    learned.forget()
    assert learned.get(SERVER, "x") == ()


def test_of_many_models_the_longest_unused_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lauren_ai._profiles.refusals.learned.MAX_MODELS", 2)
    learned, profile = Learned(), get_profile("openai", "x", SERVER)
    adjustment = read_refusal(400, openai(USE_INSTEAD, "max_tokens"), build("x", {}), profile)
    assert adjustment is not None
    learned.learn(SERVER, "a", adjustment)
    learned.learn(SERVER, "b", adjustment)
    assert learned.get(SERVER, "a")
    learned.learn(SERVER, "c", adjustment)
    assert [bool(learned.get(SERVER, name)) for name in "abc"] == [True, False, True]


def test_what_is_remembered_holds_no_password() -> None:
    learned, profile = Learned(), get_profile("openai", "x", SERVER)
    adjustment = read_refusal(400, openai(USE_INSTEAD, "max_tokens"), build("x", {}), profile)
    assert adjustment is not None
    learned.learn("https://me:hunter2@host/v1?key=hunter2", "x", adjustment)
    assert "hunter2" not in repr(vars(learned))
    assert learned.get("https://HOST/v1", "x") == (adjustment,)
    learned.learn("http://[::1", "x", adjustment)  # the client says what is wrong with it


def test_strict_is_left_out_of_tools_but_not_of_what_they_take() -> None:
    request = build("x", {"tools": [STRICT]})
    body = openai("Unknown parameter: 'tools[0].function.strict'.", "tools[0].function.strict")
    adjustment = read_refusal(400, body, request, get_profile("openai", "x", SERVER))
    assert adjustment is not None
    assert adjustment.apply(request)["tools"] == [BARE]


# -- hostile refusals ------------------------------------------------------------------------------

FULL = build(
    "x",
    {
        "temperature": 0.5,
        "top_p": 0.5,
        "top_k": 5,
        "reasoning_effort": "high",
        "thinking": {"type": "enabled", "budget_tokens": 5_000, "display": "summarized"},
        "tools": [STRICT],
        "tool_choice": "required",
        "parallel_tool_calls": True,
        "response_format": SCHEMA,
        "stream_options": {"include_usage": True},
        "store": False,
        "stop": ["x"],
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "high", "summary": "auto"},
        "cache_control": {"type": "ephemeral"},
        "prompt_cache_key": "k",
    },
)
MAY_CHANGE = {place[0] for places in PLACES.values() for place in places} | {
    "max_completion_tokens"
}
WORDS = (
    "temperature top_p tools messages system model schema tool_choice max_tokens thinking stop "
    "'stop' 'strict' `store` response_format reasoning_effort input document image_url role "
    "developer is are not supported unsupported unknown must be one of none low high 0 1 99999999 "
    "4096 > < : . [ ] ( ) { } \\ \" ' body loc param tools[0].function messages.0.content"
).split()
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | SENTENCES | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["error", "message", "detail", "param", "loc", "raw"]), inner
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=300)
@given(
    body=VALUES.map(json.dumps) | SENTENCES | st.text() | st.binary(),
    status=st.sampled_from([400, 422]),
)
def test_no_refusal_drops_what_is_asked(body: str | bytes, status: int) -> None:
    before = copy.deepcopy(FULL)
    adjustment = read_refusal(status, body, FULL, get_profile("openai", "gpt-4o", SERVER))
    assert before == FULL
    if adjustment is None:
        return
    changed = adjustment.apply(FULL)
    for key, value in FULL.items():
        if key == "tools":
            assert json.dumps(changed[key]).replace(', "strict": true', "") == json.dumps([BARE])
        elif key == "response_format" or key not in MAY_CHANGE:
            assert changed[key] == value
    assert set(changed) <= set(FULL) | MAY_CHANGE
    assert len(adjustment.note) < 400


@pytest.mark.parametrize(
    "body",
    [
        "[" * 200_000,
        '{"error":' * 200_000,
        "messages." * 200_000,
        "'loc': (" * 100_000,
        "max_tokens: 1 > " * 100_000,
        "maximum context length is 1 tokens" * 50_000,
        "thinking.type.enabled adaptive " * 50_000,
        '"a": ' * 100_000,
        "\\" * 500_000,
        "9" * 500_000,
        json.dumps(
            {
                "error": {
                    "metadata": {"raw": json.dumps({"error": {"metadata": {"raw": "x" * 200_000}}})}
                }
            }
        ),
        json.dumps({"detail": [{"loc": ["body", "x" * 1_000] * 100}] * 5_000}),
    ],
    ids=range(12),
)
def test_a_refusal_without_end_is_read_at_its_head_only(body: str) -> None:
    words = read_words(body)
    assert len(words.text) <= 65_536
    assert len(words.paths) < 2_000
    read_refusal(400, body, FULL, get_profile("openai", "gpt-4o", SERVER))


def test_a_model_named_like_a_sentence_stays_one_line() -> None:
    request = build("x\x1b[31m\n" + "y" * 500, {"temperature": 1})
    body = openai("Unsupported parameter: 'temperature'", "temperature")
    adjustment = read_refusal(400, body, request, get_profile("openai", "x", SERVER))
    assert adjustment is not None
    assert adjustment.note.isprintable()
    assert len(adjustment.note) < 150
