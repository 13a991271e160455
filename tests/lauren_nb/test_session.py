"""What a kernel remembers between cells."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import LLMConfig, TokenUsage
from lauren_nb._session import Session


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
