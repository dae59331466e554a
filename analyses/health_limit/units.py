"""Label the customers of a played company at its month ends, from the truth alone.

The definition is that of the health validation: see its model.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.health_limit.companies import PlayedCompany, paying_days
from orchestration.sample_company.calendar_days import FIRST_DAY


@dataclass(frozen=True)
class Label:
    """The days after a month end in which a first loss counts."""

    lead: int = 30
    horizon: int = 90
    grace: int = 45

    @property
    def reach(self) -> int:
        """Return the days from the month end to the end of the horizon."""
        return self.lead + self.horizon


def month_ends(company: PlayedCompany, label: Label) -> list[int]:
    """List the month ends whose windows were seen to the end, grace included."""
    first = pd.Timestamp(FIRST_DAY)
    days = pd.date_range(first, company.parameters.last_day, freq="ME")
    seen = company.last - label.reach - label.grace
    return [(day - first).days for day in days if (day - first).days <= seen]


def units_of(company: PlayedCompany, label: Label) -> pd.DataFrame:
    """List customers that pay and are not on notice, by month end, with the label.

    Columns: `parent` and `day` (numbers), `first_event` (day, or NaN) and `is_lost`.
    """
    paying, unnoticed = paying_days(company)
    parts = []
    for day in month_ends(company, label):
        parent = company.parents[:, day]
        count = len(parent)
        paid = grouped_any(paying, parent, count)
        free = grouped_any(unnoticed, parent, count)
        chosen = np.flatnonzero(paid[:, day] & free[:, day])
        first = first_events(paid[chosen], free[chosen], day, label)
        parts.append(pd.DataFrame({"parent": chosen, "day": day, "first_event": first}))
    units = pd.concat(parts, ignore_index=True)
    after = units["first_event"] - units["day"]
    return units.assign(is_lost=(after > label.lead) & (after <= label.reach))


def grouped_any(marks: np.ndarray, parent: np.ndarray, count: int) -> np.ndarray:
    """Mark a parent where any of its members is marked."""
    found = np.zeros((count, marks.shape[1]), dtype=bool)
    np.logical_or.at(found, parent, marks)
    return found


def first_events(
    paid: np.ndarray, free: np.ndarray, day: int, label: Label
) -> np.ndarray:
    """Find the first notice on everything, or churn beyond the grace, after `day`."""
    noticed = paid & ~free
    first = np.full(len(paid), np.nan)
    for later in range(day + label.reach, day, -1):
        is_notice = noticed[:, later] & ~noticed[:, later - 1]
        is_gone = ~paid[:, later : later + label.grace + 1].any(axis=1)
        first[is_notice | (paid[:, later - 1] & is_gone)] = later
    return first
