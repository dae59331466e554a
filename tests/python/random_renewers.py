"""Write books whose customers leave by pure chance, as most exports tell of them."""

from datetime import date, timedelta
from random import Random

from tests.python.books import Row, Tables, item

FIRST, AS_OF = date(2022, 1, 1), date(2025, 12, 31)
# Nobody is new, and use has gone on for a year, when the first die is thrown: what a
# score makes of the young must not be taken for what it makes of those who leave.
EVENTS_FROM, LEAVING_FROM = date(2023, 7, 1), date(2024, 7, 1)
LEAVING_CHANCE = 0.3
NAMES = ("logged_in", "report_created", "dashboard_viewed")


def _months_after(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, day.day)


def renewers(seed: int, customers: int = 130, billing: str = "year") -> Tables:
    """Return one row per subscription with today's end, and use that tells nothing.

    A customer leaves at an end by the throw of a die. Every row began with the customer
    and carries the last end that anybody agreed to: of who left, the day it left.
    """
    random = Random(seed)
    items: list[Row] = []
    events: list[Row] = []
    answers: list[Row] = []
    for number in range(customers):
        account_id = f"a{number:03d}"
        began_on = FIRST + timedelta(days=random.randrange(360))
        began_on = began_on.replace(day=min(began_on.day, 28))
        term = 12 if billing == "year" else 1
        ends_on = _months_after(began_on, term)
        while ends_on < LEAVING_FROM or (
            ends_on <= AS_OF and random.random() > LEAVING_CHANCE * term / 12
        ):
            ends_on = _months_after(ends_on, term)
        has_left = ends_on <= AS_OF
        row = item(
            f"i{number}",
            account_id,
            began_on,
            ends_on if has_left else None,
            1200 if billing == "year" else 100,
            billing,
            contract_end_on=ends_on,
        )
        items.append(row)
        habit = random.random()
        day = max(began_on, EVENTS_FROM) + timedelta(days=random.randrange(7))
        while day < min(ends_on, AS_OF):
            events += [
                {
                    "event_id": f"{account_id}-{day}-{name}",
                    "account_id": account_id,
                    "user_id": f"{account_id}-u{random.randrange(3)}",
                    "event_name": name,
                    "occurred_at": f"{day} 10:00:00",
                    "received_at": f"{day} 10:01:00",
                }
                for name in NAMES
                if random.random() < 0.3 + 0.7 * habit
            ]
            if random.random() < 0.08:
                answers.append(
                    {
                        "response_id": f"{account_id}-{day}",
                        "account_id": account_id,
                        "kind": "nps",
                        "score": random.randint(4, 10),
                        "responded_at": f"{day} 09:00:00",
                    }
                )
            day += timedelta(days=7)
    return {"subscription_items": items, "events": events, "survey_responses": answers}
