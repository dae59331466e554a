"""One run of the daily job in this process, with progress and a headline."""

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from filelock import Timeout

from orchestration.health_memory import read_rescore
from orchestration.manifest import ProjectError
from orchestration.places import Places
from orchestration.policy import POLICY, PolicyError, forget_policy
from orchestration.publishing.durable_files import target_of


class RunError(Exception):
    """A run that did not publish; the message is for the person who reads it."""


DAGSTER_SETTINGS = {"telemetry": {"enabled": False}}


def prepare_home(places: Places) -> None:
    """Make Dagster's own folder in the state, and point the environment at it."""
    home = places.state / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    settings = json.dumps(DAGSTER_SETTINGS)
    (home / "dagster.yaml").write_text(settings, encoding="utf-8")
    places.export()


def _cause(error: Any) -> str:
    """Return the innermost message of a failed step."""
    while error.cause is not None:
        error = error.cause
    # Dagster writes the class before the message; the message says it all.
    return re.sub(r"^[\w.]+(Error|Exception): ", "", error.message.strip())


def _failures(result: dg.ExecuteInProcessResult) -> list[str]:
    events = [event for event in result.all_events if event.is_step_failure]
    return [_cause(event.step_failure_data.error) for event in events]


def run_daily(
    places: Places,
    as_of: str | None,
    reporting_currency: str,
    rescore_from: str | None = None,
    rescore_to: str | None = None,
    accept: Sequence[str] = (),
) -> None:
    """Run the daily job for one landing and publish folder, then print the headline.

    Days from `rescore_from` to `rescore_to` get their health anew, with today's policy;
    states that `accept` names as `source.table` are taken as they are delivered.

    Raises:
        RunError: another run holds the state, or a step failed. What was published
            before stays as it was.
    """
    if not places.landing.exists():
        raise RunError(f"{places.landing}: no such landing folder")
    try:
        read_rescore(rescore_from, rescore_to)
    except ValueError as error:
        raise RunError(str(error)) from error
    places.export()
    started = time.monotonic()
    asked = {
        "as_of": as_of,
        "reporting_currency": reporting_currency,
        "rescore_from": rescore_from,
        "rescore_to": rescore_to,
        "accept": accept,
    }
    try:
        with places.writer_lock():
            durations = _run_locked(places, asked)
    except Timeout as error:
        raise RunError(f"another run is writing {places.state}") from error
    except OSError as error:
        raise RunError(f"{error.filename}: {error.strerror}") from error
    _tell(places, time.monotonic() - started, durations)


def _unchanged(places: Places, before: Path | None) -> str:
    if target_of(places.publish / "current") == before:
        return f"Nothing was published: {places.publish} is as it was."
    return f"The set was published, but the run did not end: {places.publish} is new."


def _durations(result: dg.ExecuteInProcessResult) -> dict[str, float]:
    """Return the seconds that each step of the job took."""
    return {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in result.all_events
        if event.is_step_success
    }


def _run_locked(places: Places, asked: dict[str, Any]) -> dict[str, float]:
    before = target_of(places.publish / "current")
    if POLICY in asked["accept"]:
        forget_policy(places)
    try:
        # Imported late: loading the definitions parses the dbt project of this run.
        from orchestration.daily import run_config
        from orchestration.definitions import defs
    except (PolicyError, ProjectError) as error:
        raise RunError(f"{error}\n{_unchanged(places, before)}") from error

    print(f"Landing {places.landing}")
    # To keep each of a thousand checks as events costs more than to make them: the
    # server keeps a history of runs, a command tells of its own.
    with dg.DagsterInstance.ephemeral(settings=DAGSTER_SETTINGS) as instance:
        result = defs.resolve_job_def("daily").execute_in_process(
            run_config=run_config(**asked),
            instance=instance,
            raise_on_error=False,
        )
    if not result.success:
        told = "\n".join(_failures(result))
        raise RunError(f"{told}\n{_unchanged(places, before)}")
    return _durations(result)


def _tell(places: Places, seconds: float, durations: dict[str, float]) -> None:
    from orchestration.publishing.headline import print_headline
    from orchestration.publishing.kept_out import print_kept_out

    marts = places.publish / "marts.duckdb"
    print_kept_out(marts)
    print_headline(marts)
    durations["start"] = seconds - sum(durations.values())
    spent = ", ".join(f"{step} {taken:.0f}" for step, taken in durations.items())
    print(f"Run took {seconds:.0f} s ({spent}). Look next:")
    print(f"  {places.publish / 'report.html'}   the report, opens offline")
    print(f"  {marts}  every mart, read-only for BI")
    print(f"  {places.state / 'logs' / 'dbt.log'}  what dbt did")
