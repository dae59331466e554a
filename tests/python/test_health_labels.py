"""What followed a month end, against a walk through every day of random books."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pandas as pd

from tests.python.conftest import Warehouse
from tests.python.random_books import AS_OF
from tests.python.random_contracts import random_contracts

LEAD, HORIZON, GRACE = 30, 90, 45
FAR = date(9999, 12, 31)
Tables = dict[str, list[dict[str, Any]]]
LABELS = ("int_customer_outcomes_labelled", "int_customer_members_listed")


def books_that_lose(seed: int) -> Tables:
    """Return random contracts of which some parents hold one line only, and lose it."""
    tables = random_contracts(seed, accounts=24)
    alone = {f"a{number}" for number in range(8, 23)}
    accounts = [
        row | {"parent_account_id": None} if row["account_id"] in alone else row
        for row in tables["accounts"]
    ]
    items = [
        row
        for row in tables["subscription_items"]
        if row["account_id"] not in alone or "-0-" in row["item_id"]
    ]
    return tables | {"accounts": accounts, "subscription_items": items}


def state_on(items: list[tuple[date, date, date]], day: date) -> tuple[bool, bool]:
    """Tell whether anything is paid for on a day, and whether notice covers it all."""
    notices = [notice for start, end, notice in items if start <= day < end]
    return bool(notices), bool(notices) and all(notice <= day for notice in notices)


def first_event(
    items: list[tuple[date, date, date]], month_end: date
) -> tuple[date, str] | None:
    """Walk from the month end to the end of its window, a day at a time."""
    was_paying, was_on_notice = state_on(items, month_end)
    for number in range(1, LEAD + HORIZON + 1):
        day = month_end + timedelta(days=number)
        is_paying, is_on_notice = state_on(items, day)
        if is_on_notice and not was_on_notice:
            return day, "notice"
        if was_paying and not is_paying:
            later = (day + timedelta(days=gap) for gap in range(1, GRACE + 1))
            if not any(state_on(items, back)[0] for back in later):
                return day, "churn"
        was_paying, was_on_notice = is_paying, is_on_notice
    return None


def versions_of(items: pd.DataFrame) -> list[tuple[date, date, date]]:
    """Return from, to and notice of each version that pays."""
    return [
        (row.valid_from, row.valid_to or FAR, row.notice_on or FAR)
        for row in items.astype(object).where(items.notna(), None).itertuples()
        if row.mrr > 0
    ]


def test_what_followed_is_what_a_walk_through_the_days_finds(
    warehouse: Warehouse,
) -> None:
    told = Counter()
    for seed in range(5):
        book = warehouse.build(books_that_lose(seed), *LABELS, as_of=str(AS_OF))
        labelled = book.table("int_customer_outcomes_labelled")
        items = book.table("int_subscription_items_priced")
        members = book.table("int_customer_members_listed")
        last = AS_OF - timedelta(LEAD + HORIZON + GRACE)
        assert labelled["observed_on"].max() <= last
        for row in labelled.itertuples():
            accounts = members.loc[
                (members["ultimate_parent_id"] == row.ultimate_parent_id)
                & (members["observed_on"] == row.observed_on),
                "account_id",
            ]
            paid_for = versions_of(items[items["account_id"].isin(accounts)])
            found = first_event(paid_for, row.observed_on)
            key = (seed, row.ultimate_parent_id, row.observed_on)
            event_on, event = found or (None, None)
            days = (event_on - row.observed_on).days if event_on else 0
            told[event, days > LEAD] += 1
            event_told = None if pd.isna(row.first_event_on) else row.first_event_on
            assert (event_told, row.first_event) == (event_on, event), key
            assert row.is_followed_by_loss == (days > LEAD), key
            assert row.is_early_leaver == (0 < days <= LEAD), key
    kinds = {(event, late) for event in ("notice", "churn") for late in (True, False)}
    assert kinds <= told.keys() and min(told.values()) > 3, told


def test_every_paying_customer_without_notice_is_observed(warehouse: Warehouse) -> None:
    tables = books_that_lose(3)
    book = warehouse.build(tables, *LABELS, "fct_account_mrr_months", as_of=str(AS_OF))
    noticed = set(
        book.query(
            "select account_id from int_subscription_items_priced"
            " where notice_on is not null"
        )["account_id"]
    )
    last = AS_OF - timedelta(LEAD + HORIZON + GRACE)
    months = book.query(
        "select months.account_id, last_day(months.mrr_month) as observed_on,"
        " segments.ultimate_parent_id from fct_account_mrr_months as months"
        " inner join int_account_segments_assigned as segments"
        " on months.account_id = segments.account_id"
        " and last_day(months.mrr_month) >= segments.valid_from"
        " and last_day(months.mrr_month) < coalesce(segments.valid_to, '9999-12-31')"
        f" where closing_mrr > 0 and last_day(months.mrr_month) <= '{last}'"
    )
    labelled = book.table("int_customer_outcomes_labelled")
    observed = set(
        labelled[["ultimate_parent_id", "observed_on"]].itertuples(index=False)
    )
    paying = set(months[["ultimate_parent_id", "observed_on"]].itertuples(index=False))
    free_of_notice = set(
        months.loc[
            ~months["account_id"].isin(noticed), ["ultimate_parent_id", "observed_on"]
        ].itertuples(index=False)
    )
    assert {tuple(key) for key in observed} <= {tuple(key) for key in paying}
    assert {tuple(key) for key in free_of_notice} <= {tuple(key) for key in observed}
    assert len(free_of_notice) > 10
