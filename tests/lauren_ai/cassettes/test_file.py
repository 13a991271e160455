"""The file of a cassette: readable, the same for the same contents, whole or not there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lauren_ai._cassettes.file import (
    Exchange,
    RecordedDecision,
    WireRequest,
    decode_text,
    encode_decision,
    encode_exchange,
    join_file,
    load,
    save,
)
from lauren_ai.errors import CassetteError

REQUEST = WireRequest(
    provider="openai",
    method="POST",
    path="/chat/completions",
    body={"model": "m", "messages": ["é\u2028"]},
)
WHOLE = Exchange(
    request=REQUEST,
    status=200,
    headers={"content-type": "text/event-stream"},
    chunks=((3, b"data: 1\n\n"), (9, b"")),
)
DECISION = RecordedDecision(
    tool="drop",
    digest="0f",
    approved=False,
    by="click",
    at="2026-01-02T03:04:05+00:00",
    reason="no",
    input={"n": 1},
)


def write(path: Path, *exchanges: Exchange, decisions: tuple[RecordedDecision, ...] = ()) -> Path:
    parts = [encode_exchange(e) for e in exchanges], [encode_decision(d) for d in decisions]
    save(path, join_file("openai:m", *parts))
    return path


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    broken = Exchange(
        request=REQUEST, status=529, headers={}, chunks=((1, b"half"),), ended="ClientPayloadError"
    )
    listed = Exchange(
        request=WireRequest(provider="openai", method="GET", path="/models"),
        status=200,
        headers={},
        chunks=((0, b"{}"),),
    )
    binary = Exchange(
        request=REQUEST, status=200, headers={}, chunks=((0, b"\xff\xfe"), (1, b"\x00"))
    )
    exchanges = (WHOLE, broken, listed, binary)
    contents = load(write(tmp_path / "c.json", *exchanges, decisions=(DECISION,)))
    assert contents.exchanges == [*exchanges]
    assert contents.decisions == [DECISION]
    assert contents.default_model == "openai:m"


def test_a_chunk_is_one_line_of_text(tmp_path: Path) -> None:
    text = write(tmp_path / "c.json", WHOLE).read_text("utf-8")
    assert '\n          [3, "data: 1\\n\\n"],\n' in text
    assert "é" in text


def test_the_same_contents_make_the_same_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "a.json", WHOLE), write(tmp_path / "b.json", WHOLE)
    assert one.read_bytes() == other.read_bytes()


def test_a_character_that_was_cut_goes_with_its_last_byte() -> None:
    data = "aé€😀".encode()
    for cut in range(len(data) + 1):
        texts = decode_text([data[:cut], data[cut:]])
        assert texts is not None
        assert "".join(texts) == "aé€😀"


@pytest.mark.parametrize("body", [b"\xff", b"caf\xc3"])
def test_a_body_that_is_no_text_is_known(body: bytes) -> None:
    assert decode_text([body]) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ("[]", "is no cassette"),
        ('{"a": 1}', "is no cassette"),
        ('{"cassette": 99}', "has version 99, not 1"),
        ('{"cassette": 1}', "is damaged"),
        ('{"cassette": 1, "exchanges": [{}]}', "is damaged"),
        ('{"cassette": 1, "exchanges": {}, "decisions": [{"x": 1}]}', "is damaged"),
        ('{"cassette": 1, "exchanges": [{"request": {}, "response": []}]}', "is damaged"),
        ('{"cassette": 1, "exchanges": [3]}', "is damaged"),
    ],
)
def test_a_file_that_is_no_cassette_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(CassetteError, match=message):
        load(path)


@pytest.mark.parametrize("time", ["1e999", "null", "[]"])
def test_a_chunk_without_a_time_is_damage(tmp_path: Path, time: str) -> None:
    path = write(tmp_path / "c.json", WHOLE)
    path.write_text(path.read_text("utf-8").replace("[3, ", f"[{time}, "), "utf-8")
    with pytest.raises(CassetteError, match="is damaged"):
        load(path)


@pytest.mark.parametrize(("field", "value"), [("approved", "no"), ("at", "noon"), ("input", [1])])
def test_a_decision_of_another_shape_decides_nothing(
    tmp_path: Path, field: str, value: object
) -> None:
    path = write(tmp_path / "c.json", WHOLE, decisions=(DECISION,))
    kept = json.loads(path.read_text("utf-8"))
    kept["decisions"][0][field] = value
    path.write_text(json.dumps(kept), "utf-8")
    with pytest.raises(CassetteError, match="is damaged"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match=r"no cassette c\.json"):
        load(tmp_path / "c.json")


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", WHOLE)
    before = path.read_bytes()
    with pytest.raises(CassetteError, match="cannot be written"):
        save(path / "below", "{}")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["c.json"]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b" / "c.json", WHOLE)
    assert json.loads(path.read_text("utf-8"))["cassette"] == 1


def test_a_file_is_read_by_those_whom_its_user_lets(tmp_path: Path) -> None:
    """Prompts may be private, and so may be the file that was made so."""
    before = os.umask(0o077)
    try:
        path = write(tmp_path / "c.json", WHOLE)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert write(path, WHOLE, WHOLE).stat().st_mode & 0o777 == 0o640
