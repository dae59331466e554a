"""The published set as the last asset: only a build whose checks passed gets here."""

from datetime import UTC, date, datetime

import dagster as dg
import duckdb

from orchestration.landing.evidence import read_limits
from orchestration.landing.set_aside import changed_since, go_back
from orchestration.landing_assets import landed_tables
from orchestration.month_closes import propose, settle
from orchestration.places import Places, places_from_environment
from orchestration.publishing.headline import read_headline
from orchestration.publishing.ledger_gate import (
    LedgerDoubtError,
    refuse_another_past,
)
from orchestration.publishing.publish_set import PublishedSet, RunFacts, publish
from orchestration.warehouse import warehouse_models


def publish_run(places: Places) -> PublishedSet:
    """Publish what the run built, under the clock that it was landed with.

    What readers then see of closed months enters the log with the switch.
    """
    clock = places.landed / "run" / "clock.parquet"
    ((as_of_on, currency, is_ledger_whole, is_health_whole, is_accepted),) = (
        duckdb.execute(
            "select as_of_on, reporting_currency, is_ledger_whole, is_health_whole,"
            " is_ledger_accepted from read_parquet(?)",
            [str(clock)],
        ).fetchall()
    )
    if not is_accepted:
        _ask_the_gate(places, as_of_on, currency)
    facts = RunFacts(
        as_of_on,
        datetime.now(UTC),
        currency,
        is_ledger_provisional=not is_ledger_whole,
        is_health_provisional=not is_health_whole,
    )

    def propose_close(set_id: str) -> None:
        with duckdb.connect(str(places.database), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            propose(con, places.closes, set_id)

    published = publish(
        places.database,
        places.publish,
        facts,
        dbt_manifest=places.target / "manifest.json",
        before_switch=propose_close,
    )
    settle(places.closes, places.publish)
    return published


def _ask_the_gate(places: Places, as_of_on: date, currency: str) -> None:
    """Let no ledger pass that tells another past; what its run learnt is forgotten."""
    try:
        with duckdb.connect(str(places.database), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            refuse_another_past(con, places.publish, as_of_on, currency, read_limits())
    except LedgerDoubtError as error:
        changed = ", ".join(changed_since(places.state, places.landed))
        go_back(places.state)
        if not changed:
            raise
        raise LedgerDoubtError(
            f"{error}. Changed since the published set: {changed}"
        ) from error


@dg.asset(deps=[warehouse_models, landed_tables], group_name="published")
def published_set() -> dg.MaterializeResult:
    """Swap the published marts, Parquet set and report, atomically."""
    places = places_from_environment()
    with places.writer_lock():
        published = publish_run(places)
    headline = read_headline(published.folder / "marts.duckdb")
    return dg.MaterializeResult(
        metadata={
            "set": published.set_id,
            "rows": sum(published.rows.values()),
            "headline": dg.MetadataValue.md(headline.to_string(index=False)),
        }
    )
