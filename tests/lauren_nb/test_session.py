"""What a kernel remembers between cells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import CassettePlayer, LLMConfig, TokenUsage
from lauren_nb._commands import run_command
from lauren_nb._session import Session
from lauren_nb._spending import get_cost


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
