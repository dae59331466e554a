"""Fit weights and curves to the truth, within the rules that a policy must keep.

Weights are fitted on other companies than the score is judged on. A person rounds what
comes out, and may keep a measure that weighs little because it is worth saying.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, softmax

from orchestration.places import PROJECT

POLICY = PROJECT / "seeds" / "policy"
LARGEST_WEIGHT = 0.25
KNOTS = 7
STEPS = 100


@dataclass(frozen=True)
class Ramp:
    """How far a measure has passed through each piece between its knots, by unit."""

    measure: str
    knots: np.ndarray
    passed: np.ndarray
    is_present: np.ndarray
    is_higher_better: bool

    def scores(self, pieces: np.ndarray) -> np.ndarray:
        """Return scores of 0 to 1, each piece of the curve rising by its share."""
        risen = self.passed @ pieces
        return risen if self.is_higher_better else 1 - risen


def directions() -> dict[str, bool]:
    """Name the measures of the policy, and whether more of each is better."""
    measures = pd.read_csv(POLICY / "health_measures.csv")
    known = measures.loc[measures["direction"].str.endswith("_is_better")]
    return dict(
        zip(known["measure"], known["direction"].str.startswith("higher"), strict=True)
    )


def policy_knots(measure: str) -> np.ndarray:
    """List where the curve of a measure bends in the policy as it is."""
    curves = pd.read_csv(POLICY / "health_curves.csv")
    if "profile" in curves:
        curves = curves.loc[curves["profile"] == "default"]
    return np.unique(curves.loc[curves["measure"] == measure, "input_value"])


def ramp_of(facts: pd.DataFrame, measure: str, is_higher_better: bool) -> Ramp:
    """Cut a measure where the policy's own curve bends, or else at its quantiles."""
    values = facts[measure].to_numpy(dtype=float)
    is_present = ~np.isnan(values)
    knots = policy_knots(measure)
    if len(knots) < 2:
        shares = np.linspace(0.01, 0.99, KNOTS)
        knots = np.unique(np.quantile(values[is_present], shares).round(3))
    filled = np.where(is_present, values, knots[0])[:, None]
    passed = np.clip((filled - knots[:-1]) / np.diff(knots), 0, 1)
    return Ramp(measure, knots, passed, is_present, is_higher_better)


def fitted_policy(
    facts: pd.DataFrame, measures: Sequence[str], largest: float = LARGEST_WEIGHT
) -> pd.DataFrame:
    """Return weights and curve points under which the score tells the true chance.

    The score is what the warehouse makes of a policy: the weighted mean of the present
    measures' scores. The likelihood is that of a loss by its true chance.
    """
    better = directions()
    chosen = [m for m in measures if m in better and facts[m].nunique() > 1]
    ramps = [ramp_of(facts, measure, better[measure]) for measure in chosen]
    chances = facts["chance"].to_numpy()
    sizes = [len(ramp.knots) - 1 for ramp in ramps]
    bounds = np.cumsum([len(ramps), *sizes])

    def policy(theta: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        pieces = np.split(theta[:-2], bounds)[1:-1]
        return softmax(theta[: len(ramps)]), [softmax(piece) for piece in pieces]

    def misfit(theta: np.ndarray) -> float:
        weights, pieces = policy(theta)
        parts = zip(ramps, weights, pieces, strict=True)
        top, bottom = np.zeros(len(chances)), np.full(len(chances), 1e-9)
        for ramp, weight, piece in parts:
            top += weight * ramp.scores(piece) * ramp.is_present
            bottom += weight * ramp.is_present
        told = expit(theta[-2] - np.exp(theta[-1]) * top / bottom)
        likely = chances * np.log(told) + (1 - chances) * np.log1p(-told)
        above = np.maximum(weights - largest, 0)
        return -likely.mean() + 5 * (above**2).sum() + 1e-6 * (theta[:-2] ** 2).sum()

    start = np.zeros(bounds[-1] + 2)
    start[-1] = np.log(7)
    found = minimize(misfit, start, method="L-BFGS-B", options={"maxiter": STEPS})
    rows = []
    for ramp, weight, piece in zip(ramps, *policy(found.x), strict=True):
        risen = np.concatenate([[0], piece.cumsum()])
        scores = risen if ramp.is_higher_better else 1 - risen
        curve = zip(ramp.knots, 100 * scores, strict=True)
        rows.append(
            {
                "measure": ramp.measure,
                "weight": weight,
                "curve": ", ".join(f"{x:g}: {score:.0f}" for x, score in curve),
            }
        )
    table = pd.DataFrame(rows).set_index("measure")
    return table.sort_values("weight", ascending=False)
