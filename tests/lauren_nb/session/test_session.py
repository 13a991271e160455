"""What a kernel remembers between cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import (
    ContentBlock,
    LLMConfig,
    Message,
    TokenUsage,
)
from lauren_ai.cassettes import CassettePlayer
from lauren_nb._errors import OptionError
from lauren_nb._magics.commands import run_command
from lauren_nb._session.session import Session
from lauren_nb._session.spending import get_cost
from tests.support.renderers import RENDERERS, find_faults, get_text, render_commonmark


@pytest.fixture
def session() -> Session:
    return Session(InteractiveShell())


def test_runner_is_made_once(session: Session) -> None:
    config = LLMConfig.for_anthropic("m")
    assert session.get_runner(config) is session.get_runner(LLMConfig.for_anthropic("m"))


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
def test_changed_environment_gets_a_runner_of_its_own(
    session: Session, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config = LLMConfig.for_anthropic("m")
    before = session.get_runner(config)
    monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert session.get_runner(config) is not before


def test_no_key_is_in_its_repr(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-SECRET")
    session.get_runner(LLMConfig.for_anthropic("m"))
    assert "SECRET" not in repr(session)


def test_run_without_usage_is_not_in_the_ledger(session: Session) -> None:
    session.note_usage("m", None, None)
    session.note_usage("m", TokenUsage(1, 2), 0.5)
    assert [(e.model, e.usage.output_tokens, e.cost_usd) for e in session.ledger] == [("m", 2, 0.5)]


@pytest.fixture
def shown(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the commands display."""
    texts: list[str] = []
    monkeypatch.setattr(
        session.shell.display_pub, "publish", lambda data: texts.append(data["text/markdown"])
    )
    return texts


async def test_names_that_a_server_gives_are_text_in_the_table(
    session: Session, shown: list[str]
) -> None:
    name = "<img src=x onerror=alert(1)>|`$\\href{http://a.example}{b}$"
    session.note_usage(name, TokenUsage(1, 2), None)
    await run_command("usage", session=session)
    for render in RENDERERS.values():
        assert find_faults(render(shown[0])) == []
    assert name in get_text(render_commonmark(shown[0]))
    assert "<span>\\$</span>" in shown[0]  # two dollars beside each other would be a formula


async def test_names_of_models_are_code(session: Session, shown: list[str]) -> None:
    await run_command("alias '<img src=x>`' 'local:<img src=x>'", session=session)
    await run_command("models", session=session)
    assert find_faults(render_commonmark(shown[0])) == []


async def test_an_alias_of_an_alias_means_its_model(session: Session) -> None:
    await run_command("alias fast openai:gpt-5", session=session)
    await run_command("alias quick fast", session=session)
    await run_command("alias fast fast", session=session)
    assert session.choose("quick").model == session.choose("fast").model == "gpt-5"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("usage all", "%lauren usage takes no argument"),
        ("help usage", "%lauren help takes no argument"),
        ("models nope", "Unknown model"),
        ("models openai x", "with a provider, or with a model"),
        ("config model=local x=1", "%lauren config model=provider:name"),
        ("config thinking=1", "Unknown setting 'thinking=1'"),
    ],
)
async def test_a_wrong_argument_is_one_line_and_changes_nothing(
    session: Session, line: str, part: str
) -> None:
    with pytest.raises(OptionError) as caught:
        await run_command(line, session=session)
    assert part in str(caught.value)
    assert session.defaults == {}


async def test_history_shows_calls_results_and_images(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    image, call = ContentBlock.image_block(b"x"), {"path": "a\x1b[31m"}
    messages = [
        Message.user([ContentBlock.text_block("Look."), image]),
        Message.assistant([ContentBlock.tool_use_block("t1", "read", call)]),
        Message.user([ContentBlock.tool_result_block("t1", "3 rows" * 1000)]),
        Message.assistant("Done."),
    ]
    await session.store.save("c", messages)
    await run_command("history c", session=session)
    printed = capsys.readouterr().out
    assert "[user]\nLook.\n(an image)\n" in printed
    assert "→ read {" in printed
    assert "← 3 rows3 rows" in printed
    assert "(6,000 characters)" in printed
    assert "\x1b" not in printed


async def test_usage_tells_free_and_replayed_runs_from_spending(
    session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(
        session.shell.display_pub, "publish", lambda data: shown.append(data["text/plain"])
    )
    usage = TokenUsage(10, 2)
    session.note_usage("claude", usage, 0.5, config=LLMConfig.for_anthropic("claude"))
    session.note_usage("gpt-oss", usage, None, config=LLMConfig.for_ollama("gpt-oss"))
    (tmp_path / "c.json").write_text('{"cassette": 1, "exchanges": []}')
    player = CassettePlayer(tmp_path / "c.json")
    replayed = replace(LLMConfig.for_anthropic("claude"), request_options={"cassette": player})
    session.note_usage("claude", usage, 0.5, config=replayed)
    await run_command("usage", session=session)
    rows = [[c.strip() for c in line.split("|")[1:-1]] for line in shown[0].splitlines()[2:]]
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("claude", "1", "$0.50"),
        ("gpt-oss (local)", "1", "free"),
        ("claude (replayed)", "1", "–"),
    ]


def test_a_local_model_has_no_price_though_another_of_its_name_has() -> None:
    usage = TokenUsage(1_000, 1_000)
    assert usage.cost_usd("gpt-4o") is not None
    assert get_cost(usage, "gpt-4o", LLMConfig.for_ollama("gpt-4o")) is None
