"""What the models say in 07-any-model; the embedded one answers itself."""

from __future__ import annotations

from tests.notebooks._answers import answer
from tests.servers import text


def write_labels(*labels: str) -> str:
    return "\n".join(f"{number}. {label}" for number, label in enumerate(labels, 1))


GOOD, BAD, BOTH = "positive", "negative", "mixed"
LABEL, COMPLAINT = "Label each comment", "Which complaint"

ANSWERS = [
    answer(LABEL, text(write_labels(GOOD, BAD, BOTH, GOOD, GOOD, BOTH)), model="claude"),
    answer(LABEL, text(write_labels(GOOD, BAD, BOTH, GOOD, GOOD, BAD)), model="qwen"),
    answer(LABEL, text(write_labels(GOOD, BAD, BOTH, GOOD, BOTH, BAD)), model="llama"),
    answer(COMPLAINT, text("Slow service and a cold espresso."), model="claude"),
    answer(COMPLAINT, text("A long wait for a cold espresso."), model="qwen"),
    answer(COMPLAINT, text("Waiting twenty minutes."), model="llama"),
]
