"""Each item of Stripe has one fate, and a join that became a filter turns a law red."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from orchestration.compiled_project import CompiledProject
from tests.python.conftest import Book, Warehouse
from tests.python.test_stripe_bills import MONTHLY
from tests.python.test_stripe_capture import write_rows

Row = dict[str, Any]
LAW = "assert_every_stripe_item_has_one_fate"
BEGUN = "2025-01-01 09:00:00"
LATER = "2026-02-01 09:00:00"
NO_SERVICE = "its subscription had no service"
# What is landed of an item (none where only bills know it), its bills, and its fate.
ITEMS: dict[str, tuple[Row | None, list[Row], tuple[str, str]]] = {
    "plain": ({}, [{}], ("used", "none")),
    "unbilled": ({}, [], ("used", "none")),
    "metered without use": ({"plan_id": "use", "quantity": ""}, [], ("used", "none")),
    "billed alone": (None, [{}], ("used", "none")),
    "price nowhere, billed": (
        {"plan_id": "gone"},
        [{"plan_id": "gone"}],
        ("used", "none"),
    ),
    "price nowhere, billed alone": (None, [{"plan_id": "gone"}], ("used", "none")),
    "price nowhere": (
        {"plan_id": "gone"},
        [],
        ("kept_out", "no unit amount: the price is tiered or was not landed"),
    ),
    "tiers": (
        {"plan_id": "tiers"},
        [],
        ("kept_out", "no unit amount: the price is tiered or was not landed"),
    ),
    "no subscription": (
        {"subscription_id": "nowhere"},
        [],
        ("kept_out", "subscription of the item was not landed"),
    ),
    "no subscription, billed": (
        None,
        [{"subscription_id": "nowhere"}],
        ("kept_out", "subscription of the item was not landed"),
    ),
    "never served": ({"subscription_id": "never"}, [], ("ignored", NO_SERVICE)),
    "one-off": ({"plan_id": "fee"}, [], ("ignored", "billed once: no MRR")),
    "one-off billed": (None, [{"plan_id": "fee"}], ("ignored", "billed once: no MRR")),
    "to come": ({"created": LATER}, [], ("not_yet_known", "after the run's day")),
    "billed later": (
        None,
        [{"invoice_id": "later", "period_start": LATER}],
        ("not_yet_known", "after the run's day"),
    ),
    "deleted": (
        None,
        [{"invoice_id": "deleted"}],
        ("ignored", "on deleted bills alone"),
    ),
    "void": (None, [{"invoice_id": "void"}], ("ignored", "on void bills alone")),
    "void or deleted": (
        None,
        [{"invoice_id": "void"}, {"invoice_id": "deleted"}],
        ("ignored", "on void bills alone"),
    ),
    "void, and held": ({}, [{"invoice_id": "void"}], ("used", "none")),
    "blank": ({}, [{"subscription_id": ""}], ("used", "none")),
    "blank, of one bill": (
        None,
        [{"subscription_id": ""}, {}],
        ("used", "none"),
    ),
    "blank, of its invoice": (None, [{"subscription_id": ""}], ("used", "none")),
    "blank, of no invoice": (
        None,
        [{"subscription_id": "", "invoice_id": "nowhere"}],
        ("kept_out", "subscription of the item was not landed"),
    ),
    "after the end": (
        {"subscription_id": "old", "created": "2025-04-01 09:00:00"},
        [],
        ("ignored", "first seen when its subscription had ended"),
    ),
    "taken back": (
        None,
        [{"proration": "true", "amount": -500}],
        ("ignored", "billed and taken back"),
    ),
}


def write(landing: Path) -> Path:
    """Write one item of each kind."""
    history = [
        {"id": name, "customer_id": "c", "status": status, "ended_at": ended}
        | {"start_date": BEGUN, "created": BEGUN, "_fivetran_start": BEGUN}
        for name, status, ended in [
            ("s", "active", ""),
            ("old", "canceled", "2025-03-01 09:00:00"),
            ("never", "incomplete_expired", ""),
        ]
    ]
    prices = [MONTHLY | {"id": "p"}, MONTHLY | {"id": "tiers", "unit_amount": ""}]
    prices.append(MONTHLY | {"id": "use", "recurring_usage_type": "metered"})
    prices.append(MONTHLY | {"id": "fee", "type": "one_time"})
    items, lines = [], []
    for name, (held, bills, _fate) in ITEMS.items():
        if held is not None:
            item = {"id": name, "subscription_id": "s", "plan_id": "p", "quantity": 1}
            items.append(item | {"created": BEGUN} | held)
        for number, bill in enumerate(bills):
            line = {"id": f"{name} {number}", "invoice_id": "in", "plan_id": "p"}
            line |= {"subscription_id": "s", "subscription_item_id": name}
            line |= {"quantity": 1, "amount": 1000, "currency": "usd"}
            line |= {"proration": "false", "type": "subscription"}
            line |= {"period_start": BEGUN, "period_end": "2026-12-01 09:00:00"}
            lines.append(line | bill)
    paid = {"customer_id": "c", "subscription_id": "s", "status": "paid"}
    invoices = [
        paid | {"id": "in", "created": BEGUN, "is_deleted": "false"},
        paid | {"id": "later", "created": LATER, "is_deleted": "false"},
        paid | {"id": "deleted", "created": BEGUN, "is_deleted": "true"},
        paid
        | {"id": "void", "created": BEGUN, "is_deleted": "false"}
        | {"status": "void"},
    ]
    for table, rows in [
        ("customer", [{"id": "c", "created": BEGUN}]),
        ("price", prices),
        ("subscription_history", history),
        ("subscription_item", items),
        ("invoice", invoices),
        ("invoice_line_item", lines),
    ]:
        write_rows(landing, table, rows)
    return landing


def build(warehouse: Warehouse, landing: Path) -> Book:
    return warehouse.build_landing(
        landing, "fct_data_quality", "fct_warned_rows", as_of="2025-12-31"
    )


def test_each_item_has_the_fate_that_its_rows_tell(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    book = build(warehouse, write(tmp_path))
    rows = book.table("int_stripe_items_fated")
    fates = {row.item_id: (row.fate, row.rule) for row in rows.itertuples()}
    assert fates == {name: fate for name, (_, _, fate) in ITEMS.items()}
    assert book.broken_laws() == []
    counted = book.query(
        "select entity, sum(row_count)::int as items from fct_data_quality"
        " where stage = 'items' group by entity"
    )
    landed = [name for name, (held, _, _) in ITEMS.items() if held is not None]
    assert dict(counted.itertuples(index=False, name=None)) == {
        "subscription_item": len(landed),
        "invoice_line_item": len(ITEMS) - len(landed),
    }
    warned = book.query(
        "select row_key from fct_warned_rows"
        " where rule = 'subscription of the item was not landed'"
    )
    assert set(warned["row_key"]) == {
        "nowhere|no subscription",
        "nowhere|no subscription, billed",
        "blank, of no invoice",
    }


FILTERS = [
    ("int_stripe_lines_filtered", "left join prices", "inner join prices"),
    (
        "int_stripe_item_versions_priced",
        "left join prices\n",
        "inner join prices\n",
    ),
    (
        "int_stripe_subscription_items_rebuilt",
        "left join products",
        "inner join products",
    ),
    (
        "int_stripe_item_versions_priced",
        "left join discounts",
        "inner join discounts",
    ),
    ("int_stripe_item_versions_joined", "('ended', 'incomplete')", "('active')"),
]


@pytest.fixture
def changed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Change one model as somebody might who takes a join for granted."""
    model, before, after = request.param
    creating = CompiledProject.creating

    def wrong(self: CompiledProject, node: Row, landed: Path) -> str:
        code = creating(self, node, landed)
        if node["name"] != model:
            return code
        assert before in code
        return code.replace(before, after)

    with patch.object(CompiledProject, "creating", wrong):
        yield


@pytest.mark.parametrize("changed", FILTERS, indirect=True)
@pytest.mark.usefixtures("changed")
def test_a_join_that_became_a_filter_turns_the_law_red(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    assert LAW in build(warehouse, write(tmp_path)).broken_laws()
