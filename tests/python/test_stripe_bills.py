"""Ask the bills: each that disagrees with the rebuilt book is named, and no other."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Book, Warehouse
from tests.python.test_stripe_capture import write_rows

Row = dict[str, Any]
MONTHS = [date(2025, month, 1) for month in range(1, 7)]
CURRENCY = "the newest bill is in another currency than the MRR"
QUANTITY = "the newest bill is of another quantity than the MRR"
AMOUNT = "the newest bill is of another amount than the MRR"
NO_MRR = "billed, and no MRR was rebuilt"
BELIEVED = "price read from its bills"
NO_ITEMS = "subscription is active, and no version of an item is known"
MONTHLY = {"currency": "usd", "recurring_interval": "month", "unit_amount": 1000}
MONTHLY |= {"recurring_interval_count": 1, "recurring_usage_type": "licensed"}
MONTHLY |= {"product_id": "pr", "type": "recurring"}


def stripe(
    landing: Path,
    line: Row | None = None,
    price: Row | None = None,
    version: Row | None = None,
    item: Row | None = None,
    more_lines: list[Row] | None = None,
    invoice: Row | None = None,
    is_billed: bool = True,
    more_versions: list[Row] | None = None,
    odd_bills: int = 1,
) -> Path:
    """Write three seats at 10 a month, billed six times, with what is odd about them.

    The last `odd_bills` have what `line` says, all others what is plain.
    """
    history = {"id": "s", "customer_id": "c", "status": "active"}
    history |= {"start_date": "2025-01-01 09:00:00", "created": "2025-01-01 09:00:00"}
    history |= {"_fivetran_start": "2025-01-01 09:07:00"}
    lines, invoices = [], []
    for number, day in enumerate(MONTHS):
        until = (day + timedelta(days=32)).replace(day=1)
        plain: Row = {"id": f"l{number}", "invoice_id": f"in{number}"}
        plain |= {"subscription_id": "s", "subscription_item_id": "i", "plan_id": "p"}
        plain |= {"type": "subscription", "quantity": 3, "amount": 3000}
        plain |= {"currency": "usd", "proration": "false"}
        plain |= {"period_start": f"{day} 09:00:00", "period_end": f"{until} 09:00:00"}
        told: Row = {"id": f"in{number}", "customer_id": "c", "subscription_id": "s"}
        told |= {"status": "paid", "created": f"{day} 09:00:00"}
        told |= {"is_deleted": "false", "total": 3000, "amount_paid": 3000}
        is_last = day == MONTHS[-1]
        is_odd = number >= len(MONTHS) - odd_bills
        lines.append(plain | (line or {} if is_odd else {}))
        invoices.append(told | (invoice or {} if is_last else {}))
        if is_last:
            lines += [
                plain | {"id": f"m{n}"} | m for n, m in enumerate(more_lines or [])
            ]
    prices = [MONTHLY | {"id": "p", "nickname": "p"} | (price or {})]
    prices.append(MONTHLY | {"id": "use", "recurring_usage_type": "metered"})
    prices.append(MONTHLY | {"id": "fee", "type": "one_time"})
    sold = {"id": "i", "subscription_id": "s", "plan_id": "p", "quantity": 3}
    sold |= {"created": "2025-01-01 09:00:00", "_fivetran_synced": "2025-06-29"}
    write_rows(landing, "customer", [{"id": "c", "created": "2025-01-01 09:00:00"}])
    write_rows(landing, "price", prices)
    versions = [history | (version or {})]
    versions += [versions[0] | more for more in more_versions or []]
    columns = dict.fromkeys(name for row in versions for name in row)
    filled = [{name: row.get(name) for name in columns} for row in versions]
    write_rows(landing, "subscription_history", filled)
    if item != {}:
        write_rows(landing, "subscription_item", [sold | (item or {})])
    if is_billed:
        write_rows(landing, "invoice", invoices)
        write_rows(landing, "invoice_line_item", lines)
    return landing


def asked(warehouse: Warehouse, landing: Path) -> tuple[Book, list[str], list[Any]]:
    """Return the book, its warnings about bills, and what is published of them."""
    book = warehouse.build_landing(
        landing, "fct_warned_rows", "fct_data_quality", as_of="2025-06-30"
    )
    rows = book.query("select rule from fct_warned_rows where source_system = 'stripe'")
    counted = book.query(
        "select disposition, row_count from fct_data_quality where stage = 'bills'"
    )
    return book, list(rows["rule"]), list(counted.itertuples(index=False, name=None))


LAST = "2025-06-01 09:00:00"
PLANTED = {
    "another currency": ({"line": {"currency": "eur", "amount": 2700}}, CURRENCY),
    "a currency at the same amount": ({"line": {"currency": "gbp"}}, CURRENCY),
    "another amount": ({"line": {"amount": 2700}}, AMOUNT),
    "an amount off by two cents": ({"line": {"amount": 3002}}, AMOUNT),
    "a price read as of another time": ({"price": {"unit_amount": 1250}}, BELIEVED),
    "a price in another unit": ({"price": {"unit_amount": 100000}}, BELIEVED),
    "a year read as a month": ({"price": {"recurring_interval": "year"}}, BELIEVED),
    "a package that is none": (
        {"price": {"transform_quantity_divide_by": 10}},
        BELIEVED,
    ),
    "two bills in another currency": (
        {"line": {"currency": "eur", "amount": 2700}, "odd_bills": 2},
        BELIEVED,
    ),
    "two bills of another amount": (
        {"line": {"amount": 2500}, "odd_bills": 2},
        BELIEVED,
    ),
    "a tiered price": ({"price": {"unit_amount": ""}}, BELIEVED),
    "a graduated price, a line a tier": (
        {
            "price": {"unit_amount": ""},
            "line": {"quantity": 2, "amount": 2000},
            "more_lines": [{"quantity": 1, "amount": 500}],
        },
        BELIEVED,
    ),
    "a price that was not landed": (
        {"line": {"plan_id": "q"}, "item": {"plan_id": "q"}},
        BELIEVED,
    ),
    "an end read into the past": (
        {
            "more_versions": [
                {"status": "canceled", "ended_at": "2025-02-01 09:00:00"}
                | {"_fivetran_start": "2025-06-29 09:00:00"}
            ]
        },
        NO_MRR,
    ),
    "an item billed for no time": (
        {
            "more_lines": [
                {"subscription_item_id": "j", "plan_id": "nowhere"}
                | {"period_end": "2025-06-01 09:00:00"}
            ]
        },
        QUANTITY,
    ),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_disagreement_is_named_with_both_numbers(
    warehouse: Warehouse, tmp_path: Path, kind: str
) -> None:
    odd, rule = PLANTED[kind]
    book, rules, counted = asked(warehouse, stripe(tmp_path, **odd))
    assert [r for r in rules if "bill" in r] == [rule]
    is_believed = rule == BELIEVED
    assert counted == [("believed" if is_believed else "disagreed", 1)]
    key = book.query(f"select row_key from fct_warned_rows where rule = '{rule}'").iloc[
        0, 0
    ]
    subscription, billed, rebuilt = key.split("|")
    assert subscription == ("i" if is_believed else "s")
    assert billed.startswith("billed ")
    assert rebuilt.startswith("price tells" if is_believed else "rebuilt ")
    assert book.broken_laws() == []


@pytest.mark.parametrize("seed", range(6))
def test_what_is_believed_is_what_was_billed(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    """Bills drawn at random, of prices that tell nothing or something else."""
    random = Random(seed)
    customers, versions, prices, items, invoices, lines = [], [], [], [], [], []
    billed: dict[str, list[tuple[date, str, float, bool]]] = {}
    for number in range(12):
        name = f"s{number}"
        is_read, months = random.random() < 0.5, random.choice([1, 3, 12])
        unit, quantity = random.randint(100, 9999), random.randint(1, 9)
        told = MONTHLY | {"id": name, "nickname": name}
        told |= {"recurring_interval_count": months}
        prices.append(told | {"unit_amount": unit if is_read else ""})
        start = {"created": "2023-01-01 09:00:00", "id": name}
        customers.append(start)
        versions.append(
            start
            | {"customer_id": name, "status": "active"}
            | {"_fivetran_start": "2023-01-01 09:07:00"}
        )
        sold = {"id": name, "subscription_id": name, "plan_id": name}
        items.append(sold | {"quantity": quantity, "created": start["created"]})
        count = 24 // months
        denied_from = random.randint(0, count)
        other, currency = random.randint(100, 9999), random.choice(["usd", "eur"])
        for period in range(count):
            begin = date(2023 + period * months // 12, 1 + period * months % 12, 1)
            after = (period + 1) * months
            until = date(2023 + after // 12, 1 + after % 12, 1)
            is_denied = period >= denied_from
            amount = (other if is_denied else unit) * quantity
            coin = currency if is_denied else "usd"
            key = f"{name}-{period}"
            invoices.append(
                {"id": key, "customer_id": name, "subscription_id": name}
                | {"status": "paid", "created": f"{begin} 09:00:00"}
                | {"total": amount, "amount_paid": amount}
            )
            lines.append(
                {"id": key, "invoice_id": key, "subscription_id": name}
                | {"subscription_item_id": name, "plan_id": name, "amount": amount}
                | {"currency": coin, "quantity": quantity, "proration": "false"}
                | {"period_start": f"{begin} 09:00:00"}
                | {"period_end": f"{until} 09:00:00", "type": "subscription"}
            )
            is_alone = is_read and is_denied and count - denied_from < 2
            if not is_alone:
                billed.setdefault(name, []).append(
                    (begin, coin.upper(), round(amount / 100 / months, 4), is_read)
                )
    for table, rows in [
        ("customer", customers),
        ("subscription_history", versions),
        ("price", prices),
        ("subscription_item", items),
        ("invoice", invoices),
        ("invoice_line_item", lines),
    ]:
        write_rows(tmp_path, table, rows)
    book = warehouse.build_landing(
        tmp_path, "int_subscription_items_priced", as_of="2024-12-31"
    )
    rows = book.query(
        """
        select
            subscription_id, currency, gross_mrr::double as mrr,
            valid_from, coalesce(valid_to, '9999-12-31') as valid_to
        from int_subscription_items_priced
        """
    )
    for name, bills in billed.items():
        for day, currency, mrr, _is_read in bills:
            held = rows[
                (rows["subscription_id"] == name)
                & (rows["valid_from"].astype(str) <= str(day))
                & (rows["valid_to"].astype(str) > str(day))
            ]
            assert list(held["currency"]) == [currency], (name, day)
            assert held["mrr"].iloc[0] == pytest.approx(mrr, abs=1e-4), (name, day)


USE = {"subscription_item_id": "u", "plan_id": "use", "amount": 777, "quantity": 9}
FEE = {"subscription_item_id": "", "plan_id": "fee", "amount": 50000}
AGREEING = {
    "nothing odd": {},
    "a metered line": {"more_lines": [USE]},
    "a one-off line": {"more_lines": [FEE | {"type": "invoiceitem"}]},
    "a bill of nothing": {"line": {"amount": 0}},
    "a void bill": {"line": {"amount": 9}, "invoice": {"status": "void"}},
    "a deleted bill": {"line": {"amount": 9}, "invoice": {"is_deleted": "true"}},
    "tax": {"invoice": {"total": 3600, "amount_paid": 3600}},
    "a cent of rounding": {"line": {"amount": 3001}},
    "a fraction of a cent": {
        "price": {"unit_amount": "", "unit_amount_decimal": "1000.1"}
    },
    "a price by the package": {
        "price": {"transform_quantity_divide_by": 10, "unit_amount": 3000}
        | {"transform_quantity_round": "up"}
    },
    "a change on the day of the bill": {
        "line": {"amount": 9},
        "more_lines": [
            {"proration": "true", "amount": 500, "period_start": LAST, "quantity": 3}
        ],
    },
    "a bill that is not due yet": {"line": {"period_start": "2025-07-01 09:00:00"}},
}


@pytest.mark.parametrize("kind", AGREEING)
def test_what_is_no_disagreement_is_none(
    warehouse: Warehouse, tmp_path: Path, kind: str
) -> None:
    _, rules, counted = asked(warehouse, stripe(tmp_path, **AGREEING[kind]))
    assert rules == []
    assert counted == [("agreed", 1)]


@pytest.mark.parametrize("status", ["active", "past_due", "trialing", "canceled"])
def test_an_active_subscription_without_items_is_listed(
    warehouse: Warehouse, tmp_path: Path, status: str
) -> None:
    odd = {"version": {"status": status}, "item": {}, "is_billed": False}
    _, rules, counted = asked(warehouse, stripe(tmp_path, **odd))
    assert rules == ([NO_ITEMS] if status in ("active", "past_due") else [])
    assert counted == []


@pytest.mark.parametrize("seed", [7, 11])
def test_the_sample_agrees_with_its_bills(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    write_sample_company(tmp_path / "landing", tmp_path / "truth", 300, seed)
    book = warehouse.build_landing(
        tmp_path / "landing", "int_stripe_bills_compared", as_of="2025-12-31"
    )
    told = book.query(
        "select count(*) as billed, count(disagreement) as disagreed"
        " from int_stripe_bills_compared"
    )
    billed, disagreed = told.iloc[0]
    assert billed > 200
    assert disagreed / billed < 0.001, book.query(
        "from int_stripe_bills_compared where disagreement is not null"
    )


PAUSED = "paid for in a pause, in which it has no MRR"
NO_LINES = "no line of a bill was landed: the bills cannot be asked"
TEST_MODE = "of the test mode of Stripe: livemode is false"


@pytest.mark.parametrize("status", ["paid", "void", "open"])
@pytest.mark.parametrize("since", ["2025-05-10", "2025-06-01", "2025-06-10"])
def test_a_bill_that_was_paid_in_a_pause_is_named(
    warehouse: Warehouse, tmp_path: Path, status: str, since: str
) -> None:
    pause = {"pause_collection_behavior": "void"}
    pause |= {"_fivetran_start": f"{since} 12:00:00"}
    bill = {"status": status, "amount_paid": 3000 if status == "paid" else 0}
    odd = {"version": {"pause_collection_behavior": ""}, "more_versions": [pause]}
    _, rules, _ = asked(warehouse, stripe(tmp_path, **odd, invoice=bill))
    is_in_pause = since < "2025-06-01"
    assert rules == ([PAUSED] if is_in_pause and status == "paid" else [])


@pytest.mark.parametrize("is_billed", [True, False])
def test_where_no_line_was_landed_the_bills_cannot_be_asked(
    warehouse: Warehouse, tmp_path: Path, is_billed: bool
) -> None:
    book, _, _ = asked(warehouse, stripe(tmp_path, is_billed=is_billed))
    told = book.query(
        "select rule from fct_data_quality where disposition = 'warning'"
        " and entity = 'invoice_line_item'"
    )
    assert list(told["rule"]) == ([] if is_billed else [NO_LINES])


def test_rows_of_the_test_mode_are_kept_out_by_name(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = stripe(tmp_path, version={"livemode": "false"}, is_billed=False)
    book, rules, _ = asked(warehouse, landing)
    assert rules == []
    told = book.query(
        f"""
        select entity, disposition, sum(row_count)::int as rows from fct_data_quality
        where rule = '{TEST_MODE}' group by all order by all
        """
    )
    assert list(told.itertuples(index=False, name=None)) == [
        ("subscription_history", "quarantined", 1),
        ("subscription_item", "kept_out", 1),
    ]
    assert book.table("int_stripe_subscription_items_rebuilt").empty
    assert book.broken_laws() == []
