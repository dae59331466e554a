"""Random books of accounts whose subscriptions pause, stop, come back and move."""

from datetime import date, timedelta
from random import Random
from typing import Any

FIRST = date(2023, 1, 1)
AS_OF = date(2024, 3, 20)
STATES = ("active", "active", "paused", "paused", "trialing", "unpaid", None)
RATES = [
    {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
    for day, rate in (("2020-01-01", "1.1"), ("2023-07-10", "0.91234567"))
]


def _subscription(random: Random, name: str, days: list[date]) -> list[dict[str, Any]]:
    """Return a subscription that may change its state on each of some days."""
    price = random.choice((60, 100, 100))
    currency = random.choice((None, None, None, "EUR"))
    product = random.choice(("core", "core", "extra"))
    rows = []
    number = 0
    for start, end in zip(days[:-1], days[1:], strict=True):
        state = random.choice(STATES)
        if state is None:
            # Whoever comes back may do so under another subscription.
            number += random.choice((0, 1))
            continue
        if random.random() < 0.15:
            number += 1
        if random.random() < 0.15:
            price = random.choice((60, 100, 140))
        rows.append(
            {
                "item_id": f"{name}-{number}",
                "account_id": name.split("-")[0],
                "product": product,
                "valid_from": start,
                "valid_to": end if random.random() < 0.9 or end != days[-1] else None,
                "unit_amount": price,
                "currency": currency,
                "billing_interval": "month",
                "status": state,
            }
        )
    return rows


def random_pauses(seed: int, accounts: int = 14) -> dict[str, list[dict[str, Any]]]:
    """Return a book whose accounts have few days of change, shared by their lines."""
    random = Random(seed)
    items = []
    for number in range(accounts):
        span = range(0, (AS_OF - FIRST).days, 5)
        days = sorted(FIRST + timedelta(days=day) for day in random.sample(span, k=9))
        for line in range(random.choice((1, 2, 2, 3))):
            own = sorted(random.sample(days, k=random.randint(3, 8)))
            items += _subscription(random, f"a{number}-{line}", own)
    owners = [random.choice((None, None, "a0", "a1")) for _ in range(accounts)]
    account_rows = [
        {
            "account_id": f"a{number}",
            "account_name": f"A{number}",
            "parent_account_id": owners[number] if number > 1 else None,
        }
        for number in range(accounts)
    ]
    return {
        "subscription_items": items,
        "accounts": account_rows,
        "exchange_rates": RATES,
    }
