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
from tests.python.random_currencies import AS_OF as CURRENCIES_AS_OF
from tests.python.random_currencies import random_currencies
from tests.python.revenue_oracle import RevenueOracle
from tests.python.rollup_oracle import DIMENSIONS, ROLLUP_KEY, RollupOracle
from tests.python.test_revenue_oracle import assert_matches_oracle, assert_same

ROLLUPS = (
    *("fct_account_mrr_months", "fct_mrr_movements"),
    *("fct_mrr_months", "fct_currency_mrr_months"),
)


def restless_book(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return a random book whose accounts change owner, outcome, country and parent."""
    random = Random(seed)
    tables = random_book(seed)
    for row in tables["accounts"]:
        row["segment"] = random.choice((None, "upmarket", "self-serve"))
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
                "segment": random.choice((None, "upmarket", "self-serve")),
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


@pytest.mark.parametrize("seed", range(6))
def test_a_book_of_many_currencies_reads_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    """Signs, shares and identities hold where a dimension splits an account."""
    tables = random_currencies(seed)
    marts = (*ROLLUPS, "fct_retention", "fct_expansion_shares")
    book = warehouse.build(tables, *marts, as_of=CURRENCIES_AS_OF.isoformat())
    assert book.landing.quarantined == []
    ledger = RevenueOracle(
        items=tables["subscription_items"],
        as_of=CURRENCIES_AS_OF,
        accounts=tables["accounts"],
        exchange_rates=tables["exchange_rates"],
    )
    assert_matches_oracle(book, ledger)
    expected = RollupOracle(ledger, described(book)).months()
    assert_same(book.table("fct_mrr_months"), expected, ROLLUP_KEY)
    assert book.broken_laws() == []
    transfers = book.query(
        "from fct_mrr_movements where movement = 'currency_transfer'"
    )
    assert len(transfers) > 50, "the book should change its currencies"
    assert transfers.groupby(["account_id", "effective_on"]).size().max() > 2


def test_a_changed_billing_currency_is_a_transfer_and_the_rest_an_expansion(
    warehouse: Warehouse,
) -> None:
    """The book of issue 9: 100 EUR worth 112, then 100 GBP worth 130."""
    rates = [
        {"currency": c, "to_currency": "USD", "valid_from": "2020-01-01", "rate": rate}
        for c, rate in (("EUR", "1.12"), ("GBP", "1.3"))
    ]
    items = [
        item("e", "swaps", "2024-01-01", "2024-03-05", currency="EUR"),
        item("g", "swaps", "2024-03-05", currency="GBP"),
        item("f", "flat in euro", "2024-01-01", currency="EUR"),
        item("d", "flat in dollars", "2024-01-01", currency="USD"),
        # Of 112 that go, 50 come back in dollars.
        item("h", "less", "2024-01-01", "2024-03-05", currency="EUR", product="x"),
        item("l", "less", "2024-03-05", None, 50, currency="USD", product="y"),
    ]
    book = warehouse.build(
        {"subscription_items": items, "exchange_rates": rates},
        *(*ROLLUPS, "fct_expansion_shares", "fct_retention"),
        as_of="2024-06-30",
    )
    assert book.broken_laws() == []
    moved = book.query(
        """
        select account_id, movement, sub_reason, currency, mrr_delta::double,
            round(mrr_delta_native::double, 6)
        from fct_mrr_movements where movement not in ('new', 'fx') order by all
        """
    )
    assert list(moved.itertuples(index=False, name=None)) == [
        ("less", "contraction", "tier", "EUR", -62, -55.357143),
        ("less", "currency_transfer", "transferred", "EUR", -50, -44.642857),
        ("less", "currency_transfer", "transferred", "USD", 50, 50),
        ("swaps", "currency_transfer", "transferred", "EUR", -112, -100),
        ("swaps", "currency_transfer", "transferred", "GBP", 112, 86.153846),
        ("swaps", "expansion", "currency_swap", "GBP", 18, 13.846154),
    ]
    march = book.query(
        """
        select currency, opening_mrr::int, expansion_mrr::int, contraction_mrr::int,
            currency_transfer_mrr::int, closing_mrr::int
        from fct_currency_mrr_months where mrr_month = '2024-03-01' order by currency
        """
    )
    assert list(march.itertuples(index=False, name=None)) == [
        ("EUR", 336, 0, -62, -162, 112),
        ("GBP", 0, 18, 0, 112, 130),
        ("USD", 100, 0, 0, 50, 150),
    ]
    segments = book.query(
        """
        select segment_value, segment_transfer_mrr::int
        from fct_mrr_months where mrr_month = '2024-03-01'
            and segment_dimension = 'currency' order by all
        """
    )
    assert list(segments.itertuples(index=False, name=None)) == [
        *(("EUR", -162), ("GBP", 112), ("USD", 50)),
    ]


def test_there_and_back_within_a_month_leaves_no_row(warehouse: Warehouse) -> None:
    rate = {"currency": "EUR", "to_currency": "USD", "rate": "1.1"}
    items = [
        item("i", "a", "2024-01-01", "2024-03-05"),
        item("j", "a", "2024-03-05", "2024-03-09", currency="EUR"),
        item("k", "a", "2024-03-09"),
    ]
    book = warehouse.build(
        {
            "subscription_items": items,
            "exchange_rates": [rate | {"valid_from": "2020-01-01"}],
        },
        *ROLLUPS,
        as_of="2024-04-30",
    )
    assert book.broken_laws() == []
    euros = book.query("from fct_currency_mrr_months where currency = 'EUR'")
    # 100 became 110 there, and the 10 were lost there before the return.
    assert list(euros["expansion_mrr"] + euros["contraction_mrr"]) == [0]
    assert list(euros["currency_transfer_mrr"]) == [0]


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
