"""What the model says in 01-ask-your-data."""

from tests.notebooks._answers import answer
from tests.servers import text

ANSWERS = [
    answer(
        "what drives the number of rides?",
        text(
            "Rain decides: the 9 days with at least 1 mm of it had 176 rides on average, the 19 "
            "others 350. Warmth and weekends add to that: Saturdays and Sundays had 418 rides, "
            "the other days 244. One day breaks the pattern, **Friday 22 May**, warm and dry with "
            "only 61 rides, so ask what happened there before you plan with these numbers."
        ),
    ),
    answer(
        "One point in this plot does not belong.",
        text(
            "The light point at the bottom right: about 22 °C, no rain, and only some 60 rides, "
            "where its neighbours have well over 400. All other low points are dark and large, so "
            "rain explains them; nothing in this plot explains that one.\n\n"
            "Before you drop it, look up:\n\n"
            "1. **The counter.** Did the system report all day, or did a station lose its "
            "connection?\n"
            "2. **The calendar.** Was there a strike, a closed bridge, a repair of the bikes?\n"
            "3. **The row itself.** Is a digit missing, 61 in place of 361 or 461?\n\n"
            "If it is a fault in the counting, drop it and say so. If the bikes really stood "
            "still, it belongs to the story."
        ),
    ),
    answer(
        "one is an outlier that the weather does not explain",
        text(
            '{"date": "2026-05-22", "rides": 61, "expected_from": 400, "expected_to": 450, '
            '"reason": "22 °C without rain; days like it have some seven times as many rides"}'
        ),
    ),
]
