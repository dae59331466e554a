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

MARTS = ("fct_account_health_days", "fct_health_contributions")


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
    for node in compiled.upstream(*MARTS):
        con.execute(compiled.creating(node, landed))
    return con


def read_accounts(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return accounts at month ends: MRR, score, and a column per measure's value."""
    rows = con.execute(
        """
        select
            scored.account_id, scored.health_on, cast(scored.mrr as double) as mrr,
            scored.health_score, contributions.measure, contributions.input_value
        from fct_account_health_days as scored
        left join fct_health_contributions as contributions
            on
                scored.account_id = contributions.account_id
                and scored.health_on = contributions.health_on
        where scored.health_on = last_day(scored.health_on) and scored.mrr > 0
        """
    ).df()
    keys = ["account_id", "health_on"]
    measured = rows.dropna(subset=["measure"])
    wide = measured.pivot(index=keys, columns="measure", values="input_value")
    scores = rows.drop_duplicates(keys)[[*keys, "mrr", "health_score"]]
    return scores.merge(wide.reset_index(), on=keys, how="left")


def read_logins(con: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Count vanity events per seat in the 28 days to each month end, as then known."""
    return con.execute(
        """
        with ends as (

            select date_on, last_day(date_on) as health_on
            from dim_dates
            where last_day(date_on) - date_on < 28

        ),

        counted as (

            select uses.account_id, ends.health_on, sum(uses.event_count) as logins
            from int_feature_uses_classified as uses
            inner join ends on uses.occurred_on = ends.date_on
            where uses.is_vanity and uses.known_on <= ends.health_on
            group by uses.account_id, ends.health_on

        )

        select
            outlooks.account_id, ends.health_on,
            coalesce(counted.logins, 0) / outlooks.seat_count as logins_per_seat
        from int_contract_outlooks_dated as outlooks
        inner join (select distinct health_on from ends) as ends
            on
                ends.health_on >= outlooks.valid_from
                and ends.health_on < coalesce(outlooks.valid_to, date '9999-12-31')
        left join counted
            on
                outlooks.account_id = counted.account_id
                and ends.health_on = counted.health_on
        where outlooks.seat_count > 0
        """
    ).df()


def joined(
    company: PlayedCompany, units: pd.DataFrame, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Average account figures to the units' parents, weighted by MRR.

    Accounts without a figure count neither above nor below.
    """
    frame = company.accounts
    number = dict(zip(frame["account_id"], frame["number"], strict=True))
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
