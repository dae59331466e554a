"""Take apart what the truth rests on, to ask what each part is worth."""

import numpy as np
import pandas as pd

from analyses.health_limit.chances import Standing
from analyses.health_limit.companies import PlayedCompany
from analyses.health_limit.limits import standings_on
from orchestration.sample_company.prices import TERM_MONTHS

PARTS = {
    "contract": ("term_months", "days_to_end", "stays", "was_paused"),
    "value": ("value", "usage", "slump", "fit"),
    "champion": ("weeks_since_left", "is_replaced"),
    "friction": ("friction", "friction_before"),
    "slow support": ("slowness", "slowness_before"),
    "onboarding": ("is_onboarded", "age_weeks"),
    "account count": ("account_count",),
}


def parts_of(company: PlayedCompany, units: pd.DataFrame) -> pd.DataFrame:
    """Describe the state behind each unit, a mean over the contracts it pays for."""
    rows = []
    for day in units["day"].unique():
        for number, standing in standings_on(company, int(day)).items():
            parent = company.parents[number, day]
            described = described_state(company, number, standing)
            rows.append({"parent": parent, "day": day, **described})
    groups = pd.DataFrame(rows).astype(float).groupby(["parent", "day"])
    means = groups.mean().assign(account_count=groups.size())
    return units.merge(means.reset_index(), on=["parent", "day"], how="left")


def described_state(company: PlayedCompany, number: int, standing: Standing) -> dict:
    """Name the parts of one account's state."""
    states, week = company.states, standing.day // 7
    contract = standing.subscription
    index = 0
    while contract.period(index + 1) <= standing.day:
        index += 1
    left = int(states.champion_left_week[number])
    before = slice(max(0, week - 8), week + 1)
    return {
        "term_months": TERM_MONTHS[contract.term],
        "days_to_end": contract.period(index + 1) - standing.day,
        "stays": standing.stays,
        "was_paused": standing.was_paused,
        "value": states.value[number, week],
        "usage": states.usage[number, week],
        "slump": states.slump[number, week],
        "fit": company.traits.fit[number],
        "weeks_since_left": week - left if left <= week else np.nan,
        "is_replaced": states.champion_replaced_week[number] <= week,
        "friction": states.friction[number, week],
        "friction_before": states.friction[number, before].mean(),
        "slowness": states.slowness[number, week],
        "slowness_before": states.slowness[number, before].mean(),
        "is_onboarded": states.onboarded_week[number] <= week,
        "age_weeks": week - company.traits.start_week[number],
    }
