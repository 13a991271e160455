"""What a running cell sends to its page: little, seldom, linear in the answer's length."""

from __future__ import annotations

import pytest

from tests.kernel._kernel import Kernel, Run, set_up
from tests.servers import FakeAnthropic, text

TOKENS = [f" word{i}" for i in range(300)]
TOKENS_PER_S = 100
#: The loader and the traits of one view, the runtime's code apart.
OPENING = 16_000


@pytest.fixture(scope="module")
def run(shared_kernel: Kernel) -> Run:
    """One long answer, which all tests look at."""
    with FakeAnthropic() as server:
        set_up(shared_kernel, server)
        server.reply(text("The first cell sends the runtime."))
        shared_kernel.run("%%lauren\nhi")
        server.reply(text(TOKENS), tokens_per_s=TOKENS_PER_S)
        return shared_kernel.run_watched("%%lauren\ncount")


def test_answer_costs_less_than_150_bytes_a_token(run: Run) -> None:
    assert run.error is None
    assert "word299" in run.markdown
    assert run.size < OPENING + 150 * len(TOKENS)


def test_cost_grows_with_the_text_and_not_with_its_square(run: Run) -> None:
    deltas = run.view_messages("delta")
    halves = deltas[: len(deltas) // 2], deltas[len(deltas) // 2 :]
    first, second = (sum(m.size for m in half) for half in halves)
    assert second < 1.5 * first
    # A page that listens gets one snapshot, and the text once.
    assert len(run.view_messages("snapshot")) == 1


def test_view_gets_at_most_20_messages_a_second(run: Run) -> None:
    sent = [m for m in run.messages if m.view_message]
    elapsed = run.shown[0]["metadata"]["lauren"]["elapsed_ms"] / 1000
    assert len(run.view_messages("delta")) > 5 * elapsed
    assert len(sent) <= 20 * elapsed + 5


def test_deltas_are_numbered_without_a_gap_and_hold_the_text_once(run: Run) -> None:
    deltas = [m.view_message for m in run.view_messages("delta")]
    assert [d["seq"] for d in deltas] == list(range(1, len(deltas) + 1))
    pieces = [op[1] for d in deltas for op in d["ops"] if op[0] == "text"]
    assert "".join(pieces) == "".join(TOKENS)


def test_second_cell_opens_its_view_under_16_kb(run: Run) -> None:
    opening = [m for m in run.messages if m.type in ("comm_open", "display_data")]
    assert 0 < sum(m.size for m in opening) < OPENING


def test_resting_output_replaces_the_view_and_closes_it(run: Run) -> None:
    [output] = run.shown
    assert set(output["data"]) == {"text/markdown", "text/plain"}
    assert any(m.type == "comm_close" for m in run.messages)
