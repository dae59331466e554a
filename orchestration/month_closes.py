"""The log of closed months: what was published as final, and what changed since.

A close is a folder with two files that nothing writes to again: `close.parquet` (one
row: the run's day, and the last month it closed) and `entries.parquet` (amounts).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from shutil import rmtree

import duckdb

from orchestration.publishing.durable_files import (
    flush_tree,
    rename_durably,
    target_of,
)

CLOSE = {
    "close_number": "bigint",
    "recorded_as_of_at": "timestamp",
    "reporting_currency": "string",
    "final_month": "date",
    "set_id": "string",
}
ENTRIES = {
    "close_number": "bigint",
    "cause": "string",
    "booked_account_id": "string",
    "account_id": "string",
    "currency": "string",
    "mrr_month": "date",
    "movement": "string",
    "mrr_delta": "decimal(18, 6)",
    "mrr_delta_native": "decimal(18, 6)",
}
PENDING = ".pending-"
RESTORE = (
    "Restore the log from a backup, or move the folder away to begin it anew: months"
    " that were closed are then closed as they are now"
)


class CloseError(Exception):
    """A log that is not whole, or another than the one that a build rests on."""


def list_closes(log: Path) -> list[Path]:
    """Return the folders of all closes, the oldest first."""
    return sorted(log.glob("close-*"))


def _number_of(close: Path) -> int:
    return int(close.name.removeprefix("close-"))


@contextmanager
def _reading(log: Path, name: str) -> Iterator[None]:
    """Read one file of each close; refuse a log that is damaged or not whole.

    What a lost close restated would be told anew.

    Raises:
        CloseError: it is; the message says what to do.
    """
    numbers = [_number_of(close) for close in list_closes(log)]
    lost = sorted(set(range(1, max(numbers, default=0))) - set(numbers))
    if lost:
        names = ", ".join(f"close-{number:05}" for number in lost)
        raise CloseError(f"{log}: {names} is missing. {RESTORE}")
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise CloseError(
            f"{log}: a {name}.parquet cannot be read ({reason}). {RESTORE}"
        ) from error


def _stored(
    con: duckdb.DuckDBPyConnection, log: Path, name: str, types: dict[str, str]
) -> duckdb.DuckDBPyRelation:
    files = [str(close / f"{name}.parquet") for close in list_closes(log)]
    if files:
        return con.read_parquet(files)
    typed = ", ".join(f"cast(null as {kind}) as {key}" for key, kind in types.items())
    return con.sql(f"select {typed} limit 0")


def hand_over(log: Path, folder: Path) -> None:
    """Show dbt the log as `mrr_closes` and `mrr_close_entries`, empty if need be.

    Raises:
        CloseError: a close is missing or cannot be read; the message says what to do.
    """
    tables = {
        "mrr_closes": ("close", CLOSE),
        "mrr_close_entries": ("entries", ENTRIES),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for table, (name, types) in tables.items():
            partial = folder / f"{table}.partial"
            with _reading(log, name):
                _stored(con, log, name, types).write_parquet(str(partial))
            partial.replace(folder / f"{table}.parquet")


def last_closed_on(log: Path, as_of_at: datetime, currency: str) -> date | None:
    """Return the day of the last close by a clock; None where nothing was closed.

    Raises:
        CloseError: as `hand_over`.
    """
    with duckdb.connect() as con, _reading(log, "close"):
        _stored(con, log, "close", CLOSE).create_view("stored")
        ((last_at,),) = con.execute(
            "select max(recorded_as_of_at) from stored"
            " where recorded_as_of_at <= ? and reporting_currency = ?",
            [as_of_at, currency],
        ).fetchall()
    return last_at.date() if last_at else None


def propose(con: duckdb.DuckDBPyConnection, log: Path, set_id: str) -> None:
    """Lay the close of a set that is about to be published beside the log.

    `con` reads the private database that the set was copied from.

    There is none where the run closed no month and restated nothing, nor where it is as
    of an earlier day than the last close, nor where a source of the ledger is held.

    Raises:
        CloseError: another run has added to the log since this one was landed.
    """
    if close := _close_of_run(con, log):
        _write(con, log, set_id, close)


def _close_of_run(
    con: duckdb.DuckDBPyConnection, log: Path
) -> tuple[object, ...] | None:
    number, as_of_at, currency, month, month_before, entries, is_whole = con.execute(
        "select close_number, recorded_as_of_at, reporting_currency, final_month,"
        " closed_before_month,"
        " (select count(*) from int_mrr_close_entries_found), is_ledger_whole"
        " from int_mrr_closes_numbered cross join stg_run__clock where is_this_run"
    ).fetchall()[0]
    if not is_whole:
        return None
    stored = _stored(con, log, "close", CLOSE)
    ((last_number,),) = stored.aggregate("coalesce(max(close_number), 0)").fetchall()
    ((last_as_of_at,),) = con.execute(
        "select max(recorded_as_of_at) from stored where reporting_currency = ?",
        [currency],
    ).fetchall()
    if last_as_of_at and as_of_at < last_as_of_at:
        return None
    if number != last_number + 1:
        raise CloseError(
            f"this run was built on {number - 1} closes of months, but there are"
            f" {last_number}: run it again"
        )
    if not entries and month == month_before:
        return None
    return number, as_of_at, currency, month


def _write(
    con: duckdb.DuckDBPyConnection, log: Path, set_id: str, close: tuple[object, ...]
) -> None:
    pending = log / f"{PENDING}{set_id}"
    rmtree(pending, ignore_errors=True)
    pending.mkdir(parents=True)
    marks = ", ".join(f"cast(? as {kind}) as {key}" for key, kind in CLOSE.items())
    con.sql(f"select {marks}", params=[*close, set_id]).write_parquet(
        str(pending / "close.parquet")
    )
    typed = ", ".join(
        f"cast({key} as {kind}) as {key}" for key, kind in ENTRIES.items()
    )
    con.sql(
        f"select {typed} from int_mrr_close_entries_found order by all"
    ).write_parquet(str(pending / "entries.parquet"), compression="zstd")
    flush_tree(pending)


def settle(log: Path, publish_folder: Path) -> None:
    """Add the close of the published set to the log, and drop that of any other.

    A run that was killed leaves its close pending; whether readers have seen its set
    decides, so that the log never misses what was published nor holds what was not.
    """
    published = target_of(publish_folder / "current")
    for pending in sorted(log.glob(f"{PENDING}*")):
        if published and pending.name.removeprefix(PENDING) == published.name:
            # Not their count: a log of which one is lost goes on behind the last.
            last = max(map(_number_of, list_closes(log)), default=0)
            rename_durably(pending, log / f"close-{last + 1:05}")
        else:
            rmtree(pending)
