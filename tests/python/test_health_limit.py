"""Hold the limit of the health score to the companies it is the limit of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm
from sklearn.metrics import roc_auc_score

from analyses.health_limit.companies import PlayedCompany, play_company
from analyses.health_limit.effects import verdict
from analyses.health_limit.fitting import fitted_policy
from analyses.health_limit.futures import played_hazards, unforeseen
from analyses.health_limit.limits import unit_chances
from analyses.health_limit.published import joined, numbers_of
from analyses.health_limit.shares import expected_auc, share_of
from analyses.health_limit.units import Label, first_events, units_of
from orchestration.sample_company.accounts import make_company
from orchestration.sample_company.calendar_days import FIRST_DAY
from orchestration.sample_company.company import write_sample_company
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.states import (
    NEVER,
    opening,
    play_states,
    played_week,
    traits_of,
)

LABEL = Label()
LONG = 400
# Nothing latent matters here, and far more leave: the rules of contracts stand alone.
PLAIN = Parameters(
    base_hazard=0.008,
    value_effect=0.0,
    champion_effect=0.0,
    friction_effect=0.0,
    slowness_effect=0.0,
    not_onboarded_effect=0.0,
)


def judged(accounts: int, seed: int, parameters: Parameters, futures: int):
    company = play_company(accounts, seed, parameters)
    units = unit_chances(company, units_of(company, LABEL), LABEL, futures, seed)
    first = company.accounts.set_index("number")
    return units.assign(seed=seed, term=units["parent"].map(first["term"]))


@pytest.fixture(scope="module")
def plain() -> pd.DataFrame:
    return pd.concat([judged(500, seed, PLAIN, 2) for seed in (1, 2)])


@pytest.fixture(scope="module")
def usual() -> pd.DataFrame:
    return pd.concat([judged(250, seed, Parameters(), 12) for seed in (1, 2, 3)])


def surprise(units: pd.DataFrame, happened: pd.Series, chance: pd.Series) -> float:
    """Return how many standard errors lie between what happened and its chance.

    Months of one customer go together, so customers are summed first.
    """
    customers = [units["seed"], units["parent"]]
    off = (happened.astype(float) - chance).groupby(customers).sum()
    return off.sum() / np.sqrt((off**2).sum())


@pytest.mark.parametrize("term", ["month", "quarter", "year"])
@pytest.mark.parametrize("when", ["early", "in the horizon"])
def test_contracts_are_lost_as_often_as_their_terms_allow(plain, term, when):
    units = plain.loc[plain["term"] == term]
    after = units["first_event"] - units["day"]
    happened = after <= LABEL.lead if when == "early" else units["is_lost"]
    chance = units["by_lead"] if when == "early" else units["chance"]
    assert happened.sum() > 20
    assert abs(surprise(units, happened, chance)) < 3.5


def test_the_mean_chance_is_the_mean_label(usual):
    assert usual["is_lost"].sum() > 150
    assert abs(surprise(usual, usual["is_lost"], usual["chance"])) < 3


def test_what_the_truth_calls_likely_happens_as_often(usual):
    tops = usual["chance"] > usual["chance"].quantile(0.8)
    for part in (usual.loc[tops], usual.loc[~tops]):
        assert abs(surprise(part, part["is_lost"], part["chance"])) < 3.5


def test_the_limit_beats_the_hazard_of_the_week(usual):
    hazard = share_of(usual, "hazard", resamples=60)
    assert hazard.high < 1
    assert 0 < hazard.expected < 1


def test_nothing_is_expected_to_beat_the_limit(usual):
    chances = usual["chance"].to_numpy()
    rng = np.random.default_rng(0)
    limit = expected_auc(chances, chances)
    assert limit == pytest.approx(roc_auc_score(usual["is_lost"], chances), abs=0.05)
    for spread in (0.01, 0.1, 1.0):
        guess = np.log(chances + 1e-6) + spread * rng.normal(size=len(chances))
        assert expected_auc(guess, chances) < limit


@settings(max_examples=15)
@given(seed=st.integers(0, 1000), week=st.integers(0, 103))
def test_a_play_taken_up_again_goes_on_as_it_was_played(seed, week):
    p = Parameters()
    accounts = make_company(50, seed, p).accounts
    states, traits = play_states(accounts, seed, p), traits_of(accounts)
    rng = np.random.default_rng([seed, 2])
    now = opening(accounts, rng, p)
    for before in range(week + 1):
        now = played_week(now, before, traits, rng, p)
    for name in now.__slots__:
        np.testing.assert_array_equal(
            getattr(now, name), getattr(states.at(week), name), name
        )
    company = PlayedCompany(accounts, states, traits, [], np.zeros((50, 731)), p)
    weeks = states.hazard.shape[1] - week - 1
    played = played_hazards(company, np.arange(50), week, weeks, rng, is_foreseen=True)
    np.testing.assert_array_equal(played, states.hazard[:, week + 1 :])


def test_successors_come_as_often_as_they_are_played_but_unforeseen():
    p = Parameters()
    accounts = make_company(40_000, 1, p).accounts
    rng = np.random.default_rng(1)
    now = opening(accounts, rng, p)
    waited = 9
    now = replace(now, left=np.zeros_like(now.left))
    drawn = unforeseen(now, waited, rng, p).replaced
    still = 10 / 14 * p.champion_replaced_share
    share = still / (still + 1 - p.champion_replaced_share)
    came = int((drawn != NEVER).sum())
    assert 0.001 < binom.cdf(came, len(drawn), share) < 0.999
    weeks, counts = np.unique(drawn[drawn != NEVER], return_counts=True)
    assert weeks.tolist() == list(range(10, 20))
    assert np.abs(norm.ppf(binom.cdf(counts, came, 0.1))).max() < 4


def days(*spans: tuple[int, int]) -> np.ndarray:
    marks = np.zeros(LONG, dtype=bool)
    for begin, end in spans:
        marks[begin:end] = True
    return marks


@pytest.mark.parametrize(
    ("name", "paid", "free", "expected"),
    [
        ("notice on all that is paid", [(0, 200)], [(0, 140)], 140),
        ("an end without notice", [(0, 150)], [(0, 150)], 150),
        ("a gap of the grace is nothing", [(0, 150), (195, LONG)], [(0, LONG)], None),
        ("a gap beyond the grace", [(0, 150), (196, LONG)], [(0, LONG)], 150),
        ("a notice taken back happened", [(0, LONG)], [(0, 120), (125, LONG)], 120),
        ("a notice of before is no event", [(0, 190)], [(0, 90)], 190),
        ("nothing", [(0, LONG)], [(0, LONG)], None),
        ("too late", [(0, 300)], [(0, 221)], None),
    ],
)
def test_the_first_loss_after_a_month_end(name, paid, free, expected):
    payments, unnoticed = days(*paid), days(*free) & days(*paid)
    found = first_events(payments[None], unnoticed[None], 100, LABEL)[0]
    assert np.isnan(found) if expected is None else found == expected, name


@pytest.mark.parametrize(
    ("low", "high", "direction", "expected"),
    [
        (0.1, 0.3, 1, "as planted"),
        (-0.1, 0.3, 1, "not seen"),
        (0.1, 0.3, -1, "against"),
        (-0.1, 0.3, 0, "as planted"),
        (0.1, 0.3, 0, "against"),
        (0.1, 0.3, None, "nothing said"),
    ],
)
def test_an_effect_is_judged_by_its_interval(low, high, direction, expected):
    assert verdict(low, high, direction) == expected


def test_the_warehouse_labels_the_units_of_the_truth(warehouse, tmp_path):
    write_sample_company(tmp_path / "landing", tmp_path / "truth", 100, 7)
    labels = "int_customer_outcomes_labelled"
    book = warehouse.build_landing(tmp_path / "landing", labels)
    company = play_company(100, 7)
    found = book.table(labels).assign(
        parent=lambda f: f["ultimate_parent_id"].map(numbers_of(company)),
        day=lambda f: days_of(f["observed_on"]),
        first_event=lambda f: days_of(f["first_event_on"]),
    )
    # Billing of which no account is known is a customer of its own there.
    owned = found.loc[found["parent"].notna()].astype({"parent": int})
    strangers = found.loc[found["parent"].isna(), "ultimate_parent_id"].nunique()
    keys = ["parent", "day"]
    told = units_of(company, LABEL).set_index(keys)
    seen = owned.set_index(keys)
    missing = told.index.difference(seen.index)
    assert seen.index.difference(told.index).empty
    assert missing.get_level_values("parent").nunique() <= strangers
    told, seen = told.drop(missing).sort_index(), seen.sort_index()
    assert told["is_lost"].sum() > 15
    pd.testing.assert_series_equal(
        told["is_lost"], seen["is_followed_by_loss"].astype(bool), check_names=False
    )
    pd.testing.assert_series_equal(
        told["first_event"], seen["first_event"], check_dtype=False
    )


def days_of(dates: pd.Series) -> pd.Series:
    return (pd.to_datetime(dates) - pd.Timestamp(FIRST_DAY)).dt.days


def test_figures_of_accounts_are_weighed_by_mrr_where_they_exist():
    company = play_company(50, 1)
    pair = np.flatnonzero(company.parents[:, 546] != np.arange(50))[:2]
    parent = company.parents[pair, 546]
    ids = company.accounts["account_id"]
    accounts = pd.DataFrame(
        {
            "account_id": [ids[pair[0]], ids[parent[0]]],
            "health_on": pd.Timestamp("2025-06-30"),
            "mrr": [300.0, 100.0],
            "health_score": [20.0, 60.0],
            "nps_level": [np.nan, 9.0],
        }
    )
    units = pd.DataFrame({"parent": [parent[0]], "day": [546]})
    found = joined(company, units, accounts).iloc[0]
    assert found["health_score"] == pytest.approx(30)
    assert found["nps_level"] == pytest.approx(9)
    assert found["mrr"] == pytest.approx(400)


def test_a_fitted_policy_finds_what_the_chance_rests_on():
    rng = np.random.default_rng(3)
    facts = pd.DataFrame(
        {
            "feature_breadth": rng.uniform(0, 10, 800),
            "nps_level": rng.uniform(0, 10, 800),
            "friction_rate": rng.uniform(0, 0.2, 800),
        }
    )
    odds = -2 - 0.3 * facts["feature_breadth"] + 12 * facts["friction_rate"]
    facts["chance"] = 1 / (1 + np.exp(-odds))
    facts.loc[rng.random(800) < 0.3, "nps_level"] = np.nan
    measures = ["feature_breadth", "nps_level", "friction_rate"]
    policy = fitted_policy(facts, measures, largest=1.0)
    assert policy["weight"].sum() == pytest.approx(1)
    assert policy.index[-1] == "nps_level"
    assert policy.loc["nps_level", "weight"] < 0.15
