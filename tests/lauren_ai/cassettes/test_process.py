"""The cassette of a whole process: set by a program, or by the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from lauren_ai._cassettes import current
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder, set_cassette
from lauren_ai.errors import CassetteError
from tests.servers import text
from tests.support.cassettes import Tape, list_folder
from tests.support.wired import GO, Wired


@pytest.fixture(autouse=True)
def without_cassette(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's own cassette is each test's business."""
    monkeypatch.setattr(current, "_is_chosen", False)
    monkeypatch.setattr(current, "_chosen", None)
    for name in ("LAUREN_CASSETTE", "LAUREN_CASSETTE_MODE", "LAUREN_LIVE"):
        monkeypatch.delenv(name, raising=False)


async def test_a_cassette_of_the_process_serves_services_made_before_it(tape: Tape) -> None:
    tape.wired.server.reply(text("kept"))
    plain = tape.wired.service
    set_cassette(CassetteRecorder(tape.file))
    await plain.complete(GO)
    set_cassette(CassettePlayer(tape.file))
    assert (await plain.complete(GO)).content == "kept"
    set_cassette(None)
    tape.wired.server.reply(text("live again"))
    assert (await plain.complete(GO)).content == "live again"


async def test_the_environment_records_a_file_that_is_not_there_and_replays_one_that_is(
    wired: Wired, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "_of_environment", {})
    monkeypatch.setenv("LAUREN_CASSETTE", str(file))
    wired.server.reply(text("one"))
    wired.server.reply(text("two"))
    assert [(await wired.service.complete(GO)).content for _ in range(2)] == ["one", "two"]
    monkeypatch.setattr(current, "_of_environment", {})  # as in the next process
    assert [(await wired.service.complete(GO)).content for _ in range(2)] == ["one", "two"]
    assert len(wired.server.requests) == 2


async def test_a_change_of_folder_keeps_the_cassette_of_the_environment(
    wired: Wired, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's `%cd data` began a second file, and made a replay find none."""
    monkeypatch.setattr(current, "_of_environment", {})
    monkeypatch.setenv("LAUREN_CASSETTE", "c.json")
    (tmp_path / "data").mkdir()
    for folder, answer in ((tmp_path, "one"), (tmp_path / "data", "two")):
        monkeypatch.chdir(folder)
        wired.server.reply(text(answer))
        await wired.service.complete(GO)
    assert list_folder(tmp_path / "data") == []
    assert len(CassettePlayer(tmp_path / "c.json").contents.exchanges) == 2


@pytest.mark.parametrize("setting", [{"LAUREN_CASSETTE_MODE": "off"}, {"LAUREN_LIVE": "1"}])
async def test_the_environment_can_ask_for_live_answers(
    wired: Wired, file: Path, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str]
) -> None:
    for name, value in {"LAUREN_CASSETTE": str(file), **setting}.items():
        monkeypatch.setenv(name, value)
    wired.server.reply(text("live"))
    assert (await wired.service.complete(GO)).content == "live"
    assert not [*list_folder(file.parent)]


@pytest.mark.parametrize(
    ("mode", "message"),
    [("replay", "There is no cassette"), ("rec", "LAUREN_CASSETTE_MODE is 'rec'")],
)
async def test_an_environment_that_cannot_be_used_fails_before_anything_is_sent(
    wired: Wired, file: Path, monkeypatch: pytest.MonkeyPatch, mode: str, message: str
) -> None:
    monkeypatch.setattr(current, "_of_environment", {})
    monkeypatch.setenv("LAUREN_CASSETTE", str(file))
    monkeypatch.setenv("LAUREN_CASSETTE_MODE", mode)
    with pytest.raises(CassetteError, match=message):
        await wired.service.complete(GO)
    assert not wired.server.requests
