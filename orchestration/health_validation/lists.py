"""Whom a list of the lowest scores holds, where ties share its last places."""

import numpy as np
import numpy.typing as npt

from orchestration.health_validation.auc import Numbers


def lowest(scores: Numbers, places: float) -> Numbers:
    """Return the share of each row in a list of so many lowest scores.

    Rows of one score share what places are left for them: nobody is listed by luck,
    nor by the order of the rows. nan is unscored and never listed.
    """
    shares = np.zeros(len(scores))
    known = np.flatnonzero(~np.isnan(scores))
    if not len(known):
        return shares
    values, group, sizes = np.unique(
        scores[known], return_inverse=True, return_counts=True
    )
    before = np.cumsum(sizes) - sizes
    shares[known] = np.clip((places - before) / sizes, 0, 1)[group]
    return shares


def lowest_by_month(
    scores: Numbers, months: npt.NDArray[np.int64], places: Numbers
) -> Numbers:
    """Return the shares in one list per month, of as many places as its rows bring."""
    shares = np.zeros(len(scores))
    for month in np.unique(months):
        rows = np.flatnonzero(months == month)
        is_known = ~np.isnan(scores[rows])
        shares[rows] = lowest(scores[rows], float(places[rows][is_known].sum()))
    return shares
