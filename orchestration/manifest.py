"""Keep dbt's manifest in step with the project, parsing only when it is behind."""

import os
import shutil
from hashlib import sha256
from pathlib import Path

from dagster_dbt import DbtProject
from dbt.cli.main import dbtRunner

from orchestration.places import PROJECT, Places
from orchestration.policy import project_folder

PARSED = (
    *("models/**/*", "seeds/**/*", "macros/**/*"),
    *("tests/**/*.sql", "analyses/**/*.sql"),
)


class ProjectError(Exception):
    """A project that dbt cannot parse."""


def _memory(places: Places) -> Path:
    """Return the file that holds the hash of the project as last parsed."""
    return places.target / "parsed_content.txt"


def _parsed_content(folder: Path) -> str:
    """Hash everything that dbt parses; times of change lie after a copy or checkout."""
    digest = sha256()
    parsed = [folder / "dbt_project.yml", folder / "profiles.yml"]
    # Links are not followed by a pattern, and what they lead to is ours.
    for root in dict.fromkeys((folder, PROJECT)):
        parsed += sorted(path for pattern in PARSED for path in root.glob(pattern))
    for path in parsed:
        if path.is_file():
            digest.update(f"{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def prepared_project(places: Places) -> DbtProject:
    """Return the dbt project of this run, parsed anew if its files have changed.

    Raises:
        ProjectError: dbt cannot parse the project; its message tells why.
        PolicyError: a landed policy file has the name of no seed, or cannot be read.
    """
    folder = project_folder(places)
    manifest = places.target / "manifest.json"
    memory = _memory(places)
    content = _parsed_content(folder)
    known = memory.read_text(encoding="utf-8") if memory.exists() else ""
    if known != content or not manifest.exists():
        # dbt's own memory goes by times of change, so it starts anew as well.
        (places.target / "partial_parse.msgpack").unlink(missing_ok=True)
        os.environ["WAREHOUSE_STATE"] = str(places.state)
        arguments = ["--quiet", "parse", "--project-dir", str(folder)]
        arguments += ["--profiles-dir", str(folder), "--log-path", str(places.target)]
        result = dbtRunner().invoke([*arguments, "--target-path", str(places.target)])
        if not result.success:
            raise ProjectError(f"dbt cannot parse the project: {result.exception}")
        memory.write_text(content, encoding="utf-8")
    return DbtProject(
        project_dir=folder, profiles_dir=folder, target_path=places.target
    )


def is_project_changed(places: Places) -> bool:
    """Tell whether the last whole build was of other models, vars or policy.

    Months that an older project wrote cannot be added to: all are written anew.
    """
    built = places.state / "built_content.txt"
    return not built.exists() or built.read_bytes() != _memory(places).read_bytes()


def remember_project(places: Places) -> None:
    """Note that everything in the private database is of this project."""
    shutil.copyfile(_memory(places), places.state / "built_content.txt")
