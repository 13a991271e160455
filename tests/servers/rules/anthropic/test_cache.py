"""Usage reports what a prompt cache would have read and written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.servers import FakeAnthropic, text
from tests.servers.rules.anthropic.ask import HI, TOOL, Json, ask, assistant, said, user

LONG = "word " * 1000
CACHED = {"type": "ephemeral"}


def usage(server: FakeAnthropic, **body: Any) -> tuple[int, int, int]:
    """Tokens at full price, read, written."""
    used = ask(server, **body).json()["usage"]
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return tuple(used[name] for name in names)  # type: ignore[return-value]


def test_without_a_breakpoint_nothing_is_cached(server: FakeAnthropic) -> None:
    assert usage(server, system=LONG) == usage(server, system=LONG) == (25, 0, 0)


def test_a_growing_conversation_reads_what_it_wrote(server: FakeAnthropic) -> None:
    messages: list[Json] = list(HI)
    _, read, written = usage(server, system=LONG, messages=messages, cache_control=CACHED)
    assert read == 0
    assert written > 1000
    messages += [assistant(said("ok")), user(said("and?"))]
    _, again, more = usage(server, system=LONG, messages=messages, cache_control=CACHED)
    assert again == written
    assert 0 < more < 100


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"system": "x" + LONG}, False),
        ({"tools": [TOOL]}, False),
        ({"model": "claude-opus-5"}, False),
        ({"messages": [{"role": "user", "content": "x" + LONG}]}, False),
    ],
)
def test_a_changed_prefix_is_not_read(server: FakeAnthropic, changed: Json, kept: bool) -> None:
    first: Json = {"system": "S", "messages": [{"role": "user", "content": LONG}]}
    usage(server, **first, cache_control=CACHED)
    _, read, _ = usage(server, **{**first, **changed}, cache_control=CACHED)
    assert (read > 0) == kept


def test_another_choice_of_tools_keeps_the_systems_part(server: FakeAnthropic) -> None:
    system = [{**said(LONG), "cache_control": CACHED}]
    body: Json = {"system": system, "tools": [TOOL], "cache_control": CACHED}
    _, _, written = usage(server, **body)
    _, read, _ = usage(server, **body, tool_choice={"type": "none"})
    assert 1000 < read < written


@pytest.mark.parametrize(("ttl", "lasts"), [("5m", False), ("1h", True)])
def test_entries_last_as_long_as_asked(server: FakeAnthropic, ttl: str, lasts: bool) -> None:
    now = 0.0
    server.rules.clock = lambda: now
    body: Json = {"system": LONG, "cache_control": {**CACHED, "ttl": ttl}}
    created = ask(server, **body).json()["usage"]["cache_creation"]
    assert created[f"ephemeral_{ttl}_input_tokens"] > 1000
    now = 301.0
    assert (usage(server, **body)[1] > 0) == lasts


@pytest.mark.parametrize(
    ("model", "cached"),
    [("claude-opus-5-5", True), ("claude-sonnet-4-6", True), ("claude-haiku-4-5", False)],
)
def test_a_short_prefix_is_not_cached(server: FakeAnthropic, model: str, cached: bool) -> None:
    written = usage(server, model=model, system=LONG, cache_control=CACHED)[2]
    assert (written > 0) == cached


def test_the_usage_that_a_test_scripts_stays(server: FakeAnthropic) -> None:
    server.reply(text("ok"), usage={"input_tokens": 7})
    assert usage(server, system=LONG, cache_control=CACHED)[0] == 7


def test_a_stream_reports_the_cache_at_its_start(server: FakeAnthropic) -> None:
    lines = ask(server, system=LONG, cache_control=CACHED, stream=True).text.splitlines()
    start = json.loads(lines[1].removeprefix("data: "))
    assert start["message"]["usage"]["cache_creation_input_tokens"] > 1000
