"""The one daily job, and the schedule that gives it the day that has just ended."""

from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

daily_job = dg.define_asset_job(
    "daily",
    selection=dg.AssetSelection.all(),
    # One process: DuckDB has one writer, and a process per step costs more.
    executor_def=dg.in_process_executor,
)


def run_config(
    as_of: str | None,
    reporting_currency: str,
    rescore_from: str | None = None,
    rescore_to: str | None = None,
    accept: Sequence[str] = (),
) -> dg.RunConfig:
    """Return the job's configuration for the run's day (None: what the feeds tell).

    Health is scored anew from `rescore_from` to `rescore_to`, days included; states
    that `accept` names as `source.table` are taken as they are.
    """
    config = {
        "as_of": as_of,
        "reporting_currency": reporting_currency,
        "rescore_from": rescore_from,
        "rescore_to": rescore_to,
        "accept": list(accept),
    }
    return dg.RunConfig(
        ops={"landed": {"config": config}},
        # Failures are told by the run itself; Dagster's event log keeps every step.
        loggers={"console": {"config": {"log_level": "CRITICAL"}}},
    )


@dg.schedule(job=daily_job, cron_schedule="30 4 * * *", execution_timezone="UTC")
def daily_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for a run as of yesterday, once a day at 04:30 UTC."""
    day = context.scheduled_execution_time.date() - timedelta(days=1)
    return dg.RunRequest(
        run_key=day.isoformat(), run_config=run_config(day.isoformat(), "USD")
    )
