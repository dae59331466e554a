"""The published set as the last asset: only a build whose checks passed gets here."""

import dagster as dg

from orchestration.landing_assets import landed_tables
from orchestration.places import places_from_environment
from orchestration.warehouse import warehouse_models


@dg.asset(
    deps=[warehouse_models, landed_tables], group_name="published", pool="warehouse"
)
def published_set(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Swap the published marts, Parquet set and report, atomically."""
    from orchestration.publishing.publish_set import publish_run

    published = publish_run(places_from_environment())
    return dg.MaterializeResult(metadata={"set": published.set_id})
