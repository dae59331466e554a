"""Publish the marts as one immutable set that readers switch to in one step."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
from filelock import FileLock

from orchestration.publishing.durable_files import (
    flush_tree,
    point_link,
    remove_leftovers,
    remove_whole,
    rename_durably,
)
from orchestration.publishing.mart_copies import (
    STORAGE_VERSION,
    MartCopy,
    copy_marts,
)
from orchestration.publishing.mart_docs import read_mart_docs
from orchestration.report.report import write_report

# What readers open; each is a link through `current` that never changes.
PUBLIC_NAMES = ("marts.duckdb", "parquet", "report.html", "manifest.json")
OLDER_SETS_KEPT = 3
READ_ONLY = 0o444


class UnknownSetError(Exception):
    """A set id that the publish folder does not hold."""


@dataclass(frozen=True)
class RunFacts:
    """What a reader must know of the run behind a set; `built_at` in UTC.

    Provisional: a source below was held or broken; an earlier delivery stands in.
    """

    as_of_on: date
    built_at: datetime
    reporting_currency: str = "USD"
    company_name: str | None = None
    is_ledger_provisional: bool = False
    is_health_provisional: bool = False


@dataclass(frozen=True)
class PublishedSet:
    """A set as published: its folder and, per mart, rows and content checksum."""

    set_id: str
    folder: Path
    rows: dict[str, int]
    checksums: dict[str, str]


def _utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is None else instant.astimezone(UTC)


def _new_set_id(sets: Path, facts: RunFacts) -> str:
    """Name a set so that names sort by build time; a retry gets a name of its own."""
    built = f"{_utc(facts.built_at):%Y%m%dT%H%M%S}.{facts.built_at.microsecond:06}"
    set_id = f"{built}-as-of-{facts.as_of_on}"
    retries = len([*sets.glob(f"{set_id}*")])
    return f"{set_id}-retry-{retries:02}" if retries else set_id


def list_sets(publish_folder: Path) -> list[str]:
    """Return the ids of all complete sets, the oldest first."""
    sets = publish_folder / "sets"
    return sorted(p.name for p in sets.glob("*") if not p.name.startswith("."))


def _write_manifest(
    folder: Path, facts: dict[str, str | bool | None], marts: list[MartCopy]
) -> None:
    manifest = {
        **facts,
        "storage_version": STORAGE_VERSION,
        "checksums_by": f"duckdb {duckdb.__version__}",
        "marts": {
            mart["name"]: {k: v for k, v in mart.items() if k != "name"}
            for mart in map(asdict, marts)
        },
    }
    text = json.dumps(manifest, indent=2, default=str) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _switch(publish_folder: Path, set_id: str) -> None:
    for name in PUBLIC_NAMES:
        point_link(publish_folder / name, f"current/{name}")
    point_link(publish_folder / "current", f"sets/{set_id}")


def _prune(publish_folder: Path, current: str, keep: int) -> None:
    older = [set_id for set_id in list_sets(publish_folder) if set_id != current]
    for set_id in older[: max(len(older) - keep, 0)]:
        remove_whole(publish_folder / "sets" / set_id)


def publish(
    warehouse: Path,
    publish_folder: Path,
    run: RunFacts,
    *,
    dbt_manifest: Path | None = None,
    include_personal: bool = False,
    older_sets_kept: int = OLDER_SETS_KEPT,
    report: Callable[[Path, Path], None] = write_report,
    before_switch: Callable[[str], None] | None = None,
) -> PublishedSet:
    """Copy the audited marts to a new set and point `current` at it.

    Everything is written aside and forced to disk first; the switch is one rename, so
    a kill at any instant leaves the old set readable and the next publish tidies up.
    Without `dbt_manifest` every dim_ and fct_ table is published, undocumented and
    with all its columns, because nothing says which are personal. `before_switch` gets
    the id of the set when it is whole and nobody reads it yet.

    Raises:
        MartsError: a mart of the manifest was not built, or there is none at all.
        LinkError: a real folder stands where one of our links belongs.
        duckdb.IOException: another process is writing to the warehouse.
    """
    sets = publish_folder / "sets"
    sets.mkdir(parents=True, exist_ok=True)
    with FileLock(publish_folder / ".publish.lock"):
        remove_leftovers(sets)
        remove_leftovers(publish_folder)
        set_id = _new_set_id(sets, run)
        facts = {
            "set_id": set_id,
            "as_of_on": f"{run.as_of_on}",
            "built_at": f"{_utc(run.built_at):%Y-%m-%d %H:%M:%S}",
            "reporting_currency": run.reporting_currency,
            "company_name": run.company_name,
            "is_ledger_provisional": run.is_ledger_provisional,
            "is_health_provisional": run.is_health_provisional,
        }
        partial = sets / f".partial-{set_id}"
        partial.mkdir()
        docs = read_mart_docs(dbt_manifest) if dbt_manifest else None
        copies = copy_marts(warehouse, partial, docs, facts, include_personal)
        report(partial / "marts.duckdb", partial / "report.html")
        _write_manifest(partial, facts, copies)
        for path in partial.rglob("*"):
            if path.is_file():
                path.chmod(READ_ONLY)
        flush_tree(partial)
        rename_durably(partial, sets / set_id)
        if before_switch:
            before_switch(set_id)
        _switch(publish_folder, set_id)
        _prune(publish_folder, set_id, older_sets_kept)
    return PublishedSet(
        set_id=set_id,
        folder=sets / set_id,
        rows={copy.name: copy.rows for copy in copies},
        checksums={copy.name: copy.checksum for copy in copies},
    )


def rollback(publish_folder: Path, set_id: str) -> None:
    """Point `current` at a set that was published before.

    Raises:
        UnknownSetError: there is no such set; the message lists those there are.
    """
    with FileLock(publish_folder / ".publish.lock"):
        known = list_sets(publish_folder)
        if set_id not in known:
            raise UnknownSetError(f"no set {set_id!r}; there are: {', '.join(known)}")
        _switch(publish_folder, set_id)
