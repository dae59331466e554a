"""Time to value on simulated companies, against a naive oracle and the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import PROJECT, Warehouse

SEEDS = (3, 17, 29)
ACCOUNTS = 40


@dataclass(frozen=True)
class Company:
    """What the warehouse says of a company, and the files it was told."""

    values: pd.DataFrame
    known_events: pd.DataFrame
    truth: pd.DataFrame
    broken_laws: list[str]


@pytest.fixture(scope="module", params=SEEDS)
def company(
    request: pytest.FixtureRequest,
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Company]:
    folder: Path = tmp_path_factory.mktemp(f"company-{request.param}")
    landing, truth = folder / "landing", folder / "truth"
    write_sample_company(landing, truth, accounts=ACCOUNTS, seed=request.param)
    book = warehouse.build_landing(
        landing, "fct_time_to_value_shares", "fct_time_to_value"
    )
    yield Company(
        values=book.table("fct_time_to_value").set_index("account_id"),
        known_events=book.query(
            "select account_id, user_id, event_name, cast(occurred_at as date) as day "
            "from int_events_conformed"
        ),
        truth=pd.read_parquet(truth / "true_time_to_value.parquet"),
        broken_laws=book.broken_laws(),
    )


def test_the_laws_of_the_curves_hold_on_a_whole_company(company):
    assert company.broken_laws == []


def first_day_of_value(events: pd.DataFrame, milestone: pd.Series) -> object:
    """Walk day by day; value is the first day whose trailing window holds enough."""
    events = events.assign(day=pd.to_datetime(events["day"]))
    window = pd.Timedelta(days=int(milestone["within_days"]))
    for day in sorted(events["day"].unique()):
        seen = events[(events["day"] <= day) & (events["day"] > day - window)]
        enough_events = len(seen) >= milestone["min_events"]
        if enough_events and seen["user_id"].nunique() >= milestone["min_users"]:
            return pd.Timestamp(day).date()
    return None


def test_value_is_reached_on_the_first_day_whose_window_holds_enough(company):
    milestones = pd.read_csv(PROJECT / "seeds/policy/milestones.csv").set_index(
        "desired_outcome"
    )
    assert len(company.values) > ACCOUNTS / 2
    for account_id, row in company.values.iterrows():
        milestone = milestones.loc[row["desired_outcome"]]
        own = company.known_events[
            (company.known_events["account_id"] == account_id)
            & (company.known_events["event_name"] == milestone["event_name"])
        ]
        met_on = first_day_of_value(own, milestone)
        clock_started_on, left_on = row["clock_started_on"], row["left_on"]
        expected = max(met_on, clock_started_on) if met_on else None
        if expected and pd.notna(left_on) and expected >= left_on:
            expected = None
        actual = row["value_reached_on"]
        assert (actual if pd.notna(actual) else None) == expected, account_id
        days = (expected - clock_started_on).days if expected else None
        counted = row["time_to_value_days"]
        assert (int(counted) if pd.notna(counted) else None) == days, account_id


def test_what_users_did_reaches_value_on_the_day_the_simulator_meant(company):
    truth = company.truth.set_index("account_id")["value_reached_on"]
    reached = company.values[company.values["status"] == "reached"]
    reached = reached[~reached["is_reached_before_clock"]]
    meant = pd.to_datetime(truth.reindex(reached.index)).dt.date
    agreed = (reached["value_reached_on"] == meant).mean()
    assert agreed > 0.95
