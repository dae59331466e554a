"""Land a whole folder: every declared table typed, an absent one empty."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from orchestration.health_memory import Rescore
from orchestration.health_memory import hand_over as hand_over_health
from orchestration.landing.captured_changes import capture_changes
from orchestration.landing.clock import Clock, read_clock
from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.land_table import QUARANTINE_COLUMNS, Load, land_table
from orchestration.landing.raw_files import find_files, literal
from orchestration.month_closes import hand_over

# A change of the loader itself makes every remembered load void.
LOADER_VERSION = sha256(
    b"".join(p.read_bytes() for p in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()


class LandingError(Exception):
    """A landing folder with nothing in it that the contract knows."""


@dataclass(frozen=True)
class Landing:
    """What was landed, and the instant up to which it is believed."""

    loads: list[Load]
    clock: Clock
    quarantined: list[dict[str, Any]]


def _fingerprint(table: Table, landing: Path) -> str:
    files = find_files(landing, table.source, table.name)
    seen = [(f.label, f.path.stat().st_size, f.path.stat().st_mtime_ns) for f in files]
    where = str(landing.resolve())
    return sha256(repr((LOADER_VERSION, where, table, seen)).encode()).hexdigest()


def _recalled(memory: Path) -> dict[str, Any]:
    """Read what was remembered of a load; nothing where that cannot be read."""
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _land_or_reuse(
    con: duckdb.DuckDBPyConnection, table: Table, landing: Path, landed: Path
) -> tuple[Load, list[dict[str, Any]]]:
    """Land one table, or recall the last landing of the very same files."""
    memory = landed / table.source / f"{table.name}.load.json"
    parquet = landed / table.source / f"{table.name}.parquet"
    fingerprint = _fingerprint(table, landing)
    known = _recalled(memory) if parquet.exists() else {}
    if known.get("fingerprint") == fingerprint:
        return Load(**known["load"]), known["quarantined"]
    columns = ", ".join(f"{name} {kind}" for name, kind in QUARANTINE_COLUMNS.items())
    con.execute(f"create or replace temp table quarantine ({columns})")
    load = land_table(con, table, landing, landed)
    rows = con.execute("select * from quarantine order by file, line").fetchall()
    quarantined = [dict(zip(QUARANTINE_COLUMNS, row, strict=True)) for row in rows]
    content = {
        "fingerprint": fingerprint,
        "load": asdict(load),
        "quarantined": quarantined,
    }
    partial = memory.with_suffix(".partial")
    partial.write_text(json.dumps(content), encoding="utf-8")
    partial.replace(memory)
    return load, quarantined


def _write_rows(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    types: dict[str, str],
    rows: list[dict[str, Any]],
) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
    con.execute(f"create or replace temp table written ({columns})")
    marks = ", ".join("?" for _ in types)
    if rows:
        values = [[row[name] for name in types] for row in rows]
        con.executemany(f"insert into written values ({marks})", values)
    parquet.parent.mkdir(parents=True, exist_ok=True)
    partial = parquet.with_suffix(".partial")
    con.execute(f"copy written to {literal(str(partial))} (format parquet)")
    partial.replace(parquet)


EXAMPLES_TOLD = 3

LOAD_TYPES = {
    field.name: {"int": "bigint"}.get(
        str(getattr(field.type, "__name__", "")), "string"
    )
    for field in fields(Load)
    if field.name != "unknown_columns"
} | {"latest_happened_at": "timestamp", "latest_received_at": "timestamp"}


CLOCK_TYPES = {
    "as_of_at": "timestamp",
    "as_of_on": "date",
    "last_complete_on": "date",
    "reporting_currency": "string",
}


def land(
    landing: Path,
    landed: Path,
    as_of: str | None,
    reporting_currency: str,
    tell: Callable[[str], None] = print,
    rescore: Rescore | None = None,
) -> Landing:
    """Validate and type everything in `landing`, writing Parquet below `landed`.

    The log of closed months and the health that earlier runs scored, which lie beside
    `landed`, are handed over with it; days to `rescore` are left out.

    `tell` gets a line for each table that has files. Rows that broke a rule are in
    `landed/run/quarantined_rows.parquet`, with file, line and rule. What snapshots
    said at each run is kept in the folder `captured` beside `landed`.

    Raises:
        LandingError: no declared table has a file.
        ClockError: AS_OF is not ISO, or is absent and nothing has happened.
    """
    con = duckdb.connect(config={"threads": 2})
    con.execute("set TimeZone = 'UTC'")
    loads: list[Load] = []
    quarantined: list[dict[str, Any]] = []
    contracts = read_contracts()
    for table in contracts:
        load, rows = _land_or_reuse(con, table, landing, landed)
        loads.append(load)
        quarantined += rows
        if load.status != "absent" or load.rows_disappeared:
            tell(_told(load))
        for row in rows[:EXAMPLES_TOLD]:
            tell(_told_row(row))
    for label in _unrecognised(landing):
        tell(f"  {label}: no table of the contract has this name, so nobody reads it")
    if all(load.status == "absent" for load in loads):
        raise LandingError(
            f"{landing}: no table of the contract found; "
            "start with files/subscription_items.csv (docs/files_contract.md)"
        )
    happenings = [load.latest_happened_at for load in loads if load.latest_happened_at]
    clock = read_clock(as_of, happenings)
    is_landed = (load.status == "landed" for load in loads)
    happened_at = datetime.fromisoformat(max(happenings)) if happenings else None
    captured = capture_changes(
        con,
        zip(contracts, is_landed, strict=True),
        landed,
        landed.with_name("captured"),
        clock,
        happened_at,
    )
    for label, count in captured.items():
        if count:
            tell(f"  {label}: {count:,} captured as new, changed or gone")
    _write_rows(
        con, landed / "run" / "loads.parquet", LOAD_TYPES, [asdict(x) for x in loads]
    )
    _write_rows(
        con,
        landed / "run" / "quarantined_rows.parquet",
        QUARANTINE_COLUMNS,
        quarantined,
    )
    _write_rows(
        con,
        landed / "run" / "clock.parquet",
        {
            "as_of_at": "timestamp",
            "as_of_on": "date",
            "last_complete_on": "date",
            "reporting_currency": "string",
        },
        [
            {
                "as_of_at": clock.as_of_at,
                "as_of_on": clock.as_of_on,
                "last_complete_on": clock.last_complete_on,
                "reporting_currency": reporting_currency,
            }
        ],
    )
    hand_over(landed.with_name("closes"), landed / "run")
    hand_over_health(landed.with_name("health"), landed / "run", rescore)
    return Landing(loads, clock, quarantined)


def _unrecognised(landing: Path) -> list[str]:
    """List the files of the files contract's folder that no table is named after."""
    known = {table.name for table in read_contracts() if table.source == "files"}
    found = sorted((landing / "files").glob("*"))
    strange = [path for path in found if path.name.split(".")[0] not in known]
    return [str(path.relative_to(landing)) for path in strange]


def _told_row(row: dict[str, Any]) -> str:
    value = "" if row["value"] is None else f" {row['value']!r}"
    column = f"{row['column_name']}{value}: " if row["column_name"] else ""
    return f"    {row['file']}, line {row['line']}, {column}{row['rule']}"


def _told(load: Load) -> str:
    name = f"{load.source}.{load.entity}"
    if load.status == "absent":
        return f"  {name}: FILE GONE, and with it {load.rows_disappeared:,} rows"
    if load.status == "broken":
        return f"  {name}: BROKEN, its last good rows stay: {load.message}"
    apart = {
        "repeats dropped": load.rows_repeated,
        "superseded": load.rows_superseded,
        "QUARANTINED": load.rows_quarantined,
        "gone since last time": load.rows_disappeared,
    }
    notes = "".join(f", {count:,} {what}" for what, count in apart.items() if count)
    if load.source == "files" and load.unknown_columns:
        # A connector lands hundreds of columns that nobody reads: not worth a word.
        notes += f", columns not in the contract: {', '.join(load.unknown_columns)}"
    return f"  {name}: {load.rows_landed:,} rows{notes}"
