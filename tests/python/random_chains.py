"""Random chains of early renewals, whose reading a person can tell by heart."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]
CENTS = ("0", "0", "0.01", "-0.01", "1", "-1", "-20", "35.55")
RATES = [
    {"currency": currency, "to_currency": "USD", "valid_from": "2020-01-01", "rate": 1}
    for currency in ("EUR", "GBP")
]


@dataclass(frozen=True)
class Term:
    """One contract of a chain: who pays what, from its start until it ends."""

    account_id: str
    starts_on: date
    stops_on: date
    mrr: Decimal

    @property
    def ends_on(self) -> date:
        """Return the last day, as the contract end is told."""
        return self.stops_on - timedelta(days=1)


def random_chains(
    seed: int, accounts: int = 20
) -> tuple[dict[str, list[Row]], list[list[Term]]]:
    """Return the tables of a book, and the terms of each account in their order."""
    random = Random(seed)
    items: list[Row] = []
    chains = []
    for number in range(accounts):
        start = date(2020, 1, 1) + timedelta(days=random.randrange(200))
        price = Decimal(random.choice(("100", "99.99", "1500")))
        currency = random.choice(("USD", "EUR"))
        chain: list[Term] = []
        for link in range(random.randint(2, 7)):
            # It runs past the term before.
            length = random.choice((31, 45, 60, 91, 120, 200))
            length += (chain[-1].stops_on - start).days if chain else 0
            term = Term(f"a{number}", start, start + timedelta(days=length), price)
            chain.append(term)
            items.append(
                {
                    "item_id": f"a{number}-{link}",
                    "subscription_id": f"a{number}-{link}",
                    "account_id": term.account_id,
                    "product": "core",
                    "valid_from": term.starts_on,
                    "valid_to": term.stops_on,
                    "unit_amount": price,
                    "currency": currency,
                    "billing_interval": "month",
                    "contract_end_on": term.ends_on,
                }
            )
            # A successor begins after the term before the last is over, and runs past.
            former = chain[-2].stops_on if len(chain) > 1 else term.starts_on
            most = min(90, (term.stops_on - max(former, start)).days - 1, length - 1)
            start = term.stops_on - timedelta(days=random.randint(1, max(most, 1)))
            price += Decimal(random.choice(CENTS))
            if random.random() < 0.15:
                currency = random.choice(("USD", "EUR", "GBP"))
        items[-1] |= {"valid_to": None}
        chains.append(chain)
    tables = {"subscription_items": items, "exchange_rates": RATES}
    return tables, chains
