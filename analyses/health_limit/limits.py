"""The true probability of the label, given all that was so at a month end.

That is the latent state, the contracts as they stood and notices as they were known;
not what was decided and not yet told, nor when a champion's successor would come.
"""

import numpy as np
import pandas as pd

from analyses.health_limit.chances import Standing, loss_chances
from analyses.health_limit.companies import PAYING, PlayedCompany
from analyses.health_limit.futures import played_hazards
from analyses.health_limit.units import Label
from orchestration.sample_company.subscriptions import Subscription, phase_intervals

Standings = dict[int, Standing]


def standings_on(company: PlayedCompany, day: int) -> Standings:
    """Find the contract that each paying account stood in on a day.

    An add-on on a contract of its own is left out, as it never stands alone.
    """
    first: dict[int, Subscription] = {}
    staying = set()
    for subscription in company.subscriptions:
        if subscription.is_second:
            if subscription.start <= day:
                staying.add(subscription.account)
        elif status_on(subscription, day) in PAYING:
            first[subscription.account] = subscription
    return {
        number: Standing(subscription, day, number in staying)
        for number, subscription in first.items()
    }


def status_on(subscription: Subscription, day: int) -> str | None:
    """Return the status of a subscription on a day, if it has one."""
    for begin, until, status in phase_intervals(subscription):
        if begin <= day and (until is None or day < until):
            return status
    return None


def sells_beside(company: PlayedCompany, day: int) -> set[int]:
    """Name the accounts that pay for an add-on on a contract of its own."""
    return {
        s.account
        for s in company.subscriptions
        if s.is_second and status_on(s, day) in PAYING
    }


def is_known_to_leave(subscription: Subscription, day: int) -> bool:
    """Tell whether notice was given, known, and not taken back by a day."""
    if subscription.notice is not None and subscription.notice <= day:
        return True
    revoked = subscription.revoked
    return revoked is not None and revoked[0] <= day < revoked[1]


def account_chances(
    company: PlayedCompany,
    day: int,
    label: Label,
    replicates: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return, by paying account, the chance of a loss by lead and by horizon.

    Columns: `number`, `by_lead`, `by_horizon`, `hazard` (of the week, per week).
    """
    week, states = day // 7, company.states
    standings = standings_on(company, day)
    beside = sells_beside(company, day)
    numbers = np.array(sorted(standings.keys() | beside), dtype=int)
    weeks = min(label.reach // 7 + 2, states.hazard.shape[1] - week - 1)
    chosen = np.repeat(numbers, replicates)
    futures = played_hazards(company, chosen, week, weeks, rng)
    until = (day + label.lead, day + label.reach)
    rows = []
    for position, number in enumerate(numbers):
        standing = standings.get(number)
        if number in beside or standing is None:
            by = np.zeros(2)
        elif is_known_to_leave(standing.subscription, day):
            by = np.ones(2)
        else:
            part = slice(position * replicates, (position + 1) * replicates)
            past = states.hazard[number, : week + 1]
            by = loss_chances(
                standing, past, futures[part], until, company.parameters
            ).mean(axis=0)
        hazard = states.hazard[number, week]
        rows.append((number, by[0], by[1], hazard))
    return pd.DataFrame(rows, columns=["number", "by_lead", "by_horizon", "hazard"])


def unit_chances(
    company: PlayedCompany,
    units: pd.DataFrame,
    label: Label,
    replicates: int = 100,
    seed: int = 0,
) -> pd.DataFrame:
    """Give each unit its true probability of the label, as `chance`, and `hazard`.

    Accounts are played independently, and all that is paid must be lost: the chances
    of a parent's accounts multiply.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for day in sorted(units["day"].unique()):
        accounts = account_chances(company, int(day), label, replicates, rng)
        accounts["parent"] = company.parents[accounts["number"], day]
        parents = accounts.groupby("parent").agg(
            by_lead=("by_lead", "prod"),
            by_horizon=("by_horizon", "prod"),
            hazard=("hazard", "mean"),
        )
        parts.append(parents.assign(day=day).reset_index())
    found = pd.concat(parts, ignore_index=True)
    found["chance"] = found["by_horizon"] - found["by_lead"]
    columns = ["parent", "day", "chance", "hazard", "by_lead"]
    return units.merge(found[columns], on=["parent", "day"], how="left")
