"""A notebook that is replayed from a cassette gives the same outputs, byte for byte, each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from tests.kernel._headless import execute, make_notebook
from tests.kernel._kernel import KEY, Kernel, Published, Run
from tests.servers import FakeAnthropic, text, thinking, tool_call

TOOL = """
from lauren_ai import tool
ran = []
@tool(requires_confirmation=True)
def drop(n: int) -> str:
    "Drop rows."
    ran.append(n)
    return f"dropped {n}"
"""
CELLS = [
    "%%lauren --thinking -o answer\nWhy is the sky blue?",
    "print(answer)",
    TOOL,
    "%%lauren -t drop\nDrop the outliers.",
    "print(ran); words = ['a', 'b', 'c']",
    "%%lauren chain -o result\n--- name: draft\nWrite a word.\n--- parser: json\nRead: {{ _ }}",
    "%%lauren chain -o rows --map words\n{{ item }}",
    "from lauren_ai import LLMConfig, LLMService, Message\n"
    "llm = LLMService.from_config(LLMConfig.for_anthropic('claude-test'))\n"
    "async for chunk in llm.complete_stream([Message.user('plain core code')]):\n"
    "    print(chunk)",
    "%lauren usage",
]


def run(cells: list[str], folder: Path) -> nbformat.NotebookNode:
    notebook = make_notebook(*cells)
    execute(notebook, folder)
    return notebook


def get_outputs(notebook: nbformat.NotebookNode) -> str:
    """What is saved of the cells after the two that load the extension and the cassette."""
    return json.dumps([cell.outputs for cell in notebook.cells[2:]], sort_keys=True)


def reply_to_all(server: FakeAnthropic) -> None:
    server.reply(thinking("Hm. " * 20), text("Because of scattering."), tokens_per_s=100)
    server.reply(text("I will."), tool_call("drop", {"n": 3}), tokens_per_s=100)
    server.reply(text("Three rows are gone."))
    server.reply(text('{"word": "rain"}'), tokens_per_s=100)
    server.reply(text('{"word": "rain"}'))
    for answer in ("A", "B", "C", "core"):
        server.reply(text(answer))


@pytest.mark.usefixtures("environment")
def test_ten_replays_are_the_same_to_the_byte(
    anthropic_server: FakeAnthropic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply_to_all(anthropic_server)
    live = [cell.replace("-t drop", "-t drop --approve drop") for cell in CELLS]
    recorded = run(["%lauren record tour.json", *live], tmp_path)
    asked = len(anthropic_server.requests)
    monkeypatch.delenv("ANTHROPIC_API_KEY")  # nor does a replay need a server
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    first = run(["%lauren replay tour.json", *CELLS], tmp_path)
    assert first.cells[1].outputs[0].text == f"Replaying tour.json: {asked} answers.\n"
    outputs = get_outputs(first)
    for _ in range(9):
        assert get_outputs(run(["%lauren replay tour.json", *CELLS], tmp_path)) == outputs
    assert len(anthropic_server.requests) == asked
    assert KEY not in (tmp_path / "tour.json").read_text("utf-8")
    assert_same_answers(recorded, first)
    facts = first.cells[2].outputs[0].metadata["lauren"]
    assert facts["elapsed_ms"] > 200  # as it was, not as long as the replay took
    assert facts["tokens_per_s"] > 10
    assert "decided_by': 'cassette'" in str(first.cells[5].outputs)


def assert_same_answers(recorded: nbformat.NotebookNode, replayed: nbformat.NotebookNode) -> None:
    for one, other in zip(recorded.cells[2:], replayed.cells[2:], strict=True):
        for left, right in zip(one.outputs, other.outputs, strict=True):
            if left.output_type == "stream":
                assert right.text == left.text
            elif "lauren" in left.metadata and "model" in left.metadata.lauren:
                for name in ("model", "input_tokens", "output_tokens", "stop_reason", "status"):
                    assert right.metadata.lauren.get(name) == left.metadata.lauren.get(name)


@pytest.mark.usefixtures("environment")
def test_a_changed_question_fails_the_cell_with_the_difference(
    anthropic_server: FakeAnthropic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anthropic_server.reply(text("Rhine"))
    run(["%lauren record c.json", "%%lauren\nName a river."], tmp_path)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    cells = ["%lauren replay c.json", "%%lauren\nName a lake.", "print('after')"]
    with pytest.raises(CellExecutionError) as caught:
        run(cells, tmp_path)
    shown = str(caught.value)
    assert "CassetteMissError: The cassette c.json has no answer to this request" in shown
    assert '-    content: "Name a river."' in shown
    assert '+    content: "Name a lake."' in shown


DROP = "%%lauren -t drop\nDrop them."


def decide(kernel: Kernel, **answer: Any) -> Run:
    """Run the cell and click in its card."""
    opened: list[str] = []

    def is_waiting(message: Published) -> bool:
        if message.type == "comm_open":
            opened.append(message.content["comm_id"])
        return "waiting" in json.dumps(message.view_message.get("ops", []))

    kernel.start(DROP)
    message = kernel.wait_for(is_waiting)
    [card] = [
        op for op in message.view_message["ops"] if op[0] == "tool_status" and "approval" in op[2]
    ]
    for comm_id in opened:
        kernel.send_to_view(
            comm_id,
            {"kind": "decide", "id": card[1], "digest": card[2]["approval"]["digest"], **answer},
        )
    return kernel.wait()


@pytest.mark.parametrize(
    ("answer", "expected", "ran"),
    [
        ({"decision": "approve"}, "approved by cassette", [3]),
        ({"decision": "approve", "input_text": '{"n": 1}'}, "with changed arguments", [1]),
        ({"decision": "deny", "reason": "Not today."}, "Not today.", []),
    ],
    ids=["approve", "edit", "deny"],
)
def test_what_a_person_decided_is_replayed(
    kernel: Kernel,
    anthropic_server: FakeAnthropic,
    tmp_path: Path,
    answer: dict[str, Any],
    expected: str,
    ran: list[int],
) -> None:
    file = (tmp_path / "c.json").as_posix()
    anthropic_server.reply(tool_call("drop", {"n": 3}))
    anthropic_server.reply(text("Done."))
    assert kernel.run(TOOL).error is None
    assert kernel.run(f"%lauren record '{file}'").error is None
    live = decide(kernel, **answer)
    assert live.error is None, live.traceback
    assert kernel.run("print(ran); ran.clear()").stdout == f"{ran}\n"
    kernel.run(f"%lauren replay '{file}'")
    for person in (True, False):  # whether or not somebody watches
        replayed = kernel.run(DROP, person=person)
        assert replayed.error is None, replayed.traceback
        assert expected in replayed.markdown
        assert "Done." in replayed.markdown
        [[call]] = [shown["metadata"]["lauren"]["tool_calls"] for shown in replayed.shown]
        [[said]] = [shown["metadata"]["lauren"]["tool_calls"] for shown in live.shown]
        assert call["approval"]["decided_at"] == said["approval"]["decided_at"]
        assert kernel.run("print(ran); ran.clear()").stdout == f"{ran}\n"
    kernel.run("%lauren replay off")


def test_a_call_without_a_recorded_decision_is_denied_where_nobody_is(
    kernel: Kernel, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    file = tmp_path / "c.json"
    anthropic_server.reply(tool_call("drop", {"n": 3}))
    anthropic_server.reply(text("Done."))
    kernel.run(TOOL)
    kernel.run(f"%lauren record '{file.as_posix()}'")
    assert kernel.run(DROP, person=False).error is None
    kept = json.loads(file.read_text("utf-8"))
    assert [d["by"] for d in kept.pop("decisions")] == ["policy"]
    file.write_text(json.dumps(kept), "utf-8")
    kernel.run(f"%lauren replay '{file.as_posix()}'")
    replayed = kernel.run(DROP, person=False)
    assert replayed.error is None, replayed.traceback
    assert "No person was there" in replayed.markdown
    assert kernel.run("print(ran)").stdout == "[]\n"
    kernel.run("%lauren replay off")
