"""One row per scorer, segment and period, and one per scorer and foil of each."""

from typing import Any

import pandas as pd

from orchestration.health_validation.validate import validate


def model(dbt: Any, session: Any) -> pd.DataFrame:
    """Judge the scorers: SQL has no words for a bootstrap over customers."""
    dbt.config(materialized="table")
    return validate(dbt.ref("fct_health_outcomes").df())
