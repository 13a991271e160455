"""Thoughts between tags at the start of an answer become thinking, in pieces cut anywhere."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from lauren_ai._transport.openai.think_tags import ThinkTags
from tests.servers import text
from tests.support.wired import GO, Wired

CASES = [
    ("<think>\nhmm</think>\n\nParis", "hmm", "Paris"),
    ("\n <think>a < b </thin k></think>ok", "a < b </thin k>", "ok"),
    ("<think>\n\n</think>\n\nHi", "", "Hi"),
    ("<think>cut off", "cut off", ""),
    ("<think>cut off </thi", "cut off </thi", ""),
    ("<thinker> is a word", "", "<thinker> is a word"),
    ("<thi", "", "<thi"),
    ("  plain ", "", "  plain "),
    ("Use <think>no</think> tags", "", "Use <think>no</think> tags"),
    ("```\n<think>x</think>\n```", "", "```\n<think>x</think>\n```"),
    ("<think>a</think>b<think>c</think>d", "a", "b<think>c</think>d"),
    ("", "", ""),
]


def split(pieces: list[str]) -> tuple[str, str]:
    tags = ThinkTags()
    found = [piece for text in pieces for piece in tags.feed(text)] + tags.end()
    assert all(text for _, text in found)
    return tuple("".join(t for kind, t in found if kind == k) for k in ("thinking", "text"))  # type: ignore[return-value]


@pytest.mark.parametrize(("whole", "thinking", "answer"), CASES)
def test_the_cut_of_the_pieces_changes_nothing(whole: str, thinking: str, answer: str) -> None:
    assert split([whole]) == split([*whole]) == (thinking, answer)
    for seed in range(20):
        cuts = sorted(random.Random(seed).choices(range(len(whole) + 1), k=4))
        edges = [0, *cuts, len(whole)]
        pieces = [whole[a:b] for a, b in pairwise(edges)]
        assert split(pieces) == (thinking, answer)


@pytest.fixture
def provider() -> str:
    return "openai"


async def test_a_server_that_takes_thoughts_apart_may_write_the_tag(wired: Wired) -> None:
    first = wired.server.script(text("<think>"))
    wired.server.queue(first)
    assert (await wired.service.complete(GO, model="gpt-4.1")).content == "<think>"
    wired.server.reply(text("<think>so</think>Hi"))
    completion = await wired.service.complete(GO, model="some-model")
    assert completion.content == "Hi"
    assert [block.text for block in completion.thinking_blocks] == ["so"]
