"""Play a company once more, without landing it, to ask what was true of it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.sample_company.accounts import make_company
from orchestration.sample_company.identities import make_identities
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.salesforce import account_history
from orchestration.sample_company.states import States, Traits, play_states, traits_of
from orchestration.sample_company.subscriptions import (
    Subscription,
    phase_intervals,
    play_contracts,
)

PAYING = ("active", "past_due")


@dataclass(frozen=True)
class PlayedCompany:
    """What was played of a company; `parents` is accounts by days, of positions."""

    accounts: pd.DataFrame
    states: States
    traits: Traits
    subscriptions: list[Subscription]
    parents: np.ndarray
    parameters: Parameters

    @property
    def last(self) -> int:
        """Return the number of the last day."""
        return (self.parameters.last_day - self.parameters.first_day).days


def play_company(
    accounts: int, seed: int, parameters: Parameters | None = None
) -> PlayedCompany:
    """Play what `write_sample_company` lands for the same seed, and land nothing."""
    p = parameters or Parameters()
    company = make_company(accounts, seed, p)
    frame = company.accounts
    states = play_states(frame, seed, p)
    last = (p.last_day - p.first_day).days
    identities = make_identities(frame, seed, last + 1)
    history = account_history(company, identities, seed, last)
    return PlayedCompany(
        accounts=frame,
        states=states,
        traits=traits_of(frame),
        subscriptions=play_contracts(frame, states, seed, p),
        parents=parents_by_day(frame, history, last + 1),
        parameters=p,
    )


def parents_by_day(
    accounts: pd.DataFrame, history: pd.DataFrame, days: int
) -> np.ndarray:
    """Lay each account's ultimate parent over the days; its own number if none."""
    number = dict(zip(accounts["account_id"], accounts["number"], strict=True))
    parents = np.repeat(accounts["number"].to_numpy()[:, None], days, axis=1)
    for row in history.to_dict("records"):
        if row["id"] in number and row["parent_id"] is not None:
            parents[number[row["id"]], max(row["day"], 0) :] = number[row["parent_id"]]
    return parents


def paying_days(company: PlayedCompany) -> tuple[np.ndarray, np.ndarray]:
    """Mark, by account and day, what is paid for, and what of it is not on notice."""
    shape = company.parents.shape
    paying, unnoticed = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for subscription in company.subscriptions:
        row = subscription.account
        free = np.ones(shape[1], dtype=bool)
        if subscription.notice is not None:
            free[subscription.notice :] = False
        if subscription.revoked is not None:
            free[subscription.revoked[0] : subscription.revoked[1]] = False
        for begin, until, status in phase_intervals(subscription):
            if status in PAYING:
                days = slice(begin, until)
                paying[row, days] = True
                unnoticed[row, days] |= free[days]
    return paying, unnoticed
