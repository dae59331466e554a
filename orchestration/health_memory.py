"""The health history that readers have: what one run scored stays as it was.

The memory is a folder beside the published set with the scored marts of the newest day
that was ever published, as links to the set's own files.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from shutil import rmtree
from typing import Any

import duckdb

from orchestration.publishing.durable_files import link_or_copy, rename_durably
from orchestration.unreadable import reading

# By landed table: the mart it remembers, and the columns that no later run makes anew.
REMEMBERED: dict[str, tuple[str, dict[str, str]]] = {
    "health_days": (
        "fct_account_health_days",
        {
            "account_id": "string",
            "health_on": "date",
            "profile": "string",
            "health_band": "string",
            "held_band": "string",
            "exception": "string",
            "weakest_measure": "string",
            "strongest_measure": "string",
            "reason": "string",
            "health_score": "double",
            "health_score_before_exceptions": "double",
            "score_change_1_day": "double",
            "score_change_7_days": "double",
            "score_change_30_days": "double",
            "coverage_rate": "double",
            "input_family_count": "bigint",
            "measure_count": "bigint",
            "stalest_input_days": "bigint",
            "policy_version": "string",
            "computed_from_received_until": "timestamp",
        },
    ),
    "health_contributions": (
        "fct_health_contributions",
        {
            "account_id": "string",
            "health_on": "date",
            "measure": "string",
            "family": "string",
            "input_value": "double",
            "measure_score": "double",
            "weight": "double",
            "contribution": "double",
            "freshness_days": "bigint",
        },
    ),
    "health_profile_months": (
        "fct_health_profile_months",
        {
            "account_id": "string",
            "health_on": "date",
            "profile": "string",
            "health_band": "string",
            "health_score": "double",
            "coverage_rate": "double",
            "measure_count": "bigint",
            "weakest_measure": "string",
            "policy_version": "string",
        },
    ),
}
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Rescore:
    """The days to score anew, both ends included; everything else stays as it was."""

    first_on: date
    last_on: date = date.max

    def __post_init__(self) -> None:
        """Refuse a range that ends before it begins."""
        if self.last_on < self.first_on:
            raise ValueError(
                f"RESCORE_TO={self.last_on} lies before RESCORE_FROM={self.first_on}"
            )


def read_rescore(first_on: str | None, last_on: str | None) -> Rescore | None:
    """Read a range of days as people write it; None where none is asked for.

    Raises:
        ValueError: a day is not ISO, the range is empty or has an end alone.
    """
    if not first_on:
        if last_on:
            raise ValueError("RESCORE_TO needs RESCORE_FROM")
        return None
    try:
        first = date.fromisoformat(first_on)
        last = date.fromisoformat(last_on) if last_on else date.max
    except ValueError as error:
        raise ValueError(
            f"RESCORE_FROM={first_on!r} RESCORE_TO={last_on!r}: not ISO days"
        ) from error
    return Rescore(first, last)


RESTORE = (
    "Restore it from a backup; or point PUBLISH/current at an older set, and remove the"
    " folder `health` of the state to have every day scored anew"
)


def _manifest(folder: Path) -> dict[str, Any]:
    manifest = folder / MANIFEST
    if not manifest.exists():
        return {}
    with reading(manifest, RESTORE):
        read: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return read


def remember(memory: Path, publish_folder: Path) -> None:
    """Take over the health of the published set, unless a later day is remembered.

    A set that rests on a held or broken source is not remembered: the days that its run
    scored are scored anew.

    Called before a run, when the last one is surely over: whatever readers have is what
    counts, so that a killed run neither adds nor loses a day.
    """
    current = publish_folder / "current"
    marts = [mart for mart, _columns in REMEMBERED.values()]
    files = [current / "parquet" / f"{mart}.parquet" for mart in marts]
    if not all(file.exists() for file in files):
        return
    published = _manifest(current)
    if published.get("is_health_provisional"):
        return
    if published.get("as_of_on", "") < _manifest(memory).get("as_of_on", ""):
        return
    partial = memory.with_name(f".partial-{memory.name}")
    rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for file in [*files, current / MANIFEST]:
        # Sets are never written to again, so a link is as good as a copy.
        link_or_copy(file.resolve(), partial / file.name)
    rmtree(memory, ignore_errors=True)
    rename_durably(partial, memory)


def hand_over(memory: Path, folder: Path, rescore: Rescore | None = None) -> None:
    """Show dbt the remembered health, without the days that are to be scored anew."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for table, (mart, columns) in REMEMBERED.items():
            partial, kept = folder / f"{table}.partial", memory / f"{mart}.parquet"
            with reading(kept, RESTORE):
                _kept(con, kept, columns, rescore).write_parquet(
                    str(partial), compression="zstd"
                )
            partial.replace(folder / f"{table}.parquet")


def _kept(
    con: duckdb.DuckDBPyConnection,
    file: Path,
    columns: dict[str, str],
    rescore: Rescore | None,
) -> duckdb.DuckDBPyRelation:
    stored = con.read_parquet(str(file)) if file.exists() else None
    if stored is None or not columns.keys() <= set(stored.columns):
        typed = ", ".join(f"cast(null as {t}) as {key}" for key, t in columns.items())
        return con.sql(f"select {typed} limit 0")
    chosen = stored.project(
        ", ".join(f"cast({key} as {kind}) as {key}" for key, kind in columns.items())
    )
    if rescore is None:
        return chosen
    first_on, last_on = rescore.first_on, rescore.last_on
    return chosen.filter(
        f"health_on not between date '{first_on}' and date '{last_on}'"
    )
