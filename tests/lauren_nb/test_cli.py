"""The command `lauren-nb`."""

from __future__ import annotations

from pathlib import Path

import pytest

from lauren_ai import TransportError
from lauren_ai._transport import local
from lauren_nb._cli import main


def test_fetch_says_where_the_weights_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get_weights(name: str, *, progress: object) -> Path:
        assert callable(progress)
        progress(50, 100)
        return Path("weights.gguf")

    monkeypatch.setattr(local, "get_weights", get_weights)
    assert main(["fetch", "smollm2"]) == 0
    shown = capsys.readouterr().out
    assert "Fetching smollm2: 50 %" in shown
    assert "smollm2 is ready: weights.gguf" in shown


def test_fetch_that_fails_says_why_and_gives_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def get_weights(name: str, *, progress: object) -> Path:
        raise TransportError("There is no network.")

    monkeypatch.setattr(local, "get_weights", get_weights)
    assert main(["fetch"]) == 1
    assert "There is no network." in capsys.readouterr().err


def test_unknown_command_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["dance"])
