"""Token counts as proxies write them: whole numbers count, anything else is no count."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lauren_ai import TokenUsage
from tests.servers import raw, text
from tests.support.wired import GO, Wired

NAMES = rb'"(input_tokens|output_tokens|prompt_tokens|completion_tokens)": \d+'


async def usage_of(wired: Wired, count: Any) -> TokenUsage | None:
    """What a client reads of an answer whose every count is this value."""
    data = wired.server.script(text("Hello")).data
    written = json.dumps(count).encode()
    wired.server.queue(raw(re.sub(NAMES, rb'"\1": ' + written, data)))
    return (await wired.service.complete(GO)).usage


async def test_counts_that_a_proxy_wrote_with_a_fraction_count(wired: Wired) -> None:
    usage = await usage_of(wired, 7.0)
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (7, 7)


@pytest.mark.parametrize("odd", [None, "7", 1.5, True, [], {"a": 1}], ids=repr)
async def test_what_is_no_count_is_none_and_not_zero(wired: Wired, odd: Any) -> None:
    assert await usage_of(wired, odd) is None
