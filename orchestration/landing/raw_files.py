"""Find a table's files and read them as text, with the line each row stands on."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, cast

import duckdb
import pandas as pd

SUFFIXES = (".csv", ".csv.gz", ".parquet")


class UnreadableFileError(Exception):
    """A landed file that cannot be used at all; the message names file and rule."""


@dataclass(frozen=True)
class RawFile:
    """A landed file, known by the path people wrote it to."""

    path: Path
    label: str

    @property
    def is_parquet(self) -> bool:
        """Tell Parquet from CSV by the name's ending."""
        return self.path.name.endswith(".parquet")


def find_files(landing: Path, source: str, table: str) -> list[RawFile]:
    """List the files of a table: `<table>.<suffix>` or all inside `<table>/`."""
    folder = landing / source
    inside = sorted(p for p in (folder / table).glob("**/*") if p.is_file())
    beside = [folder / f"{table}{suffix}" for suffix in SUFFIXES]
    found = [p for p in beside if p.is_file()]
    found += [p for p in inside if p.name.endswith(SUFFIXES)]
    return [RawFile(path, str(path.relative_to(landing))) for path in found]


def _opened(file: RawFile, errors: str = "strict") -> TextIO:
    opener = gzip.open if file.path.name.endswith(".gz") else open
    return cast(
        TextIO,
        opener(file.path, "rt", encoding="utf-8-sig", newline="", errors=errors),
    )


def _csv_header(file: RawFile) -> list[str]:
    try:
        with _opened(file) as stream:
            header = next(csv.reader(stream), [])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFileError(f"{file.label}: unreadable file ({error})") from error
    names = [name.strip().lower() for name in header]
    if not any(names):
        raise UnreadableFileError(f"{file.label}: empty file, no header line")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UnreadableFileError(f"{file.label}: column named twice: {twice}")
    return names


def literal(text: str) -> str:
    """Quote text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _read_csv(
    con: duckdb.DuckDBPyConnection, file: RawFile, view: str
) -> list[tuple[str, ...]]:
    names = _csv_header(file)
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    try:
        _scan_csv(con, file, types, view, is_strict=True)
    except duckdb.Error:
        # Line ends of two kinds in one file stop the strict reader; the lax one takes
        # them, and what it cannot take it refuses by line as well.
        _scan_csv(con, file, types, view, is_strict=False)
    # A refused record took no row number: move the rows behind it down by one each.
    con.execute(
        f"""
        update {view} set _line = _line + (
            select count(*) from (
                select line - row_number() over (order by line) + 1 as passed_at
                from (select distinct line from csv_rejects)
            ) where passed_at <= {view}._line
        ) where exists (select 1 from csv_rejects)
        """
    )
    _count_lines(con, file, view)
    return con.execute(f"describe {view}").fetchall()


def _scan_csv(
    con: duckdb.DuckDBPyConnection,
    file: RawFile,
    types: str,
    view: str,
    is_strict: bool,
) -> None:
    con.execute("drop table if exists csv_rejects; drop table if exists csv_scans")
    con.execute(
        f"""
        create or replace temp table {view} as
        select *, row_number() over () + 1 as _line
        from read_csv(
            {literal(str(file.path))}, columns = {{{types}}}, header = true,
            delim = ',', quote = '"', escape = '"', nullstr = '',
            strict_mode = {str(is_strict).lower()},
            auto_detect = false, store_rejects = true,
            rejects_table = 'csv_rejects', rejects_scan = 'csv_scans'
        )
        """
    )


def _count_lines(con: duckdb.DuckDBPyConnection, file: RawFile, view: str) -> None:
    """Turn record numbers into line numbers where the two differ.

    They differ behind an empty line, or a line break inside quotes.
    """
    ((records,),) = con.execute(
        f"select (select count(*) from {view}) + count(distinct line) from csv_rejects"
    ).fetchall()
    with _opened(file, errors="replace") as stream:
        if sum(1 for _ in stream) == records + 1:
            return
    starts, ended = [], 0
    with _opened(file, errors="replace") as stream:
        reader = csv.reader(stream)
        for record in reader:
            if record:
                starts.append(ended + 1)
            ended = reader.line_num
    numbered = pd.DataFrame({"record": range(1, len(starts) + 1), "starts_on": starts})
    con.register("record_starts", numbered)
    for relation, column in ((view, "_line"), ("csv_rejects", "line")):
        con.execute(
            f"""
            update {relation} set {column} = record_starts.starts_on
            from record_starts where record_starts.record = {relation}.{column}
            """
        )
    con.unregister("record_starts")


def _read_parquet(
    con: duckdb.DuckDBPyConnection, file: RawFile, view: str
) -> list[tuple[str, ...]]:
    source = f"read_parquet({literal(str(file.path))}, file_row_number = true)"
    con.execute(
        f"""
        create or replace temp view {view} as
        select * exclude (file_row_number), file_row_number + 1 as _line
        from {source}
        """
    )
    return con.execute(f"describe {view}").fetchall()


def read_file(
    con: duckdb.DuckDBPyConnection, file: RawFile, view: str
) -> dict[str, tuple[str, str]]:
    """Read one file into temp relation `view`, with `_line` beside its columns.

    Returns the file's columns: name in lower case to name as written and SQL type.
    Lines that are not well-formed CSV are left in temp table `csv_rejects`.

    Raises:
        UnreadableFileError: the file is corrupt, empty, or names a column twice.
    """
    try:
        reader = _read_parquet if file.is_parquet else _read_csv
        described = reader(con, file, view)
        con.execute(f"select count(*) from {view}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise UnreadableFileError(
            f"{file.label}: unreadable file ({reason})"
        ) from error
    return {
        name.lower(): (name, kind) for name, kind, *_ in described if name != "_line"
    }
