"""A refusal says what to do: which model was meant, how much shorter, when, where the key goes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from lauren_ai._http.advice import describe_wait, get_retry_after
from lauren_ai._http.errors import build_status_error, build_stream_error
from lauren_ai.errors import AuthTransportError, RateLimitTransportError


def refuse(status: int, message: str, *, model: str = "m", **fields: Any) -> Any:
    headers = fields.pop("headers", {})
    provider = fields.pop("provider", "openai")
    body = json.dumps({"error": {"message": message, **fields}})
    return build_status_error(provider, status, headers, body, model=model)


@pytest.mark.parametrize(
    ("provider", "model", "message", "words"),
    [
        ("openai", "gpt-6.1-tera", "The model `gpt-6.1-tera` does not exist", "gpt-6.1-terra"),
        ("anthropic", "claude-opus-55", "model: claude-opus-55 not found", "claude-opus-5-5"),
        ("openai", "x", "The model `x` does not exist", "There is no model 'x' here."),
        ("ollama", "llama9", 'model "llama9" not found, try pulling it first', "llama9"),
    ],
)
def test_an_unknown_model_suggests_near_names(
    provider: str, model: str, message: str, words: str
) -> None:
    error = refuse(404, message, model=model, provider=provider)
    assert words in str(error) and "There is no model" in str(error)


def test_a_long_prompt_says_by_how_much() -> None:
    said = (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "9000 tokens."
    )
    assert "808 more than the 8,192 that m takes" in str(refuse(400, said))
    stream = build_stream_error("openai", {"error": {"message": said}}, model="m")
    assert "808 more than" in str(stream)


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({"retry-after": "30"}, "", 30),
        ({}, "Rate limit reached. Please try again in 7m12.5s.", 432.5),
        ({}, "Please try again in 20 seconds", 20),
        ({}, '"retryDelay": "34s"', 34),
        ({}, "try again in 99999h", None),
        ({}, "no word of it", None),
    ],
)
def test_when_to_ask_again_is_read(
    headers: dict[str, str], said: str, seconds: float | None
) -> None:
    assert get_retry_after(headers, said) == seconds


def test_a_long_wait_is_told_with_its_end() -> None:
    now = datetime(2026, 11, 28, 12, 0, tzinfo=UTC).astimezone()
    then = datetime(2026, 11, 28, 12, 10, tzinfo=UTC).astimezone()
    assert describe_wait(600, now=now) == f"Ask again in 10 min, at {then:%H:%M}."
    assert describe_wait(30) == "Ask again in 30 s."


@pytest.mark.parametrize(
    "error",
    [
        refuse(429, "You exceeded your current quota", code="insufficient_quota"),
        refuse(429, "slow", headers={"x-should-retry": "false"}),
        build_stream_error("openai", {"error": {"code": "insufficient_quota", "message": "no"}}),
    ],
)
def test_what_no_retry_mends_is_not_retried(error: Any) -> None:
    assert error.retryable is False


def test_missing_money_is_told_as_such() -> None:
    error = refuse(429, "You exceeded your current quota", code="insufficient_quota")
    assert isinstance(error, RateLimitTransportError)
    assert "no credit left" in str(error) and "Ask again" not in str(error)
    assert "no credit left" in str(refuse(402, "Insufficient Balance"))


def test_a_refused_key_names_its_variables() -> None:
    error = refuse(401, "bad key", provider="gemini")
    assert isinstance(error, AuthTransportError)
    assert "Set GEMINI_API_KEY or GOOGLE_API_KEY to a valid key" in str(error)
