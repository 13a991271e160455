"""What `panel.send(files=…)` takes, what the provider gets of it, and what is refused."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lauren_ai._types import ContentBlock
from lauren_nb._errors import OptionError
from lauren_nb.panel import ChatPanel, _host
from lauren_nb.panel._attach import attach
from lauren_nb.panel._files import MAX_FILES
from tests.servers import FakeAnthropic, text
from tests.support.pictures import make_png

PNG = make_png(1000)


def make_picture(size: tuple[int, int] = (40, 20)) -> Any:
    from PIL import Image

    return Image.new("RGB", size, "red")


def make_figure() -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    figure.add_subplot().plot([1, 2])
    return figure


def read_image(block: ContentBlock) -> bytes:
    assert block.source is not None
    return base64.b64decode(block.source["data"])


def test_path_is_an_image_or_a_text_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "plot.txt").write_bytes(PNG)
    (tmp_path / "notes.md").write_text("words", encoding="utf-8")
    image, notes = attach([str(tmp_path / "plot.txt"), tmp_path / "notes.md"])
    assert (image.label, notes.label) == ("plot.txt · 1 kB", "notes.md · 5 B")
    assert read_image(image.content) == PNG
    assert notes.content.text == "Attached file: notes.md · 5 B\n\n```\nwords\n```"


def test_home_is_found_in_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.txt").write_text("words", encoding="utf-8")
    assert [mention.label for mention in attach(["~/a.txt"])] == ["a.txt · 5 B"]


def test_pictures_figures_and_axes_become_png_images() -> None:
    figure = make_figure()
    mentions = attach([make_picture(), figure, figure.axes[0]])
    assert all(mention.label.startswith("image.png · ") for mention in mentions)
    assert all(read_image(mention.content).startswith(PNG[:8]) for mention in mentions)


def test_large_picture_is_scaled_down_as_for_cells() -> None:
    from PIL import Image

    [mention] = attach([make_picture((4000, 1000))])
    assert Image.open(io.BytesIO(read_image(mention.content))).size == (1568, 392)


def test_bytes_and_blocks_are_taken_as_they_are() -> None:
    blocks = [ContentBlock.image_block(PNG), ContentBlock.text_block("words")]
    raw, image, words = attach([PNG, *blocks])
    assert read_image(raw.content) == read_image(image.content) == PNG
    assert (raw.label, words.label) == ("image.png · 1 kB", "text · 5 B")


def test_image_of_an_address_is_the_providers_to_fetch() -> None:
    block = ContentBlock.image_block("", url="https://example.org/a/plot.png")
    [mention] = attach([block])
    assert (mention.label, mention.content) == ("plot.png · by its address", block)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"a": 1}, "A dict cannot be attached. Give a path, a matplotlib figure"),
        ("nowhere.png", "'nowhere.png' cannot be attached: .*No such file"),
        ("a\0b", "cannot be attached: .*null"),
        (".", r"'\.' cannot be attached: .*directory"),
        (b"words", "These bytes are no PNG"),
        (ContentBlock("image", source={"type": "base64", "data": "x"}), "These bytes are no PNG"),
        (ContentBlock.thinking_block("x"), "A ContentBlock of type 'thinking' cannot be attached"),
    ],
)
def test_what_cannot_be_attached_is_refused_with_what_to_do(value: object, why: str) -> None:
    with pytest.raises(OptionError, match=why):
        attach([value])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"MZ\xff", "a.bin is neither a PNG, JPEG, GIF or WebP image, nor a PDF, nor UTF-8 text"),
        (b"x" * 201_000, "a.bin has 201 kB: a text file may have 200 kB"),
        (PNG + b"x" * 4_000_000, r"a.bin has 4\.0 MB: an image may have 3\.7 MB"),
        (b"\0" * 5_000_000, r"a.bin has 5\.0 MB: a text file may have 200 kB"),
    ],
)
def test_file_has_the_limits_of_a_page(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "a.bin").write_bytes(data)
    with pytest.raises(OptionError, match=why):
        attach([tmp_path / "a.bin"])


def test_number_and_sum_have_the_bounds_of_a_page() -> None:
    with pytest.raises(OptionError, match="9 files are too many: a message takes 8"):
        attach([PNG] * (MAX_FILES + 1))
    with pytest.raises(OptionError, match=r"a message takes 8\.0 MB in all"):
        attach([PNG + b"x" * 2_700_000] * 3)


@pytest.mark.parametrize("value", ["plot.png", Path("plot.png"), PNG, make_picture])
def test_one_file_that_is_no_list_is_refused(value: object) -> None:
    with pytest.raises(OptionError, match=r"files=\[…\]"):
        attach(value() if callable(value) else value)


async def test_files_go_with_the_message_and_nothing_is_asked_without_a_text(
    monkeypatch: pytest.MonkeyPatch, anthropic_server: FakeAnthropic
) -> None:
    marimo = SimpleNamespace(running_in_notebook=lambda: True)
    monkeypatch.setattr(_host, "_get_marimo", lambda: marimo)
    monkeypatch.setattr(_host, "get_ipython", lambda: None)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    panel = ChatPanel("anthropic:claude-test")
    anthropic_server.reply(text("A plot."))
    for question, files in ((" ", [PNG]), ("What?", ["nowhere.png"])):
        with pytest.raises(OptionError):
            await panel.send(question, files=files)
    response = await panel.send("What is it?", files=[PNG])
    assert response.content == "A plot."
    [request] = anthropic_server.requests
    first, name, image = request.body["messages"][0]["content"]
    assert (first["text"], name["text"]) == ("What is it?", "Attached file: image.png · 1 kB")
    assert base64.b64decode(image["source"]["data"]) == PNG
    panel.close()
