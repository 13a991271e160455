"""`%lauren record`, `%lauren replay`, `-m replay:FILE` and `lauren-nb cassette show`."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from lauren_ai._cassettes import current
from lauren_ai._cassettes.file import Exchange, WireRequest, encode_exchange, join_file, load, save
from lauren_ai.cassettes import set_cassette
from lauren_nb._cli import main
from lauren_nb._errors import OptionError
from lauren_nb._magics.commands import run_command
from lauren_nb._options.parse import parse_line
from lauren_nb._run.cell import run_cell
from tests.servers import FakeAnthropic, FakeOpenAI, text, thinking, tool_call
from tests.support.chain_cells import Cells

KEY = "sk-ant-api03-THISISTHESECRET-0123456789"
VARIABLES = "ANTHROPIC_API_KEY OPENAI_API_KEY OPENAI_BASE_URL OLLAMA_HOST LAUREN_MODEL".split()
CASSETTE_VARIABLES = "LAUREN_CASSETTE LAUREN_CASSETTE_MODE LAUREN_LIVE".split()


class Notebook(Cells):
    """Cells of any kind, in this process."""

    async def ask(self, line: str, body: str) -> str:
        self.published.clear()
        await run_cell(parse_line(line), body, session=self.session)
        return self.markdown

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        super()._publish(data, metadata or {})

    async def command(self, line: str) -> None:
        await run_command(line, session=self.session)


@pytest.fixture
def notebook(
    anthropic_server: FakeAnthropic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Notebook:
    for name in [*VARIABLES, *CASSETTE_VARIABLES]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(current, "_is_chosen", False)
    monkeypatch.setattr(current, "_chosen", None)
    return Notebook()


async def test_a_recording_is_replayed_without_a_key_and_says_so(
    notebook: Notebook,
    anthropic_server: FakeAnthropic,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    anthropic_server.reply(text("Blue."))
    await notebook.command("record 'my tour.json'")
    live = await notebook.ask("", "Which colour?")
    await notebook.command("record off")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    await notebook.command("replay 'my tour.json'")
    assert "Blue." in live
    first = await notebook.ask("", "Which colour?")
    assert "Blue." in first
    assert await notebook.ask("", "Which colour?") == first
    assert len(anthropic_server.requests) == 1
    assert capsys.readouterr().out.splitlines() == [
        "Recording to my tour.json; the first answer replaces what it holds.",
        "Recorded 1 answer to my tour.json.",
        "Replaying my tour.json: 1 answer.",
    ]


async def test_the_model_without_a_name_is_that_of_the_recording(
    notebook: Notebook, anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    anthropic_server.reply(text("one"))
    anthropic_server.reply(text("two"))
    monkeypatch.setenv("LAUREN_MODEL", "anthropic:claude-a")
    await notebook.command("record c.json")
    await notebook.ask("-m anthropic:claude-b", "hi")
    await notebook.ask("", "hi")
    monkeypatch.setenv("LAUREN_MODEL", "local:smollm2")
    await notebook.command("replay c.json")
    assert "two" in await notebook.ask("", "hi")
    await notebook.command("config model=anthropic:claude-b")
    assert "one" in await notebook.ask("", "hi")


async def test_the_first_model_of_a_server_is_replayed_too(
    notebook: Notebook, openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    openai_server.reply(text("hello"))
    await notebook.command("record c.json")
    await notebook.ask("", "hi")
    monkeypatch.delenv("OPENAI_BASE_URL")
    await notebook.command("replay c.json")
    assert "gpt-test" in await notebook.ask("", "hi")


async def test_one_cell_can_be_answered_from_a_cassette(
    notebook: Notebook, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(thinking("Hm."), text("Kept."), tokens_per_s=100)
    await notebook.command("record c.json")
    await notebook.ask("-m anthropic:claude-x", "hi")
    await notebook.command("record off")
    anthropic_server.reply(text("Live."))
    first = await notebook.ask("-m replay:c.json", "hi")
    assert "Kept." in first and "claude-test" in first
    assert notebook.facts["elapsed_ms"] > 20
    assert await notebook.ask("-m replay:c.json", "hi") == first
    assert "Live." in await notebook.ask("-m anthropic:claude-x", "hi")
    await notebook.run("chain -m replay:c.json -o out", "hi")
    assert notebook.ns["out"] == "Kept."


async def test_replay_off_asks_the_provider_again(
    notebook: Notebook, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("one"))
    anthropic_server.reply(text("two"))
    await notebook.command("record c.json")
    await notebook.ask("", "hi")
    await notebook.command("replay c.json")
    assert "one" in await notebook.ask("", "hi")
    await notebook.command("replay off")
    assert "two" in await notebook.ask("", "hi")


@pytest.mark.parametrize("variable", ["LAUREN_LIVE=1", "LAUREN_CASSETTE_MODE=off"])
async def test_the_environment_makes_a_replay_live(
    notebook: Notebook,
    anthropic_server: FakeAnthropic,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    anthropic_server.reply(text("live"))
    monkeypatch.setenv(*variable.split("="))
    await notebook.command("replay missing.json")
    assert "live" in await notebook.ask("", "hi")
    assert os.listdir() == []


async def test_the_environment_makes_a_replay_record_anew(
    notebook: Notebook, anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    anthropic_server.reply(text("first"))
    anthropic_server.reply(text("second"))
    for mode in ("record", "record", "replay"):
        monkeypatch.setenv("LAUREN_CASSETTE_MODE", mode)
        await notebook.command("replay c.json")
        shown = await notebook.ask("", "hi")
    assert "second" in shown
    assert len(anthropic_server.requests) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("record", "Write: %lauren record FILE"),
        ("record a b", "Write: %lauren record FILE"),
        ("record .", "is a folder"),
        ("replay", "Write: %lauren replay FILE"),
        ("replay a --fast", "Write: %lauren replay FILE"),
        ("replay missing.json", "There is no cassette missing.json here"),
    ],
)
async def test_a_wrong_command_is_told_in_one_line(
    notebook: Notebook, line: str, message: str
) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        await notebook.command(line)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [None, "{}", '{"cassette": 1, "exchanges": []}'])
async def test_a_model_that_is_no_cassette_is_told_before_anything_is_sent(
    notebook: Notebook, anthropic_server: FakeAnthropic, tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "c.json").write_text(content)
    with pytest.raises(OptionError, match=r"-m replay:c\.json: ") as caught:
        await notebook.ask("-m replay:c.json", "hi")
    assert "\n" not in str(caught.value)
    assert not anthropic_server.requests


async def test_a_cassette_of_the_environment_that_cannot_be_read_is_told_in_one_line(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "c.json").write_text("{")
    monkeypatch.setattr(current, "_of_environment", {})
    monkeypatch.setenv("LAUREN_CASSETTE", "c.json")
    with pytest.raises(OptionError, match=r"The cassette c\.json cannot be read"):
        await notebook.ask("", "hi")


async def test_the_help_has_the_commands_on_a_line_each(notebook: Notebook) -> None:
    await notebook.command("help")
    rows = [row for row in notebook.markdown.splitlines() if "cassette" in row or "FILE" in row]
    assert [row.split("`")[1] for row in rows if row.startswith("| `%lauren")] == [
        "%lauren record",
        "%lauren replay",
    ]
    assert all(row.endswith(" |") for row in rows if row.startswith("| `%lauren"))


async def test_ending_a_recording_tells_of_answers_that_are_not_in_the_file(
    notebook: Notebook, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    anthropic_server.reply(text("kept"))
    file = tmp_path / "c.json"
    await notebook.command(f"record {file}")
    await notebook.ask("", "q")
    put_folder_in_place_of(file)
    anthropic_server.reply(text("lost"))
    await notebook.ask("", "r")
    with pytest.raises(OptionError, match=r"%lauren record: The cassette c\.json cannot be"):
        await notebook.command("record off")
    take_folder_away(file)
    await notebook.command("record off")
    assert len(load(file).exchanges) == 2


def put_folder_in_place_of(file: Path) -> None:
    file.unlink()
    file.mkdir()


def take_folder_away(file: Path) -> None:
    file.rmdir()


async def test_show_prints_questions_answers_and_usage(
    notebook: Notebook, anthropic_server: FakeAnthropic, capsys: pytest.CaptureFixture[str]
) -> None:
    anthropic_server.reply(thinking("Hm."), text("It is \x1b[31mblue\u202e."))
    anthropic_server.queue(anthropic_server.error(401, "no such key"))
    anthropic_server.reply(text("I call."), tool_call("f", {"a": 1}))
    anthropic_server.reply(text("Done."))
    await notebook.command("record c.json")
    await notebook.ask("", "Which colour?\nSay it in a word.")
    with pytest.raises(Exception, match="no such key"):
        await notebook.ask("", "again")
    await notebook.ask("", "call")
    set_cassette(None)
    capsys.readouterr()
    assert await asyncio.to_thread(main, ["cassette", "show", "c.json"]) == 0
    shown = capsys.readouterr().out
    assert "c.json: 4 exchanges\nwithout -m: anthropic:claude-sonnet-4-6\n" in shown
    assert "── 1 · anthropic claude-sonnet-4-6 · POST /v1/messages" in shown
    assert [line.strip() for line in shown.splitlines()].index("Which colour?") > 0
    assert "Say it in a word.\n" in shown
    assert '    thinking: "Hm."' in shown
    assert "→ 200" in shown and "→ 401" in shown
    assert "25 in · " in shown
    assert 'call f({"a": 1})' in shown
    assert "AuthTransportError: anthropic answered 401: no such key" in shown
    assert "\x1b" not in shown and "\u202e" not in shown


def test_show_of_a_file_that_is_not_there_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cassette", "show", str(tmp_path / "c.json")]) == 1
    assert "There is no cassette c.json here." in capsys.readouterr().err


@pytest.mark.parametrize("tools", [3, "f", ["f", None, {"function": "f"}]])
def test_show_of_tools_of_another_shape_shows_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tools: object
) -> None:
    request = WireRequest(
        provider="openai",
        method="POST",
        path="/chat/completions",
        body={"model": "m-1", "tools": tools},
    )
    file = tmp_path / "c.json"
    save(
        file,
        join_file(
            "", [encode_exchange(Exchange(request=request, status=200, headers={}, chunks=()))], []
        ),
    )
    assert main(["cassette", "show", str(file)]) == 0
    assert "openai m-1" in capsys.readouterr().out
