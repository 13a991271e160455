"""What the model says in 04-chat-panel."""

from __future__ import annotations

from tests.notebooks._answers import answer
from tests.servers import text, tool_call

ANSWERS = [
    answer("Which day was the best one", tool_call("cups_sold", {})),
    answer("Thursday", text("**Friday** was the best day: 38 cups.")),
    answer(
        "And the mean?",
        text(
            "The mean is **25 cups a day**: 12 + 30 + 21 + 24 + 38 = 125, over five days. "
            "Only Tuesday and Friday are above it."
        ),
    ),
]
