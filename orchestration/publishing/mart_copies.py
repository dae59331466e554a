"""Copy the marts of a private warehouse into a DuckDB file and Parquet files."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.publishing.mart_docs import MART_PREFIXES, MartDocs

# Readers of DuckDB 1.4 and later can open a file of this version.
STORAGE_VERSION = "v1.4.0"
FACT_TYPES = {
    "as_of_on": "date",
    "built_at": "timestamp",
    "is_ledger_provisional": "boolean",
    "is_health_provisional": "boolean",
}


class MartsError(Exception):
    """A warehouse that does not hold the marts it should."""


@dataclass(frozen=True)
class MartCopy:
    """One published mart; `checksum` depends on its rows, not on their order."""

    name: str
    rows: int
    checksum: str
    columns: dict[str, str]
    withheld: tuple[str, ...]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str | Path) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _find_marts(
    con: duckdb.DuckDBPyConnection, docs: dict[str, MartDocs] | None
) -> list[str]:
    """Return the marts to publish: what the manifest names, else what is there."""
    rows = con.execute(
        "select table_name from information_schema.tables"
        " where table_catalog = 'warehouse' and table_schema = 'main'"
    ).fetchall()
    present = {name for (name,) in rows if name.startswith(MART_PREFIXES)}
    if not present:
        raise MartsError("the warehouse holds no dim_ or fct_ table: build it first")
    if docs is None:
        return sorted(present)
    missing = sorted(set(docs) - present)
    if missing:
        raise MartsError(f"not built, so nothing is published: {', '.join(missing)}")
    return sorted(docs)


def _comment(con: duckdb.DuckDBPyConnection, name: str, docs: MartDocs) -> None:
    table = f"marts.{_quoted(name)}"
    con.execute(f"comment on table {table} is {_text(docs.description)}")
    kept = {row[0] for row in con.execute(f"describe {table}").fetchall()}
    for column, description in docs.columns.items():
        if column in kept and description:
            target = f"{table}.{_quoted(column)}"
            con.execute(f"comment on column {target} is {_text(description)}")


def _copy_mart(
    con: duckdb.DuckDBPyConnection, name: str, personal: frozenset[str], parquet: Path
) -> MartCopy:
    described = con.execute(f"describe warehouse.main.{_quoted(name)}").fetchall()
    columns = {row[0]: row[1] for row in described if row[0] not in personal}
    if not columns:
        raise MartsError(f"{name} has personal columns only: nothing to publish")
    listed = ", ".join(map(_quoted, columns))
    table = f"marts.{_quoted(name)}"
    # Keys come first in every mart, so this sorts by key and leaves no ties.
    con.execute(
        f"create table {table} as"
        f" select {listed} from warehouse.main.{_quoted(name)} order by all"
    )
    rows, checksum = con.execute(
        f"select count(*), coalesce(sum(hash({listed})), 0) from {table}"
    ).fetchall()[0]
    con.execute(
        f"copy {table} to {_text(parquet / f'{name}.parquet')}"
        " (format parquet, compression zstd)"
    )
    withheld = tuple(row[0] for row in described if row[0] in personal)
    return MartCopy(name, rows, f"{int(checksum):x}", columns, withheld)


def _write_facts(
    con: duckdb.DuckDBPyConnection, facts: dict[str, str | bool | None]
) -> None:
    listed = ", ".join(
        f"cast(? as {FACT_TYPES.get(name, 'varchar')}) as {_quoted(name)}"
        for name in facts
    )
    con.execute(
        f"create table marts.published_set as select {listed}", list(facts.values())
    )
    comment = "One row: the run behind this set of marts; built_at in UTC."
    con.execute(f"comment on table marts.published_set is {_text(comment)}")


def copy_marts(
    warehouse: Path,
    folder: Path,
    docs: dict[str, MartDocs] | None,
    facts: dict[str, str | bool | None],
    include_personal: bool,
) -> list[MartCopy]:
    """Write `marts.duckdb` and `parquet/<mart>.parquet` below `folder`.

    `facts` becomes the one row of the table `published_set`. The warehouse is only
    read; both files are closed on return, with nothing left in a write-ahead log.

    Raises:
        MartsError: a mart of the manifest was not built, or there is none at all.
        duckdb.IOException: another process is writing to the warehouse.
    """
    parquet = folder / "parquet"
    parquet.mkdir()
    version = _text(STORAGE_VERSION)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {_text(warehouse)} as warehouse (read_only)")
        con.execute(
            f"attach {_text(folder / 'marts.duckdb')} as marts"
            f" (storage_version {version})"
        )
        copies = []
        for name in _find_marts(con, docs):
            described = docs[name] if docs else MartDocs("", {}, frozenset())
            personal = frozenset() if include_personal else described.personal
            copies.append(_copy_mart(con, name, personal, parquet))
            _comment(con, name, described)
        _write_facts(con, facts)
        con.execute("checkpoint marts")
        con.execute("detach marts")
    return copies
