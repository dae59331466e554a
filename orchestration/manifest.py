"""Keep dbt's manifest in step with the project, parsing only when it is behind."""

import os

from dagster_dbt import DbtProject
from dbt.cli.main import dbtRunner

from orchestration.places import PROJECT, Places

PARSED = ("models/**/*", "seeds/**/*", "macros/**/*", "tests/**/*.sql", "analyses/*")


def is_behind(places: Places) -> bool:
    """Tell whether anything that dbt parses is newer than the manifest."""
    manifest = places.target / "manifest.json"
    if not manifest.exists():
        return True
    parsed = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    parsed += [path for pattern in PARSED for path in PROJECT.glob(pattern)]
    newest = max(path.stat().st_mtime for path in parsed)
    return newest > manifest.stat().st_mtime


def prepared_project(places: Places) -> DbtProject:
    """Return the dbt project of this run, parsed anew if its files have changed.

    Raises:
        RuntimeError: dbt cannot parse the project; its message tells why.
    """
    if is_behind(places):
        os.environ["WAREHOUSE_STATE"] = str(places.state)
        arguments = ["--quiet", "parse", "--project-dir", str(PROJECT)]
        arguments += ["--profiles-dir", str(PROJECT), "--log-path", str(places.target)]
        result = dbtRunner().invoke([*arguments, "--target-path", str(places.target)])
        if not result.success:
            raise RuntimeError(f"dbt cannot parse the project: {result.exception}")
    return DbtProject(
        project_dir=PROJECT, profiles_dir=PROJECT, target_path=places.target
    )
