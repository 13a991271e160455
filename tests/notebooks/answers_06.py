"""What the model says in 06-web-sse."""

from __future__ import annotations

from tests.notebooks._answers import answer
from tests.servers import text, tool_call

#: As a model cuts it: line breaks stand in the middle of pieces.
MONDAY = (
    "##| A| quiet| Monday|\n\n-| **|Sell| the| second| cup|**| at| half| price| until| ten|"
    ".\n-| **|Bake|**| while| it| is| quiet|:| the| smell| brings| people| in|."
).split("|")
#: The events of the message's and the block's start, and of six words.
AFTER_SIX_WORDS = 3 + 6

ANSWERS = [
    answer(
        "How was Tuesday?",
        text("I look that up for you."),
        tool_call("cups_sold", {"day": "Tuesday"}),
    ),
    answer("30", text("\n\nTuesday was the best day: 30 cups.")),
    answer("Two tips for a quiet Monday", text(MONDAY)),
    answer(
        "What goes well with coffee?",
        text("A butter croissant, or dark chocolate with"),
        change=lambda provider, script: script.with_event(AFTER_SIX_WORDS, provider.error_event()),
    ),
    answer(
        "How was Wednesday?",
        text("One moment, please."),
        tool_call("cups_sold", {"day": "Wednesday"}),
    ),
]
