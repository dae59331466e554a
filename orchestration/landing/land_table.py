"""Land one table: typed rows to Parquet; what cannot be used, named and counted."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.landing.contract import Column, Table
from orchestration.landing.csv_records import (
    CsvFile,
    UnreadableFileError,
    find_header,
    read_header,
)
from orchestration.landing.keys import (
    SETTLED,
    VALUES_SETTLED,
    count_settled,
    counts_settled,
    exact_key,
    key_settled,
    trimmed,
    value_settled,
)
from orchestration.landing.number_forms import (
    Convention,
    find_conventions,
    number_text,
)
from orchestration.landing.raw_files import (
    ENGINE_ERRORS,
    RawFile,
    find_files,
    literal,
    quoted,
    read_file,
    unreadable,
)
from orchestration.landing.strict_types import rule_broken, typed

EXTRA_COLUMNS = {"_file": "string", "_line": "bigint"}
QUARANTINE_COLUMNS = {
    "source": "string",
    "entity": "string",
    "file": "string",
    "line": "bigint",
    "rule": "string",
    "column_name": "string",
    "value": "string",
    "row_key": "string",
}
BLANKED_COLUMNS = QUARANTINE_COLUMNS
# How much of a value that was blanked is told.
MOST_TOLD = 80
ALL_SETTLED = (*SETTLED, *VALUES_SETTLED)


@dataclass
class Load:
    """What became of one table's rows.

    in = (landed - recalled) + repeated + superseded + deleted + quarantined + held:
    recalled rows are of an earlier delivery, held ones of one that is not believed.
    Status: landed; absent (never came); kept (a log without a file: its rows stay);
    held (a state that is not believed) and broken (unreadable): earlier rows stay;
    unread (no table of the contract: a file or folder that nobody reads).

    Of the files' lines, counted by their ends alone: headers, rows in, blank ones, and
    those that continue a row whose quotes hold line breaks.
    """

    source: str
    entity: str
    status: str = "landed"
    file_count: int = 0
    rows_in: int = 0
    rows_landed: int = 0
    rows_repeated: int = 0
    rows_superseded: int = 0
    rows_deleted: int = 0
    rows_quarantined: int = 0
    rows_held: int = 0
    rows_recalled: int = 0
    rows_disappeared: int = 0
    keys_without_words: int = 0
    keys_trimmed: int = 0
    keys_made_whole: int = 0
    values_without_words: int = 0
    values_blanked: int = 0
    lines_in: int = 0
    lines_headers: int = 0
    lines_blank: int = 0
    lines_continued: int = 0
    latest_happened_at: str | None = None
    latest_received_at: str | None = None
    latest_synced_at: str | None = None
    message: str | None = None
    # Of a file that ends within a row: which. Its rows land all the same.
    cut_off: str | None = None
    unknown_columns: list[str] = field(default_factory=list)
    known_columns: list[str] = field(default_factory=list)


def _as_text(column: Column, name: str, kind: str) -> str:
    """Return SQL for a landed value as text that the column's type can be read from."""
    text = exact_key(name, kind) if column.is_key else f'cast("{name}" as varchar)'
    if kind in ("FLOAT", "DOUBLE") and column.data_type.startswith("decimal"):
        # Binary fractions: 0.0035 may be stored as 0.00349999..., 0.000001 says 1e-06.
        # Of 32 bits the shortest text is what was meant: 10.1, not 10.1000003815.
        number = text if kind == "FLOAT" else f'"{name}"'
        exact = f"cast(try_cast({number} as decimal(38, 10)) as varchar)"
        text = f"coalesce({exact}, {text})"
    if column.is_key:
        return key_settled(text, column.required)
    if column.may_say_none:
        return value_settled(text, column.data_type == "string")
    return trimmed(text)


def _raw_column(
    column: Column,
    present: dict[str, tuple[str, str]],
    conventions: dict[str, Convention],
) -> str:
    if column.name not in present:
        text = "cast(null as varchar)"
    else:
        text = _as_text(column, *present[column.name])
    if column.name in conventions:
        text = number_text(text, conventions[column.name])
    if column.default is not None:
        text = f"coalesce({text}, '{column.default}')"
    return f'{text} as "raw_{column.name}"'


# How connectors mark, in history mode, the version of a row that is in force, and a row
# that its source deleted: by a yes, or by the time of it.
ACTIVE, DELETED, STARTED = "_fivetran_active", "_fivetran_deleted", "_fivetran_start"
DELETED_AT = ("_ab_cdc_deleted_at", "_sdc_deleted_at")
YES = ("true", "t", "1", "1.0", "yes", "y")
NO = ("false", "f", "0", "0.0", "no", "n")


def _is_past(table: Table, present: dict[str, tuple[str, str]]) -> str:
    """Return SQL for the rows of a file that are past versions, or deleted: few.

    A mark that the table declares is read as it stands, and so are the versions of one
    that declares when they start.
    """
    found = []

    def is_any_of(name: str, words: tuple[str, ...]) -> str:
        text = f'lower(trim(cast("{present[name][0]}" as varchar)))'
        return f"coalesce({text} in {words}, false)"

    marks = set(present) - set(table.column_names)
    if table.source == "files":
        return "false"
    if ACTIVE in marks and STARTED not in table.column_names:
        found.append(is_any_of(ACTIVE, NO))
    if DELETED in marks:
        found.append(is_any_of(DELETED, YES))
    for name in DELETED_AT:
        if name in marks:
            text = value_settled(f'cast("{present[name][0]}" as varchar)', False)
            found.append(f"{text} is not null")
    return " or ".join(found) or "false"


def _header_told(
    table: Table, file: RawFile, present: dict[str, tuple[str, str]]
) -> str:
    """Say what stands where the header of a text file should, and what to do."""
    if file.is_parquet:
        return ""
    csv_file = CsvFile(file.path, file.label)
    starts_on = read_header(csv_file).starts_on
    known = len(set(present) & set(table.column_names))
    told = f"; line {starts_on}, read as the header, names {known} columns of the table"
    required = {column.name for column in table.columns if column.required}
    found = find_header(csv_file, required)
    if found is not None:
        return f"{told}: the header is on line {found}, remove what is above it"
    return told if known else f"{told}: a title, or rows without a header?"


def _stage_file(
    con: duckdb.DuckDBPyConnection, table: Table, file: RawFile, load: Load
) -> None:
    """Append one file's rows, as text, to temp table `raw_rows`; count its lines."""
    read = read_file(con, file, "one_file", table.columns)
    present = read.columns
    missing = [c.name for c in table.columns if c.required and c.name not in present]
    if missing:
        raise UnreadableFileError(
            f"{file.label}: missing column {', '.join(missing)} "
            f"(required by the contract of {table.source}.{table.name})"
            f"{_header_told(table, file, present)}"
        )
    conventions = find_conventions(
        con, "one_file", table.columns, present, read.delimiter
    )
    columns = ", ".join(_raw_column(c, present, conventions) for c in table.columns)
    keys = [
        (f'cast("{present[column.name][0]}" as varchar)', column.required)
        for column in table.columns
        if column.is_key and column.name in present
    ]
    values = [
        (
            f'cast("{present[column.name][0]}" as varchar)',
            column.data_type == "string",
        )
        for column in table.columns
        if column.may_say_none and not column.is_key and column.name in present
    ]
    settled = ", ".join([*counts_settled(keys), count_settled(values)])
    is_past = _is_past(table, present)
    try:
        con.execute(
            f"insert into raw_rows"
            f" select {columns}, {settled}, {is_past}, ?, _line from one_file",
            [file.label],
        )
    except ENGINE_ERRORS as error:
        # The footer of a Parquet file may be whole where its pages are not.
        raise unreadable(file, error) from error
    if read.malformed:
        lines, rules = zip(*read.malformed, strict=True)
        con.execute(
            "insert into malformed select ?, unnest(?), unnest(?)",
            [file.label, list(lines), list(rules)],
        )
    notes = [load.message, read.note]
    if Convention.COMMA in conventions.values():
        notes.append(f"{file.label}: its numbers have decimal commas, and are read so")
    load.message = "; ".join(filter(None, notes)) or None
    if read.ends_within_a_row:
        load.cut_off = f"{file.label} is cut off: line {read.lines} ends within its row"
    load.unknown_columns += sorted(set(present) - set(table.column_names))
    known = set(present) & set(table.column_names)
    load.known_columns = sorted(known.union(load.known_columns))
    load.lines_in += read.lines
    load.lines_headers += read.headers
    load.lines_blank += read.blank
    load.lines_continued += read.continued


def default_of(column: Column) -> str:
    """Return SQL for what a missing value of the column is read as."""
    return "null" if column.default is None else typed(column, f"'{column.default}'")


def _is_blanked(column: Column) -> str:
    """Return SQL that finds the blanked values, and open ends that were told."""
    raw, value = f'"raw_{column.name}"', f'"{column.name}"'
    if column.default is None:
        return f"{raw} is not null and {value} is null"
    return f"{value} is distinct from {typed(column, raw)}"


def _check_rows(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Give each raw row its typed values and the first rule that it breaks.

    A bad value that may be missing, and that no money depends on, is none and breaks
    nothing.
    """
    values = ", ".join(
        f'{typed(c, f"{chr(34)}raw_{c.name}{chr(34)}")} as "{c.name}"'
        for c in table.columns
    )
    first_broken = " ".join(
        f"when {rule_broken(c)} is not null then '{c.name}'"
        for c in table.columns
        if not c.is_blankable
    )
    blanked = ", ".join(
        f'case when {rule_broken(c)} is null then "{c.name}" else {default_of(c)} end'
        f' as "{c.name}"'
        for c in table.columns
        if c.can_be_blanked
    )
    replace = f"replace ({blanked})" if blanked else ""
    con.execute(
        f"""
        create or replace temp table checked as
        select * {replace}, case {first_broken} end as _column
        from (select *, {values} from raw_rows)
        """
    )


def deleted_of(parquet: Path) -> Path:
    """Return where the keys of a log's rows stand that their source deleted, if any."""
    return parquet.with_suffix(".deleted.parquet")


def _set_past_apart(
    con: duckdb.DuckDBPyConnection, table: Table, load: Load, parquet: Path
) -> int:
    """Take past versions and deleted rows out of `checked`; return those superseded.

    A key of which nothing else is left was deleted: once for each it counts so. Of a
    log a row that is newer than the mark stands, and the mark of what is gone is kept,
    for an earlier delivery may have brought the row.
    """
    parquet.unlink(missing_ok=True)
    is_past = f"_is_past or coalesce({table.deleted_if or 'false'}, false)"
    rows = _count(con, f"checked where {is_past}")
    if not rows:
        return 0
    key = quoted(table.key)
    newest = "".join(f'"{name}" desc nulls last, ' for name in table.newest_by)
    latest = f"{newest}_file desc, _line desc" if table.kind == "log" else "_was_past"
    told = quoted([*table.key, *table.newest_by, *EXTRA_COLUMNS])
    con.execute(
        f"""
        create or replace temp table gone as
        select * from (
            select {told}, {is_past} as _was_past from checked
            where ({key}) in (select ({key}) from checked where {is_past})
        )
        qualify row_number() over (partition by {key} order by {latest}) = 1;
        delete from gone where not _was_past
        """
    )
    load.rows_deleted = _count(con, "gone")
    before = _count(con, "checked")
    con.execute(
        f"""
        delete from checked
        where {is_past}
            or ('{table.kind}' = 'log' and ({key}) in (select ({key}) from gone))
        """
    )
    if table.kind == "log" and load.rows_deleted:
        kept = quoted([*table.key, *table.newest_by])
        parquet.parent.mkdir(parents=True, exist_ok=True)
        target = literal(str(parquet))
        con.execute(
            f"copy (select {kept} from gone order by {key}) to {target}"
            " (format parquet)"
        )
    return before - _count(con, "checked") - load.rows_deleted


def _quarantine(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Move rows that break a rule from `checked` to `quarantine`."""
    rule = " ".join(f"when '{c.name}' then {rule_broken(c)}" for c in table.columns)
    value = " ".join(f"when '{c.name}' then \"raw_{c.name}\"" for c in table.columns)
    key = ", ".join(f'"raw_{name}"' for name in table.key)
    con.execute(
        f"""
        insert into quarantine
        select '{table.source}', '{table.name}', _file, _line,
            case _column {rule} end, _column, case _column {value} end,
            concat_ws('|', {key})
        from checked where _column is not null
        """
    )
    con.execute(
        f"""
        insert into quarantine
        select '{table.source}', '{table.name}', _file, _line, rule, null, null, null
        from malformed
        """
    )
    columns = quoted([*table.column_names, *EXTRA_COLUMNS])
    con.execute(
        f"""
        create or replace temp table good as
        select {columns} from checked where _column is null
        """
    )


def _write_blanked(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> int:
    """Write and count the values of landed rows that are read as missing: they are bad.

    A file is written only where there are any.
    """
    columns = [c for c in table.columns if c.can_be_blanked]
    parquet.unlink(missing_ok=True)
    if not columns:
        return 0
    counts = ", ".join(f"count(*) filter ({_is_blanked(c)})" for c in columns)
    query = f"select {counts} from checked where _column is null"
    found = con.execute(query).fetchall()[0]
    queries = []
    key = ", ".join(f'"{name}"' for name in table.key)
    for column, count in zip(columns, found, strict=True):
        if count:
            raw = f'"raw_{column.name}"'
            value = "null" if column.personal else f"left({raw}, {MOST_TOLD})"
            # As typed anew, for a day beyond the calendar may say that there is no end.
            anew = f'{typed(column, raw)} as "{column.name}"'
            queries.append(
                f"""
                select '{table.source}' as source, '{table.name}' as entity,
                    _file as file, _line as line, {rule_broken(column)} as rule,
                    '{column.name}' as column_name, {value} as value,
                    concat_ws('|', {key}) as row_key
                from (
                    select * replace ({anew}) from checked
                    where _column is null and {_is_blanked(column)}
                )
                """
            )
    if not queries:
        return 0
    con.execute(
        f"""
        create or replace temp table blanked as
        select * from ({" union all ".join(queries)})
        where rule is not null and (file, line) in (select (_file, _line) from landed)
        """
    )
    count = _count(con, "blanked")
    if count:
        parquet.parent.mkdir(parents=True, exist_ok=True)
        target = literal(str(parquet))
        order = "order by file, line, column_name"
        con.execute(f"copy (from blanked {order}) to {target} (format parquet)")
    return count


def _settle_keys(con: duckdb.DuckDBPyConnection, table: Table, load: Load) -> None:
    """Drop identical repeats; quarantine or supersede different rows on one key.

    Of a state the latest amendment wins; where none is the latest, all are kept out.
    """
    received = [c.name for c in table.columns if c.received]
    compared = [name for name in table.column_names if name not in received]
    earliest = ", ".join(
        f'min("{name}") over (partition by {quoted(table.key)}) as "{name}"'
        for name in received
    )
    replace = f"replace ({earliest})" if received else ""
    amended = [f'"{name}" desc nulls last' for name in table.newest_by]
    newest = ", ".join([*amended, "_file desc", "_line desc"])
    told = ", ".join(amended) or "null"
    key = quoted(table.key)
    con.execute(
        f"""
        create or replace temp table contested as
        select * {replace},
            row_number() over (
                partition by {quoted(compared)} order by _file, _line
            ) as _repeat,
            row_number() over (
                partition by {quoted(table.key)} order by {newest}
            ) as _newest
        from good
        where ({quoted(table.key)}) in (
            select ({quoted(table.key)}) from good
            group by {quoted(table.key)} having count(*) > 1
        )
        """
    )
    con.execute(
        f"""
        create or replace temp table variants as
        select *, count(*) filter (_rank = 1) over (partition by {key}) as _latest
        from (
            select *, rank() over (partition by {key} order by {told}) as _rank
            from contested where _repeat = 1
        )
        """
    )
    columns = quoted([*table.column_names, *EXTRA_COLUMNS])
    key_text = ", ".join(f'"{name}"' for name in table.key)
    load.rows_repeated = _count(con, "contested where _repeat > 1")
    if table.kind == "state":
        kept = "variants where _rank = 1 and _latest = 1"
        con.execute(
            f"""
            insert into quarantine
            select '{table.source}', '{table.name}', _file, _line,
                'duplicate key: different rows on one ({", ".join(table.key)})',
                '{table.key[0]}', cast("{table.key[0]}" as varchar),
                concat_ws('|', {key_text})
            from variants where _latest > 1
            """
        )
        load.rows_superseded = _count(con, "variants where _rank > 1 and _latest = 1")
    else:
        kept = "contested where _newest = 1"
        load.rows_superseded = _count(con, "variants") - _count(con, kept)
    con.execute(
        f"""
        create or replace temp table landed as
        select {columns} from good
        where ({quoted(table.key)}) not in (
            select ({quoted(table.key)}) from contested
        )
        union all
        select {columns} from {kept}
        """
    )


def _count(con: duckdb.DuckDBPyConnection, relation: str) -> int:
    return con.execute(f"select count(*) from {relation}").fetchall()[0][0]


def _empty(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    types = {c.name: c.data_type for c in table.columns} | EXTRA_COLUMNS
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    con.execute(f"create or replace temp table landed ({columns})")


def write_table(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> None:
    """Write temp table `landed` in key order, as a file that is there whole or not."""
    parquet.parent.mkdir(parents=True, exist_ok=True)
    partial = parquet.with_suffix(".partial")
    order = quoted(table.key)
    target = literal(str(partial))
    con.execute(f"copy (from landed order by {order}) to {target} (format parquet)")
    partial.replace(parquet)


def blanked_of(parquet: Path) -> Path:
    """Return where the blanked values of a table's rows stand, if there are any."""
    return parquet.with_suffix(".blanked.parquet")


def land_table(
    con: duckdb.DuckDBPyConnection, table: Table, landing: Path, delivered: Path
) -> Load:
    """Validate one table's files and write `<delivered>/<source>/<table>.parquet`.

    A table without files is empty (status absent), and so is one with a file that
    cannot be read or without one usable row (status broken). Rows that break a rule are
    appended to the connection's `quarantine` table.
    """
    parquet = delivered / table.source / f"{table.name}.parquet"
    files = find_files(landing, table.source, table.name)
    load = Load(table.source, table.name, file_count=len(files))
    raw = ", ".join(f'"raw_{name}" varchar' for name in table.column_names)
    settled = ", ".join(f"_{name} bigint" for name in ALL_SETTLED)
    con.execute(
        f"""
        create or replace temp table raw_rows
            ({raw}, {settled}, _is_past boolean, _file varchar, _line bigint);
        create or replace temp table malformed
            (_file varchar, _line bigint, rule varchar)
        """
    )
    try:
        for file in files:
            _stage_file(con, table, file, load)
    except UnreadableFileError as error:
        load.status, load.message = "broken", str(error)
        _empty(con, table)
        write_table(con, table, parquet)
        return load
    if not files:
        load.status = "absent"
        _empty(con, table)
        write_table(con, table, parquet)
        return load

    _check_rows(con, table)
    load.rows_in = _count(con, "checked") + _count(con, "malformed")
    sums = ", ".join(f"coalesce(sum(_{name}), 0)::bigint" for name in ALL_SETTLED)
    found = con.execute(f"select {sums} from checked").fetchall()[0]
    for name, count in zip(ALL_SETTLED, found, strict=True):
        setattr(load, name, count)
    before = _count(con, "quarantine")
    past = _set_past_apart(con, table, load, deleted_of(parquet))
    _quarantine(con, table)
    _settle_keys(con, table, load)
    load.rows_superseded += past
    load.rows_quarantined = _count(con, "quarantine") - before
    load.rows_landed = _count(con, "landed")
    load.values_blanked = _write_blanked(con, table, blanked_of(parquet))
    if load.rows_quarantined and not load.rows_landed:
        load.status = "broken"
        load.message = _first_reason(con, table)
    write_table(con, table, parquet)
    return load


def _first_reason(con: duckdb.DuckDBPyConnection, table: Table) -> str:
    file, line, rule, column, value = con.execute(
        """
        select file, line, rule, column_name, value from quarantine
        where source = ? and entity = ? order by file, line limit 1
        """,
        [table.source, table.name],
    ).fetchall()[0]
    # The message is published with fct_freshness: what is personal is not repeated.
    personal = {column.name for column in table.columns if column.personal}
    told = f"{column} {value!r}" if column not in personal else f"{column}"
    return f"{file}: no usable row; line {line}, {told}: {rule}"
