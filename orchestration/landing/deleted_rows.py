"""Drop from a log what its source deleted, though an earlier delivery brought it.

Below `evidence/<source>/` lies, beside the rows of a log, the keys that were deleted
(`<table>.deleted.parquet`): a file that said so may be taken away, as any other.
"""

from pathlib import Path

import duckdb

from orchestration.landing.believed import NOT_BELIEVED, Delivery, read_rows
from orchestration.landing.contract import Table
from orchestration.landing.land_table import deleted_of, write_table
from orchestration.landing.raw_files import literal, quoted
from orchestration.publishing.durable_files import flush_tree, rename_durably


def _known(evidence: Path, table: Table) -> Path:
    return deleted_of(evidence / table.source / f"{table.name}.parquet")


def _read_marks(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, evidence: Path, is_anew: bool
) -> bool:
    """Fill temp table `marks` with the latest of each key; tell if there is any."""
    table = delivery.table
    paths = [] if delivery.load.status == "broken" else [deleted_of(delivery.parquet)]
    # What is taken as it is delivered rests on nothing that came before.
    paths += [] if is_anew else [_known(evidence, table)]
    found = [path for path in paths if path.exists()]
    if not found:
        return False
    told = quoted((*table.key, *table.newest_by))
    rows = " union all ".join(f"select {told} from {literal(str(p))}" for p in found)
    newest = ", ".join(f'"{name}" desc nulls last' for name in table.newest_by)
    con.execute(
        f"""
        create or replace temp table marks as
        from ({rows})
        qualify row_number() over (
            partition by {quoted(table.key)} order by {newest}
        ) = 1
        """
    )
    return True


def _find_deleted(
    con: duckdb.DuckDBPyConnection, table: Table, name: str, rows: str, tie: str
) -> int:
    """Fill a temp table with the keys of rows that are no newer than their mark.

    `tie` is SQL for what is true of a row that stands where nothing orders the two.
    """
    key, newest = quoted(table.key), quoted(table.newest_by)
    order = "".join(f'"{column}" desc nulls last, ' for column in table.newest_by)
    con.execute(
        f"""
        create or replace temp table {name} as
        select {key} from (
            select {key}, {newest}, false as _is_mark, {tie} as _stands from {rows}
            where ({key}) in (select ({key}) from marks)
            union all
            select {key}, {newest}, true, false from marks
            where ({key}) in (select ({key}) from {rows})
        )
        qualify row_number() over (
            partition by {key} order by {order}_stands desc, _is_mark desc
        ) = 1 and _is_mark
        """
    )
    return int(con.execute(f"select count(*) from {name}").fetchall()[0][0])


def drop_deleted(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    target: Path,
    evidence: Path,
    is_accepted: bool,
) -> None:
    """Take from a log's believed rows in `target` what its source deleted; count it.

    The newest wins, the row or the mark; where nothing orders them, the delivered one.
    """
    table, load = delivery.table, delivery.load
    if not _read_marks(con, delivery, evidence, is_accepted):
        return
    key = quoted(table.key)
    delivered = read_rows(con, table, delivery.parquet)
    believed = read_rows(con, table, target)
    load.rows_deleted += _find_deleted(con, table, "refused", delivered, "true")
    is_delivered = f"({key}) in (select ({key}) from {delivered})"
    if not _find_deleted(con, table, "dropped", believed, is_delivered):
        return
    query = f"select count(*), count(*) filter (not ({is_delivered})) from dropped"
    ((rows, recalled),) = con.execute(query).fetchall()
    con.execute(
        f"create or replace temp table landed as"
        f" from {believed} where ({key}) not in (select ({key}) from dropped)"
    )
    write_table(con, table, target)
    load.rows_landed -= rows
    load.rows_recalled -= recalled
    if recalled:
        told = f"{recalled:,} rows of earlier deliveries were deleted by their source"
        load.message = "; ".join(filter(None, [load.message, told]))


def remember_deleted(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    target: Path,
    evidence: Path,
    is_accepted: bool,
) -> None:
    """Keep the marks that no believed row is newer than, for the next run."""
    table = delivery.table
    if table.kind != "log" or delivery.load.status in NOT_BELIEVED:
        return
    known, key = _known(evidence, table), quoted(table.key)
    if not _read_marks(con, delivery, evidence, is_accepted):
        known.unlink(missing_ok=True)
        return
    known.parent.mkdir(parents=True, exist_ok=True)
    partial = known.with_name(f".partial-{known.name}")
    con.execute(
        f"""
        copy (
            from marks where ({key}) not in (
                select ({key}) from {read_rows(con, table, target)}
            )
            order by {key}
        ) to {literal(str(partial))} (format parquet)
        """
    )
    flush_tree(partial)
    rename_durably(partial, known)
