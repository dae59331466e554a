"""Waits of single events, tickets and answers, against the months of the mart."""

from datetime import datetime, timedelta
from random import Random

import numpy as np
import pandas as pd
import pytest

from tests.python.books import Tables, item

FIRST = datetime(2024, 1, 1)
AS_OF = datetime(2024, 5, 20, 15, 30)
WINDOWS = {"events": 28, "tickets": 90, "survey_responses": 180}
KEY = ["entity", "received_month", "is_receipt_recorded"]


def random_tables(seed: int) -> Tables:
    """Return accounts that pay with gaps, and events late, early or without receipt."""
    random = Random(seed)

    def some_time(until: float = 1.0) -> datetime:
        seconds = (AS_OF - FIRST).total_seconds() * until
        return FIRST + timedelta(seconds=random.randrange(int(seconds)))

    items, events, tickets, answers = [], [], [], []
    for number in range(8):
        account_id = f"a{number}"
        start = FIRST + timedelta(days=random.randrange(50))
        end = start + timedelta(days=random.choice((20, 40)))
        back = end + timedelta(days=random.choice((10, 45)))
        more = {"contract_end_on": "2024-12-31", "quantity": 5}
        items.append(item(f"i{number}", account_id, start.date(), end.date(), **more))
        if random.random() < 0.8:
            items.append(item(f"i{number}", account_id, back.date(), **more))
        for event in range(120):
            occurred_at = some_time(0.97)
            late = random.choice((-50, 0, 3, 3, 45, 700, 20_000)) * 60
            late += random.randrange(60)
            received_at = occurred_at + timedelta(seconds=late)
            events.append(
                {
                    "event_id": f"{account_id}-{event}",
                    "account_id": account_id,
                    "user_id": f"u{event % 4}",
                    "event_name": "report_created",
                    "occurred_at": occurred_at,
                    "received_at": received_at if random.random() < 0.8 else None,
                }
            )
        for one in range(12):
            tickets.append(
                {
                    "ticket_id": f"{account_id}-{one}",
                    "account_id": account_id,
                    "opened_at": some_time(),
                }
            )
            answers.append(
                {
                    "response_id": f"{account_id}-{one}",
                    "account_id": account_id,
                    "kind": "nps",
                    "score": 8,
                    "responded_at": some_time(),
                }
            )
    return {
        "subscription_items": items,
        "events": events,
        "tickets": tickets,
        "survey_responses": answers,
    }


def happenings(tables: Tables) -> pd.DataFrame:
    """List what happened and could be known by AS_OF."""
    rows = [
        ("events", r["account_id"], r["occurred_at"], r["received_at"])
        for r in tables["events"]
    ]
    rows += [
        ("tickets", r["account_id"], r["opened_at"], None) for r in tables["tickets"]
    ]
    rows += [
        ("survey_responses", r["account_id"], r["responded_at"], None)
        for r in tables["survey_responses"]
    ]
    told = pd.DataFrame(
        rows, columns=["entity", "account_id", "occurred_at", "received"]
    )
    told["is_receipt_recorded"] = told["received"].notna()
    told["known_at"] = (
        told[["occurred_at", "received"]].astype("datetime64[us]").max(axis=1)
    )
    return told[told["known_at"] <= AS_OF]


def waits(told: pd.DataFrame, health_days: pd.DataFrame) -> pd.DataFrame:
    """Add the minutes of each wait, seconds cut off; none where no score came."""
    known = health_days[health_days["health_score"].notna()]
    days = {
        account_id: sorted(pd.to_datetime(rows["health_on"]))
        for account_id, rows in known.groupby("account_id")
    }
    computed = known.set_index(["account_id", "health_on"])[
        "computed_from_received_until"
    ]

    def scored_at(row) -> pd.Timestamp:
        day = row.known_at.normalize()
        last = day + pd.Timedelta(days=WINDOWS[row.entity])
        for scored_on in days.get(row.account_id, ()):
            if day <= scored_on < last:
                return pd.Timestamp(computed[row.account_id, scored_on.date()])
        return pd.NaT

    told = told.assign(
        scored_at=[scored_at(row) for row in told.itertuples()],
        received_month=told["known_at"].dt.to_period("M").dt.start_time.dt.date,
    )
    happened = told["occurred_at"].astype("datetime64[us]").dt.floor("min")
    received = told["known_at"].dt.floor("min")
    scored = pd.to_datetime(told["scored_at"]).dt.floor("min")
    minute = pd.Timedelta(minutes=1)
    return told.assign(
        received=(received - happened) / minute,
        scored=(scored - received) / minute,
        total=(scored - happened) / minute,
    )


@pytest.fixture(scope="module", params=range(3))
def case(request, warehouse):
    tables = random_tables(request.param)
    book = warehouse.build(tables, "fct_health_latency", as_of=str(AS_OF))
    health_days = book.table("fct_account_health_days")
    return waits(happenings(tables), health_days), book


def test_waits_are_those_of_single_happenings(case):
    told, book = case
    found = book.table("fct_health_latency").set_index(KEY)
    groups = dict(list(told.groupby(KEY)))
    assert set(found.index) == set(groups)
    for key, rows in groups.items():
        row = found.loc[key]
        assert row["happening_count"] == len(rows)
        assert row["unscored_count"] == rows["scored"].isna().sum()
        for kind in ("received", "scored", "total"):
            minutes = rows[kind].dropna()
            for name, share in (("median", 0.5), ("p90", 0.9)):
                cell = row[f"{kind}_{name}_hours"]
                if minutes.empty or (kind == "received" and not key[2]):
                    assert pd.isna(cell)
                else:
                    quantile = np.quantile(minutes, share, method="inverted_cdf")
                    assert cell == pytest.approx(quantile / 60, abs=1e-9), (key, kind)


def test_nothing_is_scored_before_it_is_received_nor_received_before_it_happens(case):
    told, book = case
    assert (told["received"] >= 0).all()
    assert (told["scored"].dropna() >= 0).all()
    assert told["scored"].notna().mean() > 0.3
    assert told["scored"].isna().any()
    assert book.broken_laws() == []
