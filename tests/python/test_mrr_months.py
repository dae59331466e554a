"""The roll-up of the ledger equals an independent one, and its segments chain."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF, FIRST, random_book
from tests.python.revenue_oracle import RevenueOracle
from tests.python.rollup_oracle import DIMENSIONS, ROLLUP_KEY, RollupOracle
from tests.python.test_revenue_oracle import assert_same

ROLLUPS = (
    *("fct_account_mrr_months", "fct_mrr_movements"),
    *("fct_mrr_months", "fct_currency_mrr_months"),
)


def restless_book(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return a random book whose accounts change owner, outcome, country and parent."""
    random = Random(seed)
    tables = random_book(seed)
    days = (AS_OF - FIRST).days
    for number in (0, 2, 5, 6, 7, 8):
        cuts = sorted(random.sample(range(days), random.randint(1, 5)))
        starts = [date(2020, 1, 1), *(FIRST + timedelta(days=cut) for cut in cuts)]
        ends = [*starts[1:], None]
        parents = [None, *(f"a{other}" for other in range(number))]
        tables["account_history"] += [
            {
                "account_id": f"a{number}",
                "valid_from": start,
                "valid_to": end,
                "parent_account_id": random.choice(parents),
                "owner_id": random.choice((None, "ada", "bob")),
                "desired_outcome": random.choice((None, "reporting", "automation")),
                "country": random.choice((None, "DE", "FR")),
                "strategic": random.choice((None, True, False)),
            }
            for start, end in zip(starts, ends, strict=True)
        ]
    return tables


def described(book: Book) -> Callable[[str, date, str], str]:
    """Return what a dimension of an account was on a day, as the model has it."""
    found: dict[str, list[dict[str, Any]]] = {}
    segments = book.query(
        "from int_account_segments_described order by account_id, valid_from"
    )
    for row in segments.to_dict("records"):
        found.setdefault(row["account_id"], []).append(row)

    def lookup(account_id: str, day: date, dimension: str) -> str:
        begun = [row for row in found[account_id] if row["valid_from"] <= day]
        return begun[-1][dimension]

    return lookup


@pytest.mark.parametrize("seed", range(6))
def test_a_restless_book_rolls_up_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = restless_book(seed)
    book = warehouse.build(tables, *ROLLUPS, as_of=AS_OF.isoformat())
    assert book.landing.quarantined == []
    ledger = RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )
    expected = RollupOracle(ledger, described(book)).months()
    assert_same(book.table("fct_mrr_months"), expected, ROLLUP_KEY)
    assert book.broken_laws() == []
    moved = expected[expected["segment_transfer_mrr"] != 0]["segment_dimension"]
    assert len(set(moved)) >= 3, "the book should be restless"
    assert set(expected["segment_dimension"]) == {*DIMENSIONS, "currency"}


def test_a_new_owner_takes_over_between_two_months(warehouse: Warehouse) -> None:
    """Handed over on 10 February, expanded on the 20th: February is still Ada's."""
    tables = {
        "subscription_items": [
            item("i", "a", "2024-01-05", "2024-02-20"),
            item("i", "a", "2024-02-20", unit_amount=130),
        ],
        "accounts": [{"account_id": "a", "owner_id": "bob"}],
        "account_history": [
            {"account_id": "a", "valid_from": "2024-01-01", "owner_id": "ada"},
            {"account_id": "a", "valid_from": "2024-02-10", "owner_id": "bob"},
        ],
    }
    book = warehouse.build(tables, *ROLLUPS, as_of="2024-03-31")
    owners = book.query(
        """
        select segment_value, mrr_month, opening_mrr, segment_transfer_mrr,
            new_mrr + expansion_mrr, closing_mrr, opening_accounts, closing_accounts
        from fct_mrr_months where segment_dimension = 'owner'
        order by mrr_month, segment_value
        """
    )
    assert list(owners.itertuples(index=False, name=None)) == [
        ("ada", date(2024, 1, 1), 0, 0, Decimal(100), Decimal(100), 0, 1),
        ("ada", date(2024, 2, 1), Decimal(100), 0, Decimal(30), Decimal(130), 1, 1),
        ("ada", date(2024, 3, 1), Decimal(130), Decimal(-130), 0, 0, 1, 0),
        ("bob", date(2024, 3, 1), 0, Decimal(130), 0, Decimal(130), 0, 1),
    ]
    assert book.broken_laws() == []
