"""Ask of a built ledger whether it still tells the past that readers have.

The guard at the door compares deliveries one by one; this one compares what they add up
to, whatever source and column went wrong: what each account paid on the day of the
published set, as it was published and as the new ledger tells it.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.landing.evidence import Limits

THEN = """
    select account_id, current_mrr as mrr
    from read_parquet(?) where current_mrr > 0
"""
NOW = """
    select account_id, mrr from int_account_mrr_revalued
    where valid_from <= ? and coalesce(valid_to > ?, true) and mrr > 0
"""


class LedgerDoubtError(Exception):
    """A ledger that tells another company than the published one."""


@dataclass(frozen=True)
class Restated:
    """What accounts paid on one day, as published and as built now, in one currency."""

    accounts: int
    published_mrr: float
    lost_mrr: float
    gained_mrr: float
    ended_accounts: int
    mrr_now: float


def refuse_another_past(
    con: duckdb.DuckDBPyConnection,
    publish_folder: Path,
    as_of_on: date,
    reporting_currency: str,
    limits: Limits,
) -> None:
    """Refuse a ledger that tells another past than the set that readers have.

    Nothing is asked where there is no set, one in another currency, or one as of a
    later day. `con` reads the private database.

    Raises:
        LedgerDoubtError: it does; the message says in money how, and the way out.
    """
    current = publish_folder / "current"
    manifest = current / "manifest.json"
    if not manifest.exists():
        return
    facts = json.loads(manifest.read_text(encoding="utf-8"))
    published_on = date.fromisoformat(facts["as_of_on"])
    if facts["reporting_currency"] != reporting_currency or as_of_on < published_on:
        return
    restated = compare(con, current, published_on, as_of_on)
    if told := doubt(restated, limits, published_on):
        raise LedgerDoubtError(
            f"The ledger is not believed: {told}. Mend what was delivered, or take it"
            " as it is with ACCEPT=ledger"
        )


def compare(
    con: duckdb.DuckDBPyConnection, current: Path, published_on: date, as_of_on: date
) -> Restated:
    """Compare the private database `con` with the set that readers have."""
    accounts = str(current / "parquet" / "dim_accounts.parquet")
    row = con.execute(
        f"""
        with published as ({THEN}), built as ({NOW}), now as ({NOW}),
        both_sides as (
            select
                coalesce(published.mrr, 0) as published_mrr,
                coalesce(built.mrr, 0) as built_mrr,
                coalesce(now.mrr, 0) as mrr_now
            from published
            full join built on published.account_id = built.account_id
            full join now on
                coalesce(published.account_id, built.account_id) = now.account_id
        )
        select
            count(*) filter (published_mrr <> built_mrr),
            coalesce(sum(published_mrr), 0),
            coalesce(sum(greatest(published_mrr - built_mrr, 0)), 0),
            coalesce(sum(greatest(built_mrr - published_mrr, 0)), 0),
            count(*) filter (published_mrr > 0 and mrr_now = 0),
            coalesce(sum(mrr_now), 0)
        from both_sides
        """,
        [accounts, published_on, published_on, as_of_on, as_of_on],
    ).fetchall()[0]
    return Restated(*[int(row[0]), *map(float, row[1:4]), int(row[4]), float(row[5])])


def doubt(restated: Restated, limits: Limits, published_on: date) -> str | None:
    """Say in words why the ledger is not believed; None where it is."""
    then = restated.published_mrr
    if not then:
        return None
    if restated.accounts >= limits.min_rows:
        lost, gained = restated.lost_mrr / then, restated.gained_mrr / then
        if lost > limits.lost_share or gained > limits.grown_share:
            return (
                f"on {published_on} accounts paid {then:,.2f} as published; as built"
                f" now {restated.accounts:,} of them differ,"
                f" {restated.lost_mrr:,.2f} less and {restated.gained_mrr:,.2f} more"
            )
    fallen = 1 - restated.mrr_now / then
    if restated.ended_accounts >= limits.min_rows and fallen > limits.lost_share:
        return (
            f"MRR fell from {then:,.2f} on {published_on} to {restated.mrr_now:,.2f},"
            f" and {restated.ended_accounts:,} accounts pay nothing any more"
        )
    return None
