"""Random books of contracts: renewed, late, early, swapped, migrated, or lost."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from tests.python.random_books import AS_OF, FIRST, random_book

Row = dict[str, Any]
TERMS = (90, 91, 180, 365, 366, 367, 730)
GAPS = (1, 20, 44, 45, 46, 120)
ENDINGS = (
    *("renewed", "renewed", "renewed", "late", "late", "early", "cancelled_early"),
    *("goes_on", "migrated", "swapped", "lost", "withdrawn", "paused"),
    *("overlapped", "overlapped", "joined"),
)
OVERLAPS = (1, 12, 30, 89, 90, 91, 120)


def _price(random: Random) -> Decimal:
    return Decimal(random.randint(1, 10**7)).scaleb(-random.randint(0, 6))


class _Lines:
    """Write the terms of one line after another, with item ids of its own."""

    def __init__(self, random: Random, account_id: str, number: int) -> None:
        self.random = random
        self.account_id = account_id
        self.subscription = f"{account_id}-s{random.randint(0, 1)}"
        self.product = random.choice(("core", "extra", "third"))
        self.currency = random.choice((None, "USD", "EUR", "GBP"))
        self.prefix = f"{account_id}-{number}"
        self.rows: list[Row] = []

    def add(self, start: date, end: date | None, **more: Any) -> None:
        """Write one version, perhaps cut in two by a change of seats."""
        random = self.random
        row = {
            "item_id": f"{self.prefix}-{len(self.rows)}",
            "subscription_id": self.subscription,
            "account_id": self.account_id,
            "product": self.product,
            "valid_from": start,
            "valid_to": end,
            "unit_amount": _price(random),
            "currency": self.currency,
            "billing_interval": random.choice(("month", "year", "week")),
            "quantity": random.choice((None, 1, 3)),
            "discount_percent": random.choice((None, None, None, 10, 100)),
            "discount_from": start + timedelta(days=random.choice((0, 0, 30))),
            "discount_to": start + timedelta(days=random.choice((60, 400))),
            "status": random.choice(("active",) * 8 + ("past_due", "paused", "free")),
            "notice_period_days": random.choice((None, 0, 30, 60)),
        } | more
        if end is not None and (end - start).days > 20 and random.random() < 0.2:
            middle = start + timedelta(days=random.randrange(5, (end - start).days))
            rest = {"item_id": f"{row['item_id']}b", "valid_from": middle}
            self.rows.append(row | {"valid_to": middle})
            self.rows.append(row | rest | {"unit_amount": _price(random)})
        else:
            self.rows.append(row)

    def play(self, start: date, terms: int) -> None:
        """Play term after term; a contract ends on its last day or the day after."""
        random = self.random
        last_day = random.choice((0, 1))
        for _ in range(terms):
            ends_on = start + timedelta(days=random.choice(TERMS))
            ending = random.choice(ENDINGS)
            stops_on = ends_on + timedelta(days=last_day)
            more: Row = {"contract_end_on": ends_on}
            if random.random() < 0.3:
                more["notice_on"] = ends_on - timedelta(days=random.randint(1, 80))
            if random.random() < 0.1:
                more["notice_on"] = start
            if ending in ("early", "cancelled_early"):
                stops_on = ends_on - timedelta(days=random.randint(1, 60))
            if ending == "goes_on":
                self.add(start, random.choice((None, ends_on + timedelta(200))), **more)
                return
            if ending == "withdrawn":
                # The end is taken back: the line goes on without one.
                self.add(start, ends_on - timedelta(days=9), **more)
                self.add(ends_on - timedelta(days=9), None)
                return
            self.add(start, stops_on, **more)
            if ending in ("lost", "cancelled_early"):
                return
            if ending == "paused":
                after = stops_on + timedelta(days=30)
                self.add(stops_on, after, status="paused", **more)
                stops_on = after
            start = stops_on
            if ending in ("overlapped", "joined"):
                # The next one begins while this one still runs, or joins it for good.
                start = max(
                    start - timedelta(days=random.choice(OVERLAPS)),
                    self.rows[-1]["valid_from"] + timedelta(days=1),
                )
                self.subscription = f"{self.account_id}-s{random.randint(0, 5)}"
                if random.random() < 0.3:
                    self.product = random.choice(("core", "extra", "third", "fourth"))
                if ending == "joined":
                    self.rows[-1] |= {"valid_to": None}
            if ending == "late":
                start += timedelta(days=random.choice(GAPS))
            if ending == "migrated":
                self.subscription = f"{self.account_id}-s{random.randint(0, 3)}"
            if ending == "swapped":
                self.product = random.choice(("core", "extra", "third", "fourth"))
                if random.random() < 0.3:
                    self.currency = random.choice(("USD", "EUR"))


def random_contracts(seed: int, accounts: int = 12) -> dict[str, list[Row]]:
    """Return the tables of a valid book in which most lines have a contract end."""
    random = Random(seed)
    book = random_book(seed, accounts)
    items = []
    for number in range(accounts):
        account_id = f"a{number}"
        first = FIRST + timedelta(days=random.randrange(200))
        for line in range(random.randint(1, 3)):
            lines = _Lines(random, account_id, line)
            start = random.choice((first, first + timedelta(random.randrange(300))))
            lines.play(start, random.randint(1, 5))
            items += lines.rows
        if random.random() < 0.5:
            beside = _Lines(random, account_id, 9)
            end = random.choice((None, AS_OF - timedelta(days=random.randint(0, 300))))
            beside.add(min(first, end or first), end)
            items += beside.rows
    rows = [row for row in items if row["valid_to"] != row["valid_from"]]
    return book | {"subscription_items": rows}
