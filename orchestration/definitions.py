"""What Dagster loads: assets, the daily job and its schedule."""

import dagster as dg

from orchestration.daily import daily_job, daily_schedule
from orchestration.landing_assets import landed_tables
from orchestration.publishing_assets import published_set
from orchestration.warehouse import dbt_cli, warehouse_models

defs = dg.Definitions(
    assets=[landed_tables, warehouse_models, published_set],
    jobs=[daily_job],
    schedules=[daily_schedule],
    resources={"dbt": dbt_cli},
)
