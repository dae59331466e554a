"""Land a played company's Stripe tables, run after run, and rebuild its items."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.compiled_project import CompiledProject
from orchestration.landing.land import land
from orchestration.sample_company.replays import PlayedBilling

PRICED = "int_subscription_items_priced"
REBUILT = "int_stripe_subscription_items_rebuilt"


def rebuild(
    compiled: CompiledProject,
    billing: PlayedBilling,
    folder: Path,
    runs: Sequence[date],
) -> pd.DataFrame:
    """Run once per day of `runs`; return the item versions as the last run has them.

    Of an item's version: subscription, days, price, quantity, status, evidence, and
    what it counts as MRR in its own currency, by phase of its discount.
    """
    landed = folder / "state" / "landed"
    for day in runs:
        billing.write_stripe(folder / "landing", day)
        land(
            folder / "landing", landed, day.isoformat(), "USD", tell=lambda _line: None
        )
    con = duckdb.connect(config={"threads": 1})
    con.execute("set TimeZone = 'UTC'")
    con.execute("attach ':memory:' as warehouse; use warehouse")
    for node in compiled.upstream(PRICED):
        con.execute(compiled.creating(node, landed))
    return con.execute(
        f"""
        select
            priced.subscription_id, priced.item_id, priced.valid_from, priced.valid_to,
            priced.plan, priced.quantity, priced.status, priced.discount_terms,
            cast(priced.unit_mrr as double) as unit_mrr,
            cast(priced.mrr as double) as mrr, rebuilt.evidence
        from {PRICED} as priced
        inner join {REBUILT} as rebuilt
            on
                priced.item_id = rebuilt.item_id
                and priced.valid_from >= rebuilt.valid_from
                and priced.valid_from < coalesce(rebuilt.valid_to, date '9999-12-31')
        where not rebuilt.is_usage_based
        order by priced.item_id, priced.valid_from
        """
    ).df()
