"""Let LANDING/policy/<seed>.csv replace the seed of that name, under the same tests.

Absence is no evidence: a file that the last run was built with stands until another one
of its name comes, or somebody takes the folder as it is by name.
"""

import shutil
from pathlib import Path

from orchestration.places import PROJECT, Places
from orchestration.publishing.durable_files import flush_tree, rename_durably

LINKED = (
    *("models", "macros", "tests", "analyses", "dbt_project.yml", "profiles.yml"),
    # What Python models import.
    "orchestration",
)


# What the folder is accepted as, where a file of it is gone.
POLICY = "policy"


class PolicyError(Exception):
    """A policy file that names no seed, or cannot be read."""


def _memory(state: Path) -> Path:
    """Return the folder of the policy that the last run was built with."""
    return state / POLICY


def landed_files(landing: Path) -> list[Path]:
    """List the landed policy files."""
    return sorted((landing / POLICY).glob("*.csv"))


def kept_files(landing: Path, state: Path) -> list[Path]:
    """List the files of the last run's policy that are gone from the landing folder."""
    landed = {path.name for path in landed_files(landing)}
    known = sorted(_memory(state).glob("*.csv"))
    return [path for path in known if path.name not in landed]


def forget_policy(places: Places) -> None:
    """Take the landed policy as it is, whatever the last run was built with."""
    shutil.rmtree(_memory(places.state), ignore_errors=True)


def remember_policy(places: Places) -> None:
    """Keep the policy that was built, to stand where its files are gone."""
    built = places.state / "project" / POLICY
    if built.exists():
        partial = places.state / f".partial-{POLICY}"
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(built, partial)
        flush_tree(partial)
        forget_policy(places)
        rename_durably(partial, _memory(places.state))


def project_folder(places: Places) -> Path:
    """Return the dbt project to build: ours, or a copy of it with landed policy.

    The copy lies in the run's state; all but the seeds are links.

    Raises:
        PolicyError: a landed policy file has the name of no seed, or cannot be read.
    """
    landed = landed_files(places.landing)
    replacing = landed + kept_files(places.landing, places.state)
    copy = places.state / "project"
    shutil.rmtree(copy, ignore_errors=True)
    if not replacing:
        return PROJECT
    shutil.copytree(PROJECT / "seeds", copy / "seeds")
    for name in LINKED:
        (copy / name).symlink_to(PROJECT / name)
    seeds = {path.name: path for path in (copy / "seeds").glob("*/*.csv")}
    for path in replacing:
        if path.name not in seeds:
            known = ", ".join(sorted(seeds))
            raise PolicyError(f"policy/{path.name}: no such seed; there are: {known}")
        (copy / POLICY).mkdir(exist_ok=True)
        for target in (seeds[path.name], copy / POLICY / path.name):
            try:
                shutil.copyfile(path, target)
            except OSError as error:
                raise PolicyError(
                    f"policy/{path.name}: cannot be read ({error.strerror})"
                ) from error
    return copy
