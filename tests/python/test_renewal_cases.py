"""Renewals worked by hand, one contract at a time."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Warehouse

ENDS_ON = "2024-12-31"
NEXT_ENDS_ON = "2025-12-31"
AS_OF = "2025-06-30"
Row = dict[str, Any]


def year(item_id: str = "i1", valid_to: str | None = "2025-01-01", **more: Any) -> Row:
    """Return the line of the year 2024, 100 a month, due at its last day."""
    row = item(item_id, "a", "2024-01-01", valid_to)
    return row | {"subscription_id": "s", "product": "core"} | more | contract(more)


def contract(more: Row) -> Row:
    """Return the contract end told, the year's last day unless another is."""
    return {"contract_end_on": more.get("contract_end_on", ENDS_ON)}


def after(valid_from: str = "2025-01-01", item_id: str = "i2", **more: Any) -> Row:
    """Return a line of the next contract, 100 a month and open unless told."""
    row = item(item_id, "a", valid_from) | {"subscription_id": "s", "product": "core"}
    return row | {"contract_end_on": NEXT_ENDS_ON} | more


def renewals(
    warehouse: Warehouse, *items: Row, as_of: str = AS_OF, **tables: list[Row]
) -> pd.DataFrame:
    """Build the book; every law must hold on it."""
    book = warehouse.build(
        {"subscription_items": list(items)} | tables, "fct_renewals", as_of=as_of
    )
    assert book.broken_laws() == []
    return book.table("fct_renewals").sort_values("contract_end_on", ignore_index=True)


def due(rows: pd.DataFrame, ends_on: str = ENDS_ON) -> dict[str, Any]:
    """Return the row of a contract end, days as ISO text."""
    found = rows[rows["contract_end_on"].astype(str) == ends_on]
    assert len(found) == 1
    row = found.iloc[0].to_dict()
    return {
        name: str(value) if name.endswith("_on") and value is not None else value
        for name, value in row.items()
    }


def parts(row: dict[str, Any]) -> tuple[int | Decimal, ...]:
    """Return available, won, late and lost."""
    return tuple(row[f"{name}_mrr"] for name in ("available", "won", "late", "lost"))


def test_a_contract_renewed_at_its_end_is_won(warehouse: Warehouse) -> None:
    rows = renewals(warehouse, year(), after())
    row = due(rows)
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)
    assert (row["measured_on"], row["settled_on"]) == (ENDS_ON, "2025-01-01")
    assert row["renewed_on"] == "2025-01-01"
    assert due(rows, NEXT_ENDS_ON)["outcome"] == "open"
    assert due(rows, NEXT_ENDS_ON)["open_mrr"] == 100


def test_an_end_dated_by_the_start_of_the_next_term_settles_on_that_day(
    warehouse: Warehouse,
) -> None:
    old = year(contract_end_on="2025-01-01")
    row = due(renewals(warehouse, old, after()), "2025-01-01")
    assert (row["outcome"], row["settled_on"]) == ("won", "2025-01-01")


def test_what_ends_with_its_contract_is_lost_by_either_way_to_date_an_end(
    warehouse: Warehouse,
) -> None:
    inclusive = due(renewals(warehouse, year()))
    old = year(contract_end_on="2025-01-01")
    exclusive = due(renewals(warehouse, old), "2025-01-01")
    for row in (inclusive, exclusive):
        assert (row["outcome"], *parts(row)) == ("lost", 100, 0, 0, 100)
        assert (row["settled_on"], row["renewed_on"]) == ("2025-01-01", None)


@pytest.mark.parametrize(
    ("back_on", "outcome", "expected"),
    [
        ("2025-02-14", "late", (100, 0, 100, 0)),  # 44 days after 1 January
        ("2025-02-15", "late", (100, 0, 100, 0)),  # 45
        ("2025-02-16", "lost", (100, 0, 0, 100)),  # 46
    ],
)
def test_a_gap_of_up_to_45_days_is_a_late_renewal(
    warehouse: Warehouse, back_on: str, outcome: str, expected: tuple[int, ...]
) -> None:
    row = due(renewals(warehouse, year(), after(back_on)))
    assert (row["outcome"], *parts(row)) == (outcome, *expected)
    assert row["renewed_on"] == (back_on if outcome == "late" else None)
    assert not row["is_provisional"]


@pytest.mark.parametrize(
    ("as_of", "is_provisional"), [("2025-02-14", True), ("2025-02-15", False)]
)
def test_a_loss_is_provisional_until_its_grace_is_over(
    warehouse: Warehouse, as_of: str, is_provisional: bool
) -> None:
    row = due(renewals(warehouse, year(), after("2025-02-20"), as_of=as_of))
    assert (row["outcome"], row["lost_mrr"]) == ("lost", 100)
    assert row["is_provisional"] == is_provisional


def test_what_comes_back_is_at_most_what_was_due(warehouse: Warehouse) -> None:
    row = due(renewals(warehouse, year(), after("2025-01-20", unit_amount=250)))
    assert (row["outcome"], *parts(row)) == ("late", 100, 0, 100, 0)
    row = due(renewals(warehouse, year(), after("2025-01-20", unit_amount=40)))
    assert (row["outcome"], *parts(row)) == ("partly_won", 100, 0, 40, 60)


def test_another_product_is_a_late_renewal_only_for_who_paid_nothing(
    warehouse: Warehouse,
) -> None:
    other = after("2025-01-20", product="new core")
    row = due(renewals(warehouse, year(), other))
    assert (row["outcome"], row["late_mrr"]) == ("late", 100)
    beside = item("i3", "a", "2024-01-01") | {"product": "extra"}
    row = due(renewals(warehouse, year(), other, beside))
    assert (row["outcome"], row["late_mrr"]) == ("lost", 0)


def test_a_renewal_for_less_is_partly_won_and_one_for_more_has_an_uplift(
    warehouse: Warehouse,
) -> None:
    row = due(renewals(warehouse, year(), after(unit_amount=70)))
    assert (row["outcome"], *parts(row)) == ("partly_won", 100, 70, 0, 30)
    row = due(renewals(warehouse, year(), after(unit_amount=130)))
    assert (row["outcome"], *parts(row), row["uplift_mrr"]) == (
        *("won", 100, 100, 0, 0),
        30,
    )


@pytest.mark.parametrize(
    "change",
    [{"product": "core 2"}, {"subscription_id": "new billing"}, {"plan": "pro"}],
    ids=["product", "billing system", "plan"],
)
def test_a_swap_on_the_day_of_renewal_loses_nothing(
    warehouse: Warehouse, change: Row
) -> None:
    row = due(renewals(warehouse, year(), after(**change)))
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)


def test_a_line_without_the_contract_that_ends_on_the_day_is_no_renewal_lost(
    warehouse: Warehouse,
) -> None:
    beside = item("i3", "a", "2024-03-01", "2025-01-01", 50) | {"product": "extra"}
    row = due(renewals(warehouse, year(), after(), beside))
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)


def test_a_line_without_the_contract_that_goes_on_wins_nothing(
    warehouse: Warehouse,
) -> None:
    beside = item("i3", "a", "2024-03-01", None, 500) | {"product": "extra"}
    row = due(renewals(warehouse, year(), beside))
    assert (row["outcome"], *parts(row)) == ("lost", 100, 0, 0, 100)


def test_a_new_contract_before_the_end_is_an_early_renewal(
    warehouse: Warehouse,
) -> None:
    rows = renewals(warehouse, year(valid_to="2024-11-01"), after("2024-11-01"))
    row = due(rows)
    assert (row["outcome"], row["settled_on"]) == ("won", "2024-11-01")
    # The next term counts from the end of the old one: no 14 months.
    assert due(rows, NEXT_ENDS_ON)["term_starts_on"] == ENDS_ON
    assert due(rows, NEXT_ENDS_ON)["term_days"] == 365


def test_service_that_ends_before_the_contract_is_an_early_cancellation(
    warehouse: Warehouse,
) -> None:
    row = due(renewals(warehouse, year(valid_to="2024-09-16"), after()))
    assert (row["outcome"], *parts(row)) == ("lost", 100, 0, 0, 100)
    assert (row["measured_on"], row["settled_on"]) == ("2024-09-15", "2024-09-16")


def test_service_that_simply_goes_on_has_renewed_once(warehouse: Warehouse) -> None:
    rows = renewals(warehouse, year(valid_to=None))
    row = due(rows)
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)
    assert len(rows) == 1
    # A later change of the same line, which still carries the old end, is no renewal.
    later = after("2025-04-01", unit_amount=60) | {"contract_end_on": ENDS_ON}
    rows = renewals(warehouse, year(valid_to="2025-04-01"), later)
    assert (due(rows)["outcome"], len(rows)) == ("won", 1)


def test_a_contract_of_several_years_is_due_once_at_its_end(
    warehouse: Warehouse,
) -> None:
    long = year(contract_end_on="2026-12-31", valid_to=None)
    rows = renewals(warehouse, long, as_of="2025-06-30")
    row = due(rows, "2026-12-31")
    assert len(rows) == 1
    assert (row["outcome"], row["open_mrr"], row["is_multi_year"]) == (
        *("open", 100),
        True,
    )
    assert not due(renewals(warehouse, year()))["is_multi_year"]


def test_notice_moves_the_decision_and_does_not_decide(warehouse: Warehouse) -> None:
    terms = {"notice_period_days": 90, "notice_on": "2024-09-20"}
    row = due(renewals(warehouse, year(**terms)))
    assert (row["renewal_decision_on"], row["notice_on"]) == (
        *("2024-10-02", "2024-09-20"),
    )
    assert row["outcome"] == "lost"
    # Notice was given, yet the customer stayed.
    assert due(renewals(warehouse, year(**terms), after()))["outcome"] == "won"


def test_an_end_that_only_a_notice_tells_was_never_due(warehouse: Warehouse) -> None:
    month = item("i1", "a", "2024-01-01", "2024-12-10")
    leaving = item("i1", "a", "2024-12-10", "2025-01-01") | {
        "notice_on": "2024-12-10",
        "contract_end_on": "2025-01-01",
    }
    assert renewals(warehouse, month, leaving).empty


def test_two_contracts_of_an_account_are_judged_apart(warehouse: Warehouse) -> None:
    second = year("i3", "2024-07-01", product="extra", unit_amount=40)
    second |= {"subscription_id": "s2", "contract_end_on": "2024-06-30"}
    rows = renewals(warehouse, year(), after(), second)
    assert (due(rows, "2024-06-30")["outcome"], *parts(due(rows, "2024-06-30"))) == (
        *("lost", 40, 0, 0, 40),
    )
    assert due(rows)["outcome"] == "won"


def test_two_contracts_that_settle_on_one_day_share_what_is_left(
    warehouse: Warehouse,
) -> None:
    """The account leaves the second contract early, on the day the first renews."""
    second = year("i3", "2025-01-01", product="extra", unit_amount=40)
    second |= {"subscription_id": "s2", "contract_end_on": "2025-03-31"}
    rows = renewals(warehouse, year(), after(), second)
    assert parts(due(rows)) == (100, 100, 0, 0)
    assert parts(due(rows, "2025-03-31")) == (40, 0, 0, 40)


def test_an_exchange_rate_that_moves_on_the_day_wins_and_loses_nothing(
    warehouse: Warehouse,
) -> None:
    rates = [
        {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
        for day, rate in (("2020-01-01", "1.1"), ("2025-01-01", "0.9"))
    ]
    euros = {"currency": "EUR"}
    rows = renewals(warehouse, year(**euros), after(**euros), exchange_rates=rates)
    assert parts(due(rows)) == (110, 110, 0, 0)


def test_seats_that_leave_before_the_end_are_not_available_to_renew(
    warehouse: Warehouse,
) -> None:
    first = year(valid_to="2024-06-01", quantity=3)
    then = year("i1", quantity=2) | {"valid_from": "2024-06-01"}
    rows = renewals(warehouse, first, then, after(quantity=2))
    assert parts(due(rows)) == (200, 200, 0, 0)


def test_a_contract_due_today_is_open_until_the_day_is_complete(
    warehouse: Warehouse,
) -> None:
    row = due(renewals(warehouse, year(), after(), as_of="2025-01-01T12:00:00"))
    assert (row["outcome"], row["settled_on"], row["open_mrr"]) == ("open", None, 100)
    row = due(renewals(warehouse, year(), after(), as_of="2025-01-01"))
    assert (row["outcome"], row["settled_on"]) == ("won", "2025-01-01")
