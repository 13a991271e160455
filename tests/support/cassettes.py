"""Records with a live service and replays without one, for the tests of cassettes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from lauren_ai import LLMService
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from tests.support.wired import Wired


class Tape:
    """Records with a live service, then replays with one that has no key and no server."""

    def __init__(self, wired: Wired, file: Path) -> None:
        self.wired = wired
        self.file = file
        self.recorder = CassetteRecorder(file)
        self.live = LLMService.from_config(wired.service.config, cassette=self.recorder)

    def replay(self, **options: Any) -> LLMService:
        offline = {"api_key": None, "base_url": "http://127.0.0.1:9"}
        config = replace(self.live.config, **{**offline, **options})
        return LLMService.from_config(config, cassette=CassettePlayer(self.file))


def load_text(file: Path) -> str:
    return file.read_text("utf-8")


def rewrite(file: Path, old: str, new: str) -> None:
    assert old in load_text(file)
    file.write_text(load_text(file).replace(old, new), "utf-8")


def list_folder(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]
