"""Random books of accounts that pay in two or three currencies and move among them."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

FIRST = date(2023, 1, 1)
AS_OF = date(2024, 2, 20)
CURRENCIES = ("USD", "EUR", "GBP", "CHF")
PRICES = (Decimal(100), Decimal(90), Decimal("33.333333"), Decimal("0.000037"))


def _rates(random: Random) -> list[dict[str, Any]]:
    return [
        {
            "currency": currency,
            "to_currency": "USD",
            "valid_from": day,
            "rate": Decimal(random.randint(20_000_000, 300_000_000)).scaleb(-8),
        }
        for currency in CURRENCIES[1:]
        for day in (date(2020, 1, 1), date(2023, 5, 9), date(2023, 9, 30))
    ]


def _account(random: Random, account_id: str) -> list[dict[str, Any]]:
    """Return lines that change on days they share, each now and then its currency."""
    span = range(0, (AS_OF - FIRST).days, 9)
    days = sorted(FIRST + timedelta(days=day) for day in random.sample(span, k=7))
    if random.random() < 0.3:
        # Out of a currency and back within one month, at one rate.
        days = sorted({*days, *(date(2023, 7, day) for day in (3, 7, 21))})
    rows = []
    for line in range(random.randint(2, 4)):
        currency = random.choice(CURRENCIES)
        price = random.choice(PRICES)
        for number, (start, end) in enumerate(zip(days, days[1:], strict=False)):
            if random.random() < 0.45:
                currency = random.choice(CURRENCIES)
            if random.random() < 0.3:
                price = random.choice(PRICES)
            if random.random() < 0.12:
                continue
            is_last = end == days[-1]
            status = random.choice(("active",) * 9 + ("paused",))
            rows.append(
                {
                    "item_id": f"{account_id}-{line}-{number}",
                    "subscription_id": f"{account_id}-{line}",
                    "account_id": account_id,
                    "product": random.choice(("core", "core", "extra")),
                    "valid_from": start,
                    "valid_to": None if is_last and random.random() < 0.8 else end,
                    "quantity": random.choice((1, 1, 2, 3)),
                    "unit_amount": price,
                    "currency": currency,
                    "billing_interval": "month",
                    "status": status,
                }
            )
    return rows


def random_currencies(seed: int, accounts: int = 12) -> dict[str, list[dict[str, Any]]]:
    """Return a book in which currencies change on one day, or from day to day."""
    random = Random(seed)
    names = [f"a{number}" for number in range(accounts)]
    return {
        "subscription_items": [row for name in names for row in _account(random, name)],
        "accounts": [
            {
                "account_id": name,
                "account_name": name.upper(),
                "country": random.choice(("DE", "FR", None)),
                "parent_account_id": random.choice((None, "a0"))
                if name > "a1"
                else None,
            }
            for name in names
        ],
        "exchange_rates": _rates(random),
    }
