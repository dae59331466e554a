"""Segments day by day from the landed rows, against the intervals of the marts."""

import csv
from collections import Counter
from datetime import date, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.python.books import Tables, item
from tests.python.conftest import PROJECT

FIRST = date(2024, 1, 1)
AS_OF = date(2024, 10, 17)
DAYS = [FIRST + timedelta(days=n) for n in range((AS_OF - FIRST).days + 1)]
AXES = ("tier", "desired_outcome", "engagement_model")
COUNTS = {
    "started": "started_count",
    "returned": "returned_count",
    "moved_in": "moved_in_count",
    "moved_out": "moved_out_count",
    "stopped": "stopped_count",
}


def policy(name: str) -> list[dict[str, str]]:
    """Return the rows of a policy seed."""
    path = PROJECT / "seeds" / "policy" / f"{name}.csv"
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


TIERS = sorted(policy("tiers"), key=lambda row: int(row["tier_rank"]))
MODELS = {
    (row["tier"], row["desired_outcome"]): row["engagement_model"]
    for row in policy("engagement_models")
}


def random_tables(seed: int) -> Tables:
    """Return accounts that pay on and off while what they are changes."""
    random = Random(seed)
    items, accounts, history = [], [], []
    for number in range(20):
        account_id = f"a{number}"
        accounts.append({"account_id": account_id})
        for version in range(random.randint(1, 4)):
            history.append(
                {
                    "account_id": account_id,
                    "valid_from": random.choice(DAYS[version * 70 : version * 70 + 70]),
                    "desired_outcome": random.choice(
                        (None, "reporting", "integration")
                    ),
                    "strategic": random.random() < 0.15,
                }
            )
        for line in range(random.randint(1, 3)):
            day = random.choice(DAYS[:200])
            for _ in range(random.randint(1, 3)):
                end = day + timedelta(days=random.choice((7, 30, 90, 150)))
                amount = random.choice((0, 90, 450, 900, 1200, 4000, 6000))
                items.append(item(f"{account_id}-{line}", account_id, day, end, amount))
                day = end + timedelta(days=random.choice((0, 0, 0, 5, 60)))
    return {
        "subscription_items": items,
        "accounts": accounts,
        "account_history": history,
    }


def states(tables: Tables, account_id: str) -> list[dict[str, Any] | None]:
    """Tell of each day what the account is at its end; None where it pays nothing."""
    items = [r for r in tables["subscription_items"] if r["account_id"] == account_id]
    versions = sorted(
        (r for r in tables["account_history"] if r["account_id"] == account_id),
        key=lambda row: row["valid_from"],
    )
    found: list[dict[str, Any] | None] = []
    for day in DAYS:
        mrr = sum(
            r["unit_amount"] for r in items if r["valid_from"] <= day < r["valid_to"]
        )
        begun = [r for r in versions if r["valid_from"] <= day]
        version = begun[-1] if begun else versions[0]
        floor = "min_mrr_if_strategic" if version["strategic"] else "min_mrr"
        tier = next(r["tier"] for r in TIERS if mrr >= float(r[floor]))
        outcome = version["desired_outcome"] or "unknown"
        model = MODELS.get((tier, outcome), MODELS[tier, "any"])
        found.append(
            {
                "tier": tier,
                "desired_outcome": outcome,
                "engagement_model": model,
                "mrr": mrr,
            }
            if mrr
            else None
        )
    return found


def moves_of(tables: Tables) -> list[tuple[Any, ...]]:
    """List what changed from one day's end to the next."""
    moves = []
    for account_id in (row["account_id"] for row in tables["accounts"]):
        past, has_paid = None, False
        for day, now in zip(DAYS, states(tables, account_id), strict=True):
            for axis in AXES:
                was, into = past and past[axis], now and now[axis]
                if was == into:
                    continue
                if was and into:
                    kind = "moved"
                elif was:
                    kind = "stopped"
                else:
                    kind = "returned" if has_paid else "started"
                mrr = (now or past or {})["mrr"]
                moves.append((account_id, day, axis, kind, was, into, mrr))
            past, has_paid = now, has_paid or now is not None
    return moves


@pytest.fixture(scope="module", params=range(4))
def case(request, warehouse):
    tables = random_tables(request.param)
    book = warehouse.build(
        tables, "fct_segment_moves", "fct_segment_months", as_of=str(AS_OF)
    )
    return tables, book


def test_moves_are_what_changed_between_two_days_ends(case):
    tables, book = case
    found = book.query(
        "select account_id, moved_on, segment_dimension, move_kind, from_segment,"
        " to_segment, cast(mrr as integer) from fct_segment_moves"
    )
    told = sorted(found.itertuples(index=False, name=None), key=str)
    assert told == sorted(moves_of(tables), key=str)
    assert {"started", "returned", "moved", "stopped"} == set(found["move_kind"])


def test_months_count_who_is_where_and_who_moved(case):
    tables, book = case
    counted: Counter[tuple[Any, ...]] = Counter()
    for _, day, axis, kind, was, into, _ in moves_of(tables):
        month = day.replace(day=1)
        if was:
            counted[month, axis, was, "moved_out" if kind == "moved" else kind] += 1
        if into:
            counted[month, axis, into, "moved_in" if kind == "moved" else kind] += 1
    closing: Counter[tuple[Any, ...]] = Counter()
    for account in tables["accounts"]:
        for day, now in zip(DAYS, states(tables, account["account_id"]), strict=True):
            is_last = day == AS_OF or (day + timedelta(days=1)).day == 1
            if now and is_last:
                for axis in AXES:
                    closing[day.replace(day=1), axis, now[axis]] += 1
    months = book.table("fct_segment_months")
    for row in months.to_dict("records"):
        key = (row["segment_month"], row["segment_dimension"], row["segment_value"])
        assert row["closing_count"] == closing.pop(key, 0), key
        for kind, column in COUNTS.items():
            assert row[column] == counted.pop((*key, kind), 0), (key, kind)
    assert not +closing and not +counted
    assert "unknown" in set(months["segment_value"])
    assert months["segment_month"].max() == pd.Timestamp("2024-10-01").date()


def test_the_laws_of_segments_hold(case):
    assert case[1].broken_laws() == []
