"""Land a whole folder: every declared table typed, an absent one empty."""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.health_memory import Rescore
from orchestration.health_memory import hand_over as hand_over_health
from orchestration.landing.believed import (
    NOT_BELIEVED,
    Believed,
    Delivery,
    EvidenceError,
    happened,
    read_believed,
    remember,
)
from orchestration.landing.captured_changes import capture_changes
from orchestration.landing.clock import (
    ALIVE_WITHIN_DAYS,
    SILENT_DAYS,
    Clock,
    Feed,
    read_clock,
)
from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.deleted_rows import drop_deleted, remember_deleted
from orchestration.landing.evidence import believe, read_limits
from orchestration.landing.keys import SETTLED, VALUES_SETTLED
from orchestration.landing.land_table import (
    BLANKED_COLUMNS,
    QUARANTINE_COLUMNS,
    Load,
    blanked_of,
    deleted_of,
    land_table,
)
from orchestration.landing.raw_files import (
    ENGINE_ERRORS,
    find_files,
    is_dangling,
    literal,
)
from orchestration.landing.unread_files import Unread, find_unread, unread_lines
from orchestration.month_closes import hand_over, last_closed_on
from orchestration.policy import POLICY, kept_files

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
    # A copy may keep size and time of change; inode and time of copying it cannot.
    stats = [
        (file.label, file.path.stat(follow_symlinks=not is_dangling(file.path)))
        for file in files
    ]
    seen = [
        (label, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)
        for label, stat in stats
    ]
    where = str(landing.resolve())
    return sha256(repr((LOADER_VERSION, where, table, seen)).encode()).hexdigest()


def _recalled(memory: Path) -> dict[str, Any]:
    """Read what was remembered of a load; nothing where that cannot be read."""
    try:
        return json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _are_whole(con: duckdb.DuckDBPyConnection, paths: list[Path]) -> bool:
    """Tell whether files that a run wrote are there: power cuts leave halves."""
    try:
        for path in paths:
            con.execute(f"describe from {literal(str(path))}")
    except duckdb.Error:
        return False
    return True


def _land_or_reuse(
    con: duckdb.DuckDBPyConnection, table: Table, landing: Path, delivered: Path
) -> tuple[Delivery, list[dict[str, Any]]]:
    """Read one table's files, or recall what was read of the very same files."""
    memory = delivered / table.source / f"{table.name}.load.json"
    parquet = delivered / table.source / f"{table.name}.parquet"
    fingerprint = _fingerprint(table, landing)
    known = _recalled(memory)
    if known.get("fingerprint") == fingerprint:
        load = Load(**known["load"])
        blanked = [blanked_of(parquet)] if load.values_blanked else []
        is_marked = table.kind == "log" and load.rows_deleted
        deleted = [deleted_of(parquet)] if is_marked else []
        if _are_whole(con, [parquet, *blanked, *deleted]):
            return Delivery(table, load, parquet, fingerprint), known["quarantined"]
    columns = ", ".join(f"{name} {kind}" for name, kind in QUARANTINE_COLUMNS.items())
    con.execute(f"create or replace temp table quarantine ({columns})")
    # Until the new load is noted, the old one must not stand for the new rows.
    memory.unlink(missing_ok=True)
    load = land_table(con, table, landing, delivered)
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
    return Delivery(table, load, parquet, fingerprint), quarantined


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
# What the whole ledger is accepted as, where it tells another past than the published.
LEDGER = "ledger"

# What of a load only the guard reads.
OF_THE_LOADER = ("unknown_columns", "known_columns", "cut_off")

LOAD_TYPES = (
    {
        field.name: {"int": "bigint"}.get(
            str(getattr(field.type, "__name__", "")), "string"
        )
        for field in fields(Load)
        if field.name not in OF_THE_LOADER
    }
    | {"latest_happened_at": "timestamp", "latest_received_at": "timestamp"}
    | {"latest_synced_at": "timestamp"}
)


# When a connector last wrote a row: that it lives, whether or not anything happens.
SYNCED = "_fivetran_synced"

CLOCK_TYPES = {
    "as_of_at": "timestamp",
    "as_of_on": "date",
    "last_complete_on": "date",
    "final_as_of_on": "date",
    "is_ledger_whole": "boolean",
    "is_health_whole": "boolean",
    "is_ledger_accepted": "boolean",
    "reporting_currency": "string",
}


def land(
    landing: Path,
    landed: Path,
    as_of: str | None,
    reporting_currency: str,
    tell: Callable[[str], None] = print,
    rescore: Rescore | None = None,
    accept: Collection[str] = (),
) -> Landing:
    """Validate and type everything in `landing`, writing Parquet below `landed`.

    The log of closed months and the health that earlier runs scored, which lie beside
    `landed`, are handed over with it; days to `rescore` are left out. A state that does
    not look like the one before is held at its last good rows, unless `accept` names it
    as `source.table`; a log keeps what it ever received.

    `tell` gets a line for each table that has files. Rows that broke a rule are in
    `landed/run/quarantined_rows.parquet`, with file, line and rule, bad values that
    were read as missing in `blanked_values.parquet`. What snapshots said at each run is
    kept in the folder `captured` beside `landed`, what was last believed in `evidence`.

    Raises:
        LandingError: no declared table has a file, or `accept` names no table.
        ClockError: AS_OF is not ISO, or is absent and nothing has happened.
    """
    con = duckdb.connect(config={"threads": 2})
    con.execute("set TimeZone = 'UTC'")
    contracts = read_contracts()
    _refuse_unknown(accept, contracts)
    deliveries: list[Delivery] = []
    quarantined: list[dict[str, Any]] = []
    for table in contracts:
        delivery, rows = _land_or_reuse(
            con, table, landing, landed.with_name("delivered")
        )
        deliveries.append(delivery)
        quarantined += rows
    evidence = landed.with_name("evidence")
    try:
        earlier = [read_believed(con, evidence, table) for table in contracts]
    except EvidenceError as error:
        raise LandingError(str(error)) from error
    loads = [delivery.load for delivery in deliveries]
    unread = find_unread(landing, contracts)
    if not any(earlier) and all(load.status == "absent" for load in loads):
        raise LandingError(
            f"{landing}: no table of the contract found; "
            "start with files/subscription_items.csv (docs/files_contract.md)"
            + "".join(f"; {line}" for line in unread_lines(unread))
        )
    clock, evident = _believe_all(
        con, deliveries, earlier, landed, as_of, reporting_currency, accept
    )
    if clock.told:
        tell(f"  AS_OF={clock.as_of_on}: {clock.told}")
    blanked = _write_blanked(con, deliveries, landed / "run")
    for line in _told_all(loads, quarantined + blanked):
        tell(line)
    for line in unread_lines(unread):
        tell(f"  {line}")
    kept = [_kept_policy(path) for path in kept_files(landing, landed.parent)]
    for load in kept:
        tell(_told(load))
    for line in _date_happenings(con, deliveries, landed, clock):
        tell(line)
    happenings = [load.latest_happened_at for load in loads if load.latest_happened_at]
    captured = capture_changes(
        con,
        [(delivery.table, _is_whole(delivery, deliveries)) for delivery in deliveries],
        landed,
        landed.with_name("captured"),
        clock,
        datetime.fromisoformat(max(happenings)) if happenings else None,
    )
    for label, count in captured.items():
        if count:
            tell(f"  {label}: {count:,} captured as new, changed or gone")
    for delivery, before in zip(deliveries, earlier, strict=True):
        table = delivery.table
        target = landed / table.source / f"{table.name}.parquet"
        is_accepted = f"{table.source}.{table.name}" in accept
        remember(
            con,
            delivery,
            before,
            target,
            evidence,
            clock,
            evident.as_of_at,
            is_accepted=is_accepted,
        )
        remember_deleted(con, delivery, target, evidence, is_accepted)
    ahead = clock.days_ahead_of(evident)
    if ahead > ALIVE_WITHIN_DAYS:
        tell(
            f"  AS_OF={clock.as_of_on} lies {ahead:,} days after {evident.as_of_on},"
            f" {evident.told}: health of this run is provisional"
            + (", and no month is closed" if ahead > SILENT_DAYS else "")
        )
    _write_run(
        *(con, landed, clock, deliveries, unread, kept, quarantined),
        *(reporting_currency, accept, ahead),
    )
    hand_over(landed.with_name("closes"), landed / "run")
    hand_over_health(landed.with_name("health"), landed / "run", rescore)
    return Landing(loads, clock, quarantined)


def _refuse_unknown(accept: Collection[str], contracts: list[Table]) -> None:
    """Refuse to accept what no table of the contract is named."""
    known = {f"{table.source}.{table.name}" for table in contracts} | {LEDGER, POLICY}
    if strange := sorted(set(accept) - known):
        raise LandingError(
            f"ACCEPT={','.join(strange)}: no such table; "
            f"there are: {', '.join(sorted(known))}"
        )


def _believe_all(
    con: duckdb.DuckDBPyConnection,
    deliveries: list[Delivery],
    earlier: list[Believed | None],
    landed: Path,
    as_of: str | None,
    reporting_currency: str,
    accept: Collection[str],
) -> tuple[Clock, Clock]:
    """Believe the logs, tell the day by them, and believe the states as of that day.

    Returns the clock, and the one that the evidence itself would tell.
    """
    limits = read_limits()

    def believe_kind(kind: str, now: date) -> None:
        for delivery, before in zip(deliveries, earlier, strict=True):
            table = delivery.table
            target = landed / table.source / f"{table.name}.parquet"
            is_accepted = f"{table.source}.{table.name}" in accept
            if table.kind == kind:
                try:
                    believe(
                        con,
                        delivery,
                        before,
                        target,
                        limits,
                        reporting_currency,
                        is_accepted=is_accepted,
                        now=now,
                    )
                    if kind == "log":
                        evidence = landed.with_name("evidence")
                        drop_deleted(con, delivery, target, evidence, is_accepted)
                except ENGINE_ERRORS as error:
                    raise LandingError(_incomparable(table, before, error)) from error

    believe_kind("log", date.min)
    feeds = _read_feeds(con, deliveries, landed)
    delivered = landed.with_name("delivered")
    clock = _clock_or_none(as_of, feeds, _read_starts(con, deliveries, delivered))
    believe_kind("state", clock.as_of_on if clock else date.min)
    # A held delivery tells no day either: the starts are those that are believed.
    starts = _read_starts(con, deliveries, landed)
    evident = _clock_or_none(None, feeds, starts)
    clock = read_clock(as_of, feeds, starts)
    return clock, evident or clock


def _incomparable(table: Table, before: Believed | None, error: Exception) -> str:
    """Say what to do where a delivery and the memory of the last cannot be compared."""
    told = (
        f"{table.source}.{table.name}: what was delivered cannot be compared with what"
        f" was last believed ({str(error).splitlines()[0]})"
    )
    if before is None:
        return told
    return (
        f"{told}. Restore {before.parquet} from a backup, or remove {table.name}.json"
        " beside it to take the next delivery as the first"
    )


def _clock_or_none(
    as_of: str | None, feeds: list[Feed], starts: list[date]
) -> Clock | None:
    """Read the clock; None where nothing tells one."""
    if not as_of and not feeds and not starts:
        return None
    return read_clock(as_of, feeds, starts)


def _is_whole(delivery: Delivery, deliveries: list[Delivery]) -> bool:
    """Tell whether a table landed, with nothing of its source held or broken."""
    return delivery.load.status == "landed" and not any(
        other.load.status in NOT_BELIEVED
        for other in deliveries
        if other.table.source == delivery.table.source
    )


def _read_feeds(
    con: duckdb.DuckDBPyConnection, deliveries: list[Delivery], landed: Path
) -> list[Feed]:
    """Count the believed rows of each log by the day on which they happened."""
    feeds: list[Feed] = []
    for delivery in deliveries:
        table = delivery.table
        if table.kind == "log" and happened(table) and delivery.load.rows_landed:
            rows = literal(str(landed / table.source / f"{table.name}.parquet"))
            days = con.execute(
                f"select cast({happened(table)} as date) as day, count(*)"
                f" from {rows} group by day having day is not null order by day"
            ).fetchall()
            by_day = pd.Series(dict(days), dtype="int64")
            feeds.append(Feed(f"{table.source}.{table.name}", by_day))
    return [feed for feed in feeds if len(feed.rows_by_day)]


def _read_starts(
    con: duckdb.DuckDBPyConnection, deliveries: list[Delivery], folder: Path
) -> list[date]:
    """List the days on which items start, by the tables below a folder."""
    starts: list[date] = []
    for delivery in deliveries:
        table = delivery.table
        parquet = folder / table.source / f"{table.name}.parquet"
        if table.weighed.is_item and parquet.exists():
            day = f"cast({table.weighed.starts} as date)"
            query = f"select distinct {day} from {literal(str(parquet))}"
            starts += [day for (day,) in con.execute(query).fetchall() if day]
    return starts


def _date_happenings(
    con: duckdb.DuckDBPyConnection,
    deliveries: list[Delivery],
    landed: Path,
    clock: Clock,
) -> list[str]:
    """Note in each load what happened last by the clock; tell what lies beyond it."""
    told = []
    for delivery in deliveries:
        table, load = delivery.table, delivery.load
        if not load.rows_landed:
            continue
        rows = literal(str(landed / table.source / f"{table.name}.parquet"))
        received = [f'"{c.name}"' for c in table.columns if c.received]
        times = [happened(table), *received]
        for name, time in zip(("happened", "received"), times, strict=False):
            if time:
                latest, beyond, last = con.execute(
                    f"select cast(max(t) filter (t <= $at) as varchar),"
                    f" count(*) filter (t > $at), max(t)"
                    f" from (select cast({time} as timestamp) as t from {rows})",
                    {"at": clock.as_of_at},
                ).fetchall()[0]
                setattr(load, f"latest_{name}_at", latest)
                if name == "happened" and beyond and table.kind == "log":
                    told.append(
                        f"  {table.source}.{table.name}: {beyond:,} rows lie after the"
                        f" run's day, the last on {last:%Y-%m-%d}: not yet believed"
                    )
        if SYNCED in table.column_names:
            ((load.latest_synced_at,),) = con.execute(
                f"select cast(max({SYNCED}) as varchar) from {rows}"
            ).fetchall()
    return told


def _write_run(
    con: duckdb.DuckDBPyConnection,
    landed: Path,
    clock: Clock,
    deliveries: list[Delivery],
    unread: list[Unread],
    kept: list[Load],
    quarantined: list[dict[str, Any]],
    reporting_currency: str,
    accept: Collection[str],
    days_ahead: int,
) -> None:
    """Write what dbt reads of the run itself: the loads, the quarantine, the clock.

    What a clock says that runs so many days ahead of all feeds is no lasting history: a
    slip of AS_OF closes no month, and its health is scored anew when its days come.
    """
    folder = landed / "run"
    loads = [asdict(delivery.load) for delivery in deliveries]
    loads += [
        asdict(Load(one.source or ".", one.name, status="unread", message=one.why))
        for one in unread
    ] + [asdict(load) for load in kept]
    _write_rows(con, folder / "loads.parquet", LOAD_TYPES, loads)
    _write_rows(
        con, folder / "quarantined_rows.parquet", QUARANTINE_COLUMNS, quarantined
    )
    stale = {
        memory
        for delivery in deliveries
        for memory in delivery.table.feeds
        if delivery.load.status in NOT_BELIEVED
    }
    stale |= {"health"} if days_ahead > ALIVE_WITHIN_DAYS else set()
    stale |= {"ledger"} if days_ahead > SILENT_DAYS else set()
    closed_on = last_closed_on(
        landed.with_name("closes"), clock.as_of_at, reporting_currency
    )
    final_as_of_on = closed_on if "ledger" in stale else clock.as_of_on
    row = {
        "as_of_at": clock.as_of_at,
        "as_of_on": clock.as_of_on,
        "last_complete_on": clock.last_complete_on,
        "final_as_of_on": final_as_of_on,
        "is_ledger_whole": "ledger" not in stale,
        "is_health_whole": "health" not in stale,
        "is_ledger_accepted": LEDGER in accept,
        "reporting_currency": reporting_currency,
    }
    _write_rows(con, folder / "clock.parquet", CLOCK_TYPES, [row])


def _kept_policy(path: Path) -> Load:
    """Tell of a policy file that is gone, and of what stands in for it."""
    message = (
        f"no file policy/{path.name}: that of the last run stays;"
        f" make run ACCEPT={POLICY} takes the folder as it is, without it"
    )
    return Load(POLICY, path.stem, status="held", message=message)


def _write_blanked(
    con: duckdb.DuckDBPyConnection, deliveries: list[Delivery], folder: Path
) -> list[dict[str, Any]]:
    """Write the bad values that were read as missing; return examples of each table.

    Of a delivery that is not believed no row is used, so none of its values.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in BLANKED_COLUMNS.items())
    con.execute(f"create or replace temp table all_blanked ({columns})")
    examples: list[dict[str, Any]] = []
    for delivery in deliveries:
        if delivery.load.values_blanked and delivery.load.status not in NOT_BELIEVED:
            rows = literal(str(blanked_of(delivery.parquet)))
            con.execute(f"insert into all_blanked by name from {rows}")
            told = con.execute(
                f"select {', '.join(BLANKED_COLUMNS)} from {rows} limit {EXAMPLES_TOLD}"
            ).fetchall()
            examples += [dict(zip(BLANKED_COLUMNS, row, strict=True)) for row in told]
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / "blanked_values.partial"
    con.execute(f"copy all_blanked to {literal(str(partial))} (format parquet)")
    partial.replace(folder / "blanked_values.parquet")
    return examples


def _told_all(loads: list[Load], quarantined: list[dict[str, Any]]) -> list[str]:
    """Tell what came of each table: first what is not believed, then the rest."""
    lines = [_told(load) for load in loads if load.status in NOT_BELIEVED]
    lines += [
        _told(load)
        for load in loads
        if load.status not in NOT_BELIEVED
        and (load.status != "absent" or load.rows_disappeared)
    ]
    shown: dict[tuple[str, str], int] = {}
    for row in quarantined:
        table = (row["source"], row["entity"])
        shown[table] = shown.get(table, 0) + 1
        if shown[table] <= EXAMPLES_TOLD:
            lines.append(_told_row(row))
    return lines


def _told_row(row: dict[str, Any]) -> str:
    value = "" if row["value"] is None else f" {row['value']!r}"
    column = f"{row['column_name']}{value}: " if row["column_name"] else ""
    return f"    {row['file']}, line {row['line']}, {column}{row['rule']}"


def _told(load: Load) -> str:
    name = f"{load.source}.{load.entity}"
    if load.status == "absent":
        return f"  {name}: FILE GONE, and with it {load.rows_disappeared:,} rows"
    if load.status in NOT_BELIEVED:
        stays = ", its last good rows stay" if load.rows_recalled else ""
        word = {"held": "HELD", "broken": f"BROKEN{stays}"}
        return f"  {name}: {word[load.status]}: {load.message}"
    apart = {
        "of them of earlier deliveries": load.rows_recalled,
        "repeats dropped": load.rows_repeated,
        "superseded": load.rows_superseded,
        "deleted by their source": load.rows_deleted,
        "QUARANTINED": load.rows_quarantined,
        "gone since last time": load.rows_disappeared,
    }
    apart["BAD VALUES read as missing"] = load.values_blanked
    settled = SETTLED | VALUES_SETTLED
    apart |= {what: getattr(load, name) for name, what in settled.items()}
    notes = "".join(f", {count:,} {what}" for what, count in apart.items() if count)
    if load.source == "files" and load.unknown_columns:
        # A connector lands hundreds of columns that nobody reads: not worth a word.
        notes += f", columns not in the contract: {', '.join(load.unknown_columns)}"
    if load.message:
        notes += f". {load.message}"
    return f"  {name}: {load.rows_landed:,} rows{notes}"
