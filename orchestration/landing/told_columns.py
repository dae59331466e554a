"""Which columns of a state tell something, and which began or ceased to."""

from datetime import date

import duckdb

from orchestration.landing.contract import Column, Table
from orchestration.landing.land_table import default_of

# A column of which so small a share of the rows is left that it says nothing any more.
LEFT_SHARE = 0.1


def told_shares(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    columns: list[Column],
    rows: str,
    ends_until: date | None = None,
) -> tuple[int, list[float]]:
    """Count rows (SQL), and in what share each column says what none would not.

    With `ends_until` ends that lie behind that day are left out.
    """
    told = []
    for column in columns:
        is_told = f'"{column.name}" is distinct from {default_of(column)}'
        if ends_until and column.name == table.weighed.ends:
            is_told = f"coalesce(\"{column.name}\" <= date '{ends_until}', false)"
        told.append(f"count(*) filter ({is_told})")
    count, *counts = con.execute(
        f"select {', '.join(['count(*)', *told])} from {rows}"
    ).fetchall()[0]
    return count, [told / max(count, 1) for told in counts]


def is_emptied(share: float, left: float) -> bool:
    """Tell whether a column that told something has hardly a value left."""
    return share > LEFT_SHARE and left < share * LEFT_SHARE


def newly_told(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    before: str,
    after: str,
    known: dict[str, date],
    today: date,
) -> dict[str, str]:
    """Return since which day the columns are told that were not always.

    `before` and `after` are the rows (SQL) of two deliveries, `known` what was returned
    for the earlier one. What empties a column counts, the other way round, as telling.
    """
    columns = [column for column in table.columns if not column.required]
    _, was_told = told_shares(con, table, columns, before)
    _, is_told = told_shares(con, table, columns, after)
    since = {}
    for column, share, now in zip(columns, was_told, is_told, strict=True):
        if is_emptied(now, share):
            since[column.name] = today.isoformat()
        elif column.name in known and not is_emptied(share, now):
            since[column.name] = known[column.name].isoformat()
    return since
