"""Keep dbt's manifest in step with the project, parsing only when it is behind."""

import os
from hashlib import sha256

from dagster_dbt import DbtProject
from dbt.cli.main import dbtRunner

from orchestration.places import PROJECT, Places

PARSED = ("models/**/*", "seeds/**/*", "macros/**/*", "tests/**/*.sql", "analyses/*")


def _parsed_content() -> str:
    """Hash everything that dbt parses; times of change lie after a copy or checkout."""
    digest = sha256()
    parsed = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    parsed += sorted(path for pattern in PARSED for path in PROJECT.glob(pattern))
    for path in parsed:
        if path.is_file():
            digest.update(f"{path.relative_to(PROJECT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def prepared_project(places: Places) -> DbtProject:
    """Return the dbt project of this run, parsed anew if its files have changed.

    Raises:
        RuntimeError: dbt cannot parse the project; its message tells why.
    """
    manifest = places.target / "manifest.json"
    memory = places.target / "parsed_content.txt"
    content = _parsed_content()
    known = memory.read_text(encoding="utf-8") if memory.exists() else ""
    if known != content or not manifest.exists():
        # dbt's own memory goes by times of change, so it starts anew as well.
        (places.target / "partial_parse.msgpack").unlink(missing_ok=True)
        os.environ["WAREHOUSE_STATE"] = str(places.state)
        arguments = ["--quiet", "parse", "--project-dir", str(PROJECT)]
        arguments += ["--profiles-dir", str(PROJECT), "--log-path", str(places.target)]
        result = dbtRunner().invoke([*arguments, "--target-path", str(places.target)])
        if not result.success:
            raise RuntimeError(f"dbt cannot parse the project: {result.exception}")
        memory.write_text(content, encoding="utf-8")
    return DbtProject(
        project_dir=PROJECT, profiles_dir=PROJECT, target_path=places.target
    )
