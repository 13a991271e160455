"""What stands beside an answer: why it is not whole, what it may have cost, how fast it came."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from lauren_ai import CompletionChunk, LLMConfig, LLMService
from lauren_ai._transport._mock import MockTransport
from lauren_nb._display.turn import Turn
from lauren_nb._magics.commands import show_usage
from lauren_nb._options.parse import parse_line
from lauren_nb._run.cell import run_cell
from lauren_nb._run.chunks import ChunkWriter, load_sdk
from lauren_nb._run.outcome import describe_stop
from tests.servers import FakeAnthropic, raw, text
from tests.support.chain_cells import PRICED, Cells

WORDS = "word" * 25  # 25 tokens; $15 a million


@pytest.fixture
def cells(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Cells:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    return Cells()


async def ask(cells: Cells, line: str = "") -> None:
    cells.published.clear()
    options = parse_line(f"-m anthropic:{PRICED} {line}")
    await run_cell(options, "go", session=cells.session)


@pytest.mark.parametrize(
    ("reason", "details", "says"),
    [
        ("max_tokens", None, "**■ The answer is cut: it reached its limit of tokens."),
        (
            "refusal",
            {"type": "refusal", "category": "bio", "explanation": "About <b>toxins</b>."},
            "**■ The model refused to answer.** "
            "<code>bio&#58; About &lt;b&gt;toxins&lt;/b&gt;.</code>",
        ),
    ],
)
async def test_a_cut_or_refused_answer_says_so_beside_it(
    cells: Cells, anthropic_server: FakeAnthropic, reason: str, details: Any, says: str
) -> None:
    data = anthropic_server.script(text("Hal"), stop_reason=reason).data
    told = f'"stop_sequence": null, "stop_details": {json.dumps(details)}}}'.encode()
    anthropic_server.queue(raw(data.replace(b'"stop_sequence": null}', told)))
    await ask(cells)
    assert says in cells.markdown and "Hal" in cells.markdown
    assert "[The " in cells.plain


async def test_a_whole_answer_has_no_such_word(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("Hello"))
    await ask(cells)
    assert "■" not in cells.markdown and "~" not in cells.plain


@pytest.mark.parametrize(
    ("reason", "metadata", "detail"),
    [
        (
            "content_filter",
            {"content_filter_results": {"hate": {"filtered": True}, "x": 1}},
            "hate",
        ),
        ("refusal", {"stop_details": {"category": 7, "explanation": " "}}, None),
        ("refusal", {"stop_details": "no"}, None),
        ("RECITATION", {}, "RECITATION"),
    ],
)
def test_a_providers_reason_is_told_whatever_it_holds(
    reason: str, metadata: dict[str, Any], detail: str | None
) -> None:
    told = describe_stop(reason, metadata)
    assert told["stop_note"] and told["stop_detail"] == detail
    assert describe_stop("end_turn", metadata)["stop_note"] is None


async def test_an_interrupted_answer_is_charged_by_estimate(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    usage = {"input_tokens": 1_000}
    script = anthropic_server.script(text([WORDS] * 4), usage=usage)
    anthropic_server.queue(script.hanging(at=5))
    task = asyncio.ensure_future(ask(cells))
    while not cells.session.ledger:
        if anthropic_server.requests:
            await asyncio.sleep(0.3)
            task.cancel()
        await asyncio.sleep(0.01)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "~1,000 in" in cells.plain and "~$0.00" in cells.plain
    assert cells.facts["is_estimated"] is True
    [entry] = cells.session.ledger
    assert entry.usage.is_estimated and entry.usage.output_tokens >= 25
    await show_usage(cells.session, [])
    assert f"| ~1,000 | ~0 | ~{entry.usage.output_tokens} | ~$0.00" in cells.markdown


async def test_max_cost_stops_an_answer_and_says_so(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text([WORDS] * 400))  # $0.15
    await ask(cells, "--max-cost 0.01")
    assert "**■ The run ended at its limit of cost. Raise --max-cost to go on.**" in cells.markdown
    assert WORDS in cells.markdown
    assert cells.facts["stop_reason"] == "budget_exceeded"
    assert 0.01 < cells.facts["cost_usd"] < 0.1  # one read may bring many words


async def test_loading_the_sdk_is_told_while_it_lasts() -> None:
    class Slow(MockTransport):
        is_loaded = False

        async def load(self) -> None:
            await asyncio.sleep(0.5)

    told: list[tuple[Any, ...]] = []
    service = LLMService(Slow(), LLMConfig("mock", "m"))
    await load_sdk(service, lambda *op: told.append(op))
    assert told == [("notice", "Loading the SDK"), ("notice", "")]
    told.clear()
    await load_sdk(LLMService(MockTransport(), LLMConfig("mock", "m")), lambda *op: told.append(op))
    assert told == []


def test_what_is_waited_for_is_no_time_of_writing() -> None:
    """A card that waited for five minutes made of 50 tokens a second one of 0.2."""
    now = 0.0

    class Page:
        turn = Turn(clock=lambda: now)

        def push(self, *op: Any) -> None:
            self.turn.apply(op)

    writer = ChunkWriter(Page())  # type: ignore[arg-type]
    for began, response in ((2.0, "ab"), (300.0, "cd")):
        now = began
        for letter in response:
            writer.show(CompletionChunk(letter))
            now += 1.0
        writer.end_response()
    now = 500.0
    writer.show(CompletionChunk(stop_reason="end_turn"))
    assert writer.get_writing_ms() == 2_000
