"""Relationship, billing and renewal measures: an oracle, no leaks, one direction."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.sample_company.company import write_sample_company
from tests.python import account_facts_oracle as oracle
from tests.python.account_facts_oracle import AS_OF, Book, Row
from tests.python.conftest import Warehouse

MODELS = (
    "int_relationship_measures_derived",
    "int_billing_measures_derived",
    "int_renewal_measures_derived",
)
KEY = ["account_id", "health_on"]
SEEDS = st.integers(0, 10**6)


def measured(warehouse: Warehouse, book: Book) -> dict[str, pd.DataFrame]:
    """Return the measures of every account and day, by model, indexed by both."""
    built = warehouse.build(book, *MODELS, as_of=AS_OF.isoformat())
    return {
        name: built.table(name).set_index(KEY).sort_index().astype(object)
        for name in MODELS
    }


@settings(max_examples=4)
@given(seed=SEEDS)
def test_every_measure_equals_its_naive_recomputation(
    warehouse: Warehouse, seed: int
) -> None:
    book = oracle.random_facts(seed)
    tables = measured(warehouse, book)
    recompute: dict[str, Callable[..., dict[str, Any]]] = {
        "int_relationship_measures_derived": oracle.relationship,
        "int_billing_measures_derived": oracle.billing,
        "int_renewal_measures_derived": oracle.renewal,
    }
    random = Random(seed)
    for name, formula in recompute.items():
        table = tables[name]
        assert len(table) > 100
        for position in random.sample(range(len(table)), 100):
            account_id, day = table.index[position]
            expected = formula(book, account_id, as_date(day))
            row = table.iloc[position]
            for measure, value in expected.items():
                found = None if pd.isna(row[measure]) else row[measure]
                assert found == (value if value is None else pytest.approx(value)), (
                    f"{measure} of {account_id} on {day}"
                )


def as_date(day: Any) -> date:
    """Return a day as a date, whatever the frame holds."""
    return day.date() if isinstance(day, datetime) else day


def forgotten(book: Book, day: date, random: Random) -> Book:
    """Return another book of which the same was known by the end of `day`."""
    other = deepcopy(book)
    other["subscription_items"] = list(other_items(book, day, random))
    contacts = [
        row | {"left_on": later(random, day, row["left_on"])}
        for row in book.get("contacts", [])
        if (row["joined_on"] or day) <= day
    ]
    newcomers = [
        row
        | {"contact_id": f"n-{row['contact_id']}", "email": None}
        | {"joined_on": day + timedelta(days=1 + random.randrange(9)), "left_on": None}
        for row in contacts
    ]
    other["contacts"] = contacts + newcomers
    for name, column in (
        ("survey_responses", "responded_at"),
        ("events", "received_at"),
        ("payments", "attempted_at"),
    ):
        kept = [row for row in book.get(name, []) if row[column].date() <= day]
        moved = [
            row
            | {next(iter(row)): f"n-{k}"}
            | {column: datetime.combine(day + timedelta(days=k + 1), time(9))}
            for k, row in enumerate(kept[:9])
        ]
        other[name] = kept + moved
    for row in other["payments"]:
        if row["attempted_at"].date() > day:
            row["status"] = "succeeded"
    return other


def later(random: Random, day: date, known: date | None) -> date | None:
    """Keep what was known by `day`; draw anew, or forget, what was not."""
    if known is not None and known <= day:
        return known
    return random.choice([None, day + timedelta(days=1 + random.randrange(200))])


def other_items(book: Book, day: date, random: Random) -> Iterator[Row]:
    """Leave out versions that begin after `day`; end and cancel the last otherwise."""
    for row in book["subscription_items"]:
        if row["valid_from"] > day:
            continue
        if row["valid_to"] is not None and row["valid_to"] <= day:
            yield row
            continue
        notice, end = later(random, day, row["notice_on"]), row["contract_end_on"]
        if row["billing_interval"] == "month" and row["notice_on"] != notice:
            # A monthly line has an end by its notice alone.
            end = None if notice is None else notice + timedelta(days=20)
        ends_on = later(random, day, None)
        if ends_on is not None and notice is not None and notice > day:
            ends_on = max(ends_on, notice)
        yield row | {"notice_on": notice, "contract_end_on": end, "valid_to": ends_on}


@settings(max_examples=5)
@given(seed=SEEDS)
def test_nothing_that_became_known_later_moves_an_earlier_day(
    warehouse: Warehouse, seed: int
) -> None:
    random = Random(seed)
    book = oracle.random_facts(seed)
    day = oracle.day_of(random, date(2024, 5, 1), date(2024, 11, 30))
    before = measured(warehouse, book)
    after = measured(warehouse, forgotten(book, day, random))
    for name in MODELS:
        pd.testing.assert_frame_equal(
            by_then(before[name], day), by_then(after[name], day), check_dtype=False
        )


def by_then(table: pd.DataFrame, day: date) -> pd.DataFrame:
    """Return the rows of days up to `day`."""
    return table.loc[[as_date(row) <= day for row in table.index.get_level_values(1)]]


def compared(
    warehouse: Warehouse, before: Book, after: Book, model: str, measure: str
) -> pd.DataFrame:
    """Return one measure of both books, where it is present in both."""
    both = pd.concat(
        [measured(warehouse, book)[model][measure] for book in (before, after)],
        axis=1,
        keys=["before", "after"],
        join="inner",
    ).dropna()
    assert len(both) > 0
    return both.astype(float)


@settings(max_examples=3)
@given(seed=SEEDS)
def test_one_more_failed_payment_never_gives_a_better_value(
    warehouse: Warehouse, seed: int
) -> None:
    book, day = oracle.random_facts(seed), oracle.day_of(Random(seed))
    worse = deepcopy(book)
    worse["payments"].append(oracle.payment("more", "a0", day, "failed"))
    both = compared(warehouse, book, worse, MODELS[1], "failed_payments")
    assert (both["after"] >= both["before"]).all()


@settings(max_examples=3)
@given(seed=SEEDS)
def test_one_more_act_never_lowers_who_is_active_and_a_departure_never_raises_it(
    warehouse: Warehouse, seed: int
) -> None:
    random = Random(seed)
    book, day = oracle.random_facts(seed), oracle.day_of(random)
    book["contacts"].append(
        {"contact_id": "c", "account_id": "a0", "role": "champion", "email": None}
        | {"joined_on": None, "left_on": None}
    )
    better, worse = deepcopy(book), deepcopy(book)
    better["survey_responses"].append(
        {"response_id": "more", "account_id": "a0", "contact_id": "c", "kind": "nps"}
        | {"score": 1, "responded_at": oracle.instant(random, day)}
    )
    worse["contacts"][-1]["left_on"] = day
    for measure in ("active_stakeholders", "stakeholder_personas"):
        both = compared(warehouse, book, better, MODELS[0], measure)
        assert (both["after"] >= both["before"]).all()
        both = compared(warehouse, book, worse, MODELS[0], measure)
        assert (both["after"] <= both["before"]).all()
    both = compared(warehouse, book, worse, MODELS[0], "days_since_champion_left")
    assert (both["after"] <= both["before"]).all()


def test_without_a_source_its_measures_are_missing_and_the_others_stay(
    warehouse: Warehouse,
) -> None:
    book = oracle.random_facts(3)
    whole = measured(warehouse, book)
    for gone, model, measures in (
        ("payments", MODELS[1], ["failed_payments"]),
        (
            "contacts",
            MODELS[0],
            ["active_stakeholders", "stakeholder_personas", "days_since_champion_left"],
        ),
    ):
        rest = measured(warehouse, {k: v for k, v in book.items() if k != gone})
        assert rest[model][measures].isna().all(axis=None)
        for name in MODELS:
            kept = [column for column in whole[name] if column not in measures]
            kept = [
                c for c in kept if c.removesuffix("_freshness_days") not in measures
            ]
            pd.testing.assert_frame_equal(whole[name][kept], rest[name][kept])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a sample company in the schemas of the connectors."""
    folder = tmp_path_factory.mktemp("sample") / "landing"
    write_sample_company(folder, folder.with_name("truth"), accounts=60, seed=11)
    return folder


@pytest.mark.parametrize("day", ["2025-03-10", "2025-09-19"])
def test_a_day_reads_the_same_whether_it_is_the_last_or_long_past(
    warehouse: Warehouse, sample: Path, day: str
) -> None:
    """Connectors record when a contract, a task or an event was written down."""
    models = (MODELS[0], MODELS[2])
    then = warehouse.build_landing(sample, *models, as_of=day)
    now = warehouse.build_landing(sample, *models)
    for name in models:
        frames = [
            book.query(f"select * from {name} where health_on <= date '{day}'")
            for book in (then, now)
        ]
        told, known = (frame.set_index(KEY).sort_index() for frame in frames)
        # Who had left by then, as was learnt later, is no health day any more.
        shared = told.index.intersection(known.index)
        assert len(shared) > 0.99 * len(told)
        pd.testing.assert_frame_equal(told.loc[shared], known.loc[shared])
