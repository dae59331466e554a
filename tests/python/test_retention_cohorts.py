"""Cohort curves: worked by hand, and against the day-by-day oracle."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.retention_oracle import RetentionOracle
from tests.python.revenue_oracle import RevenueOracle, month_end, month_ends

KEY = ["cohort_month", "month_ends_on"]


def test_curves_by_hand(warehouse: Warehouse) -> None:
    items = [
        item("a", "a", "2024-01-05", "2024-02-10"),
        item("a", "a", "2024-02-10", unit_amount=150),
        # Renewed 20 days late, over the end of February.
        item("b", "b", "2024-01-20", "2024-02-20"),
        item("b2", "b", "2024-03-11", unit_amount=40),
        # Came and went within a month.
        item("c", "c", "2024-01-10", "2024-01-25", unit_amount=50),
        item("d", "d", "2024-02-01"),
    ]
    book = warehouse.build(
        {"subscription_items": items}, "fct_retention_cohorts", as_of="2024-04-15"
    )
    rows = book.query(
        """
        select cohort_month, months_since_start, starting_accounts, starting_mrr,
            active_accounts, active_mrr, kept_mrr
        from fct_retention_cohorts where segment_dimension = 'all'
        order by cohort_month, months_since_start
        """
    )
    january, february = date(2024, 1, 1), date(2024, 2, 1)
    assert list(rows.itertuples(index=False, name=None)) == [
        (january, 0, 3, 250, 2, 200, 200),
        (january, 1, 3, 250, 2, 250, 200),
        (january, 2, 3, 250, 2, 190, 140),
        (february, 0, 1, 100, 1, 100, 100),
        (february, 1, 1, 100, 1, 100, 100),
    ]
    assert book.broken_laws() == []


def expected_cohorts(oracle: RetentionOracle) -> pd.DataFrame:
    """Follow every account from its first paid day, one month end after another."""
    revenue = oracle.revenue
    cohorts: dict[tuple[date, date], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for account_id, started in revenue.first_paid_on.items():
        start = revenue.balance(account_id, started, started)
        for end in month_ends(started, revenue.as_of):
            if end <= revenue.as_of:
                now = oracle.graced_balance(account_id, end, started)
                cohorts[month_end(started), end].append((start, now))
    rows = [
        {
            "cohort_month": cohort.replace(day=1),
            "month_ends_on": end,
            "starting_accounts": len(pairs),
            "active_accounts": sum(now > 0 for _, now in pairs),
            "starting_mrr": sum(start for start, _ in pairs),
            "active_mrr": sum(now for _, now in pairs),
            "kept_mrr": sum(min(pair) for pair in pairs),
        }
        for (cohort, end), pairs in cohorts.items()
    ]
    return pd.DataFrame(rows).sort_values(KEY, ignore_index=True)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_random_books_cohorts_are_the_oracles(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_book(seed)
    book = warehouse.build(tables, "fct_retention_cohorts", as_of=AS_OF.isoformat())
    revenue = RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )
    expected = expected_cohorts(RetentionOracle(revenue))
    built = book.query("from fct_retention_cohorts where segment_dimension = 'all'")
    built = built.sort_values(KEY, ignore_index=True)[list(expected.columns)]
    pd.testing.assert_frame_equal(built, expected, check_dtype=False)
    assert book.broken_laws() == []


def test_every_dimension_holds_every_account_once(warehouse: Warehouse) -> None:
    book = warehouse.build(
        random_book(13), "fct_retention_cohorts", as_of=AS_OF.isoformat()
    )
    totals = book.query(
        """
        select segment_dimension, sum(starting_accounts) as accounts,
            sum(active_accounts) as active, sum(active_mrr) as mrr
        from fct_retention_cohorts group by all
        """
    )
    assert "segment" in set(totals["segment_dimension"])
    assert len(totals) == 8
    assert totals[["accounts", "active", "mrr"]].nunique().tolist() == [1, 1, 1]
