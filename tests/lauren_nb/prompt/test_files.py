"""A file of a cell or a panel is what its bytes say, within bounds, and never blocks."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lauren_ai import ContentBlock
from lauren_nb._errors import OptionError
from lauren_nb._prompt.files import MAX_PDF_BYTES, MAX_TEXT_BYTES, load_files
from lauren_nb._prompt.images import MAX_BYTES

PDF = b"%PDF-1.7\n%%EOF"


def make_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (3, 2)).save(buffer, format="GIF")
    return buffer.getvalue()


def load_image(value: Any) -> ContentBlock:
    [block] = load_files(["it"], [], {"it": value})
    return block


def load_file(value: Any) -> ContentBlock:
    [block] = load_files([], ["it"], {"it": value})
    return block


def test_an_image_is_a_picture_its_bytes_or_its_path(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(make_picture())
    for value in (Image.new("RGB", (3, 2)), make_picture(), path, str(path)):
        source = load_image(value).source
        assert source is not None
        assert Image.open(io.BytesIO(base64.b64decode(source["data"]))).size == (3, 2)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (3, "a int is no file"),
        (b"text", "that is no image. Send it with --file"),
        (PDF, "that is no image. Send it with --file"),
        (b"GIF8" * 10**6, "an image may have 3.7 MB"),
    ],
)
def test_what_is_no_image_is_told(value: Any, part: str) -> None:
    with pytest.raises(OptionError, match=part):
        load_image(value)


def test_a_file_is_found_by_its_path_relative_or_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("a\n```\nb")
    (tmp_path / "a paper.pdf").write_bytes(PDF)
    monkeypatch.chdir(tmp_path)
    text, pdf, same = load_files([], ["notes.txt", "a paper.pdf", str(tmp_path / "notes.txt")], {})
    assert text == same
    assert text.text == "Attached file: notes.txt · 7 B\n\n````\na\n```\nb\n````"
    assert pdf.raw == {
        "type": "document",
        "title": "a paper.pdf",
        "source": {
            "type": "base64",
            "media_type": "application/pdf",
            "data": base64.b64encode(PDF).decode(),
        },
    }


def test_a_variable_goes_before_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "it").write_text("the file's")
    monkeypatch.chdir(tmp_path)
    assert "the variable's" in (load_file(b"the variable's").text or "")
    [found] = load_files([], ["it"], {})
    assert "the file's" in (found.text or "")


def test_the_bytes_decide_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(make_picture())
    assert load_file(path).type == "image"


@pytest.mark.parametrize("option", [([], ["gone.pdf"]), (["gone.png"], []), ([], ["no_such"])])
def test_a_missing_file_names_the_folder_that_was_looked_in(
    option: tuple[list[str], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OptionError) as caught:
        load_files(*option, {})
    name = "".join([*option[0], *option[1]])
    assert name in str(caught.value)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_pipe_that_nobody_writes_to_does_not_block(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for load in (load_image, load_file):
        with pytest.raises(OptionError, match="a pipe or a device"):
            load(path)


@pytest.mark.parametrize(
    ("begin", "most", "kind"),
    [
        (b"%PDF-", MAX_PDF_BYTES, "a PDF"),
        (b"a", MAX_TEXT_BYTES, "a text"),
        (b"GIF8", MAX_BYTES, "an"),
    ],
)
def test_a_file_that_is_too_large_is_not_read(
    begin: bytes, most: int, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(most + 1)
    with pytest.raises(OptionError, match=f"{kind}.* may have"):
        load_file(path)


@pytest.mark.parametrize("data", [b"a\0b", b"MZ\xff\xfe"])
def test_what_nobody_can_read_is_told(data: bytes) -> None:
    with pytest.raises(OptionError, match="neither a PNG, JPEG, GIF or WebP image, nor a PDF, nor"):
        load_file(data)
