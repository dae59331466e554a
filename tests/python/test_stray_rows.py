"""One stray early event moves no beginning: neither a wait's nor a baseline's."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse

AS_OF = "2024-12-31"
BEGUN = date(2024, 3, 1)
HEALTH = "int_product_measures_derived"
STRAYS = ["1970-01-01", "1989-12-31", "1999-06-30", "2023-02-10", "2024-01-31"]


def event(number: object, on: object, name: str, account: str = "a") -> dict[str, Any]:
    return {
        "event_id": f"e{number}",
        "account_id": account,
        "user_id": "u",
        "event_name": name,
        "occurred_at": on,
    }


def events(account: str, begun: date, name: str = "report_created") -> list[Any]:
    """Use the product every third day from a day on."""
    days = (begun + timedelta(days=3 * n) for n in range(90))
    return [
        event(f"{account}{n}{name}", day, name, account)
        for n, day in enumerate(days)
        if day <= date.fromisoformat(AS_OF)
    ]


def build(
    warehouse: Warehouse, happened: list[Any], *models: str, as_of: str = AS_OF
) -> Book:
    accounts = [{"account_id": a, "desired_outcome": "reporting"} for a in "abc"]
    items = [
        item("a", "a", BEGUN, quantity=5, unit_amount=10),
        item("b", "b", "2023-06-01", quantity=5, unit_amount=10),
        item("c", "c", "2024-04-01", quantity=5, unit_amount=10),
    ]
    tables = {"accounts": accounts, "subscription_items": items, "events": happened}
    return warehouse.build(tables, *models, as_of=as_of)


def usual() -> list[Any]:
    return events("a", BEGUN) + events("b", BEGUN + timedelta(days=20))


@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("name", ["report_created", "logged_in", "new_name"])
def test_a_stray_early_event_moves_no_wait_and_no_baseline(
    warehouse: Warehouse, stray: str, name: str
) -> None:
    tables = []
    for happened in (usual(), [*usual(), event("stray", stray, name, "b")]):
        book = build(warehouse, happened, "fct_time_to_value", HEALTH)
        tables.append(
            (
                book.query(
                    "select account_id, is_start_observed from fct_time_to_value"
                    " order by account_id"
                ),
                book.query(
                    f"select account_id, health_on, usage_trend from {HEALTH}"
                    f" where health_on >= date '{BEGUN}' + 20 order by all"
                ),
            )
        )
    (waits, trends), (stray_waits, stray_trends) = tables
    assert list(waits["is_start_observed"]) == [True, False, True]
    pd.testing.assert_frame_equal(waits, stray_waits)
    assert trends["usage_trend"].notna().any()
    pd.testing.assert_series_equal(
        trends["usage_trend"].isna(), stray_trends["usage_trend"].isna()
    )


@pytest.mark.parametrize(
    "strays",
    [
        ["1999-06-30", "1999-07-01"],
        ["1990-01-01", "1990-01-20", "2000-02-02"],
        ["1991-05-05", "2022-11-30", "2022-12-01"],
        ["2023-05-01", "2023-05-02"],
    ],
)
@pytest.mark.parametrize("name", ["report_created", "logged_in"])
def test_strays_close_together_observe_no_start(
    warehouse: Warehouse, strays: list[str], name: str
) -> None:
    more = [event(f"s{day}", day, name, "b") for day in strays]
    book = build(warehouse, [*usual(), *more], "fct_time_to_value")
    waits = book.table("fct_time_to_value").sort_values("account_id")
    assert list(waits["is_start_observed"]) == [True, False, True]


def test_a_feed_that_fell_silent_for_long_began_when_it_began(
    warehouse: Warehouse,
) -> None:
    days = [date(2023, 5, 1) + timedelta(days=n) for n in range(40)]
    early = [event(f"s{day}", day, "report_created", "b") for day in days]
    book = build(warehouse, [*usual(), *early], "fct_time_to_value")
    assert book.table("fct_time_to_value")["is_start_observed"].all()


@pytest.mark.parametrize("stray", ["1970-01-01", "1989-12-31 23:59:59"])
@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("events", {"event_id": "e", "event_name": "e", "occurred_at": None}),
        ("tickets", {"ticket_id": "t", "opened_at": None}),
        (
            "survey_responses",
            {"response_id": "r", "kind": "nps", "score": 9, "responded_at": None},
        ),
        ("payments", {"payment_id": "p", "status": "failed", "attempted_at": None}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_happened_before_the_calendar_is_kept_out_by_name(
    warehouse: Warehouse, table: str, row: dict[str, Any], stray: str
) -> None:
    rows = [row | {"account_id": "a"}]
    rows = [{k: stray if v is None else v for k, v in r.items()} for r in rows]
    tables = {"subscription_items": [item("i", "a", "2024-01-01")], table: rows}
    book = warehouse.build(tables, "fct_quarantined_rows", as_of=AS_OF)
    assert list(book.table("fct_quarantined_rows")["rule"]) == [
        "happened before the calendar begins"
    ]


def test_a_name_that_came_late_was_not_tracked_before(warehouse: Warehouse) -> None:
    late = events("b", date(2024, 9, 1))
    happened = [*events("a", BEGUN, "logged_in"), *late]
    strays = [event("stray", BEGUN, "report_created")]
    for told in (happened, happened + strays):
        waits = build(warehouse, told, "fct_time_to_value").table("fct_time_to_value")
        assert not waits["is_start_observed"].any()


@pytest.mark.parametrize("as_of", ["2024-03-22", "2024-04-26", "2024-05-20"])
def test_what_comes_later_moves_no_earlier_measure(
    warehouse: Warehouse, as_of: str
) -> None:
    query = f"from {HEALTH} where health_on <= date '{as_of}' order by all"
    stray = event("stray", "2024-02-10", "report_created", "b")
    then, later = (
        build(warehouse, [*usual(), stray], HEALTH, as_of=day).query(query)
        for day in (as_of, AS_OF)
    )
    assert len(then)
    both = then.merge(later, on=["account_id", "health_on"])
    then = both[["usage_trend_x"]].set_axis(["usage_trend"], axis=1)
    later = both[["usage_trend_y"]].set_axis(["usage_trend"], axis=1)
    assert len(both)
    pd.testing.assert_frame_equal(then, later)
