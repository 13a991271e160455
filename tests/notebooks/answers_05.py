"""What the model says in 05-core-streaming."""

from __future__ import annotations

from tests.notebooks._answers import answer
from tests.servers import text, thinking, tool_call

QUBITS = (
    "A quantum computer calculates with *qubits*. A bit is 0 or 1; a qubit can be in a blend of "
    "both, and several qubits can be linked so that they must be described together. An "
    "algorithm steers these blends so that wrong answers cancel out and right ones add up. That "
    "helps with a few problems, such as factoring large numbers or simulating molecules, and not "
    "with most everyday work."
)
CAFE = (
    "Very little, I am afraid. Counting cups and planning the week are easy for any ordinary "
    "computer. The nearest link is chemistry: one day such machines may help to understand what "
    "happens in a roasting bean."
)
STORY = (
    "Unit 7 had been built to paint car doors, all of them white. One night somebody left a tin "
    "of blue in its bay.\n\n"
    "It dipped the nozzle, and hesitated: there was no program for this. Then it drew one line "
    "across a spoiled door, and a second, until there was something like the sea that it had "
    "seen once, through the loading gate.\n\n"
    'In the morning the foreman looked at the door for a long time. "Scrap," he wrote on the '
    "label. He took it home, and hung it over his table."
)
DOUBT = (
    "The tempting answer is 0.10, but then the bat would cost 1.10 and both 1.20. Let the ball "
    "cost x: x + (x + 1.00) = 1.10, so 2x = 0.10 and x = 0.05."
)
TUESDAY = tool_call("cups_sold", {"day": "Tuesday"})
MONDAY = tool_call("cups_sold", {"day": "Monday"})

ANSWERS = [
    answer(
        "What is a median?",
        text(
            "The median is the middle value of a sorted list of numbers: half of them lie below "
            "it and half above."
        ),
    ),
    answer("primary colours", text(["Red", ",", " green", ",", " and", " blue", "."])),
    answer("Was Tuesday better", text("Let me look both days up."), TUESDAY, MONDAY),
    answer(
        "30",
        text("\n\nYes: Tuesday sold 30 cups, Monday 12. That is two and a half times as many."),
    ),
    answer("cups on Wednesday?", tool_call("cups_sold", {"day": "Wednesday"})),
    answer("21", text("On Wednesday the café sold 21 cups.")),
    answer("Explain quantum computing", text(QUBITS)),
    answer("what has it to do with my café?", text(CAFE)),
    answer(
        "Tell me a joke.",
        text("A statistician drowned crossing a river. It was only three feet deep, on average."),
    ),
    answer("Write a short story about a robot who learns to paint.", text(STORY)),
    answer("Three titles", text("The Colour of Unit 7, A Tin of Blue, What the Nozzle Saw")),
    answer(
        "the median for incomes?",
        text(
            "Because a few very high incomes pull the mean up, while the median stays where the "
            "typical person is. If a"
        ),
        output_tokens=24,
        stop_reason="max_tokens",
    ),
    answer("A bat and a ball", thinking(DOUBT), text("The ball costs 0.05, and the bat 1.05.")),
    answer(
        "Count from one",
        text(
            "One, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, "
            "fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty"
        ),
    ),
    answer("Hello?", change=lambda provider, _: provider.error(404, "model: claude-sonnet-0")),
]
