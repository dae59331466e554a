"""A period that only the item tells is a term, from the look that saw it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.python.conftest import Book, Warehouse
from tests.python.test_stripe_bills import MONTHLY
from tests.python.test_stripe_capture import write_rows

Row = dict[str, Any]
TABLES = {
    "customer": [{"id": "c", "created": "2023-01-01 09:00:00"}],
    "price": [
        MONTHLY | {"id": "year", "recurring_interval": "year"},
        MONTHLY | {"id": "month"},
    ],
}
MODELS = ["int_subscription_items_priced", "int_stripe_terms_known", "fct_renewals"]


def write(
    landing: Path, synced: str, *items: tuple[str, str, str], told: str = ""
) -> Path:
    """Write a subscription with items of a price and a period, as it is on a day."""
    for table, rows in TABLES.items():
        write_rows(landing, table, rows)
    version: Row = {"id": "s", "customer_id": "c", "status": "active"}
    version |= {"_fivetran_start": "2023-01-01 09:07:00"}
    version |= {"start_date": "2023-01-01 09:00:00", "created": "2023-01-01 09:00:00"}
    version |= {"current_period_start": "2023-01-01 09:00:00" if told else ""}
    version |= {"current_period_end": f"{told} 09:00:00" if told else ""}
    write_rows(landing, "subscription_history", [version])
    sold = [
        {"id": price, "subscription_id": "s", "plan_id": price, "quantity": 1}
        | {"created": "2023-01-01 09:00:00", "_fivetran_synced": f"{synced} 08:00:00"}
        | {"current_period_start": f"{begin} 09:00:00"}
        | {"current_period_end": f"{end} 09:00:00"}
        for price, begin, end in items
    ]
    write_rows(landing, "subscription_item", sold)
    return landing


def ends(book: Book) -> list[tuple[str, str | None]]:
    """List from when which contract end is in the ledger."""
    rows = book.query(
        """
        select min(valid_from)::varchar as day, contract_end_on::varchar as ends_on
        from int_subscription_items_priced group by contract_end_on order by day
        """
    )
    return [(row.day, row.ends_on) for row in rows.itertuples()]


YEAR = ("year", "2025-01-01", "2026-01-01")
NEXT = ("year", "2026-01-01", "2027-01-01")
MONTH = ("month", "2025-03-01", "2025-04-01")


@pytest.mark.parametrize("others", [[], [MONTH]])
def test_an_annual_plan_has_an_end_and_a_renewal_from_the_look_on(
    warehouse: Warehouse, tmp_path: Path, others: list[tuple[str, str, str]]
) -> None:
    landing = write(tmp_path, "2025-03-10", YEAR, *others)
    book = warehouse.build_landing(landing, *MODELS, as_of="2025-03-31")
    assert ends(book) == [("2023-01-01", None), ("2025-03-10", "2026-01-01")]
    write(tmp_path, "2026-02-10", NEXT, *others)
    book = warehouse.build_landing(
        landing, *MODELS, as_of="2026-02-28", is_next_run=True
    )
    assert ends(book) == [
        ("2023-01-01", None),
        ("2025-03-10", "2026-01-01"),
        ("2026-01-01", "2027-01-01"),
    ]
    known = book.query(
        "select min(known_from)::varchar from int_stripe_terms_known"
        " group by contract_end_on order by 1"
    )
    assert list(known.iloc[:, 0]) == ["2023-01-01", "2025-03-10", "2026-02-10"]
    renewals = book.table("fct_renewals")
    assert sorted(str(day)[:10] for day in renewals["contract_end_on"]) == [
        "2026-01-01",
        "2027-01-01",
    ]


def test_a_period_that_the_subscription_tells_counts_over_that_of_the_item(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = write(tmp_path, "2025-03-10", YEAR, told="2024-06-01")
    book = warehouse.build_landing(landing, *MODELS, as_of="2025-03-31")
    assert ends(book) == [("2023-01-01", "2024-06-01")]


def test_a_monthly_item_tells_no_end(warehouse: Warehouse, tmp_path: Path) -> None:
    landing = write(tmp_path, "2025-03-10", MONTH)
    book = warehouse.build_landing(landing, *MODELS, as_of="2025-03-31")
    assert ends(book) == [("2023-01-01", None)]


@pytest.mark.parametrize("as_of", [date(2025, 3, 9), date(2025, 3, 31)])
def test_an_earlier_day_knows_no_period_that_was_seen_later(
    warehouse: Warehouse, tmp_path: Path, as_of: date
) -> None:
    landing = write(tmp_path, "2025-03-10", YEAR)
    warehouse.build_landing(landing, *MODELS, as_of="2025-03-31")
    book = warehouse.build_landing(landing, *MODELS, as_of=str(as_of), is_next_run=True)
    is_known = as_of >= date(2025, 3, 10)
    assert len(ends(book)) == 1 + is_known
