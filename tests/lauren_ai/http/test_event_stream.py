"""Bedrock's frames: the same events at any cut, and a typed error for what is broken."""

from __future__ import annotations

import random

import pytest

from lauren_ai import TransportError
from lauren_ai._http.event_stream import MAX_FRAME, EventStreamDecoder
from tests.support.event_stream import build_event, build_exception, build_frame

EVENTS = [b'{"type":"ping"}', '{"type":"x","text":"é\\n"}'.encode(), b"{}"]
BODY = b"".join(map(build_event, EVENTS))
EXPECTED = b"".join(b"data: " + event + b"\n\n" for event in EVENTS)


def test_whole_byte_by_byte_and_cut_at_random_it_is_the_same() -> None:
    assert EventStreamDecoder().feed(BODY) == EXPECTED
    rng = random.Random(3)
    for size in (1, 2, 7, None, None, None):
        decoder, made, at = EventStreamDecoder(), b"", 0
        while at < len(BODY):
            step = size or rng.randrange(1, 60)
            made += decoder.feed(BODY[at : at + step])
            at += step
        assert made == EXPECTED


def test_an_exception_is_an_error_event_in_anthropics_words() -> None:
    made = EventStreamDecoder().feed(build_exception("throttlingException", "Too many tokens"))
    assert made.startswith(b"event: error\ndata: ")
    assert b'"rate_limit_error"' in made
    assert b"Too many tokens" in made


def test_what_is_no_part_of_an_answer_is_skipped() -> None:
    headers = {":message-type": "event", ":event-type": "metrics"}
    frames = build_frame(b'{"inputTokenCount":1}', headers) + build_frame(b"", headers)
    assert EventStreamDecoder().feed(frames + BODY) == EXPECTED


@pytest.mark.parametrize("at", [0, 5, 9, 20, len(BODY) // 2, len(BODY) - 1])
def test_a_damaged_frame_is_a_typed_error(at: int) -> None:
    damaged = bytearray(BODY)
    damaged[at] ^= 0x41
    with pytest.raises(TransportError, match="frame of the event stream"):
        EventStreamDecoder().feed(bytes(damaged))


@pytest.mark.parametrize("payload", [b'{"bytes":"%%%"}', b'{"bytes":"QQ"}'])
def test_a_payload_that_is_no_base64_is_a_typed_error(payload: bytes) -> None:
    with pytest.raises(TransportError, match="base64"):
        EventStreamDecoder().feed(build_frame(payload, {":message-type": "event"}))


def test_a_frame_without_end_is_refused_at_its_head() -> None:
    import binascii
    import struct

    prelude = struct.pack(">II", MAX_FRAME + 1, 0)
    prelude += struct.pack(">I", binascii.crc32(prelude))
    with pytest.raises(TransportError, match="over 24 MiB"):
        EventStreamDecoder().feed(prelude)
