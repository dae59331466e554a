"""What was last believed of each table, kept from run to run.

Below `evidence/<source>/` lies, per table, what was last believed: the rows of a state,
or every row that a log ever received, with the day of the run that believed it.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

from orchestration.landing.clock import Clock
from orchestration.landing.contract import Table
from orchestration.landing.land_table import EXTRA_COLUMNS, Load, write_table
from orchestration.landing.raw_files import literal
from orchestration.landing.told_columns import newly_told
from orchestration.publishing.durable_files import (
    flush_tree,
    link_or_copy,
    rename_durably,
)


class EvidenceError(Exception):
    """A memory of deliveries that is there and cannot be read."""


# A clock that is further ahead of all evidence of the day is taken for a mistake: so is
# a year that was mistyped, not so a book without feeds in which months bring nobody.
PLAUSIBLE_DAYS_AHEAD = 183


# Loads that the run does not rest on: an earlier delivery stands in for them.
NOT_BELIEVED = ("held", "broken")


@dataclass(frozen=True)
class Delivery:
    """One table as the landing folder has it now, and what was made of its files."""

    table: Table
    load: Load
    parquet: Path
    fingerprint: str


@dataclass(frozen=True)
class Believed:
    """What was last believed of a table; `as_of_at` is the clock of that run.

    `is_cut` tells of a log that rows beyond that clock were left out, `told_since` of
    columns of a state that they were not always told.
    """

    parquet: Path
    fingerprint: str
    as_of_at: datetime
    is_cut: bool
    rows_recalled: int
    rows_superseded: int
    told_since: dict[str, date]

    @property
    def as_of_on(self) -> date:
        """Return the day of the run that believed it."""
        return self.as_of_at.date()


def read_believed(
    con: duckdb.DuckDBPyConnection, evidence: Path, table: Table
) -> Believed | None:
    """Return what was last believed of a table; None if it never came.

    Raises:
        EvidenceError: it cannot be read; the message says what to do.
    """
    memory = evidence / table.source / f"{table.name}.json"
    try:
        told = json.loads(memory.read_text(encoding="utf-8"))
        believed = Believed(
            parquet=memory.with_name(told["rows"]),
            fingerprint=told["fingerprint"],
            as_of_at=datetime.fromisoformat(told["as_of_at"]),
            is_cut=told["is_cut"],
            rows_recalled=told["rows_recalled"],
            rows_superseded=told["rows_superseded"],
            told_since={
                name: date.fromisoformat(day)
                for name, day in told.get("told_since", {}).items()
            },
        )
        con.execute(f"describe from {literal(str(believed.parquet))}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
        raise EvidenceError(
            f"{memory}: what was last believed of {table.source}.{table.name} cannot"
            f" be read ({type(error).__name__}). Restore it from a backup, or remove"
            f" {memory.name} to take the next delivery as the first"
        ) from error
    return believed


def link(source: Path, target: Path) -> None:
    """Let `target` be `source`, of which nothing is ever written in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".partial-{target.name}")
    partial.unlink(missing_ok=True)
    if target.exists() and target.samefile(source):
        # To rename one link of a file onto another does nothing, and leaves it there.
        return
    link_or_copy(source, partial)
    partial.replace(target)


def _columns(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> str:
    """Select the contract's columns of a file that an older contract may have made."""
    rows = con.execute(f"describe from {literal(str(parquet))}").fetchall()
    written = {row[0] for row in rows}
    types = {c.name: c.data_type for c in table.columns} | EXTRA_COLUMNS
    return ", ".join(
        f'"{name}"' if name in written else f'cast(null as {kind}) as "{name}"'
        for name, kind in types.items()
    )


def read_rows(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> str:
    """Return SQL for the contract's rows of a file that an older one may have made.

    It may hold rows that their source deleted, which are none by now.
    """
    columns = _columns(con, table, parquet)
    rows = f"select {columns} from {literal(str(parquet))}"
    if not table.deleted_if:
        return f"({rows})"
    return f"(from ({rows}) where not coalesce({table.deleted_if}, false))"


def remember(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    before: Believed | None,
    target: Path,
    evidence: Path,
    clock: Clock,
    evident_at: datetime,
    is_accepted: bool,
) -> None:
    """Keep what the run believes of a table for the next one to compare with.

    A delivery that is held or broken adds nothing, and of a state nor does a run as of
    an earlier day. Of a log stays what has happened by the clock: a row from the future
    is believed only while somebody delivers it. A clock far beyond what all that was
    landed tells (`evident_at`) dates nothing, so that a slip of AS_OF does not make
    every later run an earlier one.
    """
    load, table = delivery.load, delivery.table
    if load.status in NOT_BELIEVED:
        return
    is_plausible = clock.as_of_at <= _latest_plausible(evident_at)
    seen_at, cut_at = clock.as_of_at if is_plausible else evident_at, clock.as_of_at
    if before is not None and not is_accepted:
        is_known_day = before.as_of_at <= _latest_plausible(evident_at)
        if table.kind == "state" and seen_at < before.as_of_at and is_known_day:
            return
        cut_at = max(cut_at, before.as_of_at)
    folder = evidence / table.source
    memory = folder / f"{table.name}.json"
    if load.status == "absent":
        memory.unlink(missing_ok=True)
        return
    beyond = _beyond(con, delivery, target, cut_at) if table.kind == "log" else 0
    told = {
        "rows": f"{table.name}.{_number(before):06d}.parquet",
        "fingerprint": delivery.fingerprint,
        "as_of_at": (seen_at if table.kind == "state" else cut_at).isoformat(),
        "is_cut": bool(beyond),
        "rows_recalled": load.rows_recalled,
        "rows_superseded": load.rows_superseded,
        "told_since": _told_since(con, table, before, target, seen_at.date()),
    }
    if before is not None and not beyond and before.parquet.samefile(target):
        told["rows"] = before.parquet.name
    kept = folder / told["rows"]
    if beyond:
        at = f"cast({happened(table)} as timestamp)"
        con.execute(
            f"create or replace temp table landed as"
            f" select * from {literal(str(target))} where coalesce({at} <= ?, true)",
            [cut_at],
        )
        write_table(con, table, kept)
    elif not (before and kept == before.parquet):
        link(target, kept)
    partial = folder / f".partial-{memory.name}"
    partial.write_text(json.dumps(told), encoding="utf-8")
    flush_tree(kept)
    flush_tree(partial)
    rename_durably(partial, memory)
    for old in folder.glob(f"{table.name}.[0-9]*.parquet"):
        if old != kept:
            old.unlink()


def _told_since(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    before: Believed | None,
    parquet: Path,
    today: date,
) -> dict[str, str]:
    """Return since which day columns of a state are told that were not always."""
    if before is None or table.kind != "state":
        return {}
    rows = [read_rows(con, table, path) for path in (before.parquet, parquet)]
    return newly_told(con, table, rows[0], rows[1], before.told_since, today)


def _latest_plausible(evident_at: datetime) -> datetime:
    """Return the last instant that a clock may have, by the evidence of the day."""
    return min(evident_at, datetime(9000, 1, 1)) + timedelta(PLAUSIBLE_DAYS_AHEAD)


def _number(before: Believed | None) -> int:
    return int(before.parquet.name.split(".")[-2]) + 1 if before else 1


def happened(table: Table) -> str:
    """Return SQL for when a row happened, never later than received; else nothing."""
    happening = [c.name for c in table.columns if c.happening]
    received = [c.name for c in table.columns if c.received]
    told = [f'"{name}"' for name in (*happening, *received)]
    return f"least({', '.join(told)})" if happening else ""


def _beyond(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, target: Path, at: datetime
) -> int:
    if not happened(delivery.table):
        return 0
    query = (
        f"select count(*) from {literal(str(target))}"
        f" where cast({happened(delivery.table)} as timestamp) > ?"
    )
    return int(con.execute(query, [at]).fetchall()[0][0])
