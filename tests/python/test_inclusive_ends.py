"""A book whose ends mean the last day is named, and one var reads it right."""

import random
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.python.books import Row, item
from tests.python.conftest import Warehouse

LEDGER = ("fct_mrr_movements", "fct_account_mrr_months", "fct_retention")
MARTS = (*LEDGER, "fct_renewals")
STAGED = ("stg_files__subscription_items", "stg_files__account_history")
RULE = "valid_to reads as the last day"
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def reading_last_days(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """Give a warehouse of the same SQL, compiled as if the var were true."""
    nodes = dict(warehouse.compiled.manifest["nodes"])
    for name in STAGED:
        node = deepcopy(warehouse.compiled.node(name))
        code = node["compiled_code"]
        assert "when false" in code
        node["compiled_code"] = code.replace("when false", "when true")
        nodes[node["unique_id"]] = node
    manifest = warehouse.compiled.manifest | {"nodes": nodes}
    compiled = replace(warehouse.compiled, manifest=manifest, orders={}, sources={})
    return Warehouse(compiled, tmp_path_factory.mktemp("last_days"))


def book(seed: int) -> list[dict[str, Any]]:
    """Draw terms that follow each other, as versions or as new items, then stop."""
    drawn = random.Random(seed)
    rows = []
    for account in range(4):
        start = date(2022, drawn.randint(1, 12), drawn.choice([1, 1, 15]))
        months = drawn.choice([1, 3, 12])
        for term in range(drawn.randint(2, 5)):
            index = start.month - 1 + months
            end = start.replace(year=start.year + index // 12, month=index % 12 + 1)
            rows.append(
                item(
                    f"i{account}" if seed % 2 else f"i{account}_{term}",
                    f"a{account}",
                    start,
                    end,
                    drawn.choice([100, 100, 250]),
                    product="core",
                    contract_end_on=end,
                    discount_percent=drawn.choice([None, 20]),
                    discount_from=start,
                    discount_to=drawn.choice([end, start + 10 * DAY]),
                )
            )
            start = end
        if drawn.random() < 0.5:
            rows[-1]["valid_to"] = None
    return rows


def by_last_days(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tell the same book by the last days of its intervals."""
    ends = ("valid_to", "discount_to")
    return [
        row | {name: row[name] - DAY for name in ends if row.get(name)} for row in rows
    ]


def told(warehouse: Warehouse, rows: list[Row], rule: str = RULE) -> list[str]:
    models = ("fct_warned_rows", "int_rows_warned")
    found = warehouse.build({"subscription_items": rows}, *models, as_of="2025-12-31")
    warned = found.query("select rule from fct_warned_rows")["rule"]
    return [found for found in warned if found.startswith(rule)]


@pytest.mark.parametrize("seed", range(4))
def test_last_days_read_by_the_var_tell_the_same_ledger_and_renewals(
    warehouse: Warehouse, reading_last_days: Warehouse, seed: int
) -> None:
    rows = book(seed)
    marts = []
    for reading, told_rows in (
        (warehouse, rows),
        (reading_last_days, by_last_days(rows)),
    ):
        built = reading.build(
            {"subscription_items": told_rows}, *MARTS, as_of="2025-12-31"
        )
        marts.append([built.query(f"from {mart} order by all") for mart in MARTS])
    for exclusive, inclusive in zip(*marts, strict=True):
        assert len(exclusive)
        assert exclusive.equals(inclusive)


@pytest.mark.parametrize("seed", range(4))
def test_last_days_are_named_row_by_row_until_the_var_reads_them(
    warehouse: Warehouse, reading_last_days: Warehouse, seed: int
) -> None:
    rows = book(seed)
    starts = {(row["account_id"], row["valid_from"]) for row in rows}
    followed = [r for r in rows if (r["account_id"], r["valid_to"]) in starts]
    assert told(warehouse, rows) == []
    assert len(told(warehouse, by_last_days(rows))) == len(followed)
    assert told(reading_last_days, by_last_days(rows)) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by_year", [True, False])
def test_last_days_are_named_where_the_product_changes_with_the_term(
    warehouse: Warehouse, seed: int, by_year: bool
) -> None:
    rows = book(seed)
    for number, row in enumerate(rows):
        year = row["valid_from"].year
        row["product"] = f"Plan {year}" if by_year else f"plan {number}"
    starts = {(row["account_id"], row["valid_from"]) for row in rows}
    followed = [r for r in rows if (r["account_id"], r["valid_to"]) in starts]
    assert told(warehouse, rows) == []
    assert len(told(warehouse, by_last_days(rows))) == len(followed)


DISCOUNT_RULE = "discount_to reads as the last day"


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("has_start", [True, False])
def test_discounts_that_end_on_the_last_day_of_their_months_are_named(
    warehouse: Warehouse, seed: int, has_start: bool
) -> None:
    drawn = random.Random(seed)
    rows = []
    for number in range(6):
        start = date(2024, drawn.randint(1, 3), drawn.choice([1, 10, 28]))
        end = start.replace(month=start.month + drawn.randint(1, 8))
        discount = {"discount_percent": 50, "discount_to": end}
        discount |= {"discount_from": start} if has_start else {}
        # Of some that last any number of days none can be told.
        if number == 0:
            discount["discount_to"] = start + 100 * DAY
        rows.append(item(f"i{number}", f"a{number}", start, **discount))
    assert told(warehouse, rows, DISCOUNT_RULE) == []
    odd = rows[0] | {"discount_to": rows[0]["discount_to"] + 2 * DAY}
    named = told(warehouse, by_last_days([odd, *rows[1:]]), DISCOUNT_RULE)
    assert len(named) == len(rows) - 1


def test_a_late_renewal_or_two_are_no_pattern(warehouse: Warehouse) -> None:
    rows = [
        item("a", "a", "2023-01-01", "2024-01-01", product="core"),
        item("b", "a", "2024-01-01", "2025-01-01", product="core"),
        item("c", "a", "2025-01-02", "2025-06-01", product="core"),
        item("d", "a", "2025-06-02", "2025-09-01", product="core"),
    ]
    assert told(warehouse, rows) == []
