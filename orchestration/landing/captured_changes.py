"""Keep, across runs, what the snapshots of a source said and when they said so.

Below `captured/<source>/<table>/` lies one Parquet part per run that saw something
new, never written again: each row as first seen, and the key of each row that went.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.clock import Clock
from orchestration.landing.contract import CAPTURED, Column, Table
from orchestration.landing.raw_files import literal
from orchestration.publishing.durable_files import flush_tree, rename_durably
from orchestration.unreadable import reading

# When a row was first seen so; when the run before looked (null: there was none);
# whether it is gone; and the number of the run, which orders what one instant tells.
CAPTURE_COLUMNS = {
    "_seen_at": "timestamp",
    "_looked_at": "timestamp",
    "_is_gone": "boolean",
    "_capture": "bigint",
}
RESTORE = "Restore the folder `captured` from a backup: what it holds came once"
# A connector that synced after the run's day, but not later than this, shows that day.
SYNC_TOLERANCE_DAYS = 1
# A clock that is further ahead of all that is landed is taken for a mistake.
DAYS_AHEAD = 366


def _names(columns: tuple[str, ...] | list[str], relation: str) -> str:
    return ", ".join(f'{relation}."{name}"' for name in columns)


def _kept(table: Table) -> list[str]:
    """List the columns that are kept: nothing personal that nobody compares."""
    personal = {c.name for c in table.columns if c.personal} - set(table.captured)
    return [name for name in table.column_names if name not in personal]


def _types(table: Table) -> dict[str, str]:
    types = {c.name: c.data_type for c in table.columns}
    return {name: types[name] for name in _kept(table)} | CAPTURE_COLUMNS


def _write(con: duckdb.DuckDBPyConnection, query: str, parquet: Path) -> None:
    """Write a query's rows as a file that is there whole or not at all."""
    parquet.parent.mkdir(parents=True, exist_ok=True)
    partial = parquet.with_name(f".partial-{parquet.name}")
    con.execute(f"copy ({query}) to {literal(str(partial))} (format parquet)")
    flush_tree(partial)
    rename_durably(partial, parquet)


def _read_log(con: duckdb.DuckDBPyConnection, table: Table, log: Path) -> None:
    """Fill temp table `log` with every part; columns new to the contract are null."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in _types(table).items())
    con.execute(f"create or replace temp table log ({columns})")
    for part in sorted(log.glob("[0-9]*.parquet")):
        source = f"read_parquet({literal(str(part))})"
        with reading(part, RESTORE):
            described = con.execute(f"describe from {source}").fetchall()
            written = {row[0] for row in described}
            kept = ", ".join(f'"{name}"' for name in _types(table) if name in written)
            con.execute(f"insert into log by name select {kept} from {source}")


def _read_looks(con: duckdb.DuckDBPyConnection, memory: Path) -> list[datetime]:
    """List when runs looked, whether or not they saw anything new.

    The part of a run that was killed before it noted its look counts as one.
    """
    noted = set()
    if memory.exists():
        with reading(memory, RESTORE):
            texts = json.loads(memory.read_text(encoding="utf-8"))
            noted = {datetime.fromisoformat(text) for text in texts}
    logged = con.execute("select distinct _seen_at from log").fetchall()
    return sorted(noted | {seen_at for (seen_at,) in logged})


def _note(memory: Path, looks: list[datetime]) -> None:
    memory.parent.mkdir(parents=True, exist_ok=True)
    partial = memory.with_name(f".partial-{memory.name}")
    texts = [look.isoformat() for look in looks]
    partial.write_text(json.dumps(texts), encoding="utf-8")
    flush_tree(partial)
    rename_durably(partial, memory)


def _synced_at(con: duckdb.DuckDBPyConnection, columns: list[Column]) -> Any:
    if not columns:
        return None
    query = f'select max(cast("{columns[0].name}" as timestamp)) from present'
    return con.execute(query).fetchall()[0][0]


def _seen_at(
    clock: Clock, synced_at: datetime | None, happened_at: datetime | None
) -> datetime | None:
    """Tell the instant that a snapshot shows; none if it is later than the clock.

    That is the clock's, for a row that went leaves no sync behind. But a clock far
    ahead of all data must not date a capture: every later one would seem old.
    """
    if synced_at and (synced_at.date() - clock.as_of_on).days > SYNC_TOLERANCE_DAYS:
        return None
    told = max((at for at in (synced_at, happened_at) if at), default=clock.as_of_at)
    if (clock.as_of_at - told).days > DAYS_AHEAD:
        return told
    return clock.as_of_at


def _find_news(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """Fill temp table `news` with what differs from the log, and count it."""
    key = " and ".join(f'present."{name}" = known."{name}"' for name in table.key)
    differs = " or ".join(
        f'present."{name}" is distinct from known."{name}"' for name in table.captured
    )
    con.execute(
        f"""
        create or replace temp table known as
        select * from log
        qualify row_number() over (
            partition by {_names(table.key, "log")} order by _capture desc
        ) = 1
        """
    )
    first = f'known."{table.key[0]}"'
    con.execute(
        f"""
        create or replace temp table news as
        select {_names(_kept(table), "present")}, false as _is_gone
        from present left join known on {key}
        where {first} is null or known._is_gone or {differs}
        union all
        select {_names(_kept(table), "known")}, true as _is_gone
        from known anti join present on {key}
        where not known._is_gone
        """
    )
    return con.execute("select count(*) from news").fetchall()[0][0]


def _capture_table(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    landed: Path,
    log: Path,
    clock: Clock,
    happened_at: datetime | None,
    is_landed: bool,
) -> tuple[int, list[datetime]]:
    """Append what a table shows differently; return the rows, and all looks so far."""
    memory = log / "looks.json"
    _read_log(con, table, log)
    looks = _read_looks(con, memory)
    appended = 0
    if is_landed:
        parquet = landed / table.source / f"{table.name}.parquet"
        con.execute(
            "create or replace temp view present as "
            f"from read_parquet({literal(str(parquet))})"
        )
        synced_at = _synced_at(con, [c for c in table.columns if c.synced])
        seen_at = _seen_at(clock, synced_at, happened_at)
        if seen_at is not None and (not looks or seen_at >= looks[-1]):
            appended = _append(con, table, log, seen_at, looks[-1] if looks else None)
            looks = sorted({*looks, seen_at})
            _note(memory, looks)
    known = f"from log where _seen_at <= timestamp '{clock.as_of_at.isoformat(' ')}'"
    order = f"order by {_names(table.key, 'log')}, _capture"
    folder = landed / f"{table.source}{CAPTURED}"
    _write(con, f"{known} {order}", folder / f"{table.name}.parquet")
    return appended, looks


def capture_changes(
    con: duckdb.DuckDBPyConnection,
    landed_tables: Iterable[tuple[Table, bool]],
    landed: Path,
    captured: Path,
    clock: Clock,
    happened_at: datetime | None,
) -> dict[str, int]:
    """Append what captured tables show differently from last time; count the rows.

    Each comes with whether it was landed; `happened_at` is the latest happening of the
    whole landing. Nothing is appended where it was not, shows
    a later day than the clock, or an earlier one than the log. What was known at the
    clock is written to `landed/<source>_captured/`: a log per table, and `looks`.
    """
    counts: dict[str, int] = {}
    looks: dict[str, list[tuple[str, datetime]]] = {}
    for table, is_landed in landed_tables:
        if not table.captured:
            continue
        log = captured / table.source / table.name
        appended, seen = _capture_table(
            con, table, landed, log, clock, happened_at, is_landed
        )
        counts[f"{table.source}.{table.name}"] = appended
        looks.setdefault(table.source, []).extend(
            (table.name, look) for look in seen if look <= clock.as_of_at
        )
    for source, rows in looks.items():
        con.execute(
            "create or replace temp table looks (entity string, looked_at timestamp)"
        )
        if rows:
            con.executemany("insert into looks values (?, ?)", rows)
        _write(
            con,
            "from looks order by all",
            landed / f"{source}{CAPTURED}" / "looks.parquet",
        )
    return counts


def _append(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    log: Path,
    seen_at: datetime,
    looked_at: datetime | None,
) -> int:
    """Write this run's part, if there is news, and take it into `log`."""
    count = _find_news(con, table)
    if not count:
        return 0
    ((number,),) = con.execute(
        "select coalesce(max(_capture), 0) + 1 from log"
    ).fetchall()
    con.execute(
        f"""
        create or replace temp table part as
        select
            {_names(_kept(table), "news")},
            timestamp '{seen_at.isoformat(" ")}' as _seen_at,
            cast(? as timestamp) as _looked_at,
            _is_gone,
            cast({number} as bigint) as _capture
        from news
        """,
        [looked_at],
    )
    order = _names(table.key, "part")
    _write(con, f"from part order by {order}", log / f"{number:06d}.parquet")
    con.execute("insert into log by name from part")
    return count
