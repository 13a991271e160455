"""Owns the ways in which a provider fails, and the words that a cell then shows."""

from __future__ import annotations

from collections.abc import Callable

from tests.servers import FakeAnthropic, Script, html, text

#: What a provider's failure does to the request, by the words that the cell then shows.
Make = Callable[[FakeAnthropic], Script]
HALF = text("half an answer that goes on")
BEFORE_THE_END = 5  # events: start, ping, block start, two deltas


def refuse_the_key(server: FakeAnthropic) -> Script:
    return server.error(401, "invalid x-api-key")


def limit_for_two_minutes(server: FakeAnthropic) -> Script:
    return server.error(429, "rate limited", headers={"retry-after": "120"})


def overload(server: FakeAnthropic) -> Script:
    return server.error(529, "Overloaded", headers={"retry-after-ms": "10"})


def not_know_the_model(server: FakeAnthropic) -> Script:
    return server.error(404, "model: claude-9")


def answer_as_a_proxy(server: FakeAnthropic) -> Script:
    return html(200)


def fail_in_mid_stream(server: FakeAnthropic) -> Script:
    event = server.error_event("Overloaded")
    return server.script(HALF).cut_at_event(BEFORE_THE_END).with_event(BEFORE_THE_END, event)


def end_in_mid_stream(server: FakeAnthropic) -> Script:
    return server.script(HALF).cut_at_event(BEFORE_THE_END)


def reset_in_mid_stream(server: FakeAnthropic) -> Script:
    return server.script(HALF).cut_at_event(BEFORE_THE_END, end="reset")


FAILURES: dict[Make, str] = {
    refuse_the_key: "401: invalid x-api-key. Set ANTHROPIC_API_KEY or "
    "ANTHROPIC_AUTH_TOKEN to a valid key",
    limit_for_two_minutes: "429: rate limited. Ask again in 2 min, at ",
    overload: "529: Overloaded. Ask again",
    not_know_the_model: "404: model: claude-9. There is no model 'claude-sonnet-4-6'. Did you "
    "mean ",
    answer_as_a_proxy: "anthropic",
    fail_in_mid_stream: "reported an error while it answered: overloaded_error: Overloaded.",
    end_in_mid_stream: "The text so far is kept; ask again.",
    reset_in_mid_stream: "The text so far is kept; ask again.",
}
IN_MID_STREAM = [fail_in_mid_stream, end_in_mid_stream, reset_in_mid_stream]
