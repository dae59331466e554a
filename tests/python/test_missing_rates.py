"""A currency without a rate is kept out by name; nothing is ever taken as 1."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.python.books import item
from tests.python.conftest import Warehouse

Row = dict[str, Any]
MARTS = (
    *("fct_mrr_movements", "fct_account_mrr_months", "fct_scheduled_mrr_changes"),
    *("fct_account_committed_mrr_months", "fct_account_usage_mrr_months"),
    *("fct_mrr_months", "fct_currency_mrr_months", "fct_quarantined_rows"),
)


def rate(currency: str, day: str, value: object, to_currency: str = "USD") -> Row:
    """Return one row of exchange_rates."""
    return {
        "currency": currency,
        "to_currency": to_currency,
        "valid_from": day,
        "rate": value,
    }


@dataclass(frozen=True)
class Case:
    """Rates and items as landed, what is said of them, and MRR at the end of June."""

    rates: Sequence[Row]
    items: Sequence[Row]
    rules: Sequence[str]
    closing: str
    reporting_currency: str = "USD"


JANUARY = "2024-01-01"
EURO = item("e", "a", JANUARY, currency="EUR")
DOLLAR = item("u", "a", JANUARY, currency="USD")
LEVEL = [rate("EUR", "2023-01-01", 2)]
CASES = {
    "a rate into another currency is no rate": Case(
        rates=[rate("EUR", "2023-01-01", 2, to_currency="GBP")],
        items=[EURO, DOLLAR],
        rules=["unknown currency EUR"],
        closing="100",
    ),
    "the inverse of a rate is no rate": Case(
        rates=[rate("USD", "2023-01-01", "0.5", to_currency="EUR")],
        items=[EURO, DOLLAR],
        rules=["unknown currency EUR"],
        closing="100",
    ),
    "no chain of rates is followed": Case(
        rates=[
            rate("EUR", "2023-01-01", 2, to_currency="GBP"),
            rate("GBP", "2023-01-01", 3),
        ],
        items=[EURO, DOLLAR],
        rules=["unknown currency EUR"],
        closing="100",
    ),
    "an item that begins a day before the first rate is too early": Case(
        rates=[rate("EUR", "2024-01-02", 2)],
        items=[EURO, item("f", "a", "2024-01-02", currency="EUR")],
        rules=["no exchange rate yet for EUR"],
        closing="200",
    ),
    "a rate holds until the next row, however long": Case(
        rates=[rate("EUR", "2015-01-01", 2), rate("EUR", "2024-07-01", 9)],
        items=[EURO],
        rules=[],
        closing="200",
    ),
    "a rate of 0 is kept out and leaves the one before": Case(
        rates=[*LEVEL, rate("EUR", "2024-03-01", 0)],
        items=[EURO],
        rules=["below 0.000001"],
        closing="200",
    ),
    "a rate below 0 is kept out and leaves none": Case(
        rates=[rate("EUR", "2023-01-01", -2), rate("GBP", "2023-01-01", 3)],
        items=[EURO, DOLLAR],
        rules=["below 0.000001", "unknown currency EUR"],
        closing="100",
    ),
    "an empty rate is not 1": Case(
        rates=[*LEVEL, rate("CHF", "2023-01-01", None)],
        items=[item("c", "a", JANUARY, currency="CHF"), EURO],
        rules=["required value is missing", "unknown currency CHF"],
        closing="200",
    ),
    "a rate too large to multiply exactly is kept out, not a crash": Case(
        rates=[*LEVEL, rate("XBT", "2023-01-01", 100000)],
        items=[item("x", "a", JANUARY, currency="XBT"), EURO],
        rules=["above 99999", "unknown currency XBT"],
        closing="200",
    ),
    "codes are read in any case and with space around them": Case(
        rates=[rate(" eur ", "2023-01-01", 2, to_currency="usd ")],
        items=[item("e", "a", JANUARY, currency=" Eur"), item("u", "a", JANUARY)],
        rules=[],
        closing="300",
    ),
    "a rate of the reporting currency to itself is not read": Case(
        rates=[*LEVEL, rate("USD", "2023-01-01", 7)],
        items=[EURO, DOLLAR],
        rules=[],
        closing="300",
    ),
    "dollars need a rate where euros are reported": Case(
        rates=LEVEL,
        items=[EURO, DOLLAR],
        rules=["unknown currency USD"],
        closing="100",
        reporting_currency="EUR",
    ),
    "usage and what starts later need a rate, too": Case(
        rates=LEVEL,
        items=[
            DOLLAR,
            item("m", "a", JANUARY, currency="CHF", usage_based=True),
            item("l", "a", "2024-09-01", currency="CHF"),
        ],
        rules=["unknown currency CHF", "unknown currency CHF"],
        closing="100",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_currency_without_a_rate_is_kept_out_by_name(
    warehouse: Warehouse, name: str
) -> None:
    case = CASES[name]
    book = warehouse.build(
        {"subscription_items": case.items, "exchange_rates": case.rates},
        *MARTS,
        as_of="2024-06-30",
        reporting_currency=case.reporting_currency,
    )
    kept_out = book.query(
        "select rule from fct_quarantined_rows"
        " where entity in ('subscription_items', 'exchange_rates')"
    )
    assert sorted(kept_out["rule"]) == sorted(case.rules)
    closing = book.query(
        "select sum(closing_mrr) from fct_account_mrr_months"
        " where mrr_month = '2024-06-01'"
    )
    assert closing.iloc[0, 0] == Decimal(case.closing)
    assert book.broken_laws() == []


def test_rates_of_which_none_can_be_used_do_not_bring_back_the_sample_ones(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """What was never landed well is missing, and the seed is not what was landed."""
    fresh = Warehouse(warehouse.compiled, tmp_path)
    tables = {
        "subscription_items": [EURO, DOLLAR],
        "exchange_rates": [rate("EUR", "2023-01-01", 0)],
    }
    book = fresh.build(tables, *MARTS, as_of="2024-06-30")
    kept_out = book.query(
        "select rule from fct_quarantined_rows where entity = 'subscription_items'"
    )
    assert list(kept_out["rule"]) == ["unknown currency EUR"]
    closing = book.query("select distinct closing_mrr from fct_account_mrr_months")
    assert list(closing["closing_mrr"]) == [Decimal(100)]
