"""The share of pairs that a score puts in the right order, under many weightings."""

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


class Ranking:
    """Scores in order, with their ties, sorted once and weighed as often as wanted.

    scikit-learn's `roc_auc_score` sorts anew for each weighting, which a bootstrap of
    thousands cannot wait for; a test holds the two together.
    """

    def __init__(self, scores: Numbers) -> None:
        """Sort the scores and find where each tie begins."""
        self.order = np.argsort(scores, kind="stable")
        ordered = scores[self.order]
        self.starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])

    def auc(self, lost: Numbers, kept: Numbers) -> Numbers:
        """Return the chance that a kept customer scores above a lost one.

        Both are weights, rows x customers: 0 where a customer is not of that kind. Half
        of a tie counts; nan where one kind has no weight.

        What is won and what is missed are summed apart, each of nothing negative, so
        that no rounding can put their share outside of 0 to 1.
        """
        lost_ties = np.add.reduceat(lost[:, self.order], self.starts, axis=1)
        kept_ties = np.add.reduceat(kept[:, self.order], self.starts, axis=1)
        won = (lost_ties * _above(kept_ties)).sum(axis=1)
        missed = (lost_ties * _above(kept_ties[:, ::-1])[:, ::-1]).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(won + missed > 0, won / (won + missed), np.nan)


def _above(ties: Numbers) -> Numbers:
    """Return the weight that lies behind each tie, and half of its own."""
    behind = np.zeros_like(ties)
    behind[:, :-1] = np.cumsum(ties[:, :0:-1], axis=1)[:, ::-1]
    return behind + ties / 2


def auc_of(scores: Numbers, is_lost: npt.NDArray[np.bool_], weights: Numbers) -> float:
    """Return one weighted AUC; nan where nobody was lost, or nobody kept."""
    if not len(scores):
        return float("nan")
    lost = np.where(is_lost, weights, 0.0)[None, :]
    kept = np.where(is_lost, 0.0, weights)[None, :]
    return float(Ranking(scores).auc(lost, kept)[0])
