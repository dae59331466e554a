"""Recover the planted effects, in sign, from what the warehouse observed."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm

from analyses.health_limit.shares import customers_of

# What a rise of the measure does to the risk through the cause it shows; 0 is vanity.
PLANTED = {
    "feature_breadth": ("value_lost", -1),
    "feature_depth": ("value_lost", -1),
    "core_features_used": ("value_lost", -1),
    "actions_per_seat": ("value_lost", -1),
    "active_user_rate": ("value_lost", -1),
    "usage_trend": ("value_lost", -1),
    "nps_level": ("value_lost", -1),
    "nps_trend": ("value_lost", -1),
    "days_since_champion_left": ("champion_left", -1),
    "friction_rate": ("friction", 1),
    "tickets_per_10_seats": ("friction", 1),
    "hours_to_first_response": ("slow_support", 1),
    "hours_to_solve": ("slow_support", 1),
    "reopened_rate": ("slow_support", 1),
    "csat_level": ("slow_support", -1),
    "login_only": ("logins", 0),
    "days_since_touch": ("touchpoints", 0),
}


def effects(facts: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return log odds of a loss per standard deviation, one measure at a time.

    Beside the measure stand only what every contract allows: its term and days to its
    end. Errors are clustered by customer, and bounds are of 95 percent.
    """
    rows = []
    for measure in measures:
        known = facts.loc[facts[measure].notna() & facts["term_months"].notna()]
        values = known[measure].clip(*known[measure].quantile([0.01, 0.99]))
        if values.nunique() < 2:
            continue  # what hardly ever differs shows no effect
        terms = pd.get_dummies(known["term_months"].round().astype(int), dtype=float)
        kept = terms.loc[:, terms.mean() > 0.02].iloc[:, 1:]
        near = kept.mul(np.minimum(known["days_to_end"], 240) / 240, axis=0)
        design = pd.concat(
            [
                ((values - values.mean()) / values.std()).rename("measure"),
                kept.add_prefix("term_"),
                near.add_prefix("days_"),
            ],
            axis=1,
        )
        fitted = sm.GLM(
            known["is_lost"].astype(float),
            sm.add_constant(design),
            family=sm.families.Binomial(),
        ).fit(
            cov_type="cluster",
            cov_kwds={"groups": pd.factorize(customers_of(known))[0]},
        )
        low, high = fitted.conf_int().loc["measure"]
        cause, direction = PLANTED.get(measure, (None, None))
        rows.append(
            {
                "measure": measure,
                "cause": cause,
                "planted": direction,
                "log_odds": fitted.params["measure"],
                "low": low,
                "high": high,
                "units": len(known),
                "verdict": verdict(low, high, direction),
            }
        )
    return pd.DataFrame(rows).set_index("measure")


def verdict(low: float, high: float, direction: int | None) -> str:
    """Set an interval beside what was planted."""
    if direction is None:
        return "nothing said"
    if low <= 0 <= high:
        return "as planted" if direction == 0 else "not seen"
    return "as planted" if direction * low > 0 else "against"
