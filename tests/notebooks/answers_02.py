"""What the model says in 02-chains."""

from tests.notebooks._answers import Answer, answer
from tests.servers import text


def ticket(asked: str, team: str, urgent: str, summary: str) -> Answer:
    return answer(asked, text(f'{{"team": "{team}", "urgent": {urgent}, "summary": "{summary}"}}'))


BRAKE = ("bike 482 does not hold", "workshop", "true", "Brake of bike 482 does not hold")

ANSWERS = [
    answer(
        "Draft a reply of two sentences",
        text(
            "Dear Amira, thank you for telling us, and please excuse the double charge for your "
            "ride on Sunday. You will have 18 euros back within a week."
        ),
    ),
    answer(
        "Translate it into French.",
        text(
            "Chère Amira, merci de nous avoir prévenus, et veuillez nous excuser d'avoir débité "
            "deux fois votre trajet de dimanche. Vous serez remboursée de 18 euros d'ici une "
            "semaine."
        ),
    ),
    answer("Name the topics", text("refund, brakes, stations, tyres, login"), model="haiku"),
    answer(
        "Which of them takes which",
        text(
            '[{"topic": "refund", "team": "billing"}, {"topic": "brakes", "team": "workshop"}, '
            '{"topic": "stations", "team": "city"}, {"topic": "tyres", "team": "workshop"}, '
            '{"topic": "login", "team": "software"}]'
        ),
    ),
    ticket(*BRAKE),
    ticket("charged 18 euros twice", "billing", "false", "Ride on Sunday was charged twice"),
    ticket(*BRAKE),
    ticket("station at the new swimming pool", "city", "false", "Asks for a station at the pool"),
    ticket("Bike 117", "workshop", "false", "Flat front tyre on bike 117"),
    ticket("Your app logs me out", "software", "false", "App logs out at every start"),
]
