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
    assert row["is_early"]
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


EARLY_ON = "2024-12-20"  # 12 days before the first day that is not covered


def early(valid_from: str = EARLY_ON, **more: Any) -> Row:
    """Return a successor on a subscription of its own, which runs past the end."""
    return after(valid_from, **({"subscription_id": "s2"} | more))


@pytest.mark.parametrize(
    "change",
    [{}, {"subscription_id": "s"}, {"plan": "pro"}, {"contract_end_on": None}],
    ids=["new subscription", "same subscription", "plan", "no contract end"],
)
def test_a_successor_that_begins_12_days_before_the_end_is_won_early(
    warehouse: Warehouse, change: Row
) -> None:
    rows = renewals(warehouse, year(), early(**change))
    row = due(rows)
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)
    assert (row["settled_on"], row["renewed_on"]) == ("2025-01-01", EARLY_ON)
    assert (row["is_early"], row["uplift_mrr"]) == (True, 0)
    if "contract_end_on" not in change:
        # Its term begins with itself, and is no longer than a year for the overlap.
        row = due(rows, NEXT_ENDS_ON)
        assert (row["term_starts_on"], row["term_days"]) == (EARLY_ON, 376)
        assert (row["outcome"], row["is_multi_year"]) == ("open", False)


def test_a_successor_of_two_years_is_a_contract_of_several_years(
    warehouse: Warehouse,
) -> None:
    rows = renewals(warehouse, year(), early(contract_end_on="2026-12-31"))
    assert due(rows, "2026-12-31")["is_multi_year"]


def test_an_early_successor_for_more_has_an_uplift_and_one_for_less_is_partly_won(
    warehouse: Warehouse,
) -> None:
    row = due(renewals(warehouse, year(), early(unit_amount=130)))
    assert (row["outcome"], *parts(row), row["uplift_mrr"]) == (
        *("won", 100, 100, 0, 0),
        30,
    )
    row = due(renewals(warehouse, year(), early(unit_amount=70)))
    assert (row["outcome"], *parts(row), row["is_early"]) == (
        *("partly_won", 100, 70, 0, 30),
        True,
    )


def test_an_early_successor_of_another_product_needs_a_contract_of_its_own(
    warehouse: Warehouse,
) -> None:
    row = due(renewals(warehouse, year(), early(product="core 2")))
    assert (row["outcome"], row["renewed_on"]) == ("won", EARLY_ON)
    beside = early(product="add-on", contract_end_on=None)
    row = due(renewals(warehouse, year(), beside))
    assert (row["outcome"], *parts(row)) == ("lost", 100, 0, 0, 100)


@pytest.mark.parametrize(
    ("valid_from", "outcome", "is_early"),
    [
        ("2024-10-02", "lost", False),  # 91 days
        ("2024-10-03", "won", True),  # 90
        ("2024-12-31", "won", True),  # the last day that is covered
        ("2025-01-01", "won", False),
        ("2025-01-02", "late", False),
        ("2025-02-15", "late", False),
        ("2025-02-16", "lost", False),
    ],
)
def test_a_successor_is_early_at_its_end_late_or_none(
    warehouse: Warehouse, valid_from: str, outcome: str, is_early: bool
) -> None:
    row = due(renewals(warehouse, year(), early(valid_from)))
    assert (row["outcome"], row["is_early"]) == (outcome, is_early)
    assert row["renewed_on"] == (None if outcome == "lost" else valid_from)


def test_an_end_dated_by_the_next_start_has_its_early_successors_too(
    warehouse: Warehouse,
) -> None:
    old = year(contract_end_on="2025-01-01")
    row = due(renewals(warehouse, old, early()), "2025-01-01")
    assert (row["outcome"], row["renewed_on"]) == ("won", EARLY_ON)
    row = due(renewals(warehouse, old, early("2025-01-01")), "2025-01-01")
    assert (row["outcome"], row["is_early"]) == ("won", False)


def test_what_is_sold_beside_a_contract_that_renews_in_place_renews_nothing(
    warehouse: Warehouse,
) -> None:
    beside = early(item_id="i4", contract_end_on="2025-12-19")
    rows = renewals(warehouse, year(), after(), beside)
    row = due(rows)
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)
    assert (row["renewed_on"], row["is_early"]) == ("2025-01-01", False)
    assert row["uplift_mrr"] == 0


def test_one_successor_renews_two_contracts_each_with_money_of_its_own(
    warehouse: Warehouse,
) -> None:
    other = year("i3", "2025-01-16", contract_end_on="2025-01-15")
    other |= {"subscription_id": "s3"}
    rows = renewals(warehouse, year(), other, early(unit_amount=250))
    assert due(rows)["outcome"] == due(rows, "2025-01-15")["outcome"] == "won"
    assert list(rows["uplift_mrr"]) == [0, 50, 0]
    # The nearest end comes first.
    rows = renewals(warehouse, year(), other, early(unit_amount=130))
    assert parts(due(rows)) == (100, 100, 0, 0)
    assert parts(due(rows, "2025-01-15")) == (100, 30, 0, 70)
    # A second one renews the second, be it on the same day.
    rows = renewals(
        warehouse, year(), other, early(), early(item_id="i4", subscription_id="s4")
    )
    assert due(rows)["outcome"] == due(rows, "2025-01-15")["outcome"] == "won"


def test_a_successor_renews_a_contract_and_its_add_on(warehouse: Warehouse) -> None:
    add_on = year("i3", "2025-01-16", contract_end_on="2025-01-15", product="add-on")
    add_on |= {"subscription_id": "s3", "unit_amount": 20}
    rows = renewals(warehouse, year(), add_on, early(unit_amount=120))
    assert list(rows["outcome"]) == ["won", "won", "open"]
    assert list(rows["uplift_mrr"]) == [0, 0, 0]


def test_a_cent_less_leaves_the_next_renewal_its_own(warehouse: Warehouse) -> None:
    terms = [
        after(start, name, valid_to=stop, contract_end_on=end, unit_amount=price)
        | {"subscription_id": name}
        for name, start, stop, end, price in (
            ("a", "2024-01-01", "2024-02-01", "2024-01-31", "100"),
            ("b", "2024-01-20", "2024-03-01", "2024-02-29", "99.99"),
            ("c", "2024-02-20", "2024-04-01", "2024-03-31", "100"),
            ("d", "2024-03-20", None, "2024-04-30", "100"),
        )
    ]
    rows = renewals(warehouse, *terms)
    assert list(rows["outcome"]) == ["partly_won", "won", "won", "won"]
    assert list(rows["late_mrr"]) == [0, 0, 0, 0]


def test_what_a_successor_pays_on_the_day_counts_however_it_grew(
    warehouse: Warehouse,
) -> None:
    days = ["2024-12-10", "2024-12-14", "2024-12-18", "2024-12-22", None]
    steps = [
        early(start, valid_to=stop, unit_amount=25, quantity=number)
        for number, (start, stop) in enumerate(zip(days, days[1:], strict=False), 1)
    ]
    row = due(renewals(warehouse, year(), *steps))
    assert (row["outcome"], *parts(row)) == ("won", 100, 100, 0, 0)
    assert row["renewed_on"] == "2024-12-10"


def test_seats_that_move_to_the_successor_step_by_step_are_won(
    warehouse: Warehouse,
) -> None:
    old = {"unit_amount": 10}
    rows = renewals(
        warehouse,
        year(valid_to="2024-12-10", quantity=10, **old),
        year(valid_from="2024-12-10", quantity=5, **old),
        early("2024-12-10", valid_to="2024-12-22", quantity=5, **old),
        early("2024-12-22", quantity=10, **old),
    )
    row = due(rows)
    assert (row["outcome"], *parts(row), row["uplift_mrr"]) == ("won", 50, 50, 0, 0, 0)


@pytest.mark.parametrize(
    ("stops_on", "settled_on", "outcome"),
    [
        ("2025-01-02", "2025-01-02", "lost"),
        ("2025-01-03", "2025-01-03", "lost"),  # 3 days after the end
        ("2025-01-04", "2025-01-01", "won"),
    ],
)
def test_what_stops_within_the_slack_of_its_end_settles_when_it_stops(
    warehouse: Warehouse, stops_on: str, settled_on: str, outcome: str
) -> None:
    row = due(renewals(warehouse, year(valid_to=stops_on, notice_on="2024-10-01")))
    assert (row["outcome"], row["settled_on"]) == (outcome, settled_on)
    if outcome == "lost":
        row = due(renewals(warehouse, year(valid_to=stops_on), early()))
        assert (row["outcome"], row["renewed_on"]) == ("won", EARLY_ON)


def test_another_product_on_the_day_takes_no_early_successors_place(
    warehouse: Warehouse,
) -> None:
    beside = after(item_id="i4", product="extra", contract_end_on=None)
    row = due(renewals(warehouse, year(), early(), beside))
    assert (row["outcome"], row["renewed_on"]) == ("won", EARLY_ON)
    assert (row["is_early"], row["uplift_mrr"]) == (True, 0)
    # Without one, it is the swap that it always was.
    row = due(renewals(warehouse, year(), beside))
    assert (row["outcome"], row["renewed_on"]) == ("won", "2025-01-01")


def test_two_contracts_of_one_day_share_an_early_successor(
    warehouse: Warehouse,
) -> None:
    other = year("i3", "2025-01-01", contract_end_on="2025-01-01", unit_amount=40)
    other |= {"subscription_id": "s3"}
    rows = renewals(warehouse, year(), other, early(unit_amount=120))
    assert parts(due(rows)) == (100, 100, 0, 0)
    assert parts(due(rows, "2025-01-01")) == (40, 20, 0, 20)


def test_a_successor_in_several_lines_renews_as_one(warehouse: Warehouse) -> None:
    halves = [
        early(item_id=name, subscription_id=name, unit_amount=50)
        for name in ("s2", "s3")
    ]
    row = due(renewals(warehouse, year(), *halves))
    assert (row["outcome"], row["renewed_on"]) == ("won", EARLY_ON)


def test_a_product_is_renewed_by_its_own_successor(warehouse: Warehouse) -> None:
    """Both began on one day; the nearer end is not of the first one's product."""
    extra = year("i3", "2025-01-16", contract_end_on="2025-01-15", product="extra")
    extra |= {"subscription_id": "s3", "unit_amount": 40}
    next_extra = early(item_id="i4", product="extra", subscription_id="s4")
    next_extra |= {"unit_amount": 40}
    rows = renewals(warehouse, year(), extra, early(unit_amount=90), next_extra)
    assert parts(due(rows)) == (100, 90, 0, 10)
    assert parts(due(rows, "2025-01-15")) == (40, 40, 0, 0)


def test_what_took_the_place_of_another_line_is_no_successor(
    warehouse: Warehouse,
) -> None:
    """A second contract renews by migration, while the first one runs out."""
    second = year("i3", EARLY_ON, contract_end_on="2024-12-19")
    second |= {"subscription_id": "s3"}
    rows = renewals(warehouse, year(), second, early())
    assert due(rows, "2024-12-19")["outcome"] == "won"
    assert due(rows)["outcome"] == "lost"


def test_a_chain_of_early_renewals_renews_each_term_once(warehouse: Warehouse) -> None:
    terms = [
        after(start, name, valid_to=stop, contract_end_on=end, subscription_id=name)
        for name, start, stop, end in (
            ("a", "2024-01-01", "2024-02-01", "2024-01-31"),
            ("b", "2024-01-20", "2024-03-01", "2024-02-29"),
            ("c", "2024-02-20", "2024-04-01", "2024-03-31"),
        )
    ]
    rows = renewals(warehouse, *terms)
    assert list(rows["outcome"]) == ["won", "won", "lost"]
    assert list(rows["is_early"]) == [True, True, False]


def test_early_successors_in_another_currency_are_worth_what_they_were_at_the_end(
    warehouse: Warehouse,
) -> None:
    rates = [
        {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
        for day, rate in (("2020-01-01", "1.5"), ("2024-12-25", "1.2"))
    ]
    same = {"currency": "EUR"}
    row = due(renewals(warehouse, year(**same), early(**same), exchange_rates=rates))
    assert (row["outcome"], *parts(row)) == ("won", 120, 120, 0, 0)
    row = due(renewals(warehouse, year(), early(**same), exchange_rates=rates))
    assert (*parts(row), row["uplift_mrr"]) == (100, 100, 0, 0, 20)


def test_a_contract_that_still_runs_beside_its_successor_is_open(
    warehouse: Warehouse,
) -> None:
    rows = renewals(warehouse, year(), early(), as_of="2024-12-28")
    row = due(rows)
    assert (row["outcome"], *parts(row)) == ("open", 100, 0, 0, 0)
    assert (row["open_mrr"], row["renewed_on"]) == (100, None)
    assert not row["is_early"]
    assert not due(rows, NEXT_ENDS_ON)["is_multi_year"]


def test_a_leap_year_dated_by_the_next_start_and_renewed_early_is_a_year(
    warehouse: Warehouse,
) -> None:
    old = year(contract_end_on="2024-01-01", valid_to="2024-01-01")
    old |= {"valid_from": "2023-01-01"}
    rows = renewals(warehouse, old, early("2023-12-20", contract_end_on="2025-01-01"))
    assert due(rows, "2024-01-01")["is_early"]
    assert not due(rows, "2025-01-01")["is_multi_year"]
