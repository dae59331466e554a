"""Play the weeks that could have followed a week, for every account at once."""

from dataclasses import replace

import numpy as np

from analyses.health_limit.companies import PlayedCompany
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.states import (
    NEVER,
    SUCCESSOR_WEEKS,
    Latent,
    causes_of,
    hazard_of,
    played_week,
)


def unforeseen(
    now: Latent, week: int, rng: np.random.Generator, parameters: Parameters
) -> Latent:
    """Draw again when successors come that have not come yet.

    The play draws that week as the champion leaves, when nobody can know it.
    """
    first, stop = SUCCESSOR_WEEKS
    waited = week - now.left
    still = np.maximum(stop - np.maximum(waited + 1, first), 0)
    share = parameters.champion_replaced_share * still / (stop - first)
    share /= share + 1 - parameters.champion_replaced_share
    drawn = np.where(
        rng.random(len(waited)) < share,
        now.left + stop - np.ceil(still * (1 - rng.random(len(waited)))).astype(int),
        NEVER,
    )
    is_open = (now.left != NEVER) & (now.replaced > week)
    return replace(now, replaced=np.where(is_open, drawn, now.replaced))


def played_hazards(
    company: PlayedCompany,
    chosen: np.ndarray,
    week: int,
    weeks: int,
    rng: np.random.Generator,
    *,
    is_foreseen: bool = False,
) -> np.ndarray:
    """Play `weeks` more weeks of `chosen` accounts; return hazards by row and week.

    An account may be chosen any number of times. With `is_foreseen` champions return
    when they truly did.
    """
    p, states = company.parameters, company.states
    traits = company.traits.rows(chosen)
    now = states.at(week).rows(chosen)
    if not is_foreseen:
        now = unforeseen(now, week, rng, p)
    seen = max(p.value_lag_weeks, p.friction_lead_weeks[1], p.slowness_lead_weeks[1])
    back = min(week, seen) + 1
    past = slice(week + 1 - back, week + 1)
    names = ("value", "friction", "slowness")
    grids = {name: np.empty((len(chosen), back + weeks)) for name in names}
    for name, grid in grids.items():
        grid[:, :back] = getattr(states, name)[chosen, past]
    hazards = np.empty((len(chosen), weeks))
    for ahead in range(weeks):
        at = week + 1 + ahead
        now = played_week(now, at, traits, rng, p)
        for name, grid in grids.items():
            grid[:, back + ahead] = getattr(now, name)
        known = [grid[:, : back + ahead + 1] for grid in grids.values()]
        causes = causes_of(now, at, traits, *known, p)
        hazards[:, ahead] = hazard_of(causes, at, traits, p)
    return hazards
