"""Find a table's files and read them as text, with the line each row stands on."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import SEEK_END
from pathlib import Path

import duckdb

from orchestration.landing.contract import Column
from orchestration.landing.csv_records import (
    MOST_BYTES,
    CsvFile,
    UnreadableFileError,
    count_if_plain,
    count_line_ends,
    plain_name,
    read_header,
    write_clean,
)
from orchestration.landing.strict_types import fit

SUFFIXES = (".csv", ".csv.gz", ".parquet")
# What the engine names the number of a Parquet file's row, and a file without columns.
ROW_NUMBER = "file_row_number"
NO_COLUMN = "at least one non-root column"


@dataclass(frozen=True)
class RawFile:
    """A landed file, known by the path people wrote it to."""

    path: Path
    label: str

    @property
    def is_parquet(self) -> bool:
        """Tell Parquet from CSV by the name's ending."""
        return self.path.name.lower().endswith(".parquet")


def is_aside(path: Path) -> bool:
    """Tell a file that a program keeps for itself, such as .part-0.crc or _SUCCESS."""
    return path.name.startswith((".", "_", "~$"))


def is_dangling(path: Path) -> bool:
    """Tell a link to what is not there."""
    return path.is_symlink() and not path.exists()


def is_there(path: Path) -> bool:
    """Tell a file that somebody laid there, though it may be a link to nothing."""
    return path.is_file() or is_dangling(path)


def find_files(landing: Path, source: str, table: str) -> list[RawFile]:
    """List the files of a table: `<table>.<suffix>` or all inside `<table>/`.

    Names are read in any case: not every system that writes them tells the two apart.
    """
    beside = {f"{table}{suffix}" for suffix in SUFFIXES}
    found = []
    for path in sorted((landing / source).glob("*")):
        name = path.name.lower()
        if name == table and path.is_dir():
            found += sorted(
                p
                for p in path.glob("**/*")
                if p.name.lower().endswith(SUFFIXES) and not is_aside(p) and is_there(p)
            )
        elif name in beside and is_there(path):
            found.append(path)
    return [RawFile(path, str(path.relative_to(landing))) for path in found]


def literal(text: str) -> str:
    """Quote text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(names: Iterable[str]) -> str:
    """Quote names of columns for SQL, commas between."""
    return ", ".join(f'"{name}"' for name in names)


def _path(path: Path) -> str:
    """Quote one file's path, in which `*`, `?` and `[` stand for themselves."""
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))


# Of a page that is damaged the engine may also raise what is no error of its own.
ENGINE_ERRORS = (duckdb.Error, RuntimeError)


def unreadable(file: RawFile, error: Exception) -> UnreadableFileError:
    """Return the error that names a file which the engine could not read."""
    reason = str(error).splitlines()[0]
    return UnreadableFileError(f"{file.label}: unreadable file ({reason})")


@dataclass
class FileRead:
    """A file's columns, and what became of each of its lines."""

    # Name in lower case to the name in the relation and its SQL type.
    columns: dict[str, tuple[str, str]]
    lines: int
    headers: int = 0
    blank: int = 0
    continued: int = 0
    malformed: list[tuple[int, str]] = field(default_factory=list)
    ends_within_a_row: bool = False
    # What a person should know of how the file was read.
    note: str | None = None
    # What parts the cells of text.
    delimiter: str = ","


def _refuse_twice(
    file: RawFile, names: Collection[str], columns: tuple[Column, ...]
) -> None:
    """Refuse two columns of one name where it is one of ours; others nobody reads."""
    known = {column.name for column in columns}
    told = Counter(names)
    if twice := sorted(name for name in known if told[name] > 1):
        raise UnreadableFileError(
            f"{file.label}: column named twice: {', '.join(twice)} (blanks, hyphens and"
            " capitals make no other name); rename or remove one"
        )


PARQUET = b"PAR1"


def _refuse_unreadable(file: RawFile) -> None:
    """Name what keeps a file from being read, before the engine words it.

    Raises:
        UnreadableFileError: it cannot be opened, or is no Parquet file and says it is.
    """
    reason = None
    try:
        with file.path.open("rb") as stream:
            first = stream.read(len(PARQUET))
            size = stream.seek(0, SEEK_END)
            stream.seek(max(size - len(PARQUET), 0))
            last = stream.read()
    except OSError as error:
        is_link = is_dangling(file.path)
        reason = "a link to nothing" if is_link else error.strerror or "no file"
    else:
        if file.is_parquet and first != PARQUET:
            reason = "it is no Parquet file: give it the right ending, or write it anew"
        elif file.is_parquet and last != PARQUET:
            reason = "a Parquet file that is cut off"
    if reason:
        raise UnreadableFileError(f"{file.label}: unreadable file ({reason})")


def checks_of(
    names: tuple[str, ...], columns: tuple[Column, ...]
) -> tuple[tuple[int, Callable[[str], bool]], ...]:
    """Return what tells, by position, whether a cell may be of its column."""
    fits = {column.name: fit(column) for column in columns}
    return tuple(
        (position, is_fit)
        for position, name in enumerate(names)
        if (is_fit := fits.get(name)) is not None
    )


def _scan_csv(
    con: duckdb.DuckDBPyConnection,
    path: Path,
    names: list[str],
    view: str,
    has_header: bool,
    delimiter: str,
) -> int:
    """Read well-formed records by the engine; return how many it found."""
    types = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    line = "row_number() over () + 1" if has_header else "cast(c as bigint)"
    kept = "*" if has_header else "* exclude (c)"
    # A view, as of Parquet: a name cannot change from table to view and back.
    con.execute(
        f"""
        create or replace temp table {view}_cells as
        select {kept}, {line} as _line
        from read_csv(
            {_path(path)}, columns = {{{types}}}, header = {has_header},
            delim = {literal(delimiter)}, quote = '"', escape = '"', nullstr = '',
            auto_detect = false, max_line_size = {MOST_BYTES + 1_000}
        );
        create or replace temp view {view} as select * from {view}_cells
        """
    )
    return con.execute(f"select count(*) from {view}").fetchall()[0][0]


def _read_csv(
    con: duckdb.DuckDBPyConnection,
    file: RawFile,
    view: str,
    columns: tuple[Column, ...],
) -> FileRead:
    csv_file = CsvFile(file.path, file.label)
    header = read_header(csv_file)
    names = header.names
    _refuse_twice(file, names, columns)
    header = replace(header, checks=checks_of(names, columns))
    delimiter = header.grammar.delimiter.decode()
    ends = count_line_ends(csv_file)
    # Named by position, so that no name that people write can meet one of ours.
    cells = [f"c{position}" for position in range(len(names))]
    placed = {
        name: (cell, "VARCHAR") for name, cell in zip(names, cells, strict=True) if name
    }
    rows = count_if_plain(csv_file, header) if ends.is_of_one_kind else None
    if rows is not None:
        with suppress(duckdb.Error):
            if _scan_csv(con, file.path, cells, view, True, delimiter) == rows:
                return FileRead(placed, ends.lines, headers=1, delimiter=delimiter)
    with tempfile.TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.csv"
        tally = write_clean(csv_file, header, clean)
        found = _scan_csv(con, clean, ["c", *cells], view, False, delimiter)
    if (found, tally.lines) != (tally.records, ends.lines):
        raise UnreadableFileError(
            f"{file.label}: unreadable file (of {ends.lines} lines {tally.lines} can "
            f"be told, and of {tally.records} rows {found} were read)"
        )
    return FileRead(
        placed,
        ends.lines,
        tally.headers,
        tally.blank,
        tally.continued,
        tally.malformed,
        tally.ends_within_a_row(ends),
        _note(file, tally.recoded),
        delimiter,
    )


def _note(file: RawFile, recoded: list[int]) -> str | None:
    if not recoded:
        return None
    return (
        f"{file.label}: {len(recoded):,} lines are not UTF-8 text, the first is line"
        f" {recoded[0]}; they were read as Windows-1252"
    )


def _read_parquet(
    con: duckdb.DuckDBPyConnection,
    file: RawFile,
    view: str,
    columns: tuple[Column, ...],
) -> FileRead:
    path = _path(file.path)
    try:
        described = con.execute(
            f"describe select * from read_parquet({path})"
        ).fetchall()
    except duckdb.InvalidInputException as error:
        if NO_COLUMN not in str(error):
            raise
        raise UnreadableFileError(f"{file.label}: empty file, no columns") from error
    _refuse_twice(file, [plain_name(name) for name, *_ in described], columns)
    # Named by position, as above.
    cells = ", ".join(f"c{position}" for position in range(len(described)))
    if ROW_NUMBER in {name.lower() for name, *_ in described}:
        # The engine's own number would meet the file's: the rows come in its order.
        numbered = f"select *, row_number() over () - 1 from read_parquet({path})"
    else:
        numbered = f"from read_parquet({path}, {ROW_NUMBER} = true)"
    con.execute(
        f"""
        create or replace temp view {view} as
        select *, _row + 1 as _line from ({numbered}) as landed({cells}, _row)
        """
    )
    ((rows,),) = con.execute(f"select count(*) from {view}").fetchall()
    placed = {
        plain_name(name): (f"c{position}", kind)
        for position, (name, kind, *_) in enumerate(described)
    }
    return FileRead(placed, rows)


def read_file(
    con: duckdb.DuckDBPyConnection,
    file: RawFile,
    view: str,
    columns: tuple[Column, ...],
) -> FileRead:
    """Read one file into temp relation `view`, with `_line` beside its columns.

    What the contract says of the columns tells a row from a text that looks like one.

    Raises:
        UnreadableFileError: the file is corrupt, empty, or names one of the columns
            twice.
    """
    _refuse_unreadable(file)
    try:
        if file.is_parquet:
            return _read_parquet(con, file, view, columns)
        return _read_csv(con, file, view, columns)
    except ENGINE_ERRORS as error:
        raise unreadable(file, error) from error
