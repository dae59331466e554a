"""Committed MRR equals a naive reading; the ledger later books what was scheduled."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.revenue_oracle import (
    PAYING,
    RevenueOracle,
    day_of,
    item_mrr,
    month_ends,
)

MARTS = (
    *("fct_mrr_movements", "fct_account_mrr_months", "fct_scheduled_mrr_changes"),
    *("fct_account_committed_mrr_months", "fct_account_usage_mrr_months"),
)
Tables = dict[str, list[dict[str, Any]]]


def noticed_book(seed: int) -> Tables:
    """Return a random book in which half of the versions tell of a notice."""
    random = Random(seed)
    tables = random_book(seed)
    for row in tables["subscription_items"]:
        if random.random() < 0.5:
            notice_on = row["valid_from"] + timedelta(days=random.randint(-20, 100))
            contract_end = notice_on + timedelta(days=random.choice((5, 60, 300)))
            row["notice_on"] = notice_on
            row["contract_end_on"] = random.choice((None, contract_end))
            row["notice_period_days"] = random.choice((None, 0, 30, 90))
    return tables


def is_discounted(row: dict[str, Any], day: date) -> bool:
    """Tell whether a version's recurring discount runs on a day."""
    begins = day_of(row.get("discount_from")) or date.min
    ends = day_of(row.get("discount_to")) or date.max
    return (row.get("discount_kind") or "recurring") == "recurring" and (
        begins <= day < ends
    )


def balances(
    ledger: RevenueOracle, day: date, *, noticed: bool, usage: bool = False
) -> dict[str, Decimal]:
    """Return what the versions in force on a day pay, per account, item by item."""
    native: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in ledger.items:
        start, end = day_of(row["valid_from"]), day_of(row.get("valid_to")) or date.max
        notice_on = day_of(row.get("notice_on"))
        is_told = notice_on is not None and notice_on <= day
        is_metered = row.get("usage_based") in (True, "true")
        is_paying = (row.get("status") or "active") in PAYING
        is_asked = is_metered is usage and (is_told or not noticed)
        if start <= day < end and is_paying and is_asked:
            account_id = ledger.survivor(row["account_id"])
            currency = row.get("currency") or ledger.reporting_currency
            amount = item_mrr(row, is_discounted(row, day))
            native[account_id, currency] += amount
    found: dict[str, Decimal] = defaultdict(Decimal)
    for (account_id, currency), amount in native.items():
        found[account_id] += ledger.converted(amount, currency, day)
    return {account_id: mrr for account_id, mrr in found.items() if mrr}


def oracle_of(tables: Tables) -> RevenueOracle:
    """Return the naive reading of a book."""
    return RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        exchange_rates=tables["exchange_rates"],
    )


def column(book: Book, mart: str, name: str, end: date) -> dict[str, Decimal]:
    """Return a column of an account month mart, where it is not 0."""
    rows = book.query(
        f"select account_id, sum({name}) from {mart}"
        f" where mrr_month = date '{end.replace(day=1)}'"
        f" group by account_id having sum({name}) <> 0"
    )
    return dict(rows.itertuples(index=False, name=None))


@pytest.mark.parametrize("seed", range(4))
def test_every_month_is_committed_to_what_no_notice_ends(
    warehouse: Warehouse, seed: int
) -> None:
    tables = noticed_book(seed)
    book = warehouse.build(tables, *MARTS, as_of=AS_OF.isoformat())
    assert book.broken_laws() == []
    ledger = oracle_of(tables)
    committed, usage = MARTS[-2:]
    first = min(day_of(row["valid_from"]) for row in ledger.items)
    for end in month_ends(first, AS_OF):
        day = min(end, AS_OF)
        closing = balances(ledger, day, noticed=False)
        told = balances(ledger, day, noticed=True)
        assert column(book, committed, "closing_mrr", end) == closing, end
        scheduled = column(book, committed, "-scheduled_churn_mrr", end)
        assert scheduled == told, end
        metered = balances(ledger, day, noticed=False, usage=True)
        assert column(book, usage, "usage_mrr", end) == metered, end
        if end <= AS_OF:
            expected = {
                account_id: mrr - told.get(account_id, Decimal(0))
                for account_id, mrr in closing.items()
                if mrr != told.get(account_id, Decimal(0))
            }
            assert column(book, committed, "committed_mrr", end) == expected, end


@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_later_books_what_was_scheduled(
    warehouse: Warehouse, seed: int
) -> None:
    """Without notices, nothing new is heard: the schedule is the ledger to come."""
    tables = random_book(seed)
    book = warehouse.build(tables, *MARTS, as_of=AS_OF.isoformat())
    scheduled = book.query(
        "select account_id, currency, effective_on, scheduled_movement,"
        " mrr_delta_native from fct_scheduled_mrr_changes order by all"
    )
    later = AS_OF + timedelta(days=1200)
    assert len(scheduled) > 0 and max(scheduled["effective_on"]) < later
    book = warehouse.build(tables, "fct_mrr_movements", as_of=later.isoformat())
    booked = book.query(
        f"""
        select account_id, currency, effective_on, case
                when movement in ('new', 'reactivation', 'resume') then 'start'
                else movement
            end as scheduled_movement, sum(mrr_delta_native) as mrr_delta_native
        from fct_mrr_movements
        where movement <> 'fx' and effective_on > date '{AS_OF}'
        group by all having sum(mrr_delta_native) <> 0 order by all
        """
    )
    assert scheduled.to_dict("records") == booked.to_dict("records")


def months_of(book: Book) -> list[tuple[Any, ...]]:
    """Return month, MRR and committed MRR of the whole book."""
    rows = book.query(
        """
        select mrr_month, sum(closing_mrr), sum(committed_mrr)
        from fct_account_committed_mrr_months group by all order by all
        """
    )
    return list(rows.itertuples(index=False, name=None))


@pytest.mark.parametrize("as_of", ["2024-02-29", "2024-03-31", "2024-06-30"])
def test_polar_4_4_with_notice_is_100_100_100_whenever_it_is_read(
    warehouse: Warehouse, as_of: str
) -> None:
    """Theirs has no notice, and knows the end from the start; SPEC knows by notice."""
    tables = {
        "subscription_items": [
            item("s1", "a", "2024-01-01"),
            item("s2", "a", "2024-02-01", "2024-03-01", notice_on="2024-02-01"),
        ]
    }
    months = months_of(warehouse.build(tables, *MARTS, as_of=as_of))
    assert (
        months[:3]
        == [
            (date(2024, 1, 1), 100, 100),
            (date(2024, 2, 1), 200, 100),
            (date(2024, 3, 1), 100, 100),
        ][: len(months)]
    )


def test_polar_4_4_without_notice_is_committed_until_it_ends(
    warehouse: Warehouse,
) -> None:
    """Theirs: 100 in February. In February's own run the landed end is known, too."""
    tables = {
        "subscription_items": [
            item("s1", "a", "2024-01-01"),
            item("s2", "a", "2024-02-01", "2024-03-01"),
        ]
    }
    months = months_of(warehouse.build(tables, *MARTS, as_of="2024-03-31"))
    assert months[1] == (date(2024, 2, 1), 200, 200)
    months = months_of(warehouse.build(tables, *MARTS, as_of="2024-02-29"))
    assert months[1] == (date(2024, 2, 1), 200, 100)


def test_polar_4_3_a_due_cancellation_is_scheduled_until_service_ends(
    warehouse: Warehouse,
) -> None:
    tables = {
        "subscription_items": [
            item("s", "a", "2024-01-01", "2024-03-15", notice_on="2024-01-20")
        ]
    }
    book = warehouse.build(tables, *MARTS, as_of="2024-02-29")
    assert months_of(book) == [(date(2024, 1, 1), 100, 0), (date(2024, 2, 1), 100, 0)]
    rows = book.query(
        "select effective_on, known_on, scheduled_movement, mrr_delta"
        " from fct_scheduled_mrr_changes"
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        (date(2024, 3, 15), date(2024, 1, 20), "churn", -100)
    ]


def test_polar_4_5_a_trial_is_committed_to_only_by_what_it_turns_into(
    warehouse: Warehouse,
) -> None:
    """Theirs keeps trials in a committed metric of their own."""
    tables = {
        "subscription_items": [
            item("a", "a", "2024-01-01"),
            item("b", "b", "2024-01-01", "2024-03-01", status="trialing"),
            item("b", "b", "2024-03-01"),
            item("c", "c", "2024-01-01", "2024-02-20", status="trialing"),
        ]
    }
    book = warehouse.build(tables, *MARTS, as_of="2024-02-29")
    assert months_of(book) == [
        (date(2024, 1, 1), 100, 100),
        (date(2024, 2, 1), 100, 200),
    ]
    rows = book.query(
        "select account_id, effective_on, scheduled_movement"
        " from fct_scheduled_mrr_changes"
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        ("b", date(2024, 3, 1), "start")
    ]


def test_a_schedule_in_a_currency_without_a_rate_yet_takes_its_first(
    warehouse: Warehouse,
) -> None:
    tables = {
        "subscription_items": [item("a", "a", "2024-06-01", currency="EUR")],
        "exchange_rates": [
            {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
            for day, rate in (("2024-05-01", 2), ("2024-06-01", 3))
        ],
    }
    book = warehouse.build(tables, *MARTS, as_of="2024-02-29")
    assert months_of(book) == [(date(2024, 2, 1), 0, 200)]
    assert book.broken_laws() == []
