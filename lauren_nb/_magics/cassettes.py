"""The commands that put a cassette between a kernel's cells and the providers, and take it out."""

from __future__ import annotations

from pathlib import Path

from lauren_ai._cassettes import get_cassette, get_mode
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder, set_cassette
from lauren_ai.errors import CassetteError
from lauren_nb._errors import OptionError
from lauren_nb._hazards import visible
from lauren_nb._session.session import Session


async def record(session: Session, arguments: list[str]) -> None:
    """FILE: keep what providers answer in FILE, without secrets; `record off` ends it"""
    if len(arguments) != 1:
        raise OptionError("Write: %lauren record FILE, or %lauren record off.")
    if arguments == ["off"]:
        try:
            take_out()
        except CassetteError as exc:
            raise OptionError(f"%lauren record: {exc}") from exc
        return
    start_recording(arguments[0])


async def replay(session: Session, arguments: list[str]) -> None:
    """FILE [--paced]: answer from FILE, without key or network; `replay off` ends it"""
    paced = "--paced" in arguments
    files = [word for word in arguments if word != "--paced"]
    if len(files) != 1:
        raise OptionError("Write: %lauren replay FILE [--paced], or %lauren replay off.")
    [file] = files
    try:
        mode = get_mode()
        if file == "off":
            take_out()
        elif mode == "off":
            set_cassette(None)
            print(f"{visible(file)} is not replayed: the environment asks for live models.")
        elif mode == "record":
            start_recording(file)
        else:
            player = CassettePlayer(file, paced=paced)
            set_cassette(player)
            print(f"Replaying {visible(file)}: {_count(len(player.contents.exchanges))}.")
    except CassetteError as exc:
        raise OptionError(f"%lauren replay: {exc}") from exc


def start_recording(file: str) -> None:
    """Begin a new cassette. Raises OptionError for a path that is a folder."""
    if Path(file).is_dir():
        raise OptionError(f"{file} is a folder. Name a file: %lauren record {file}/cassette.json")
    set_cassette(CassetteRecorder(file))
    print(f"Recording to {visible(file)}; the first answer replaces what it holds.")


def take_out() -> None:
    """Let the providers answer again. Raises CassetteError, and changes nothing, where answers
    cannot be written."""
    cassette = get_cassette()
    if isinstance(cassette, CassetteRecorder):
        cassette.flush()
    set_cassette(None)
    if isinstance(cassette, CassetteRecorder):
        print(f"Recorded {_count(cassette.count)} to {visible(cassette.path.name)}.")
    else:
        print("Cells ask the providers again." if cassette else "There was no cassette.")


def _count(number: int) -> str:
    return "1 answer" if number == 1 else f"{number} answers"
