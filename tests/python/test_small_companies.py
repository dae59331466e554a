"""Small and odd companies pass every law of every mart, so that they publish."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.books import Tables, item
from tests.python.conftest import Book, Warehouse, models_of

EUR, GBP = {"currency": "EUR"}, {"currency": "GBP"}
RATES = [
    {
        "currency": currency,
        "to_currency": "USD",
        "valid_from": "2023-01-01",
        "rate": rate,
    }
    for currency, rate in (("EUR", "1.1"), ("GBP", "1.3"))
]


def accounts(*ids: str, **more: Any) -> list[dict[str, Any]]:
    return [{"account_id": key, "account_name": key} | more for key in ids]


def used(account_id: str, day: str) -> dict[str, Any]:
    return {
        "event_id": f"{account_id}-{day}",
        "account_id": account_id,
        "user_id": "u",
        "event_name": "report_created",
        "occurred_at": f"{day} 10:00:00",
    }


TICKET = {"ticket_id": "t", "account_id": "a", "opened_at": "2024-03-01 10:00:00"}
PAYING = [item("i", "a", "2024-01-05")]
TRIALING = item("i", "a", "2024-01-05", status="trialing")
GONE = [
    item("i", "a", "2024-01-05", "2024-06-01"),
    item("j", "b", "2024-02-05", "2024-07-15"),
]
COMING = [item("i", "a", "2025-05-03"), item("j", "b", "2025-05-09")]
BOOKS: dict[str, tuple[Tables, str]] = {
    "one account": (
        {"accounts": accounts("a"), "subscription_items": PAYING},
        "2025-06-30",
    ),
    "items alone": ({"subscription_items": PAYING}, "2025-06-30"),
    "one day old": ({"subscription_items": PAYING}, "2024-01-05"),
    "one currency change": (
        {
            "accounts": accounts("a", "b", "c"),
            "exchange_rates": RATES,
            "subscription_items": [
                item("i", "a", "2024-01-05", "2024-09-10", **EUR),
                item("j", "a", "2024-09-10", **GBP),
                item("k", "b", "2024-01-05", **EUR),
                item("l", "c", "2024-01-05"),
            ],
        },
        "2025-06-30",
    ),
    "one month only": ({"subscription_items": PAYING}, "2024-01-28"),
    "everybody churned": (
        {"accounts": accounts("a", "b"), "subscription_items": GONE},
        "2025-06-30",
    ),
    "a single ticket": (
        {
            "accounts": accounts("a"),
            "subscription_items": PAYING,
            "tickets": [TICKET],
        },
        "2025-06-30",
    ),
    "a ticket of nobody": ({"tickets": [TICKET]}, "2024-06-30"),
    "one trialing account": (
        {"accounts": accounts("a"), "subscription_items": [TRIALING]},
        "2024-03-01",
    ),
    "nobody pays yet": (
        {
            "accounts": accounts("a", "b"),
            "subscription_items": [TRIALING, item("j", "b", "2024-01-05", None, 0)],
        },
        "2024-12-01",
    ),
    "only accounts": ({"accounts": accounts("a", "b")}, "2024-12-01"),
    "only events": ({"events": [used("a", "2024-03-01")]}, "2024-12-01"),
    "events and accounts": (
        {"accounts": accounts("a"), "events": [used("a", "2024-03-01")]},
        "2024-12-01",
    ),
    "one parent with all": (
        {
            "accounts": [
                *accounts("p"),
                *accounts("a", "b", "c", parent_account_id="p"),
            ],
            "subscription_items": [item(key, key, "2024-01-05") for key in "abc"],
        },
        "2025-06-30",
    ),
    "all items in the future": ({"subscription_items": COMING}, "2024-05-28"),
}


def all_marts(warehouse: Warehouse) -> list[str]:
    return [
        node["name"]
        for node in models_of(warehouse.compiled.manifest)
        if Path(node["original_file_path"]).parts[1] == "marts"
    ]


def blocking(book: Book) -> list[str]:
    """Name the laws that would keep the book from being published."""
    warnings = {
        node["name"]
        for node in book.compiled.manifest["nodes"].values()
        if node["resource_type"] == "test"
        and node["config"]["severity"].lower() == "warn"
    }
    return [name for name in book.broken_laws() if name not in warnings]


@pytest.mark.parametrize("name", BOOKS)
def test_an_odd_book_breaks_no_law(warehouse: Warehouse, name: str) -> None:
    tables, as_of = BOOKS[name]
    book = warehouse.build(tables, *all_marts(warehouse), as_of=as_of)
    assert blocking(book) == []


@pytest.mark.parametrize(("size", "seed"), [(1, 1), (5, 1), (5, 2), (20, 6), (20, 7)])
def test_a_small_sample_company_breaks_no_law(
    warehouse: Warehouse, tmp_path: Path, size: int, seed: int
) -> None:
    write_sample_company(
        tmp_path / "landing", tmp_path / "truth", accounts=size, seed=seed
    )
    book = warehouse.build_landing(tmp_path / "landing", *all_marts(warehouse))
    assert blocking(book) == []
    [(day, paying)] = book.con.sql(
        "select as_of_on, (select count(*) from fct_account_mrr_months)"
        " from stg_run__clock"
    ).fetchall()
    assert day == date(2025, 12, 31) and paying > 0
