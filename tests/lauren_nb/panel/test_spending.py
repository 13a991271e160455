"""What a panel's runs cost: the same in its footers, in its head and in the session's ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import LLMConfig
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from lauren_nb._session.session import Session
from lauren_nb.panel._chat import Chat
from lauren_nb.panel._run import make_model
from tests.servers import FakeAnthropic, FakeOpenAI, text

PRICED = "claude-sonnet-4-6"
USAGE = {"input_tokens": 1_000}


@pytest.fixture
def make_chat() -> Callable[[LLMConfig], Chat]:
    def make(config: LLMConfig) -> Chat:
        session = Session(InteractiveShell())
        model = make_model(config, (), None, namespace={}, kernel_loop=asyncio.get_running_loop())
        return Chat(
            model,
            session=session,
            store=session.store,
            conversation_id="chat",
            title="Chat",
            send=lambda message: None,
            on_end=lambda turn: None,
        )

    return make


def make_config(server: FakeAnthropic) -> LLMConfig:
    return LLMConfig.for_anthropic(PRICED, api_key="sk-ant-test", base_url=server.base_url)


async def test_priced_run_costs_the_same_in_footer_head_and_ledger(
    make_chat: Callable[[LLMConfig], Chat], anthropic_server: FakeAnthropic
) -> None:
    chat = make_chat(make_config(anthropic_server))
    anthropic_server.reply(text("One."), usage=USAGE, output_tokens=10, model=PRICED)
    turn = await chat.ask("first")
    (entry,) = chat._session.ledger
    assert turn.view.footer["cost_usd"] == entry.cost_usd == chat.cost_usd == pytest.approx(0.00315)
    assert (entry.is_free, entry.is_replayed) == (False, False)


async def test_model_on_the_users_machine_is_free_though_another_of_its_name_has_a_price(
    make_chat: Callable[[LLMConfig], Chat], openai_server: FakeOpenAI
) -> None:
    chat = make_chat(LLMConfig.for_ollama("gpt-4o", base_url=openai_server.url))
    openai_server.reply(text("One."), model="gpt-4o")
    turn = await chat.ask("first")
    (entry,) = chat._session.ledger
    assert (entry.is_free, entry.cost_usd, turn.view.footer["cost_usd"]) == (True, None, None)
    assert chat.cost_usd == 0


async def test_model_without_a_price_leaves_the_panels_cost_unknown(
    make_chat: Callable[[LLMConfig], Chat], anthropic_server: FakeAnthropic
) -> None:
    chat = make_chat(replace(make_config(anthropic_server), model="claude-unheard-of"))
    anthropic_server.reply(text("One."), usage=USAGE, model="claude-unheard-of")
    await chat.ask("first")
    assert chat.cost_usd is None


async def test_request_that_was_refused_leaves_the_panels_cost_as_it_was(
    make_chat: Callable[[LLMConfig], Chat], anthropic_server: FakeAnthropic
) -> None:
    """Else the head of a panel showed no cost any more after one wrong request."""
    chat = make_chat(make_config(anthropic_server))
    anthropic_server.reply(text("One."), usage=USAGE, output_tokens=10, model=PRICED)
    anthropic_server.queue(anthropic_server.error(400))
    await chat.ask("first")
    turn = await chat.ask("second")
    assert turn.error is not None
    assert chat.cost_usd == pytest.approx(0.00315)


async def test_replayed_run_is_marked_in_the_ledger(
    make_chat: Callable[[LLMConfig], Chat], anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    config = make_config(anthropic_server)
    recorder = CassetteRecorder(tmp_path / "c.json")
    anthropic_server.reply(text("One."), usage=USAGE, model=PRICED)
    await make_chat(replace(config, request_options={"cassette": recorder})).ask("first")
    player = CassettePlayer(tmp_path / "c.json")
    chat = make_chat(replace(config, request_options={"cassette": player}))
    turn = await chat.ask("first")
    (entry,) = chat._session.ledger
    assert (turn.text, entry.is_replayed) == ("One.", True)
