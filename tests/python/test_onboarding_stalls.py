"""Stalled onboardings on simulated companies, against a walk through the events."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import PROJECT, Book, Warehouse

ACCOUNTS = 100
AS_OF = "2024-04-20"
POLICY = PROJECT / "seeds/policy"


@dataclass(frozen=True)
class Company:
    """A company as of a day when many still wait, and all it ever did."""

    book: Book
    all_events: pd.DataFrame


@pytest.fixture(scope="module", params=[5, 23])
def company(
    request: pytest.FixtureRequest,
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Company]:
    folder: Path = tmp_path_factory.mktemp(f"company-{request.param}")
    landing = folder / "landing"
    write_sample_company(
        landing, folder / "truth", accounts=ACCOUNTS, seed=request.param
    )
    later = warehouse.build_landing(landing, "int_events_conformed")
    events = later.query(
        "select account_id, user_id, event_name, cast(occurred_at as date) as day,"
        " known_on from int_events_conformed"
    )
    book = warehouse.build_landing(
        landing, "fct_onboarding_stalls", "fct_time_to_value", as_of=AS_OF
    )
    yield Company(book, events.assign(day=pd.to_datetime(events["day"])))


def steps_by_hand(company: Company) -> pd.DataFrame:
    """Walk the way of every account that waits, and count what it had done by then."""
    as_of_on = pd.Timestamp(AS_OF)
    known = company.all_events[
        pd.to_datetime(company.all_events["known_on"]) <= as_of_on
    ]
    steps = pd.read_csv(POLICY / "onboarding_steps.csv").sort_values("step_number")
    milestones = pd.read_csv(POLICY / "milestones.csv").rename(
        columns={"milestone": "step"}
    )
    waits = company.book.table("fct_time_to_value")
    rows = []
    for wait in waits[waits["status"] == "censored"].itertuples():
        own = known[known["account_id"] == wait.account_id]
        path = pd.concat([steps, milestones])
        path = path[path["desired_outcome"] == wait.desired_outcome]
        for number, step in enumerate(path.itertuples(), start=1):
            did = own[own["event_name"] == step.event_name]
            if step.within_days > 0:
                did = did[did["day"] > as_of_on - pd.Timedelta(days=step.within_days)]
            users, events = did["user_id"].nunique(), len(did)
            is_done = users >= step.min_users and events >= step.min_events
            waited = (as_of_on - pd.Timestamp(wait.clock_started_on)).days
            late = waited - step.expected_within_days
            rows.append(
                (wait.account_id, number, step.step, users, events, is_done, late)
            )
    names = ["step", "user_count", "event_count", "is_done", "late_days"]
    return pd.DataFrame(rows, columns=["account_id", "step_number", *names])


def test_what_was_done_of_each_step_is_what_was_known_by_the_as_of_day(
    company: Company,
):
    expected = steps_by_hand(company).drop(columns="late_days")
    assert len(expected) > 20 and 0 < expected["is_done"].mean() < 1
    actual = company.book.table("int_onboarding_steps_measured")[list(expected)]
    keys = ["account_id", "step_number"]
    pd.testing.assert_frame_equal(
        actual.sort_values(keys, ignore_index=True),
        expected.sort_values(keys, ignore_index=True),
        check_dtype=False,
    )


def test_a_stall_is_the_first_step_not_done_of_who_pays_and_is_late_with_it(
    company: Company,
):
    accounts = company.book.table("dim_accounts")
    paying = set(accounts.loc[accounts["current_mrr"] > 0, "account_id"])
    open_steps = steps_by_hand(company).query("not is_done")
    first = open_steps.sort_values("step_number").groupby("account_id").first()
    expected = first[(first["late_days"] > 0) & first.index.isin(paying)]
    actual = company.book.table("fct_onboarding_stalls").set_index("account_id")
    assert len(expected) > 1
    told = actual.rename(columns={"missing_step": "step"})
    columns = ["step_number", "step", "late_days", "user_count", "event_count"]
    pd.testing.assert_frame_equal(
        told[columns].sort_index(),
        expected[columns].sort_index(),
        check_dtype=False,
        check_index_type=False,
    )


def test_the_laws_of_stalls_hold_on_a_whole_company(company: Company):
    assert company.book.broken_laws() == []
