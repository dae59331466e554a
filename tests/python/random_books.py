"""Random books of business, small and awkward, from one seed."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

FIRST = date(2023, 1, 1)
AS_OF = date(2024, 8, 20)
HORIZON = (AS_OF - FIRST).days + 60
INTERVALS = ("day", "week", "month", "quarter", "year")
STATUSES = ("active",) * 6 + ("past_due", "trialing", "paused", "unpaid", "free")
CURRENCIES = (None, "USD", "EUR", "GBP")


def _price(random: Random) -> Decimal:
    return Decimal(random.randint(0, 10 ** random.choice((3, 6, 8)))).scaleb(
        -random.randint(0, 6)
    )


def _versions(random: Random, item_id: str, account_id: str) -> list[dict[str, Any]]:
    start = FIRST + timedelta(days=random.randrange(HORIZON))
    currency = random.choice(CURRENCIES)
    interval = random.choice(INTERVALS)
    rows = []
    for _ in range(random.randint(1, 4)):
        days = random.choice((1, 14, 30, 31, 90, 365, None))
        end = start + timedelta(days=days) if days else None
        discount_from = random.choice((None, start, start + timedelta(days=9)))
        rows.append(
            {
                "item_id": item_id,
                "subscription_id": random.choice((None, f"{account_id}-sub")),
                "account_id": account_id,
                "product": random.choice(("core", "extra")),
                "plan": random.choice(("basic", "pro")),
                "valid_from": start,
                "valid_to": end,
                "quantity": random.choice((None, 0, 1, 3, Decimal("2.50"))),
                "unit_amount": _price(random),
                "currency": currency,
                "billing_interval": interval,
                "interval_count": random.choice((None, 1, 2, 7)),
                "discount_percent": random.choice(
                    (None, 0, 50, Decimal("33.3333"), 100)
                ),
                "discount_amount": random.choice((None, None, Decimal("0.5"), 1000)),
                "discount_kind": random.choice((None, "recurring", "once")),
                "discount_from": discount_from,
                "discount_to": random.choice((None, start + timedelta(days=20))),
                "status": random.choice(STATUSES),
                "usage_based": random.choice((None, False, False, True)),
            }
        )
        if end is None:
            break
        start = end + timedelta(days=random.choice((0, 0, 1, 20, 45, 46, 120)))
    return rows


def random_book(seed: int, accounts: int = 12) -> dict[str, list[dict[str, Any]]]:
    """Return tables of a valid book: items, accounts, owners over time, rates."""
    random = Random(seed)
    names = [f"a{number}" for number in range(accounts)]
    items = [
        row
        for number, account_id in enumerate(names)
        for item_number in range(random.randint(1, 4))
        for row in _versions(random, f"i{number}-{item_number}", account_id)
    ]
    owners = [random.choice((None, *names[:number])) for number in range(accounts)]
    account_rows = [
        {
            "account_id": account_id,
            "account_name": account_id.upper(),
            "parent_account_id": owner,
            # One account was a duplicate of the first.
            "merged_into_account_id": names[0] if number == accounts - 1 else None,
            "desired_outcome": random.choice((None, "reporting", "automation")),
        }
        for number, (account_id, owner) in enumerate(zip(names, owners, strict=True))
    ]
    # One account had no owner until it was bought.
    bought_on = date(2023, 11, 15)
    bought = {"account_id": names[3]}
    history = [
        bought | {"valid_from": date(2020, 1, 1), "valid_to": bought_on},
        bought | {"valid_from": bought_on, "parent_account_id": names[1]},
    ]
    account_rows[3]["parent_account_id"] = names[1]
    rates = [
        {
            "currency": currency,
            "to_currency": "USD",
            "valid_from": day,
            "rate": Decimal(random.randint(50_000_000, 200_000_000)).scaleb(-8),
        }
        for currency in ("EUR", "GBP")
        for day in (
            date(2020, 1, 1),
            date(2023, 6, 1),
            date(2023, 9, 15),
            date(2024, 3, 31),
        )
    ]
    return {
        "subscription_items": items,
        "accounts": account_rows,
        "account_history": history,
        "exchange_rates": rates,
    }


def _amended(random: Random, row: dict[str, Any], number: int) -> list[dict[str, Any]]:
    """Return what an export that never forgets says of a version, old and new."""
    at = FIRST.toordinal() - 400 + 10 * number
    row = row | {"modified_at": f"{date.fromordinal(at)} 10:00:00"}
    told = [row]
    if random.random() < 0.4:
        # What it said before: on the same key, perhaps never amended until then.
        before = random.choice((None, f"{date.fromordinal(at - 5)} 10:00:00"))
        changed = {"unit_amount": _price(random), "modified_at": before}
        told.append(row | changed | {"valid_to": None})
    return told


def amended_book(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return a book in the words of the contract that a plain one does without.

    Item ids are 1, 2, 3 in every account; versions are amended and never closed, or run
    into one another; trials end; some quantities are units or usage; some rows are
    billed once.
    """
    random = Random(seed)
    book = random_book(seed)
    numbers: dict[str, dict[str, int]] = {}
    items: list[dict[str, Any]] = []
    for number, row in enumerate(book["subscription_items"]):
        own = numbers.setdefault(row["account_id"], {})
        item_id = str(own.setdefault(row["item_id"], len(own) + 1))
        start = row["valid_from"]
        end = row["valid_to"] and random.choice(
            (row["valid_to"], None, row["valid_to"] + timedelta(days=40))
        )
        trial = random.choice((None, None, 0, 14, 45))
        more = {
            "item_id": item_id,
            "valid_to": end,
            "quantity_unit": random.choice((None, "seats", "units", "usage")),
            "trial_ends_on": None if trial is None else start + timedelta(days=trial),
        }
        # Amended in their order, or the former versions once more after all of them.
        turn = random.choice((number, number, number + 200))
        items += _amended(random, row | more, turn)
        if random.random() < 0.2:
            fee = {"item_id": f"fee {number}", "billing_interval": "once"}
            items.append(row | fee | {"valid_to": random.choice((start, None))})
    random.shuffle(items)
    return book | {"subscription_items": items}
