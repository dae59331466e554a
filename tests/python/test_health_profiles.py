"""Public formulas as profiles: each against its own words, written out in Python."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.python.books import item
from tests.python.conftest import Book, Warehouse

DAY = date(2025, 6, 30)
AGES = {"new": 20, "young": 100, "grown": 250, "old": 900}
Values = Mapping[str, float]
DOWNSTREAM = ("int_health_scores_weighed", "fct_health_profile_months")


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    """Build accounts of four ages; the tests then say what was measured of them."""
    items = [
        item(name, name, DAY - timedelta(days=age), quantity=10)
        for name, age in AGES.items()
    ]
    return warehouse.build({"subscription_items": items}, *DOWNSTREAM, as_of=f"{DAY}")


def scores(book: Book, measured: Mapping[str, Values], profile: str) -> dict[str, Any]:
    """Score measured values, fresh on the day, by the SQL of the project."""
    rows = pd.DataFrame(
        [
            (account, pd.Timestamp(DAY), measure, float(value), 0)
            for account, values in measured.items()
            for measure, value in values.items()
        ],
        columns=["account_id", "health_on", "measure", "input_value", "freshness_days"],
    )
    book.con.register("measured", rows)
    book.con.execute(
        "create or replace view int_health_measures_unpivoted as select account_id,"
        " cast(health_on as date) as health_on, measure, input_value, freshness_days"
        " from measured"
    )
    found = book.query(
        "select account_id, score_before_exceptions from int_health_scores_weighed"
        f" where profile = '{profile}' and health_on = '{DAY}'"
    )
    return dict(zip(found["account_id"], found["score_before_exceptions"], strict=True))


# --- product adoption: GitLab's weights, renormalised over what is measured -----------


def colour(value: float, yellow_from: float, green_from: float) -> int:
    return 88 if value >= green_from else 63 if value >= yellow_from else 25


def licence(value: float, age: int) -> int | None:
    """At least 3 months old, then more and more of the licences must be used."""
    if age < 91:
        return None
    if age < 213:
        return 25 if value <= 0.10 else 63 if value <= 0.50 else 88
    if age < 304:
        return 25 if value <= 0.50 else 63 if value <= 0.75 else 88
    return 25 if value <= 0.75 else 88


def product_adoption(values: Values, age: int) -> float | None:
    use_cases = ("analysis", "collaboration", "automation", "data")
    parts: dict[str, tuple[float, Callable[[float], int | None]]] = {
        "active_user_rate": (0.30, lambda value: licence(value, age)),
        "returning_user_rate": (0.10, lambda value: colour(value, 0.5, 0.8)),
    } | {
        f"{use_case}_user_rate": (0.15, lambda value: colour(value, 0.25, 0.5))
        for use_case in use_cases
    }
    scored = [
        (weight, score(values[measure]))
        for measure, (weight, score) in parts.items()
        if measure in values
    ]
    present = [(weight, score) for weight, score in scored if score is not None]
    if not present:
        return None
    total = sum(weight for weight, _score in present)
    return sum(weight * score for weight, score in present) / total


# --- four parts: Mattermost's quarters ------------------------------------------------


def four_part(values: Values, _age: int) -> float | None:
    def steps(value: float, limits: list[tuple[float, float]], beyond: float) -> float:
        return next((share for limit, share in limits if value <= limit), beyond)

    year = 365
    parts = {
        "tenure_days": lambda days: steps(
            days, [(182, 0.25), (year, 0.50), (2 * year, 0.75)], 0.90
        ),
        "days_to_contract_end": lambda days: steps(
            days, [(15, 0.10), (30, 0.25), (60, 0.75), (90, 0.90)], 1.0
        ),
        "ticket_count": lambda count: steps(
            count, [(0, 0.50), (2, 1.0), (4, 0.75)], 0.25
        ),
        "days_since_touch": lambda days: steps(
            days, [(29, 1.0), (59, 0.75), (89, 0.50)], 0.25
        ),
    }
    present = [part(values[name]) for name, part in parts.items() if name in values]
    # Four quarters; a part that is not measured gives its quarter to the others.
    return 100 * sum(present) / len(present) if present else None


# --- good, average, poor: Totango's worst dimension -----------------------------------


def good_average_poor(values: Values, _age: int) -> float | None:
    def grade(value: float, average_from: float, good_from: float) -> float:
        return 100 if value >= good_from else 60 if value >= average_from else 0

    grades = {
        "active_user_rate": lambda value: grade(value, 0.3, 0.6),
        "usage_trend": lambda value: grade(value, 0.7, 0.9),
        "tickets_per_10_seats": lambda value: grade(-value, -9.999999, -3.999999),
        "nps_level": lambda value: grade(value, 6, 8),
    }
    present = [one(values[name]) for name, one in grades.items() if name in values]
    return min(present) if present else None


RATES = st.sampled_from([0, 0.05, 0.1, 0.1001, 0.25, 0.5, 0.5001, 0.75, 0.76, 0.8, 1.2])
DAYS = st.integers(0, 1000)
PROFILES: dict[str, tuple[Callable[[Values, int], float | None], dict[str, Any]]] = {
    "product_adoption": (
        product_adoption,
        dict.fromkeys(
            [
                "active_user_rate",
                "returning_user_rate",
                "analysis_user_rate",
                "collaboration_user_rate",
                "automation_user_rate",
                "data_user_rate",
            ],
            RATES,
        ),
    ),
    "four_part": (
        four_part,
        {
            "tenure_days": DAYS,
            "days_to_contract_end": st.integers(0, 120),
            "ticket_count": st.integers(0, 8),
            "days_since_touch": st.integers(0, 120),
        },
    ),
    "good_average_poor": (
        good_average_poor,
        {
            "active_user_rate": RATES,
            "usage_trend": st.sampled_from([0.2, 0.69, 0.7, 0.89, 0.9, 1.5]),
            "tickets_per_10_seats": st.sampled_from([1, 3.9, 4, 9.9, 10, 30]),
            "nps_level": st.sampled_from([0, 5.9, 6, 7.9, 8, 10]),
        },
    ),
}


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=40)
@given(data=st.data())
def test_a_public_formula_gives_its_own_numbers(
    book: Book, profile: str, data: st.DataObject
) -> None:
    """Whatever is measured or missing, at every age."""
    formula, measures = PROFILES[profile]
    measured = {
        account: data.draw(st.fixed_dictionaries({}, optional=measures))
        for account in AGES
    }
    found = scores(book, measured, profile)
    for account, values in measured.items():
        expected = formula(values, AGES[account])
        if expected is None:
            assert pd.isna(found[account]), (account, values)
        else:
            assert found[account] == pytest.approx(expected, abs=1e-9), values


def test_golden_values_worked_by_hand(book: Book) -> None:
    adopted = {
        "active_user_rate": 0.6,
        "returning_user_rate": 1.0,
        "analysis_user_rate": 0.3,
        "collaboration_user_rate": 0.0,
        "automation_user_rate": 0.5,
        "data_user_rate": 0.2,
    }
    found = scores(book, {"young": adopted, "new": adopted}, "product_adoption")
    # 0.30 x 88 + 0.10 x 88 + 0.15 x (63 + 25 + 88 + 25); without licences: / 0.70.
    assert found["young"] == pytest.approx(65.35)
    assert found["new"] == pytest.approx((8.8 + 30.15) / 0.7)
    quarters = {
        "tenure_days": 100,
        "days_to_contract_end": 40,
        "ticket_count": 2,
        "days_since_touch": 10,
    }
    # 25 x (0.25 + 0.75 + 1 + 1)
    assert scores(book, {"old": quarters}, "four_part")["old"] == pytest.approx(75)
    graded = {"active_user_rate": 0.9, "usage_trend": 1.0, "nps_level": 5}
    found = scores(book, {"old": graded}, "good_average_poor")
    assert found["old"] == 0


def test_every_profile_is_published_at_month_ends(book: Book) -> None:
    scores(book, {"old": {"active_user_rate": 0.9}}, "default")
    months = book.query(
        "select profile, count(*) as accounts from int_health_scores_weighed"
        f" where health_on = '{DAY}' group by profile order by profile"
    )
    assert dict(zip(months["profile"], months["accounts"], strict=True)) == {
        "default": 4,
        "four_part": 4,
        "good_average_poor": 4,
        "product_adoption": 4,
    }
    other = book.query(
        "select profile from int_health_scores_weighed"
        f" where health_on = '{DAY - timedelta(days=1)}' group by profile"
    )
    assert list(other["profile"]) == ["default"]
