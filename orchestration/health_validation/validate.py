"""Judge every scorer by what followed, for each segment and month."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from orchestration.health_validation.auc import auc_of
from orchestration.health_validation.lists import lowest_by_month
from orchestration.health_validation.resampling import (
    Interval,
    bootstrap_aucs,
    permutation_p_value,
)

KEY = ["ultimate_parent_id", "observed_on"]
DIMENSIONS = ["tier", "desired_outcome", "engagement_model"]
WORST_SHARE = 0.1
# Fewer lost customers than this have no interval worth printing, and no verdict.
MIN_LOST_CUSTOMERS = 20
UNKNOWN = Interval(np.nan, np.nan, np.nan)
COLUMNS = [
    *("scorer", "foil", "segment_dimension", "segment_value", "period"),
    *("observation_count", "customer_count", "unscored_count"),
    *("lost_observation_count", "lost_customer_count", "unscored_lost_count"),
    *("early_leaver_count", "auc", "auc_low", "auc_high", "auc_p_value"),
    *("mrr_weighted_auc", "auc_without_early_leavers", "worst_decile_lift"),
    *("listed_count", "precision_at_capacity", "recall_at_capacity"),
    *("red_loss_ratio", "red_share", "green_share", "stability_index"),
    *("auc_gain", "auc_gain_low", "auc_gain_high"),
    *("beaten_foils", "unbeaten_foils"),
]
TEXTS = [*COLUMNS[:5], "beaten_foils", "unbeaten_foils"]


def _segments(units: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    yield "all", "all", units
    for dimension in DIMENSIONS:
        for value, rows in units.groupby(dimension, sort=True):
            yield dimension, str(value), rows


def _periods(units: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "all", units
    for month, rows in units.groupby("observed_on", sort=True):
        yield str(pd.Timestamp(month).date()), rows


def _has_losses(units: pd.DataFrame) -> bool:
    lost = units.loc[units["is_followed_by_loss"], "ultimate_parent_id"]
    return lost.nunique() >= MIN_LOST_CUSTOMERS


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _bands(units: pd.DataFrame, bands: pd.Series) -> dict[str, float]:
    is_banded = bands.isin(["red", "yellow", "green"])
    if not is_banded.any():
        return {"red_loss_ratio": np.nan, "red_share": np.nan, "green_share": np.nan}
    lost = units["is_followed_by_loss"]
    is_red = bands == "red"
    red_loss = _ratio(float(lost[is_red].sum()), int(is_red.sum()))
    base_loss = _ratio(float(lost[is_banded].sum()), int(is_banded.sum()))
    return {
        "red_loss_ratio": _ratio(red_loss, base_loss),
        "red_share": float(is_red[is_banded].mean()),
        "green_share": float((bands == "green")[is_banded].mean()),
    }


def _measures(units: pd.DataFrame, scorer: str) -> dict[str, float]:
    """Return what one scorer is worth on these rows, but for its interval."""
    scores = units[scorer].to_numpy(float)
    lost = units["is_followed_by_loss"].to_numpy(bool)
    months = units["month_code"].to_numpy()
    known = ~np.isnan(scores)
    kept = known & ~units["is_early_leaver"].to_numpy(bool)
    mrr = units["mrr"].to_numpy(float)
    listed = lowest_by_month(scores, months, units["capacity_rate"].to_numpy(float))
    worst = lowest_by_month(scores, months, np.full(len(units), WORST_SHARE))
    base = _ratio(lost[known].sum(), known.sum())
    return {
        "unscored_count": int((~known).sum()),
        "unscored_lost_count": int(lost[~known].sum()),
        "auc": auc_of(scores[known], lost[known], np.ones(known.sum())),
        "mrr_weighted_auc": auc_of(scores[known], lost[known], mrr[known]),
        "auc_without_early_leavers": auc_of(
            scores[kept], lost[kept], np.ones(kept.sum())
        ),
        "worst_decile_lift": _ratio(_ratio((worst * lost).sum(), worst.sum()), base),
        "listed_count": float(listed.sum()),
        "precision_at_capacity": _ratio((listed * lost).sum(), listed.sum()),
        "recall_at_capacity": _ratio((listed * lost).sum(), lost.sum()),
        **_bands(units, units[f"{scorer} band"]),
    }


def _stability(units: pd.DataFrame, earlier: pd.DataFrame, scorer: str) -> float:
    """Return the population stability index against the deciles of the month before."""
    now, then = units[scorer].dropna(), earlier[scorer].dropna()
    if now.empty or then.empty:
        return np.nan
    edges = np.unique(np.quantile(then, np.arange(0.1, 1, 0.1)))
    shares = [
        # Half a customer in an empty bin keeps the logarithm finite.
        (np.bincount(np.searchsorted(edges, part), minlength=len(edges) + 1) + 0.5)
        / (len(part) + 0.5 * (len(edges) + 1))
        for part in (now.to_numpy(), then.to_numpy())
    ]
    return float(((shares[0] - shares[1]) * np.log(shares[0] / shares[1])).sum())


def _wide(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per customer and month, with a column per scorer and its bands."""
    ordered = outcomes.sort_values([*KEY, "scorer"], kind="stable")
    facts = [
        *DIMENSIONS,
        *("mrr", "capacity_rate", "is_followed_by_loss", "is_early_leaver"),
    ]
    units = ordered.groupby(KEY, sort=True)[facts].first()
    for scorer, rows in ordered.groupby("scorer", sort=True):
        indexed = rows.set_index(KEY)
        units[scorer] = indexed["score"].astype(float)
        units[f"{scorer} band"] = indexed["health_band"]
    units = units.reset_index()
    units["month_code"] = pd.factorize(units["observed_on"], sort=True)[0]
    return units


def _rows_of(
    units: pd.DataFrame,
    earlier: pd.DataFrame | None,
    scorers: list[str],
    pairs: list[tuple[int, int]],
    is_headline: bool,
) -> Iterator[dict[str, object]]:
    """Yield the rows of one segment and period: each scorer, then each comparison."""
    lost = units["is_followed_by_loss"].to_numpy(bool)
    owners, parents = pd.factorize(units["ultimate_parent_id"], sort=True)
    lost_customers = units.loc[lost, "ultimate_parent_id"].nunique()
    counts = {
        "observation_count": len(units),
        "customer_count": len(parents),
        "lost_observation_count": int(lost.sum()),
        "lost_customer_count": int(lost_customers),
        "early_leaver_count": int(units["is_early_leaver"].sum()),
    }
    own, gains = [UNKNOWN] * len(scorers), [UNKNOWN] * len(pairs)
    if _has_losses(units) and not lost.all():
        scores = [units[scorer].to_numpy(float) for scorer in scorers]
        own, gains = bootstrap_aucs(scores, pairs, lost, owners)
    for scorer, interval in zip(scorers, own, strict=True):
        row = {"scorer": scorer, **counts, **_measures(units, scorer)}
        is_told = not np.isnan(row["auc"]) and not np.isnan(interval.low)
        if is_told:
            row |= {"auc_low": interval.low, "auc_high": interval.high}
        if earlier is not None:
            row["stability_index"] = _stability(units, earlier, scorer)
        if is_headline and is_told:
            known = units[units[scorer].notna()]
            row["auc_p_value"] = permutation_p_value(
                known[scorer].to_numpy(float),
                known["is_followed_by_loss"].to_numpy(bool),
                pd.factorize(known["ultimate_parent_id"], sort=True)[0],
                pd.factorize(known["observed_on"], sort=True)[0],
            )
        compared = {
            scorers[b]: gain.low > 0
            for (a, b), gain in zip(pairs, gains, strict=True)
            if scorers[a] == scorer
        }
        for column, is_beaten in (("beaten_foils", True), ("unbeaten_foils", False)):
            foils = [foil for foil, beaten in compared.items() if beaten is is_beaten]
            row[column] = ", ".join(foils) or None
        yield row
    for (a, b), gain in zip(pairs, gains, strict=True):
        both = units[units[scorers[a]].notna() & units[scorers[b]].notna()]
        lost_both = both["is_followed_by_loss"].to_numpy(bool)
        ones = np.ones(len(both))
        aucs = [
            auc_of(both[scorers[i]].to_numpy(float), lost_both, ones) for i in (a, b)
        ]
        yield {
            "scorer": scorers[a],
            "foil": scorers[b],
            **counts,
            "unscored_count": len(units) - len(both),
            "unscored_lost_count": int(lost.sum() - lost_both.sum()),
            "auc": aucs[0],
            "auc_gain": aucs[0] - aucs[1],
            "auc_gain_low": gain.low,
            "auc_gain_high": gain.high,
        }


def validate(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return a row per scorer, segment and period, and one per scorer and foil of each.

    The rows of `outcomes` are those of fct_health_outcomes, in any order. Period `all`
    pools the months; the months of a segment are told where enough were lost in them.
    """
    if outcomes.empty:
        return _typed([])
    units = _wide(outcomes)
    is_foil = outcomes.groupby("scorer", sort=True)["is_foil"].first()
    scorers = list(is_foil.index)
    pairs = [
        (a, b)
        for a, scorer in enumerate(scorers)
        for b, foil in enumerate(scorers)
        if not is_foil[scorer] and is_foil[foil]
    ]
    rows = []
    for dimension, value, members in _segments(units):
        earlier = None
        for period, observed in _periods(members):
            is_headline = dimension == "all" and period == "all"
            is_told = dimension == "all" or period == "all" or _has_losses(observed)
            if not is_told:
                continue
            found = _rows_of(observed, earlier, scorers, pairs, is_headline)
            named = {
                "segment_dimension": dimension,
                "segment_value": value,
                "period": period,
            }
            rows += [named | row for row in found]
            earlier = observed if dimension == "all" and period != "all" else None
    return _typed(rows)


def _typed(rows: list[dict[str, object]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    # Float64, not float64: what is not known must reach SQL as null, not as nan; and of
    # objects that are all unknown the engine would make a column without a type.
    kinds = {column: "string" if column in TEXTS else "Float64" for column in COLUMNS}
    return frame.astype(kinds)
