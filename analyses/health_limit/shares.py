"""Say how near to the limit a score comes, and where the rest is lost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import bootstrap
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from analyses.health_limit.parts import PARTS

RESAMPLES = 300
FOLDS = 5


@dataclass(frozen=True)
class Share:
    """The AUC of a risk beside the limit's on the same units, with an interval.

    `expected` is the share reached had chance fallen as it does on average.
    """

    auc: float
    limit: float
    low: float
    high: float
    expected: float
    units: int

    @property
    def reached(self) -> float:
        """Return the share of (limit - 0.5) which the risk reaches."""
        return reached(self.auc, self.limit)


def reached(auc: float, limit: float) -> float:
    """Return the share of (limit - 0.5) which an AUC reaches."""
    return (auc - 0.5) / (limit - 0.5)


def share_of(
    facts: pd.DataFrame, risk: str, *, sign: int = 1, resamples: int = RESAMPLES
) -> Share:
    """Judge a risk on the units that have one; resample whole customers."""
    known = facts.loc[facts[risk].notna()]
    lost = known["is_lost"].to_numpy()
    risks = sign * known[risk].to_numpy()
    chances = known["chance"].to_numpy()
    codes, customers = pd.factorize(customers_of(known))

    def share(drawn: np.ndarray) -> float:
        weights = np.bincount(drawn, minlength=len(customers))[codes]
        return reached(
            roc_auc_score(lost, risks, sample_weight=weights),
            roc_auc_score(lost, chances, sample_weight=weights),
        )

    interval = bootstrap(
        (np.arange(len(customers)),),
        share,
        vectorized=False,
        n_resamples=resamples,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    auc, limit = roc_auc_score(lost, risks), roc_auc_score(lost, chances)
    expected = reached(expected_auc(risks, chances), expected_auc(chances, chances))
    return Share(auc, limit, interval.low, interval.high, expected, len(known))


def expected_auc(risks: np.ndarray, chances: np.ndarray) -> float:
    """Return the AUC against the true chances instead of what chance made of them.

    Each unit counts as lost by its chance and as kept by the rest of it.
    """
    lost = np.repeat([True, False], len(chances))
    weights = np.concatenate([chances, 1 - chances])
    return float(roc_auc_score(lost, np.tile(risks, 2), sample_weight=weights))


def customers_of(facts: pd.DataFrame) -> pd.Series:
    """Name the customer of each unit, also where several companies are stacked."""
    return facts["seed"].astype(str) + "-" + facts["parent"].astype(str)


def best_use(
    facts: pd.DataFrame, columns: Sequence[str], *, is_additive: bool = False
) -> np.ndarray:
    """Predict the true chance from `columns`, each customer from the others.

    An additive use has one curve per column, as a score has; else they may interact.
    """
    model = HistGradientBoostingRegressor(
        max_iter=80,
        learning_rate=0.1,
        interaction_cst="no_interactions" if is_additive else None,
        random_state=0,
    )
    with threadpool_limits(1):
        return cross_val_predict(
            model,
            facts[list(columns)].astype(float),
            np.sqrt(facts["chance"]),
            groups=customers_of(facts),
            cv=GroupKFold(FOLDS),
        )


def knowledge(facts: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return the AUC to expect of more and more knowledge, on units with a score.

    Parts are of the true state; measures are what the warehouse saw. Each is put to its
    best use against the truth, so that only what it does not know is missing.
    """
    known = facts.loc[facts["health_score"].notna()]
    everything = [column for part in PARTS.values() for column in part]
    risks = {
        "the limit": known["chance"],
        "hazard of the week alone": known["hazard"],
        "all parts of the state": best_use(known, everything),
    }
    for name, part in PARTS.items():
        others = [column for column in everything if column not in part]
        risks[f"without {name}"] = best_use(known, others)
    for name, part in PARTS.items():
        risks[f"{name} alone"] = best_use(known, part)
    risks |= {
        "measures, best use": best_use(known, measures),
        "measures, one curve each": best_use(known, measures, is_additive=True),
        "measures and the contract": best_use(known, [*measures, *PARTS["contract"]]),
        "measures and the champion": best_use(known, [*measures, *PARTS["champion"]]),
        "measures and onboarding": best_use(known, [*measures, *PARTS["onboarding"]]),
        "the default score": -known["health_score"],
    }
    chances = known["chance"].to_numpy()
    aucs = {
        name: expected_auc(np.asarray(risk), chances) for name, risk in risks.items()
    }
    frame = pd.DataFrame({"auc": aucs})
    return frame.assign(share=[reached(a, aucs["the limit"]) for a in frame["auc"]])
