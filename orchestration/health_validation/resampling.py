"""Intervals and p values that know a customer's months are not independent."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import bootstrap, permutation_test

from orchestration.health_validation.auc import Numbers, Ranking

# The same input gives the same interval.
SEED = 20261122
CONFIDENCE = 0.95
RESAMPLES = 500
# A large book needs fewer resamples than patience: so many rows x resamples at most.
CELLS = 10_000_000
FEWEST_RESAMPLES = 200
# Rows x resamples held in memory at once.
BATCH_CELLS = 4_000_000

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Interval:
    """A point between its ends; nan where there are too few losses to tell."""

    point: float
    low: float
    high: float


def _resamples(rows: int) -> int:
    return int(np.clip(CELLS // max(rows, 1), FEWEST_RESAMPLES, RESAMPLES))


def _batch(rows: int) -> int:
    return max(1, BATCH_CELLS // max(rows, 1))


def bootstrap_aucs(
    scores: list[Numbers], pairs: list[tuple[int, int]], is_lost: Flags, owners: Codes
) -> tuple[list[Interval], list[Interval]]:
    """Return the AUC of each scorer, and the gain of the first of each pair.

    Customers are drawn with all their months. A scorer's AUC is of the rows it scored
    (nan is unscored), a gain of the rows that both scored.
    """
    sides = {(index, index) for index in range(len(scores))}
    sides |= {side for a, b in pairs for side in ((a, b), (b, a))}
    known = [~np.isnan(each) for each in scores]
    rankings: dict[tuple[int, int], tuple[Codes, Ranking]] = {}
    same: dict[tuple[int, bytes], tuple[int, int]] = {}
    alias: dict[tuple[int, int], tuple[int, int]] = {}
    for scorer, other in sorted(sides):
        rows = np.flatnonzero(known[scorer] & known[other])
        alias[scorer, other] = same.setdefault(
            (scorer, rows.tobytes()), (scorer, other)
        )
        if alias[scorer, other] == (scorer, other) and len(rows):
            rankings[scorer, other] = (rows, Ranking(scores[scorer][rows]))
    customers = int(owners.max()) + 1

    def statistic(drawn: Codes, axis: int = -1) -> Numbers:
        drawn = np.atleast_2d(drawn)
        offsets = np.arange(len(drawn))[:, None] * customers
        counts = np.bincount(
            (drawn + offsets).ravel(), minlength=len(drawn) * customers
        )
        weights = counts.reshape(len(drawn), customers).astype(float)[:, owners]
        lost, kept = weights * is_lost, weights * ~is_lost
        aucs = {
            side: ranking.auc(lost[:, rows], kept[:, rows])
            for side, (rows, ranking) in rankings.items()
        }
        nothing = np.full(len(drawn), np.nan)
        # A draw without a loss tells nothing: it counts as chance.
        own = [
            np.nan_to_num(aucs.get(alias[index, index], nothing), nan=0.5)
            for index in range(len(scores))
        ]
        gains = [
            np.nan_to_num(aucs.get(alias[a, b], nothing), nan=0.5)
            - np.nan_to_num(aucs.get(alias[b, a], nothing), nan=0.5)
            for a, b in pairs
        ]
        return np.stack([*own, *gains])

    codes = np.arange(customers)
    points = statistic(codes)[:, 0]
    ends = bootstrap(
        (codes,),
        statistic,
        vectorized=True,
        method="percentile",
        confidence_level=CONFIDENCE,
        n_resamples=_resamples(len(owners)),
        batch=_batch(len(owners)),
        rng=np.random.default_rng(SEED),
    ).confidence_interval
    intervals = [
        Interval(float(point), float(low), float(high))
        for point, low, high in zip(points, ends.low, ends.high, strict=True)
    ]
    return intervals[: len(scores)], intervals[len(scores) :]


def permutation_p_value(
    scores: Numbers, is_lost: Flags, owners: Codes, months: Codes
) -> float:
    """Return how often what followed another customer is ranked as well or better.

    A customer is given another's whole history, month for month, so that the months of
    one history stay together; months the other was not there for are left out.
    """
    followed = np.full((int(owners.max()) + 1, int(months.max()) + 1), np.nan)
    followed[owners, months] = is_lost
    ranking = Ranking(scores)

    def statistic(drawn: Codes, axis: int = -1) -> Numbers:
        labels = followed[np.atleast_2d(drawn)[:, owners], months]
        aucs = ranking.auc((labels == 1).astype(float), (labels == 0).astype(float))
        aucs = np.nan_to_num(aucs, nan=0.5)
        return aucs if np.ndim(drawn) > 1 else aucs[0]

    # One in so many is the smallest p value that can be told.
    resamples = min(_resamples(len(owners)), RESAMPLES) - 1
    test: Callable = permutation_test
    return float(
        test(
            (np.arange(len(followed)),),
            statistic,
            permutation_type="pairings",
            vectorized=True,
            n_resamples=resamples,
            batch=_batch(len(owners)),
            alternative="greater",
            rng=np.random.default_rng(SEED),
        ).pvalue
    )
