"""The dbt project as Dagster assets; its data tests become asset checks."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from sys import executable
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.manifest import (
    is_project_changed,
    prepared_project,
    remember_project,
)
from orchestration.places import places_from_environment
from orchestration.policy import remember_policy
from orchestration.progress import DbtProgress

places = places_from_environment()
project = prepared_project(places)
# dbt stands beside the interpreter; nobody has to activate the environment.
dbt_cli = DbtCliResource(
    project_dir=project, dbt_executable=str(Path(executable).with_name("dbt"))
)


class BuildFailedError(Exception):
    """A model or a blocking check failed; what is published stays as it was."""


@dbt_assets(manifest=project.manifest_path, project=project)
def warehouse_models(
    context: dg.AssetExecutionContext, dbt: DbtCliResource
) -> Iterator[Any]:
    """Build every seed, model and data test in the private database."""
    log = places.state / "logs" / "dbt.log"
    # Unit tests test the rules, not the day's data: make test runs them.
    build = ["build", "--exclude-resource-type", "unit_test"]
    # What dbt says is in `log`: its own file of everything would be several times that.
    build += ["--log-level-file", "none"]
    if is_project_changed(places):
        build.append("--full-refresh")
    progress = DbtProgress(log)
    with places.writer_lock(), progress, redirect_stdout(progress):
        # dbt starts with the call: not before the lock is ours.
        # Where the manifest lies, dbt finds what it has parsed, and nothing piles up.
        invocation = dbt.cli(
            build, context=context, target_path=places.target, raise_on_error=False
        )
        yield from invocation.stream()
    if not invocation.is_successful():
        told = "\n".join(progress.trouble[-20:])
        raise BuildFailedError(f"dbt build failed (all lines: {log})\n{told}")
    if not context.is_subset:
        remember_project(places)
        remember_policy(places)
