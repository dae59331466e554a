"""Time-to-value curves against lifelines, an exact oracle, and waits worked by hand."""

import math
import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction

import duckdb
import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times
from scipy.stats import norm

from tests.python.conftest import Warehouse

SAMPLES, SLOW_SAMPLES = 120, 40
AS_OF_ON = pd.Timestamp("2025-06-30")
CHAIN = (
    "value_dimensions",
    "value_windows",
    "int_value_waits_counted",
    "int_value_waits_survived",
    "int_value_curves_estimated",
    "int_value_curve_errors_estimated",
    "fct_time_to_value_curves",
    "fct_time_to_value_cohorts",
    "fct_time_to_value_shares",
)
CAUSES = {"censored": 0, "reached": 1, "left": 2}
WITHIN = 1e-9

Build = Callable[[pd.DataFrame], duckdb.DuckDBPyConnection]


@pytest.fixture(scope="module")
def build(warehouse: Warehouse) -> Build:
    """Build what follows from waits; the sample stands as the desired outcome."""

    def built(waits: pd.DataFrame) -> duckdb.DuckDBPyConnection:
        con = duckdb.connect(config={"threads": 1})
        con.execute("attach ':memory:' as warehouse; use warehouse")
        ended = waits.assign(  # noqa: F841 - DuckDB reads it by its name.
            clock_started_on=AS_OF_ON - pd.to_timedelta(waits["observed_days"], "D"),
            is_start_observed=True,
            tier="t",
            engagement_model="e",
            plan="p",
            owner_id="o",
        ).rename(columns={"sample": "desired_outcome"})
        con.execute(
            "create table int_value_waits_ended as select * replace"
            " (cast(clock_started_on as date) as clock_started_on) from ended"
        )
        con.execute(
            f"create table stg_run__clock as select date '{AS_OF_ON:%Y-%m-%d}' as"
            " as_of_on"
        )
        for name in CHAIN:
            node = warehouse.compiled.node(name)
            con.execute(warehouse.compiled.creating(node, warehouse.folder))
        return con

    return built


def wait(sample: str, observed_days: int, status: str) -> dict[str, object]:
    return {"sample": sample, "observed_days": observed_days, "status": status}


def random_waits(
    seed: int, *, is_tied_across: bool, samples: int = SAMPLES
) -> pd.DataFrame:
    """Draw samples of every size and mix, most with ties and early censoring."""
    rng = np.random.default_rng(seed)
    frames = []
    for number in range(samples):
        size = int(rng.integers(1, 80))
        mix = rng.dirichlet([rng.choice([0.2, 1, 3]) for _ in CAUSES])
        days = rng.integers(0, rng.choice([4, 30, 400]), size)
        status = rng.choice(list(CAUSES), size, p=mix)
        if not is_tied_across:
            # Value on even days and leaving on odd ones: lifelines shakes what is tied
            # across causes, and takes ties within a cause as they are.
            days = 2 * days + (status == "left")
        frames.append(
            pd.DataFrame(
                {"sample": f"s{number:03}", "observed_days": days, "status": status}
            )
        )
    return pd.concat(frames, ignore_index=True)


def curves_of(con: duckdb.DuckDBPyConnection) -> dict[str, pd.DataFrame]:
    """Return each sample's curve by day, with its standard errors."""
    frame = con.sql(
        "select curves.*, not_reached_error, reached_error"
        " from fct_time_to_value_curves as curves"
        " inner join int_value_curve_errors_estimated"
        " using (segment_dimension, segment_value, waited_days)"
        " where segment_dimension = 'desired_outcome' order by waited_days"
    ).df()
    return {
        sample: curve.set_index("waited_days")
        for sample, curve in frame.groupby("segment_value")
    }


def assert_close(actual: pd.Series, expected: np.ndarray, sample: str) -> None:
    worst = np.abs(actual.to_numpy(float) - expected).max(initial=0.0)
    assert worst <= WITHIN, (sample, worst)


@pytest.mark.parametrize("seed", [1, 2])
def test_kaplan_meier_and_its_limits_are_those_of_lifelines(build: Build, seed: int):
    waits = random_waits(seed, is_tied_across=True)
    con = build(waits)
    curves = curves_of(con)
    cohorts = con.sql(
        "from fct_time_to_value_cohorts where segment_dimension = 'desired_outcome'"
    ).df()
    medians = cohorts.set_index("segment_value")
    limited = 0
    for sample, own in waits.groupby("sample"):
        # A day later for everyone: lifelines has nobody at risk on day 0.
        days, reached = own["observed_days"] + 1, own["status"] == "reached"
        fitted = KaplanMeierFitter().fit(days, reached)
        curve = curves[sample]
        at = curve.index + 1
        assert_close(
            curve["not_reached_rate"],
            fitted.survival_function_at_times(at).to_numpy(),
            sample,
        )
        limits = fitted.confidence_interval_.loc[at].to_numpy()
        known = curve["not_reached_low_rate"].notna().to_numpy()
        limited += known.sum()
        assert_close(curve["not_reached_low_rate"][known], limits[known, 0], sample)
        assert_close(curve["not_reached_high_rate"][known], limits[known, 1], sample)
        ends = curve["not_reached_rate"][~known]
        assert (ends.lt(1e-12) | ends.gt(1 - 1e-12)).all()
        counted = fitted.event_table["at_risk"].loc[at].to_numpy()
        assert (curve["at_risk_count"].to_numpy() == counted).all()
        if (curve["not_reached_rate"] - 0.5).abs().lt(1e-12).any():
            continue  # Its last bit decides there; the exact oracle is the judge.
        told = medians.loc[sample]
        ends = median_survival_times(fitted.confidence_interval_).to_numpy()[0]
        for column, day in (
            ("median_days", fitted.median_survival_time_),
            ("median_low_days", ends[0]),
            ("median_high_days", ends[1]),
        ):
            actual = told[column]
            if column == "median_high_days" and pd.isna(actual):
                # Where all have arrived lifelines has limits of 0, and we have none.
                assert math.isinf(day) or curve["not_reached_rate"][day - 1] < WITHIN
                continue
            assert pd.isna(actual) == math.isinf(day), (sample, column)
            assert pd.isna(actual) or actual == day - 1, (sample, column)
    assert limited > 1000


@pytest.mark.parametrize("seed", [3, 4])
def test_cumulative_incidence_and_its_limits_are_those_of_lifelines(
    build: Build, seed: int
):
    waits = random_waits(seed, is_tied_across=False, samples=SLOW_SAMPLES)
    compared = 0
    for sample, curve in curves_of(build(waits)).items():
        own = waits[waits["sample"] == sample]
        causes = own["status"].map(CAUSES)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            fitted = {
                cause: AalenJohansenFitter().fit(
                    own["observed_days"] + 1, causes, event_of_interest=code
                )
                for cause, code in CAUSES.items()
                if code
            }
        at = curve.index + 1
        for cause, column in (("reached", "reached_rate"), ("left", "left_rate")):
            incidence = fitted[cause].cumulative_density_.loc[at].to_numpy()[:, 0]
            assert_close(curve[column], incidence, sample)
        limits = fitted["reached"].confidence_interval_.loc[at].to_numpy()
        known = np.isfinite(limits).all(axis=1) & curve["reached_low_rate"].notna()
        variance = fitted["reached"].variance_.loc[at].to_numpy()
        assert_close(curve["reached_error"][known] ** 2, variance[known], sample)
        # The two limits are named the other way round there.
        assert_close(curve["reached_low_rate"][known], limits[known].min(1), sample)
        assert_close(curve["reached_high_rate"][known], limits[known].max(1), sample)
        compared += known.sum()
    assert compared > 500


def exact_curve(own: pd.DataFrame) -> pd.DataFrame:
    """Estimate by counting who is there each day, in fractions; no shared code."""
    waiting, reached_rate, left_rate, survival = (
        Fraction(1),
        Fraction(0),
        Fraction(0),
        Fraction(1),
    )
    steps: list[tuple[Fraction, int, int, int, Fraction]] = []
    rows = []
    for day in sorted(set(own["observed_days"])):
        there = int((own["observed_days"] >= day).sum())
        today = own.loc[own["observed_days"] == day, "status"]
        reached, left = int((today == "reached").sum()), int((today == "left").sum())
        before = waiting
        reached_rate += before * Fraction(reached, there)
        left_rate += before * Fraction(left, there)
        waiting *= 1 - Fraction(reached + left, there)
        survival *= 1 - Fraction(reached, there)
        steps.append((before, there, reached, left, reached_rate))
        variance = Fraction(0)
        for earlier, n, first, second, rate in steps:
            gap = reached_rate - rate
            if n > first + second:
                ended = first + second
                variance += gap**2 * Fraction(ended, n * (n - ended))
            variance += earlier**2 * Fraction(first * (n - first), n**3)
            variance -= 2 * gap * earlier * Fraction(first, n**2)
        rows.append((day, survival, reached_rate, left_rate, waiting, variance))
    names = ["not_reached_rate", "reached_rate", "left_rate", "waiting_rate"]
    return pd.DataFrame(rows, columns=["day", *names, "variance"]).set_index("day")


@pytest.mark.parametrize("seed", [5, 6])
def test_ties_across_causes_are_counted_as_they_stand(build: Build, seed: int):
    waits = random_waits(seed, is_tied_across=True)
    con = build(waits)
    told = con.sql(
        "from fct_time_to_value_cohorts where segment_dimension = 'desired_outcome'"
    ).df()
    medians = told.set_index("segment_value")
    half = Fraction(1, 2)
    for sample, curve in curves_of(con).items():
        own = waits[waits["sample"] == sample]
        exact = exact_curve(own)
        assert list(exact.index) == list(curve.index)
        for column in ("not_reached_rate", "reached_rate", "left_rate", "waiting_rate"):
            assert_close(curve[column], exact[column].to_numpy(float), sample)
        known = curve["reached_low_rate"].notna()
        assert_close(
            curve["reached_error"][known] ** 2,
            exact["variance"][known].to_numpy(float),
            sample,
        )
        # Exactly, where floating point would see 0.5 missed by its last bit.
        crossed = exact.index[exact["not_reached_rate"] <= half]
        arrived = exact.index[exact["reached_rate"] >= half]
        row = medians.loc[sample]
        assert pd.isna(row["median_days"]) == crossed.empty
        assert crossed.empty or row["median_days"] == crossed[0]
        assert pd.isna(row["reached_median_days"]) == arrived.empty
        assert arrived.empty or row["reached_median_days"] == arrived[0]
        status = "half_not_reached_yet"
        if not arrived.empty:
            status = "estimated"
        elif exact["left_rate"].iloc[-1] > half:
            status = "more_than_half_left"
        assert row["reached_median_status"] == status, sample


def shares_of(
    con: duckdb.DuckDBPyConnection, sample: str
) -> Sequence[tuple[object, ...]]:
    return con.execute(
        "select within_days, share_status, at_risk_count, round(reached_rate, 12)"
        " from fct_time_to_value_shares where segment_dimension = 'desired_outcome'"
        " and segment_value = ? order by within_days",
        [sample],
    ).fetchall()


def test_a_share_is_told_only_as_far_as_somebody_was_observed(build: Build):
    con = build(
        pd.DataFrame(
            [
                # One arrives on day 10 of two, the other is lost from sight on day 45.
                wait("short", 10, "reached"),
                wait("short", 45, "censored"),
                # Everybody has ended by day 60: the curve is known for good.
                wait("over", 10, "reached"),
                wait("over", 60, "left"),
                # At risk on day 30 itself.
                wait("edge", 30, "reached"),
                wait("edge", 100, "censored"),
            ]
        )
    )
    assert shares_of(con, "short") == [
        (30, "estimated", 1, 0.5),
        (60, "nobody_observed_so_long", 0, None),
        (90, "nobody_observed_so_long", 0, None),
    ]
    assert shares_of(con, "over") == [
        (30, "estimated", 1, 0.5),
        (60, "estimated", 1, 0.5),
        (90, "estimated", 0, 0.5),
    ]
    assert shares_of(con, "edge")[0] == (30, "estimated", 2, 0.5)


def test_the_mean_of_achievers_leaves_out_who_is_slow(build: Build):
    waits = [wait("s", 10, "reached"), wait("s", 20, "reached")]
    waits += [wait("s", 200, "censored")] * 3
    row = build(pd.DataFrame(waits)).sql(
        "select naive_mean_days_of_achievers, median_days, median_status"
        " from fct_time_to_value_cohorts where segment_dimension = 'all'"
    )
    assert row.fetchall() == [(15.0, None, "more_than_half_not_reached")]


def test_the_quantile_of_the_intervals_is_the_normal_one(warehouse: Warehouse):
    node = warehouse.compiled.node("fct_time_to_value_curves")
    assert str(norm.ppf(0.975)) in node["compiled_code"]
