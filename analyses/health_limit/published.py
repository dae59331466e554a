"""Read month-end scores and measures of a company, built or published."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from analyses.health_limit.companies import PlayedCompany
from orchestration.compiled_project import CompiledProject
from orchestration.landing.land import land
from orchestration.sample_company.calendar_days import FIRST_DAY
from orchestration.sample_company.company import write_sample_company

SCORED = "fct_account_health_days"
KEPT = "fct_health_contributions"  # the weighed measures, as published
MEASURED = "int_health_measures_unpivoted"  # all measures, in a warehouse just built
FOILS = "int_health_foils_measured"


def build_marts(
    compiled: CompiledProject, accounts: int, seed: int, folder: Path
) -> duckdb.DuckDBPyConnection:
    """Write a sample company, land it, and build the health marts in memory."""
    landing, landed = folder / "landing", folder / "state" / "landed"
    write_sample_company(landing, folder / "truth", accounts, seed)
    land(landing, landed, None, "USD", tell=lambda _line: None)
    con = duckdb.connect(config={"threads": 1})
    con.execute("set TimeZone = 'UTC'")
    con.execute("attach ':memory:' as warehouse; use warehouse")
    for node in compiled.upstream(SCORED, MEASURED, FOILS):
        con.execute(compiled.creating(node, landed))
    return con


def read_accounts(con: duckdb.DuckDBPyConnection, measured: str) -> pd.DataFrame:
    """Return accounts at month ends: MRR, score, and a column per measure's value."""
    rows = con.execute(
        f"""
        select
            scored.account_id, scored.health_on, cast(scored.mrr as double) as mrr,
            scored.health_score, measured.measure, measured.input_value
        from {SCORED} as scored
        left join {measured} as measured
            on
                scored.account_id = measured.account_id
                and scored.health_on = measured.health_on
        where scored.health_on = last_day(scored.health_on) and scored.mrr > 0
        """
    ).df()
    keys = ["account_id", "health_on"]
    known = rows.dropna(subset=["measure"])
    wide = known.pivot(index=keys, columns="measure", values="input_value")
    scores = rows.drop_duplicates(keys)[[*keys, "mrr", "health_score"]]
    return scores.merge(wide.reset_index(), on=keys, how="left")


def read_foils(con: duckdb.DuckDBPyConnection, company: PlayedCompany) -> pd.DataFrame:
    """Return what a score must beat, by customer and month end."""
    rows = con.execute(
        f"""
        select
            ultimate_parent_id, observed_on, login_only, renewal_date_only, tenure_only
        from {FOILS}
        """
    ).df()
    day = (pd.to_datetime(rows["observed_on"]) - pd.Timestamp(FIRST_DAY)).dt.days
    known = rows.assign(
        parent=rows["ultimate_parent_id"].map(numbers_of(company)), day=day
    )
    known = known.drop(columns=["ultimate_parent_id", "observed_on"])
    return known.dropna(subset=["parent"]).astype({"parent": int})


def numbers_of(company: PlayedCompany) -> dict[str, int]:
    """Number the accounts by their ids; a customer without an account has none."""
    frame = company.accounts
    return dict(zip(frame["account_id"], frame["number"], strict=True))


def joined(
    company: PlayedCompany, units: pd.DataFrame, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Average account figures to the units' parents, weighted by MRR.

    Accounts without a figure count neither above nor below it.
    """
    number = numbers_of(company)
    rows = accounts.loc[accounts["account_id"].isin(number)]
    rows = rows.assign(
        number=rows["account_id"].map(number),
        day=(pd.to_datetime(rows["health_on"]) - pd.Timestamp(FIRST_DAY)).dt.days,
    )
    rows["parent"] = company.parents[rows["number"], rows["day"]]
    keys = ["parent", "day"]
    others = (*keys, "number", "mrr", "account_id", "health_on")
    figures = [column for column in rows.columns if column not in others]
    mrr = rows["mrr"].to_numpy()[:, None]
    values = rows[figures].to_numpy(dtype=float)
    weights = np.where(np.isnan(values), 0.0, mrr)
    top = pd.DataFrame(np.nan_to_num(values) * weights, columns=figures)
    bottom = pd.DataFrame(weights, columns=figures)
    by = [rows["parent"].to_numpy(), rows["day"].to_numpy()]
    mean = top.groupby(by).sum() / bottom.groupby(by).sum().replace(0.0, np.nan)
    mean["mrr"] = rows["mrr"].groupby(by).sum()
    return units.merge(
        mean.rename_axis(keys).reset_index(), on=keys, how="left", validate="1:1"
    )
