"""Read lines as Stripe writes them: month for month, what is paid is what is read."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.python.conftest import Book, Warehouse
from tests.python.stripe_lines import AS_OF, month_ends, tables, truth_of
from tests.python.test_stripe_capture import write_rows


def mrr_of(book: Book) -> dict[tuple[str, date], float]:
    """Return the MRR of each subscription at each month end."""
    days = ", ".join(f"(date '{day}')" for day in month_ends())
    rows = book.query(
        f"""
        select subscription_id, day, sum(mrr)::double
        from int_subscription_items_priced
        inner join (values {days}) as days (day)
            on valid_from <= day and coalesce(valid_to, date '9999-12-31') > day
        group by all
        """
    )
    return {(name, day): mrr for name, day, mrr in rows.itertuples(index=False)}


def landed(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> Path:
    """Write the tables as a landing."""
    for name, rows in tables.items():
        write_rows(folder, name, rows)
    return folder


@pytest.mark.parametrize("seed", range(1, 9))
def test_each_month_of_each_subscription_is_what_was_sold(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    """Of 40 subscriptions and 15 months every one: 89 % were, on these seeds."""
    told, played = tables(seed)
    models = ("int_subscription_items_priced", "int_stripe_bills_compared")
    book = warehouse.build_landing(landed(tmp_path, told), *models, as_of=str(AS_OF))
    assert_paid(book, truth_of(played))
    disagreed = book.query(
        "from int_stripe_bills_compared where disagreement is not null"
    )
    assert disagreed.empty, disagreed.T
    assert book.broken_laws() == []


def assert_paid(book: Book, truth: dict[tuple[str, date], float]) -> None:
    """Compare what was rebuilt with what was sold."""
    read = mrr_of(book)
    wrong = {
        key: (mrr, read.get(key, 0))
        for key, mrr in truth.items()
        if read.get(key, 0) != pytest.approx(mrr, abs=0.01)
    }
    assert wrong == {}


@pytest.mark.parametrize("blank", [0.02, 0.5, 1])
def test_a_line_without_its_subscription_finds_it(
    warehouse: Warehouse, tmp_path: Path, blank: float
) -> None:
    told, played = tables(11)
    random = Random(11)
    for line in told["invoice_line_item"]:
        if random.random() < blank:
            line["subscription_id"] = ""
    models = ("int_subscription_items_priced", "fct_data_quality", "fct_warned_rows")
    book = warehouse.build_landing(landed(tmp_path, told), *models, as_of=str(AS_OF))
    assert_paid(book, truth_of(played))
    assert book.broken_laws() == []


def test_a_line_whose_subscription_nothing_tells_is_kept_out_by_name(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    told, _ = tables(11)
    for row in told["invoice_line_item"] + told["invoice"]:
        row["subscription_id"] = ""
    held = {row["id"] for row in told["subscription_item"]}
    billed = {row["subscription_item_id"] for row in told["invoice_line_item"]}
    models = ("int_subscription_items_priced", "fct_data_quality", "fct_warned_rows")
    book = warehouse.build_landing(landed(tmp_path, told), *models, as_of=str(AS_OF))
    named = book.query(
        "select row_key from fct_warned_rows"
        " where rule = 'subscription of the item was not landed'"
    )
    assert billed - held
    assert set(named["row_key"]) == billed - held
    assert book.broken_laws() == []
