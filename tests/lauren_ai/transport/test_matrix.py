"""Every model of today against servers that refuse as its vendor does: no request is refused, or
one is, and the person is told what was changed.

`asked at home`: at the vendor's own address, by its profile. `behind a gateway`: the same rules at
an address that tells nothing, where the name alone must do.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from lauren_ai import (
    AgentRunnerBase,
    ContentBlock,
    LLMConfig,
    LLMService,
    Message,
    RunStream,
    SQLiteConversationStore,
    TransportError,
)
from lauren_ai._profiles import get_profile
from tests.servers import FakeAnthropic, FakeOpenAI, text, thinking, tool_call
from tests.support.agents import add, build_agent, greet
from tests.support.pictures import make_png

#: Model, whose rules its server has, by the name that `get_profile` knows it by.
CLAUDES = """claude-haiku-4-5 claude-sonnet-4-5 claude-opus-4-5 claude-sonnet-4-6 claude-opus-4-6
claude-opus-4-7 claude-opus-4-8 claude-sonnet-5 claude-opus-5 claude-fable-5 claude-fable-5-1
claude-fable-5-2 claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-sonnet-9""".split()
GPTS = """gpt-4o gpt-4.1 gpt-4.1-mini o3 o4-mini o1-pro gpt-5 gpt-5-mini gpt-5.1 gpt-5.2 gpt-5.4
gpt-5.4-mini gpt-5.4-pro gpt-5.5 gpt-5.6-sol gpt-6-sol gpt-6-luna gpt-6-astra gpt-6.1-sol
gpt-6.1-terra gpt-6.2-sol gpt-6.2-astra gpt-7""".split()
OTHERS = {
    "gemini": "gemini-3-pro-preview gemini-3.1-pro-preview gemini-3.5-flash gemini-3.8-flash",
    "deepseek": "deepseek-v4-pro deepseek-v4-flash deepseek-chat deepseek-reasoner",
    "kimi": "kimi-k3 kimi-k3.1-pro kimi-k2.7-code kimi-k2.6",
    "xai": "grok-4.7 grok-4.5 grok-4.3 grok-4 grok-4-fast-non-reasoning",
    "mistral": "mistral-large-latest mistral-medium-latest magistral-medium-latest",
    "groq": "qwen/qwen3-32b openai/gpt-oss-120b llama-3.3-70b-versatile",
    "openrouter": "anthropic/claude-opus-5.5 google/gemini-3.5-flash deepseek/deepseek-v4-pro",
    "azure": "gpt-4.1 gpt-5-mini gpt-5.1",
    "vllm": "meta-llama/Llama-3.3-70B-Instruct Qwen/Qwen3-32B",
    "llama": "Llama-3.2-3B-Instruct.gguf",
    "ollama": "llama3.2 qwen3:8b",
}
PROVIDERS = {"kimi": "moonshot", "llama": "other"}
#: A gateway that only passes on cannot be told from the name what it passes on to: these vendors
#: are asked there by their own models' names.
BEHIND = ("gemini", "deepseek", "kimi", "xai", "mistral")

HOME, GATEWAY = "at home", "behind a gateway"
ROWS = [
    *(("anthropic", model, HOME) for model in CLAUDES),
    *(("openai", model, HOME) for model in GPTS),
    *((vendor, model, HOME) for vendor, models in OTHERS.items() for model in models.split()),
    *((vendor, model, GATEWAY) for vendor in BEHIND for model in OTHERS[vendor].split()),
    *(("anthropic", model, GATEWAY) for model in CLAUDES[-3:]),
]
PNG = make_png()
PDF = b"%PDF-1.4 of a test"
ASK = [Message.user("Who is it?")]


class Person(BaseModel):
    name: str
    age: int | None = None
    tags: list[str] = []


@dataclass
class Row:
    """A model, its server, and what the person was told."""

    model: str
    server: FakeAnthropic | FakeOpenAI
    config: LLMConfig
    heard: list[str] = field(default_factory=list)
    services: list[LLMService] = field(default_factory=list)

    @property
    def service(self) -> LLMService:
        return self.services[-1] if self.services else self.restart()

    def restart(self) -> LLMService:
        """Another service, as of a new process."""
        self.services.append(LLMService.from_config(self.config))
        return self.services[-1]

    def hear(self, line: str) -> None:
        """All but the day of a model's end, which comes nearer whatever is asked."""
        if not re.match(rf"{re.escape(self.model)} end(s|ed) on 20\d\d-", line):
            self.heard.append(line)

    async def ask(self, messages: list[Message] = ASK, **options: Any) -> Any:
        """The body of a request that was answered."""
        self.server.reply(thinking("Let me see."), text("It is Ada."))
        options = {"system": "Be brief.", "on_notice": self.hear, **options}
        completion = await self.service.complete(messages, **options)
        assert completion.content == "It is Ada."
        return self.server.requests[-1].body

    async def run(self, runner: AgentRunnerBase, agent: object, question: str, **opts: Any) -> str:
        stream: RunStream = runner.run_stream(agent, question, **opts)
        stream.on_notice = self.hear
        async for _ in stream:
            pass
        return stream.response.content

    def check(self) -> None:
        """At most one request was refused, and then a line says what was changed."""
        refused = [refusal.message for refusal in self.server.refused]
        assert len(refused) <= 1, refused
        assert self.heard or not refused, refused
        assert len(self.heard) == len(set(self.heard)) <= 2


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[FakeAnthropic | FakeOpenAI]:
    vendor, _, _ = request.getfixturevalue("case")
    with FakeAnthropic() if vendor == "anthropic" else FakeOpenAI(vendor=vendor) as made:
        yield made


@pytest.fixture
async def row(case: tuple[str, str, str], server: FakeAnthropic | FakeOpenAI) -> AsyncIterator[Row]:
    vendor, model, where = case
    make = {"anthropic": LLMConfig.for_anthropic, "ollama": LLMConfig.for_ollama}.get(
        vendor, LLMConfig.for_openai
    )
    options: dict[str, Any] = {} if vendor == "ollama" else {"api_key": "k" * 20}
    if where == HOME and vendor != "ollama":
        options["profile"] = get_profile(PROVIDERS.get(vendor, vendor), model)
    made = Row(model, server, make(model, base_url=server.base_url, max_retries=0, **options))
    yield made
    for service in made.services:
        await service.close()


each_model = pytest.mark.parametrize(
    "case", ROWS, ids=["-".join((m, v, w)).replace(" ", "_").replace("/", "_") for v, m, w in ROWS]
)


@each_model
async def test_plain(row: Row) -> None:
    body = await row.ask()
    assert "Be brief." in json.dumps(body)
    row.check()
    assert not row.heard  # nothing was asked that could be left out


THINKING: list[dict[str, Any]] = [
    {"thinking": True},
    {"thinking": True, "thinking_budget_tokens": 20_000},
    *({"reasoning_effort": level} for level in ("none", "low", "max")),
]


@each_model
async def test_thinking(row: Row) -> None:
    for asked in THINKING:
        await row.ask(**asked)
        row.check()
        row.heard.clear()


@each_model
@pytest.mark.parametrize("thinks", [False, True], ids=["", "thinking"])
async def test_temperature(row: Row, thinks: bool) -> None:
    body = await row.ask(temperature=0.3, top_p=0.9, thinking=thinks)
    row.check()
    left_out = [name for name in ("temperature", "top_p") if name not in body]
    assert all(any(name in line for line in row.heard) for name in left_out), row.heard
    before = len(row.server.refused)
    await row.ask(temperature=0.3, top_p=0.9, thinking=thinks)
    assert len(row.server.refused) == before  # learned


@each_model
@pytest.mark.parametrize("thinks", [False, True], ids=["", "thinking"])
async def test_tools_over_three_turns(row: Row, thinks: bool) -> None:
    first = thinking("Add, then greet.", signature="c2lnMQ==")
    signed = {"signature": "sig1"} if "gemini" in row.model else {}
    call = tool_call("add", {"a": 1, "b": 2}, id="call_1", **signed)
    row.server.reply(first, text("I add."), call, tool_call("add", {"a": 3, "b": 4}, id="call_2"))
    later = tool_call("greet", {"name": "Ada"}, id="call_3", **signed)
    row.server.reply(thinking("Now greet.", signature="c2lnMg=="), later)
    row.server.reply(thinking("Done.", signature="c2lnMw=="), text("3, 7 and hello."))
    agent = build_agent(add, greet, thinking=thinks, parallel_tool_calls=True)
    assert await row.run(AgentRunnerBase(row.service), agent, "go") == "3, 7 and hello."
    row.check()
    sent = json.dumps(row.server.requests[-1].body)
    assert "Hello Ada" in sent and '"7"' in sent


@each_model
@pytest.mark.parametrize("thinks", [False, True], ids=["", "thinking"])
async def test_structured(row: Row, thinks: bool) -> None:
    row.server.reply(text('{"name": "Ada", "age": 36, "tags": []}'))
    structured = row.service.with_structured_output(Person)
    person = await structured.complete(ASK, thinking=thinks, on_notice=row.hear)
    assert person == Person(name="Ada", age=36)
    row.check()
    row.server.reply(text('{"value": [{"name": "Ada", "age": null, "tags": ["a"]}]}'))
    people = await row.service.with_structured_output(list[Person]).complete(ASK)
    assert people == [Person(name="Ada", tags=["a"])]
    row.check()


FILES = {
    "image": (ContentBlock.image_block(PNG), PNG, "images"),
    "PDF": (ContentBlock.document_block(PDF, title="a.pdf"), PDF, "pdf"),
}


@each_model
@pytest.mark.parametrize("kind", FILES)
async def test_a_file_is_sent_or_refused_in_words(row: Row, kind: str) -> None:
    """It is never dropped: an answer without it would be of something else."""
    block, data, fact = FILES[kind]
    profile = row.config.profile or get_profile("other", row.model)
    asked = [Message.user([ContentBlock.text_block("What is it?"), block])]
    if getattr(profile, fact) is True:
        body = await row.ask(asked)
        assert base64.b64encode(data).decode() in json.dumps(body)
        assert not row.server.refused
        return
    try:
        body = await row.ask(asked)
    except TransportError as error:
        assert not row.server.requests or row.server.refused
        assert getattr(profile, fact) is not True, error
    else:
        assert base64.b64encode(data).decode() in json.dumps(body)


@each_model
async def test_a_conversation_goes_on_under_another_system_prompt_and_window(
    row: Row, tmp_path: Path
) -> None:
    """Through a file, as after a restart: thoughts are bound to what came before them."""
    path, id = tmp_path / "chats.db", {"conversation_id": "c"}
    signed = {"signature": "sig"} if "gemini" in row.model else {}

    async def turn(system: str, question: str, *tools: object, window: int = 40_000) -> None:
        call = tool_call("add", {"a": 1, "b": 2}, id=f"call_{question}", **signed)
        row.server.reply(thinking("I add.", signature="c2lnMQ=="), call)
        row.server.reply(thinking("It is 3.", signature="c2lnMg=="), text(f"3 {'x' * 400}"))
        runner = AgentRunnerBase(row.restart(), conversation_store=SQLiteConversationStore(path))
        agent = build_agent(*tools, thinking=True, memory_window_tokens=window)
        config = {"system_prompt": system}
        assert await row.run(runner, agent, question, config_override=config, **id)
        row.check()
        row.heard.clear()  # a new process tells anew

    await turn("Be brief.", "one", add)
    await turn("Be brief.", "two", add)
    await turn("Be friendly.", "three", add)
    await turn("Be friendly.", "four", add, greet)
    await turn("Be friendly.", "five", add, greet, window=300)
    last = json.dumps(row.server.requests[-1].body)
    assert "five" in last and '"one"' not in last
