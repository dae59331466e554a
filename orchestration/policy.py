"""Let LANDING/policy/<seed>.csv replace the seed of that name, under the same tests."""

import shutil
from pathlib import Path

from orchestration.places import PROJECT, Places

LINKED = (
    *("models", "macros", "tests", "analyses", "dbt_project.yml", "profiles.yml"),
    # What Python models import.
    "orchestration",
)


class PolicyError(Exception):
    """A policy file that names no seed."""


def replacing_files(places: Places) -> list[Path]:
    """List the landed policy files."""
    return sorted((places.landing / "policy").glob("*.csv"))


def project_folder(places: Places) -> Path:
    """Return the dbt project to build: ours, or a copy of it with landed policy.

    The copy lies in the run's state; all but the seeds are links.

    Raises:
        PolicyError: a landed policy file has the name of no seed.
    """
    replacing = replacing_files(places)
    if not replacing:
        return PROJECT
    copy = places.state / "project"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(PROJECT / "seeds", copy / "seeds")
    for name in LINKED:
        (copy / name).symlink_to(PROJECT / name)
    seeds = {path.name: path for path in (copy / "seeds").glob("*/*.csv")}
    for path in replacing:
        if path.name not in seeds:
            known = ", ".join(sorted(seeds))
            raise PolicyError(f"policy/{path.name}: no such seed; there are: {known}")
        shutil.copyfile(path, seeds[path.name])
    return copy
