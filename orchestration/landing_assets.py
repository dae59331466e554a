"""The landed tables as Dagster assets: one per declared dbt source table."""

from collections.abc import Iterator

import dagster as dg

from orchestration.health_memory import REMEMBERED, read_rescore
from orchestration.landing.contract import CAPTURED, OWN_SOURCE, read_contracts
from orchestration.landing.land import land
from orchestration.last_run import settle_last_run
from orchestration.places import places_from_environment

OWN_TABLES = (
    *("clock", "loads", "quarantined_rows", "blanked_values"),
    *("mrr_closes", "mrr_close_entries"),
    *REMEMBERED,
)
CAPTURED_TABLES = {
    (f"{table.source}{CAPTURED}", name)
    for table in read_contracts()
    if table.captured
    for name in (table.name, "looks")
}
# Made by the loader, rather than found in the landing folder.
MADE_TABLES = [*((OWN_SOURCE, name) for name in OWN_TABLES), *sorted(CAPTURED_TABLES)]
SPECS = [
    dg.AssetSpec([table.source, table.name], group_name="landed", skippable=True)
    for table in read_contracts()
] + [dg.AssetSpec([source, name], group_name="landed") for source, name in MADE_TABLES]


class LandingConfig(dg.Config):
    """The run's day and currency, the days to score anew, and what is accepted.

    `accept` names states as `source.table`: their delivery is taken as it is.
    """

    as_of: str | None = None
    reporting_currency: str = "USD"
    rescore_from: str | None = None
    rescore_to: str | None = None
    accept: list[str] = []


@dg.multi_asset(specs=SPECS, name="landed")
def landed_tables(
    context: dg.AssetExecutionContext, config: LandingConfig
) -> Iterator[dg.MaterializeResult]:
    """Validate and type everything in the landing folder; an absent table is empty."""
    places = places_from_environment()
    with places.writer_lock():
        settle_last_run(places)
        landing = land(
            places.landing,
            places.landed,
            config.as_of,
            config.reporting_currency,
            tell=lambda line: print(line, flush=True),
            rescore=read_rescore(config.rescore_from, config.rescore_to),
            accept=config.accept,
        )
    for load in landing.loads:
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey([load.source, load.entity]),
            metadata={
                "dagster/row_count": load.rows_landed,
                "rows_quarantined": load.rows_quarantined,
                "status": load.status,
            },
        )
    for source, name in MADE_TABLES:
        yield dg.MaterializeResult(
            asset_key=dg.AssetKey([source, name]),
            metadata={"as_of": str(landing.clock.as_of_at)},
        )
