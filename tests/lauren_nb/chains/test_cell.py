from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

import pydantic
import pytest

from lauren_ai import OutputParserError, TransportError
from lauren_ai.errors import AgentBudgetExceededError, AuthTransportError
from lauren_ai.parsers import JSONOutputParser
from lauren_nb._display.turn import Turn
from lauren_nb._errors import InterpolationError, OptionError
from tests.servers import FakeAnthropic, text, thinking
from tests.support.chain_cells import PRICED, Cells

LINE = f"chain -m anthropic:{PRICED} -o result"


class Person(pydantic.BaseModel):
    name: str
    age: int


@pytest.fixture
def cells(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Cells:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    return Cells(topic="rain", Person=Person)


def prompts(server: FakeAnthropic) -> list[Any]:
    return [request.body["messages"][0]["content"] for request in server.requests]


async def test_each_step_gets_what_went_before(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    for answer in ("one", "two", "three"):
        anthropic_server.reply(text(answer))
    body = (
        "--- name: a\n{{ topic }} {{ _ }}\n---\n{{ _ }}\n---\n{{ steps.a }} {{ steps[1] }} {{ _ }}"
    )
    await cells.run(LINE, body)
    assert prompts(anthropic_server) == ["rain the last output", "one", "one two two"]
    assert cells.ns["result"] == "three"
    assert cells.ns["_"] == "the last output"
    assert "steps" not in cells.ns


async def test_all_steps_together_are_their_values_by_name(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    for answer in ("one", "two", "three"):
        anthropic_server.reply(text(answer))
    await cells.run(LINE, "--- name: a\nx\n---\ny\n---\n{{ steps }}")
    assert prompts(anthropic_server)[2] == "{'a': 'one', 1: 'two'}"


async def test_options_of_a_step_win_over_those_of_the_cell(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("one"))
    anthropic_server.reply(thinking("Hm."), text("two"))
    body = (
        "--- temperature: 0.1, system: 'Like {{ topic }}.', model: anthropic:claude-sonnet-4-5\nx\n"
        "--- thinking: 2000, max_tokens: 3000\ny"
    )
    await cells.run(f"{LINE} --temperature 0.7 --system Cell. --max-tokens 99", body)
    first, second = (request.body for request in anthropic_server.requests)
    assert (first["temperature"], first["system"], first["model"]) == (
        0.1,
        "Like rain.",
        "claude-sonnet-4-5",
    )
    assert first["max_tokens"] == 99
    assert second["system"] == "Cell."
    assert second["thinking"]["type"] == "adaptive"
    assert "<summary>Thought" in cells.markdown or "<summary>Thinking" in cells.markdown


PARSED: list[tuple[str, str, Any]] = [
    ("text", " soft \n", "soft"),
    ("str", " soft \n", "soft"),
    ("json", '```json\n{"a": 1}\n```', {"a": 1}),
    ("list", "a, b,c", ["a", "b", "c"]),
    ("code", "Here:\n```python\nx = 1\n```", "x = 1"),
    ("regex, pattern: '(\\d+)'", "about 42 of 50", "42"),
    ("Person", '{"name": "Ada", "age": 36}', Person(name="Ada", age=36)),
    ("'list[Person]'", '[{"name": "Ada", "age": 36}]', [Person(name="Ada", age=36)]),
    ("shout", "hey", "HEY"),
    ("reader", '{"b": 2}', {"b": 2}),
    ("len", "four", 4),
]


@pytest.mark.parametrize(("parser", "answer", "value"), PARSED, ids=lambda p: str(p)[:12])
async def test_a_parser_makes_the_value(
    cells: Cells, anthropic_server: FakeAnthropic, parser: str, answer: str, value: Any
) -> None:
    cells.ns |= {"shout": str.upper, "reader": JSONOutputParser()}
    anthropic_server.reply(text(answer))
    await cells.run(LINE, f"--- parser: {parser}\nx")
    assert cells.ns["result"] == value


async def test_the_model_is_told_what_the_parser_reads(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("{}"))
    anthropic_server.reply(text("x"))
    await cells.run(LINE, "--- parser: json, system: Brief.\nx\n--- parser: text\ny")
    first, second = (request.body for request in anthropic_server.requests)
    assert first["system"] == "Brief.\n\nRespond with valid JSON only."
    assert "system" not in second


async def test_records_show_as_a_table_in_place_of_their_text(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text('[{"word": "pluie", "n|m": "*1*"}]'))
    await cells.run(LINE, "--- parser: json\nx")
    assert "| word | n\\|m |" in cells.markdown
    assert "| pluie | \\*1\\* |" in cells.markdown
    assert "[{" not in cells.markdown
    assert "| pluie | *1* |" in cells.plain


async def test_earlier_steps_rest_folded_and_the_last_one_plain(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("A **bold** draft."), usage={"input_tokens": 12}, output_tokens=34)
    anthropic_server.reply(text("Fin."), usage={"input_tokens": 5}, output_tokens=6)
    await cells.run(LINE, "--- name: draft\nx\n--- name: final\ny")
    markdown = re.sub(r"\d+\.\d s", "T", cells.markdown)
    assert markdown.startswith(
        "<details><summary><b>draft</b> <sub>12 in &#183; 34 out &#183; <span>&#36;</span>0.0005"
        " &#183; T</sub></summary>\n\nA **bold** draft.\n\n</details>\n\n**final** <sub>5 in"
    )
    assert "\n\nFin.\n\n<sub>" in markdown
    assert "17 in · 40 out" in markdown.split("\n\n")[-1]


async def test_usage_is_told_step_by_step_and_in_sum(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    for tokens in (10, 20):
        anthropic_server.reply(text("x"), usage={"input_tokens": tokens}, output_tokens=tokens)
    await cells.run(LINE, "--- name: a\nx\n---\ny")
    first, second = cells.facts["steps"]
    assert (first["name"], first["input_tokens"], first["status"]) == ("a", 10, "done")
    assert (second["name"], second["output_tokens"]) == ("Step 2 of 2", 20)
    assert (cells.facts["input_tokens"], cells.facts["output_tokens"]) == (30, 30)
    assert cells.facts["cost_usd"] == pytest.approx(first["cost_usd"] + second["cost_usd"])
    assert [entry.usage.input_tokens for entry in cells.session.ledger] == [10, 20]
    json.dumps(cells.facts)


@pytest.mark.parametrize(
    ("line", "body", "message"),
    [
        (LINE, "a\n--- parser: jsn\nb", "Step 2: there is no parser 'jsn'. Did you mean json?"),
        (LINE, "--- parser: regex\nb", "Step 1: parser: regex needs a pattern"),
        (LINE, "--- pattern: '('\nb", "Step 1: the pattern '(' is wrong"),
        (LINE, "--- parser: topic\nb", "Step 1: 'topic' is str, which reads no text"),
        (LINE, "--- model: antropic:x\nb", "Step 1: Unknown provider 'antropic'"),
        (f"{LINE} -t plot", "a", "--tools does not go with chain."),
        (f"{LINE} -c talk", "a", "--conversation does not go with chain."),
        (f"{LINE} --image fig", "a", "--image fig: there is no variable of that name"),
        (
            f"{LINE} --max-cost 1",
            "--- model: anthropic:claude-test\na",
            "--max-cost cannot be kept",
        ),
    ],
)
async def test_a_mistake_is_found_before_anything_is_sent(
    cells: Cells, anthropic_server: FakeAnthropic, line: str, body: str, message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        await cells.run(line, body)
    assert str(caught.value).startswith(message)
    assert anthropic_server.requests == []
    assert "result" not in cells.ns or message.startswith("--max-cost")


async def test_a_lost_variable_is_found_before_the_first_step(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    with pytest.raises(InterpolationError, match=r"Step 2: {{ topc }} names topc"):
        await cells.run(LINE, "a\n---\n{{ topc }}")
    assert anthropic_server.requests == []


async def test_a_failing_step_names_itself_and_keeps_the_earlier_ones(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("the draft"))
    anthropic_server.queue(anthropic_server.error(400, "no such thing"))
    with pytest.raises(TransportError, match=r"^Step 2 of 2 \(final\): .*no such thing"):
        await cells.run(LINE, "a\n--- name: final\nb")
    assert "the draft" in cells.markdown
    assert "**✗ final**" in cells.markdown
    assert [step["status"] for step in cells.facts["steps"]] == ["done", "error"]
    assert cells.facts["status"] == "error"
    # Step two had no text: the variable has what there is.
    assert cells.ns["result"] == "the draft"


async def test_a_text_that_cannot_be_read_stays_as_it_came(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("no json"))
    with pytest.raises(OutputParserError, match="not JSON"):
        await cells.run(LINE, "--- parser: json\na")
    assert "no json" in cells.markdown
    assert cells.ns["result"] == "no json"


async def test_a_users_function_that_fails_is_named_in_the_cell_and_raised_as_it_is(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    cells.ns["check"] = lambda text: {}[text]
    anthropic_server.reply(text("x"))
    anthropic_server.reply(text("y"))
    with pytest.raises(KeyError) as caught:
        await cells.run(LINE, "a\n--- parser: check\nb")
    assert caught.value.__notes__ == ["Step 2 of 2 of the chain raised this."]
    assert "Step 2 of 2" in cells.plain


async def test_cancelling_in_step_two_keeps_step_one_and_the_partial_text(
    cells: Cells, anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_is_here = asyncio.Event()
    apply = Turn.apply

    def note(turn: Turn, op: Sequence[Any]) -> None:
        apply(turn, op)
        if list(op) == ["text", "half "]:
            half_is_here.set()

    monkeypatch.setattr(Turn, "apply", note)
    anthropic_server.reply(text("the draft"))
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    task = asyncio.ensure_future(cells.run(LINE, "a\n--- name: final\nb"))
    await asyncio.wait_for(half_is_here.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await anthropic_server.requests[1].client_closed()
    assert "the draft" in cells.markdown
    assert "**■ final**" in cells.markdown
    assert cells.facts["status"] == "interrupted"
    assert cells.ns["result"] == "half "


async def test_max_cost_stops_before_the_next_step(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("x"), usage={"input_tokens": 10_000}, output_tokens=10)
    with pytest.raises(AgentBudgetExceededError, match=r"--max-cost 0\.01 is reached"):
        await cells.run(f"{LINE} --max-cost 0.01", "a\n---\nb")
    assert len(anthropic_server.requests) == 1
    assert cells.ns["result"] == "x"


async def test_a_refused_key_is_not_asked_twice(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.default = anthropic_server.error(401, "invalid x-api-key")
    with pytest.raises(AuthTransportError, match=r"^Step 1 of 2: "):
        await cells.run(LINE, "a\n---\nb")
    assert len(anthropic_server.requests) == 1


async def test_an_overloaded_provider_is_asked_again_within_the_step(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.error(529, "busy", headers={"retry-after": "0"}))
    anthropic_server.reply(text("x"))
    await cells.run(LINE, "a")
    assert cells.ns["result"] == "x"
    assert len(anthropic_server.requests) == 2


async def test_an_image_goes_into_a_step_as_an_image(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    from PIL import Image

    cells.ns["picture"] = Image.new("RGB", (4, 4))
    anthropic_server.reply(text("black"))
    await cells.run(LINE, "What is this? {{ picture }}")
    assert [block["type"] for block in prompts(anthropic_server)[0]] == ["text", "image"]


async def test_max_cost_stops_an_answer_that_passes_it(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text(["word" * 25] * 400))  # $0.15
    with pytest.raises(
        AgentBudgetExceededError, match=r"^Step 1 of 2: It was stopped at its limit"
    ):
        await cells.run(f"{LINE} --max-cost 0.01", "a\n---\nb")
    assert len(anthropic_server.requests) == 1
    assert 0.01 < cells.facts["cost_usd"] < 0.1  # one read may bring many words
    assert cells.ns["result"].startswith("word")
