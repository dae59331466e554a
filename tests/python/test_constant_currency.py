"""Native, reported and constant currency agree, and fx explains what lies between."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.python.books import item
from tests.python.conftest import Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.revenue_oracle import RevenueOracle, month_ends, rounded

MARTS = ("fct_mrr_movements", "fct_currency_mrr_months")
LAST_YEAR = date(AS_OF.year - 1, 12, 31)
MILLIONTH = Decimal("0.000001")


@pytest.mark.parametrize("seed", range(3))
def test_constant_balances_are_native_balances_at_one_rate(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_book(seed)
    book = warehouse.build(tables, *MARTS, as_of=AS_OF.isoformat())
    assert book.broken_laws() == []
    ledger = RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        exchange_rates=tables["exchange_rates"],
    )
    movements = book.query("from fct_mrr_movements").to_dict("records")
    for row in movements:
        native = Fraction(row["mrr_delta_native"])
        rate = ledger.rate(row["currency"], LAST_YEAR)
        assert row["mrr_delta_constant"] == rounded(native * rate)
    rows = book.query("from fct_currency_mrr_months").to_dict("records")
    months = {(row["mrr_month"], row["currency"]): row for row in rows}
    first = min(ledger.first_paid_on.values())
    for end in month_ends(first, AS_OF):
        day = min(end, AS_OF)
        native: dict[str, Decimal] = defaultdict(Decimal)
        for balances in ledger.native.values():
            for currency, days in balances.items():
                native[currency] += days.get(day, Decimal(0))
        for currency in ("USD", "EUR", "GBP"):
            row = months.get((end.replace(day=1), currency))
            if row is None:
                assert native[currency] == 0, (end, currency)
                continue
            assert row["closing_native_mrr"] == native[currency], (end, currency)
            exact = Fraction(native[currency]) * ledger.rate(currency, LAST_YEAR)
            # Each movement is rounded by itself.
            assert abs(row["closing_constant_mrr"] - rounded(exact)) < (
                MILLIONTH * len(movements)
            )


def test_a_euro_book_is_steady_in_constant_currency_while_its_rate_rises(
    warehouse: Warehouse,
) -> None:
    """The constant rate is that of 31 December 2023: 1.2."""
    tables = {
        "subscription_items": [
            item("a", "a", "2023-11-10", currency="EUR"),
            item("b", "b", "2024-02-10", currency="EUR", unit_amount=50),
        ],
        "exchange_rates": [
            {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
            for day, rate in (
                ("2023-01-01", "1.0"),
                ("2023-12-15", "1.2"),
                ("2024-02-01", "1.5"),
                ("2024-02-20", "2.0"),
            )
        ],
    }
    book = warehouse.build(tables, *MARTS, as_of="2024-02-29")
    rows = book.query(
        """
        select mrr_month, closing_native_mrr, closing_mrr, closing_constant_mrr,
            fx_mrr, rate_effect_mrr
        from fct_currency_mrr_months order by mrr_month
        """
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        # Sold at 1.0, worth 1.2 at the constant rate: 20 less as reported.
        (date(2023, 11, 1), 100, 100, 120, 0, -20),
        (date(2023, 12, 1), 100, 120, 120, 20, 0),
        (date(2024, 1, 1), 100, 120, 120, 0, 0),
        # 50 sold at 1.5 are 15 more than at 1.2; fx takes all of it to 2.0.
        (date(2024, 2, 1), 150, 300, 180, 105, 15),
    ]
    assert book.broken_laws() == []
