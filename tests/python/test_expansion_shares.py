"""Expansion as a share of all recurring revenue and of new recurring revenue."""

import pytest

from tests.python.books import item
from tests.python.conftest import Warehouse


def test_the_two_shares_by_hand(warehouse: Warehouse) -> None:
    items = [
        item("a", "a", "2024-01-10", "2024-03-05"),
        item("a", "a", "2024-03-05", unit_amount=140),
        item("b", "b", "2024-03-20", unit_amount=60),
        item("c", "c", "2024-04-02", unit_amount=900),
    ]
    book = warehouse.build(
        {"subscription_items": items}, "fct_expansion_shares", as_of="2024-04-15"
    )
    rows = book.query(
        """
        select mrr_month, window_months, expansion_of_recurring_revenue_rate,
            expansion_of_new_recurring_revenue_rate
        from fct_expansion_shares where segment_dimension = 'all'
        order by window_months, mrr_month
        """
    )
    found = {
        (f"{row[0]:%Y-%m}", row[1]): row[2:]
        for row in rows.itertuples(index=False, name=None)
    }
    # April is open; no window is longer than the book is old.
    assert list(found) == [
        *(("2024-01", 1), ("2024-02", 1), ("2024-03", 1)),
        ("2024-03", 3),
    ]
    assert found["2024-01", 1] == (0.0, 0.0)
    assert found["2024-02", 1][0] == 0.0
    # Nothing was sold in February: no share of nothing.
    assert found["2024-02", 1][1] != found["2024-02", 1][1]
    assert found["2024-03", 1] == pytest.approx((40 / 200, 40 / 100))
    assert found["2024-03", 3] == pytest.approx((40 / 200, 40 / 200))
    assert book.broken_laws() == []
