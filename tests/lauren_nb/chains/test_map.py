from __future__ import annotations

import asyncio
from typing import Any

import pandas
import pytest

from lauren_ai import (
    LaurenAIError,
    LLMConfig,
    LLMService,
    PromptTemplate,
    TransportError,
    chain,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentBudgetExceededError, AuthTransportError
from lauren_ai.parsers import JSONOutputParser
from lauren_nb._chains.results import MapResults
from lauren_nb._errors import OptionError
from tests.servers import FakeAnthropic, text
from tests.support.chain_cells import PRICED, Cells, make_mock

ONE = f"chain -m anthropic:{PRICED} --concurrency 1 -o out --map"


@pytest.fixture
def cells(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Cells:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    return Cells(words=["a", "b", "c"])


def reply(server: FakeAnthropic, *answers: str) -> None:
    """A "!" is a refused request."""
    for answer in answers:
        server.queue(server.error(400, "no") if answer == "!" else server.script(text(answer)))


async def test_each_item_runs_and_results_keep_their_order(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "1", "2", "3")
    await cells.run(f"{ONE} words", "Say {{ item }}.")
    assert cells.ns["out"] == ["1", "2", "3"]
    sent = [request.body["messages"][0]["content"] for request in anthropic_server.requests]
    assert sent == ["Say a.", "Say b.", "Say c."]
    assert "| 2 | c | 3 |" in cells.markdown
    assert "item" not in cells.ns


async def test_a_column_gives_a_column_with_its_index(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    cells.ns["df"] = pandas.DataFrame({"t": ["a", "b"]}, index=["x", "y"])
    reply(anthropic_server, "1", "2")
    await cells.run(f"{ONE} \"df['t']\"", "{{ item }}")
    out = cells.ns["out"]
    assert isinstance(out, pandas.Series)
    assert (out.to_dict(), out.name) == ({"x": "1", "y": "2"}, "out")
    cells.ns["df"]["label"] = out
    assert "| y | b | 2 |" in cells.markdown


async def test_a_failed_row_is_kept_and_told_and_only_it_runs_again(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    cells.ns["col"] = pandas.Series(["a", "b", "c"])
    reply(anthropic_server, "1", "!", "3")
    await cells.run(f"{ONE} col", "{{ item }}")
    assert cells.ns["out"].isna().tolist() == [False, True, False]
    assert "answered 400" in cells.ns["out"].attrs["errors"][1]
    assert "**1 of 3 rows failed:**" in cells.markdown
    assert (cells.facts["rows"], cells.facts["rows_failed"]) == (3, 1)
    reply(anthropic_server, "2")
    await cells.run(f"{ONE} col --max-cost 5", "{{ item }}")
    assert cells.ns["out"].tolist() == ["1", "2", "3"]
    assert len(anthropic_server.requests) == 4
    assert "2 rows keep theirs" in cells.markdown
    assert "failed" not in cells.markdown


async def test_a_list_has_its_errors_beside_it(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "1", "!", "3")
    await cells.run(f"{ONE} words", "{{ item }}")
    out = cells.ns["out"]
    assert isinstance(out, MapResults)
    assert (out, list(out.errors)) == (["1", None, "3"], [1])


@pytest.mark.parametrize("change", ["body", "option", "variable", "deleted"])
async def test_another_cell_or_variable_keeps_nothing(
    cells: Cells, anthropic_server: FakeAnthropic, change: str
) -> None:
    reply(anthropic_server, "1", "2", "3", "4", "5", "6")
    await cells.run(f"{ONE} words", "{{ item }}")
    body, line = "{{ item }}", f"{ONE} words"
    if change == "body":
        body += "!"
    elif change == "option":
        line += " --temperature 1"
    elif change == "variable":
        cells.ns["out"] = ["1", "2", "3"]
    else:
        del cells.ns["out"]
    await cells.run(line, body)
    assert cells.ns["out"] == ["4", "5", "6"]


@pytest.mark.parametrize(
    "body",
    [
        "{{ item }} {{ topic }}",
        "{{ [topic for _ in item] }}",
        "--- system: '{{ topic }}'\n{{ item }}",
        "--- parser: topic\n{{ item }}",
    ],
)
async def test_a_variable_that_the_answers_depend_on_makes_all_run_again(
    cells: Cells, anthropic_server: FakeAnthropic, body: str
) -> None:
    """The old answers, to another question, stood there as if they were the new ones."""
    reply(anthropic_server, "1", "2", "3", "4", "5", "6")
    cells.ns["topic"] = str.upper
    await cells.run(f"{ONE} words", body)
    cells.ns["_"] = cells.ns["unused"] = "changed"
    await cells.run(f"{ONE} words", body)
    assert cells.ns["out"] == ["1", "2", "3"]
    cells.ns["topic"] = str.lower
    await cells.run(f"{ONE} words", body)
    assert cells.ns["out"] == ["4", "5", "6"]


async def test_a_variable_of_a_chains_input_makes_all_run_again() -> None:
    llm, _ = make_mock("1", "2")
    cells = Cells(two=PromptTemplate("{x} {y}") | llm, words=["a"], topic="t")
    for topic in ("t", "u"):
        cells.ns["topic"] = topic
        await cells.run("chain two --map words -o out", "x: {{ topic }}")
    assert cells.ns["out"] == ["2"]


async def test_a_missing_item_is_the_same_again(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    cells.ns["words"] = pandas.Series([1.5, float("nan")])
    reply(anthropic_server, "1", "2")
    for _ in range(2):
        await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"].tolist() == ["1", "2"]


async def test_rows_of_one_label_keep_an_error_each(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    cells.ns["words"] = pandas.Series(["a", "b", "c"], index=["z", "z", "y"])
    reply(anthropic_server, "!", "!", "3")
    await cells.run(f"{ONE} words", "{{ item }}")
    assert list(cells.ns["out"].attrs["errors"]) == [0, 1]


async def test_a_changed_item_and_a_cleared_result_run_again(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "1", "2", "3", "4", "5", "6")
    await cells.run(f"{ONE} words", "{{ item }}")
    cells.ns["words"] = ["a", "B", "c", "d"]
    cells.ns["out"][2] = None
    await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"] == ["1", "4", "5", "6"]


async def test_where_all_rows_fail_the_cell_fails(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "!", "!", "!")
    with pytest.raises(LaurenAIError, match=r"No row has a result: all 3 failed\. .*answered 400"):
        await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"] == [None, None, None]
    assert cells.facts["status"] == "error"


async def test_a_refused_key_stops_all_rows_at_once(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "1")
    anthropic_server.default = anthropic_server.error(401, "invalid x-api-key")
    with pytest.raises(AuthTransportError):
        await cells.run(f"{ONE} words", "{{ item }}")
    assert len(anthropic_server.requests) == 2
    assert cells.ns["out"] == ["1", None, None]


async def test_max_cost_stops_before_the_next_row_and_keeps_the_results(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    # In one piece: an answer that passes the limit while it comes would be stopped itself.
    script = anthropic_server.script(text("1"), usage={"input_tokens": 10_000})
    anthropic_server.queue(script.split_at())
    with pytest.raises(AgentBudgetExceededError):
        await cells.run(f"{ONE} words --max-cost 0.01", "{{ item }}")
    assert cells.ns["out"] == ["1", None, None]


async def test_an_interrupt_keeps_the_rows_that_are_done(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    reply(anthropic_server, "1")
    anthropic_server.queue(anthropic_server.script(text("2")).hanging())
    task = asyncio.ensure_future(cells.run(f"{ONE} words", "{{ item }}"))
    await asyncio.to_thread(anthropic_server.wait_request, 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await anthropic_server.requests[1].client_closed()
    assert cells.ns["out"] == ["1", None, None]
    assert cells.facts["status"] == "interrupted"
    reply(anthropic_server, "2", "3")
    await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"] == ["1", "2", "3"]


class Counting(MockTransport):
    """Counts how many requests run side by side."""

    running = most = 0

    async def stream(self, request: Any, snapshot: Any) -> Any:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0.01)
        async for batch in super().stream(request, snapshot):
            yield batch
        self.running -= 1


@pytest.mark.parametrize(("option", "most"), [("", 4), ("--concurrency 2", 2)])
async def test_rows_run_side_by_side_within_the_bound(option: str, most: int) -> None:
    transport = Counting()
    for _ in range(12):
        transport.queue_response("x")
    llm = LLMService(transport, LLMConfig("mock", "mock-1"))
    cells = Cells(say=PromptTemplate("{word}") | llm, words=range(12))
    await cells.run(f"chain say --map words -o out {option}", "")
    assert (transport.most, len(cells.ns["out"])) == (most, 12)


async def test_the_item_fills_the_one_missing_input_or_stands_where_the_body_says() -> None:
    llm, transport = make_mock("1", "2", "3")
    cells = Cells(say=PromptTemplate("{word} in {tongue}") | llm, words=["a"])
    await cells.run("chain say --map words -o out", "tongue: French")
    await cells.run("chain say --map words -o out", "tongue: '{{ item }}'\nword: hi")
    cells.ns["rows"] = [{"word": "x", "tongue": "y"}]
    body = "tongue: {{ item['tongue'] }}\nword: {{ item['word'] }}"
    await cells.run("chain say --map rows -o out", body)
    assert [call.messages[0].text() for call in transport.calls] == [
        "a in French",
        "hi in a",
        "x in y",
    ]


async def test_results_that_are_records_spread_into_columns() -> None:
    llm, _ = make_mock('{"mood": "joy", "score": 1}', "no json", '{"mood": "calm"}')
    cells = Cells(judge=chain(llm, JSONOutputParser()), texts=["a", "b", "c"])
    await cells.run("chain judge --map texts -o out --concurrency 1", "")
    assert "|  | item | mood | score |" in cells.markdown
    assert "| 1 | b |  |  |" in cells.markdown
    assert cells.ns["out"][2] == {"mood": "calm"}


async def test_a_users_function_that_fails_fails_its_row() -> None:
    llm, _ = make_mock("1", "x", "3")
    cells = Cells(number=chain(llm, int), words=["a", "b", "c"])
    await cells.run("chain number --map words -o out --concurrency 1", "")
    assert cells.ns["out"] == [1, None, 3]
    assert "ValueError" in cells.ns["out"].errors[1]


async def test_a_long_error_is_listed_in_short_and_kept_whole() -> None:
    def read(text: str) -> None:
        raise ValueError(f"<{text * 10_000}>")

    llm, _ = make_mock("1")
    cells = Cells(
        read=chain(lambda item: read(item) if item == "a" else item, llm), words=["a", "b"]
    )
    await cells.run("chain read --map words -o out --concurrency 1", "")
    assert len(cells.ns["out"].errors[0]) > 10_000 > len(cells.markdown)


async def test_no_items_are_no_error() -> None:
    llm, _ = make_mock()
    cells = Cells(say=chain(llm), words=[])
    await cells.run("chain say --map words -o out", "")
    assert cells.ns["out"] == []
    assert cells.markdown.startswith("There are no items")


async def test_what_is_no_series_gives_a_list() -> None:
    llm, _ = make_mock("1", "2")
    cells = Cells(say=chain(llm), words=pandas.Index(["a", "b"]))
    await cells.run("chain say --map words -o out --concurrency 1", "")
    assert cells.ns["out"] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "body", "message"),
    [
        (
            "chain two --map words -o out",
            "x: '{{ [item for _ in \"ab\"] }}'",
            "chain two: no value",
        ),
        ("chain say --map words", "", "--map keeps its results in a variable. Add -o NAME."),
        ("chain say --map wrds -o out", "", "--map wrds: NameError"),
        ("chain say --map df -o out", "", "--map df: that is a whole DataFrame."),
        ("chain say --map name -o out", "", "--map name: that is str, no list and no column."),
        ('chain say --map "a b" -o out', "", "--map a b: "),
        ("chain two --map words -o out", "", "chain two: x, y have no value; --map fills one."),
        ("chain say --map words -o out", "input: hi", "chain say: nothing takes the item"),
    ],
)
async def test_a_mistake_is_one_line_and_nothing_is_sent(
    line: str, body: str, message: str
) -> None:
    llm, transport = make_mock()
    frame = pandas.DataFrame({"a": [1]})
    two = PromptTemplate("{x} {y}") | llm
    cells = Cells(say=chain(llm), two=two, words=["a"], df=frame, name="text")
    with pytest.raises(OptionError) as caught:
        await cells.run(line, body)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert transport.calls == []


async def test_a_row_is_tried_again_before_it_fails(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.error(529, "busy", headers={"retry-after": "0"}))
    reply(anthropic_server, "1", "2", "3")
    await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"] == ["1", "2", "3"]


async def test_an_answer_that_is_cut_off_is_a_failed_row(
    cells: Cells, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half", "never"])).cut_at_event(4))
    reply(anthropic_server, "2", "3")
    await cells.run(f"{ONE} words", "{{ item }}")
    assert cells.ns["out"] == [None, "2", "3"]
    assert TransportError.__name__ not in cells.ns["out"].errors[0]
