"""What the model says in 03-tools-and-approval, and what the person decides."""

from tests.notebooks._answers import Decision, answer
from tests.servers import text, tool_call

SPENT = 'print(orders.groupby("customer")["euros"].sum().sort_values(ascending=False).to_dict())'

ANSWERS = [
    answer(
        "The till booked some orders twice",
        text("I look at the orders first."),
        tool_call("list_orders", {}),
    ),
    answer(
        "Amira",
        text("Two pairs are the same in customer, minute and amount: 102 and 103, 105 and 106."),
        tool_call("delete_orders", {"numbers": [103, 106], "reason": "booked twice by the till"}),
    ),
    answer(
        "2 deleted, 5 left",
        text(
            "Done: I deleted **103** (Jonas) and **106** (Tom), and kept 102 and 105. Five orders "
            "are left, 55 euros less than before."
        ),
    ),
    answer("Elif rode with a brake", tool_call("list_orders", {"customer": "Elif"})),
    answer(
        "107",
        text("She paid 12 euros. I would like to make up for more than the ride."),
        tool_call("refund", {"order": 107, "euros": 50}),
    ),
    answer(
        "Never more than she paid",
        text("Understood: what she paid, and not more."),
        tool_call("refund", {"order": 107, "euros": 12}),
    ),
    answer(
        "12 euros are on their way",
        text(
            "Elif gets her 12 euros for order 107 back. I had asked for 50, which was declined: a "
            "refund is never more than was paid. Please have the brake looked at, too."
        ),
    ),
    answer(
        "Mei waited for ten minutes",
        text("Half of it seems fair."),
        tool_call("refund", {"order": 104, "euros": 5}),
    ),
    answer(
        "9 euros are on their way",
        text("Mei gets all of her 9 euros back: you raised my suggestion of 5."),
    ),
    answer("Refund Tom's order 105", tool_call("refund", {"order": 105, "euros": 30})),
    answer(
        "Denied by --approve none",
        text(
            "I could not refund order 105: approvals are switched off here. Run this cell without "
            "`--approve none` and approve the refund of 30 euros, or pay it by hand."
        ),
    ),
    answer("How much did each customer spend?", tool_call("run_python", {"code": SPENT})),
    answer(
        "{'Tom': 30",
        text(
            "| customer | euros |\n| --- | --: |\n| Tom | 30 |\n| Jonas | 25 |\n| Amira | 18 |\n"
            "| Elif | 12 |\n| Mei | 9 |\n\nThat is 94 euros in all, before refunds."
        ),
    ),
    answer("What did Jonas pay", tool_call("list_orders", {"customer": "Jonas"})),
    answer("102", text("Jonas paid 25 euros, for order 102.")),
]

DECISIONS = [
    Decision("delete_orders", "y"),
    Decision("euros = 50", "Never more than she paid."),
    Decision("euros = 12", "y"),
    Decision("order = 104", '{"order": 104, "euros": 9}'),
    Decision("run_python", "y"),
]
