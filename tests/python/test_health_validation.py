"""The statistics of the validation, against pandas and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from orchestration.health_validation.auc import Ranking, auc_of
from orchestration.health_validation.lists import lowest
from orchestration.health_validation.resampling import RESAMPLES
from orchestration.health_validation.validate import COLUMNS, validate
from tests.python.conftest import CompiledProject

MONTHS = pd.date_range("2025-01-31", periods=5, freq="ME")
OWN = ["scorer", "segment_dimension", "segment_value", "period"]


def random_outcomes(seed: int, customers: int = 120) -> pd.DataFrame:
    """Draw a book whose score knows something, whose foil does not; ties and gaps."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        risk = rng.random()
        tier = rng.choice(["smb", "enterprise"], p=[0.8, 0.2])
        for month in MONTHS[rng.integers(0, 2) :]:
            kind = rng.random()
            is_lost = kind < 0.5 * risk
            facts = {
                "ultimate_parent_id": f"p{number:03d}",
                "observed_on": month,
                "tier": tier,
                "desired_outcome": "reporting",
                "engagement_model": "digital",
                "mrr": float(rng.integers(1, 500)),
                "capacity_rate": 0.1,
                "is_followed_by_loss": is_lost,
                "is_early_leaver": not is_lost and kind > 0.95,
            }
            score = np.round(100 * (1 - risk) + rng.normal(0, 25))
            score = np.nan if rng.random() < 0.1 else score
            band = "unknown" if np.isnan(score) else "green"
            band = "red" if score < 40 else band
            foil = np.nan if rng.random() < 0.2 else float(rng.integers(0, 9))
            rows.append(
                facts
                | {"scorer": "health_score", "score": score, "health_band": band}
                | {"is_foil": False}
            )
            rows.append(
                facts
                | {"scorer": "login_only", "score": foil, "health_band": None}
                | {"is_foil": True}
            )
    return pd.DataFrame(rows).sample(frac=1, random_state=seed, ignore_index=True)


def own_rows(measured: pd.DataFrame) -> pd.DataFrame:
    return measured[measured["foil"].isna()].set_index(OWN)


def book_row(measured: pd.DataFrame, scorer: str = "health_score") -> pd.Series:
    return own_rows(measured).loc[(scorer, "all", "all", "all")]


def sklearn_auc(rows: pd.DataFrame, weight: str | None = None) -> float:
    weights = None if weight is None else rows[weight]
    return roc_auc_score(
        rows["is_followed_by_loss"], -rows["score"], sample_weight=weights
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_weighted_auc_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, rng.integers(2, 40), 60).astype(float)
    is_lost = rng.random(60) < 0.3
    weights = rng.integers(0, 4, (7, 60)) * rng.random(60)
    found = Ranking(scores).auc(weights * is_lost, weights * ~is_lost)
    expected = [roc_auc_score(is_lost, -scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_an_auc_needs_a_loss_and_a_customer_who_stayed() -> None:
    scores, ones = np.arange(3.0), np.ones(3)
    assert np.isnan(auc_of(scores, np.array([True] * 3), ones))
    assert np.isnan(auc_of(scores, np.array([False] * 3), ones))
    assert np.isnan(auc_of(scores[:0], np.array([], bool), ones[:0]))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_points_are_those_of_pandas_and_scikit_learn(seed: int) -> None:
    outcomes = random_outcomes(seed)
    found = own_rows(validate(outcomes))
    groups = [("all", "all", "all", outcomes)]
    groups += [
        ("all", "all", str(month.date()), rows)
        for month, rows in outcomes.groupby("observed_on")
    ]
    groups += [("tier", tier, "all", rows) for tier, rows in outcomes.groupby("tier")]
    for dimension, value, period, members in groups:
        for scorer, rows in members.groupby("scorer"):
            row = found.loc[(scorer, dimension, value, period)]
            known = rows[rows["score"].notna()]
            beyond = known[~known["is_early_leaver"]]
            lost = rows[rows["is_followed_by_loss"]]
            expected = {
                "observation_count": len(rows),
                "customer_count": rows["ultimate_parent_id"].nunique(),
                "unscored_count": rows["score"].isna().sum(),
                "lost_observation_count": len(lost),
                "lost_customer_count": lost["ultimate_parent_id"].nunique(),
                "unscored_lost_count": lost["score"].isna().sum(),
                "early_leaver_count": rows["is_early_leaver"].sum(),
                "auc": sklearn_auc(known),
                "mrr_weighted_auc": sklearn_auc(known, "mrr"),
                "auc_without_early_leavers": sklearn_auc(beyond),
            }
            if scorer == "health_score":
                red = known[known["health_band"] == "red"]
                base = known["is_followed_by_loss"].mean()
                expected |= {
                    "red_loss_ratio": red["is_followed_by_loss"].mean() / base,
                    "red_share": len(red) / len(known),
                    "green_share": 1 - len(red) / len(known),
                }
            for column, figure in expected.items():
                assert row[column] == pytest.approx(figure, abs=1e-12), column


def test_lists_hold_the_lowest_scores_of_each_month() -> None:
    outcomes = random_outcomes(4, customers=200)
    rng = np.random.default_rng(4)
    # Without ties a list is whom pandas sorts first, the last place in part.
    outcomes["score"] += rng.random(len(outcomes)) / 10
    row = book_row(validate(outcomes))
    known = outcomes[(outcomes["scorer"] == "health_score") & outcomes["score"].notna()]
    places = listed = caught = 0.0
    for _, rows in known.groupby("observed_on"):
        lost = rows.sort_values("score")["is_followed_by_loss"].to_numpy(float)
        size = 0.1 * len(rows)
        whole = int(size)
        places += size
        caught += lost[:whole].sum() + (size - whole) * lost[whole]
        listed += size
    lost = outcomes.loc[outcomes["scorer"] == "health_score", "is_followed_by_loss"]
    assert row["listed_count"] == pytest.approx(places)
    assert row["precision_at_capacity"] == pytest.approx(caught / listed)
    assert row["recall_at_capacity"] == pytest.approx(caught / lost.sum())
    base = known["is_followed_by_loss"].mean()
    assert row["worst_decile_lift"] == pytest.approx(caught / places / base)


def test_ties_share_the_last_places_of_a_list() -> None:
    shares = lowest(np.array([3.0, 1.0, 2.0, 2.0, np.nan]), 2.0)
    assert shares.tolist() == [0, 1, 0.5, 0.5, 0]


def test_the_order_of_the_rows_changes_nothing() -> None:
    outcomes = random_outcomes(5)
    again = outcomes.sample(frac=1, random_state=99, ignore_index=True)
    pd.testing.assert_frame_equal(validate(outcomes), validate(again), check_exact=True)


def test_more_months_of_the_same_customers_make_nothing_surer() -> None:
    """Clustered: every month told twice is no more evidence than told once."""
    once = random_outcomes(6)
    later = once.assign(observed_on=once["observed_on"] + pd.DateOffset(years=1))
    single = book_row(validate(once))
    double = book_row(validate(pd.concat([once, later], ignore_index=True)))
    for column in ("auc", "auc_low", "auc_high"):
        assert double[column] == pytest.approx(single[column], abs=1e-12)


def test_a_score_that_is_its_own_foil_gains_nothing() -> None:
    outcomes = random_outcomes(7)
    score = outcomes[outcomes["scorer"] == "health_score"]
    twin = score.assign(scorer="login_only", is_foil=True)
    measured = validate(pd.concat([score, twin], ignore_index=True))
    gains = measured[measured["foil"].notna() & (measured["auc_gain_low"].notna())]
    assert len(gains) > 1
    assert (gains[["auc_gain", "auc_gain_low", "auc_gain_high"]] == 0).all(axis=None)
    assert book_row(measured)["unbeaten_foils"] == "login_only"


def test_a_score_that_knows_something_beats_one_that_does_not() -> None:
    measured = validate(random_outcomes(8))
    row = book_row(measured)
    assert row["auc_low"] > 0.5
    assert row["auc_p_value"] == pytest.approx(1 / RESAMPLES)
    assert row["beaten_foils"] == "login_only"
    foil = book_row(measured, "login_only")
    assert foil["auc_low"] < 0.5 < foil["auc_high"]
    assert foil["auc_p_value"] > 0.05


def test_permuted_labels_drive_the_auc_to_chance() -> None:
    """Each customer is given another's history; the mean of many is 0.5."""
    outcomes = random_outcomes(9)
    score = outcomes[outcomes["scorer"] == "health_score"].dropna(subset="score")
    wide = score.pivot(
        index="ultimate_parent_id", columns="observed_on", values="is_followed_by_loss"
    )
    rng = np.random.default_rng(9)
    aucs = []
    for _ in range(200):
        given = wide.set_axis(rng.permutation(wide.index)).stack().rename("given")
        joined = score.join(given, on=["ultimate_parent_id", "observed_on"])
        joined = joined.dropna(subset="given")
        aucs.append(
            auc_of(
                joined["score"].to_numpy(),
                joined["given"].to_numpy(bool),
                np.ones(len(joined)),
            )
        )
    spread = np.std(aucs, ddof=1)
    assert abs(np.mean(aucs) - 0.5) < 3 * spread / np.sqrt(len(aucs))
    assert sklearn_auc(score) > 0.5 + 3 * spread


def test_too_few_losses_have_no_interval_and_no_book_has_no_rows() -> None:
    outcomes = random_outcomes(10)
    lost = sorted(
        outcomes.loc[outcomes["is_followed_by_loss"], "ultimate_parent_id"].unique()
    )
    is_kept = outcomes["ultimate_parent_id"].isin(lost[19:])
    few = validate(
        outcomes.assign(
            is_followed_by_loss=lambda rows: rows["is_followed_by_loss"] & ~is_kept
        )
    )
    row = book_row(few)
    assert row["lost_customer_count"] == 19
    assert pd.isna(row["auc_low"]) and pd.isna(row["auc_p_value"])
    assert not pd.isna(row["auc"])
    empty = validate(outcomes.iloc[:0])
    assert empty.empty and list(empty.columns) == COLUMNS


def test_no_score_can_see_a_label(compiled: CompiledProject) -> None:
    below = {node["name"] for node in compiled.upstream("fct_account_health_days")}
    labels = compiled.node("int_customer_outcomes_labelled")
    foils = {node["name"] for node in compiled.upstream("int_health_foils_measured")}
    assert labels["name"] not in below | foils
    assert "int_customer_states_accumulated" not in below | foils
