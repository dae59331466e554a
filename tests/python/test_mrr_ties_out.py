"""Every mart that tells what is paid on a day tells what the ledger closes at."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.python.books import item
from tests.python.conftest import Book, CompiledProject, Warehouse
from tests.python.random_books import AS_OF, random_book

LAW = "assert_mrr_ties_out_over_every_mart"
BROKEN = ["mart", "reading", "closing_on", "mrr", "ledger_mrr"]


def law_of(compiled: CompiledProject) -> dict[str, Any]:
    nodes = compiled.manifest["nodes"].values()
    return next(node for node in nodes if node["name"] == LAW)


def built(warehouse: Warehouse, tables: dict[str, Any], as_of: date) -> Book:
    nodes = warehouse.compiled.manifest["nodes"]
    parents = law_of(warehouse.compiled)["depends_on"]["nodes"]
    names = [nodes[parent]["name"] for parent in parents]
    return warehouse.build(tables, *names, as_of=str(as_of))


def broken(book: Book) -> list[tuple[Any, ...]]:
    rows = book.query(book.sql_of(law_of(book.compiled)))
    return list(rows[BROKEN].itertuples(index=False, name=None))


def daily_rates(seed: int) -> list[dict[str, Any]]:
    """Draw a rate a day: every day of a foreign balance is worth something else."""
    random = Random(seed)
    first = date(2023, 1, 1)
    return [
        {
            "currency": currency,
            "to_currency": "USD",
            "valid_from": first + timedelta(days=day),
            "rate": Decimal(random.randint(90_000_000, 140_000_000)).scaleb(-8),
        }
        for currency in ("EUR", "GBP")
        for day in range(620)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_mart_ties_out_whatever_rates_do(warehouse: Warehouse, seed: int) -> None:
    tables = random_book(seed)
    if seed % 2:
        tables["exchange_rates"] = daily_rates(seed)
    # The last days of a month and days within one.
    as_of = AS_OF if seed < 2 else date(2024, 2, 29)
    book = built(warehouse, tables, as_of)
    assert broken(book) == []
    [(total,)] = book.con.sql(
        "select sum(current_mrr) from dim_accounts where current_mrr > 0"
    ).fetchall()
    assert total > 0


def test_a_foreign_balance_is_told_at_the_rate_of_the_day_and_its_tier_is_not(
    warehouse: Warehouse,
) -> None:
    rates = [("2023-01-01", "1.1"), ("2024-02-01", "1.2"), ("2024-02-15", "1.5")]
    tables = {
        "accounts": [{"account_id": name, "account_name": name} for name in "ab"],
        "exchange_rates": [
            {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
            for day, rate in rates
        ],
        "subscription_items": [
            item("i", "a", "2024-01-10", None, 900, currency="EUR"),
            item("j", "b", "2024-01-10", None, 70),
        ],
    }
    book = built(warehouse, tables, date(2024, 2, 20))
    assert broken(book) == []
    assert book.con.sql(
        "select account_id, current_mrr, tier from dim_accounts order by account_id"
    ).fetchall() == [("a", Decimal(1350), "smb"), ("b", Decimal(70), "smb")]
    assert book.con.sql(
        "select health_on, mrr from fct_account_health_days where account_id = 'a'"
        " and health_on in ('2024-01-31', '2024-02-14', '2024-02-20') order by 1"
    ).fetchall() == [
        (date(2024, 1, 31), Decimal(990)),
        (date(2024, 2, 14), Decimal(1080)),
        (date(2024, 2, 20), Decimal(1350)),
    ]


def test_the_mart_that_differs_is_named(warehouse: Warehouse) -> None:
    book = built(warehouse, random_book(3), AS_OF)
    for mart, change in (
        ("dim_accounts", "current_mrr = current_mrr + 0.000001"),
        ("fct_health_distribution", "mrr = mrr + 0.000001"),
        ("fct_currency_mrr_months", "closing_mrr = closing_mrr - 0.000001"),
        ("fct_board_metrics", "metric_value = metric_value + 0.001"),
        ("fct_retention", "opening_mrr = opening_mrr + 0.000001"),
        ("fct_account_health_days", "mrr = 0"),
    ):
        book.con.execute("begin")
        book.con.execute(f"update {mart} set {change}")
        assert {row[0] for row in broken(book)} == {mart}
        book.con.execute("rollback")
