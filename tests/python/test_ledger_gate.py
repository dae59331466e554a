"""No ledger is published that tells another past than the set that readers have."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.believed import go_back, keep_aside
from orchestration.landing.evidence import read_limits
from orchestration.publishing.ledger_gate import (
    LedgerDoubtError,
    refuse_another_past,
)
from tests.python.books import Row, item
from tests.python.conftest import Warehouse

PUBLISHED_ON, NEXT = date(2025, 5, 31), date(2025, 6, 30)
ITEMS = [item(f"i{n}", f"a{n}", "2025-01-10", quantity=1 + n) for n in range(10)]


def changed(rows: list[Row], **values: Any) -> list[Row]:
    return [{**row, **values} for row in rows]


@pytest.fixture(scope="module")
def published(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    parquet = folder / "sets" / "one" / "parquet"
    parquet.mkdir(parents=True)
    book = warehouse.build(
        {"subscription_items": ITEMS}, "dim_accounts", as_of=PUBLISHED_ON.isoformat()
    )
    book.con.sql("from dim_accounts").write_parquet(
        str(parquet / "dim_accounts.parquet")
    )
    facts = {"as_of_on": PUBLISHED_ON.isoformat(), "reporting_currency": "USD"}
    text = json.dumps(facts)
    (parquet.parent / "manifest.json").write_text(text, encoding="utf-8")
    (folder / "current").symlink_to("sets/one")
    return folder


def asked(
    warehouse: Warehouse, published: Path, items: list[Row], as_of: date = NEXT
) -> str:
    """Return what the gate says of a book: nothing, or why it is refused."""
    book = warehouse.build(
        {"subscription_items": items},
        *("dim_accounts", "int_account_mrr_revalued"),
        as_of=as_of.isoformat(),
    )
    try:
        refuse_another_past(book.con, published, as_of, "USD", read_limits())
    except LedgerDoubtError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (changed(ITEMS, discount_percent=100), "5,500.00 less"),
        (changed(ITEMS, valid_to="2025-06-15"), "pay nothing any more"),
        (changed(ITEMS, account_id="a0"), "differ"),
        (changed(ITEMS, unit_amount=1000), "49,500.00 more"),
        (changed(ITEMS, status="unpaid"), "less"),
        ([row | {"account_id": f"x{n}"} for n, row in enumerate(ITEMS)], "differ"),
    ],
)
def test_another_past_is_refused_in_money(
    warehouse: Warehouse, published: Path, items: list[Row], told: str
) -> None:
    said = asked(warehouse, published, items)
    assert told in said
    assert "ACCEPT=ledger" in said


@pytest.mark.parametrize(
    "items",
    [
        ITEMS,
        [
            *ITEMS,
            *[item(f"n{n}", f"b{n}", "2025-06-10", quantity=9) for n in range(20)],
        ],
        [*changed(ITEMS[:2], valid_to="2025-06-15"), *ITEMS[2:]],
        [*changed(ITEMS[:2], unit_amount=300), *ITEMS[2:]],
    ],
)
def test_what_a_company_may_do_passes(
    warehouse: Warehouse, published: Path, items: list[Row]
) -> None:
    assert asked(warehouse, published, items) == ""


def test_an_earlier_day_and_another_currency_are_not_compared(
    warehouse: Warehouse, published: Path
) -> None:
    other = changed(ITEMS, unit_amount=1000)
    assert asked(warehouse, published, other, date(2025, 3, 31)) == ""
    book = warehouse.build(
        {"subscription_items": other},
        *("dim_accounts", "int_account_mrr_revalued"),
        as_of=NEXT.isoformat(),
        reporting_currency="EUR",
    )
    refuse_another_past(book.con, published, NEXT, "EUR", read_limits())


def test_a_refused_run_leaves_no_trace_of_its_deliveries(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence" / "files"
    evidence.mkdir(parents=True)
    (evidence / "items.json").write_text("good", encoding="utf-8")
    keep_aside(tmp_path)
    other = evidence / ".partial"
    other.write_text("bad", encoding="utf-8")
    other.replace(evidence / "items.json")
    (tmp_path / "captured").mkdir()
    go_back(tmp_path)
    assert (evidence / "items.json").read_text(encoding="utf-8") == "good"


def test_a_company_that_nobody_pays_any_more_is_published_again(
    warehouse: Warehouse, published: Path, tmp_path: Path
) -> None:
    parquet = tmp_path / "sets" / "one" / "parquet"
    parquet.mkdir(parents=True)
    with duckdb.connect() as con:
        con.sql(
            f"from '{published}/current/parquet/dim_accounts.parquet'"
            " where current_mrr < 0"
        ).write_parquet(str(parquet / "dim_accounts.parquet"))
    manifest = (published / "current" / "manifest.json").read_text(encoding="utf-8")
    (parquet.parent / "manifest.json").write_text(manifest, encoding="utf-8")
    (tmp_path / "current").symlink_to("sets/one")
    gone = changed(ITEMS, valid_to="2025-02-01")
    assert asked(warehouse, tmp_path, gone) == ""


def test_a_first_set_has_no_past(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        refuse_another_past(con, tmp_path, NEXT, "USD", read_limits())
