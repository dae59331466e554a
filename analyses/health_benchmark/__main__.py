"""Does a day of health cost by the day? Times a backfill and a day against bare SQL.

Usage: python -m analyses.health_benchmark [--accounts 10000] [--day-accounts 100000]

The bare SQL has four measures for the score's many, and neither an as-of history nor
policy, reasons, bands or contributions: what is above it is what those cost.
"""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Annotated, NamedTuple

import typer

from analyses.health_benchmark.made_book import LAST, MARTS, MadeBook, make_book
from orchestration.compiled_project import (
    CompiledProject,
    compile_project,
    read_compiled_project,
)

BARE = "bare_score"
MONTHS = 24
DAYS_BEFORE = 150
LOOPED_DAYS = 3
SLOWEST_TOLD = 8


class Spent(NamedTuple):
    """Seconds on the clock, and of all processors together."""

    wall: float
    processor: float


def timed(book: MadeBook, statement: str) -> Spent:
    """Run one statement and say what it took."""
    wall, processor = perf_counter(), process_time()
    book.con.execute(statement)
    return Spent(perf_counter() - wall, process_time() - processor)


def score(book: MadeBook) -> dict[str, Spent]:
    """Build every model of health; return the time of each."""
    spent = {}
    for name in book.health_nodes():
        wall, processor = perf_counter(), process_time()
        book.create(name)
        spent[name] = Spent(perf_counter() - wall, process_time() - processor)
    return spent


def total(spent: dict[str, Spent]) -> Spent:
    """Add up what the models took."""
    return Spent(*(sum(kind) for kind in zip(*spent.values(), strict=True)))


def remember_all_but(book: MadeBook, first_on: date) -> None:
    """Let what the last build scored be known, but for the days from `first_on` on."""
    tables = {
        "stg_run__health_days": MARTS[0],
        "stg_run__health_contributions": MARTS[1],
        "stg_run__health_profile_months": MARTS[2],
    }
    for table, mart in tables.items():
        listed = ", ".join(
            row[0] for row in book.con.execute(f"describe {table}").fetchall()
        )
        book.con.execute(
            f"create or replace temp table kept as select {listed} from {mart}"
            f" where health_on < date '{first_on}'"
        )
        book.con.execute(f"drop {kind_of(book, table)} {table}")
        book.con.execute(f"create table {table} as from kept")


def kind_of(book: MadeBook, name: str) -> str:
    """Say whether a name is a view or a table."""
    found = book.con.execute(
        "select 1 from duckdb_views() where view_name = ?", [name]
    ).fetchone()
    return "view" if found else "table"


def bare(book: MadeBook) -> Spent:
    """Score the awaited days by the bare SQL."""
    sql = book.compiled.sql_of(book.compiled.node(BARE), book.landed)
    return timed(book, f"create or replace table bare as {sql}")


def told(name: str, spent: Spent, beside: Spent, rows: int) -> str:
    """Print a line of times, and their ratio to another's."""
    return (
        f"  {name:34}{spent.wall:9.2f}{spent.processor:9.2f} {rows:>12,}"
        f"  {spent.wall / beside.wall:8.2f}"
    )


def count(book: MadeBook, table: str) -> int:
    """Count the rows of a table."""
    return book.con.execute(f"select count(*) from {table}").fetchall()[0][0]


def slowest(spent: dict[str, Spent]) -> list[str]:
    """List the models that took longest."""
    names = sorted(spent, key=lambda name: -spent[name].wall)[:SLOWEST_TOLD]
    return [
        f"    {name:36}{spent[name].wall:7.2f}{spent[name].processor:9.2f}"
        for name in names
    ]


def run_backfill(compiled: CompiledProject, accounts: int) -> None:
    """Score all days in one pass; beside it bare SQL, and days one by one."""
    first = date(LAST.year - MONTHS // 12 + 1, 1, 1)
    with TemporaryDirectory() as folder:
        book = make_book(compiled, Path(folder), accounts, first)
        spent = score(book)
        days = (LAST - first).days + 1
        rivals = {"bare SQL": bare(book)}
        remember_all_but(book, LAST - timedelta(days=LOOPED_DAYS - 1))
        one_by_one = total(score(book))
        rivals[f"last {LOOPED_DAYS} days, the rest remembered"] = one_by_one
        rows = count(book, "int_feature_days_rolled_up")
        typer.echo(
            f"\nBackfill: {accounts:,} accounts, {days} days, {rows:,} rows of use:"
            " seconds, processor seconds, rows, time against the backfill"
        )
        whole = total(spent)
        typer.echo(told("health, one pass", whole, whole, count(book, MARTS[0])))
        for name, rival in rivals.items():
            typer.echo(told(name, rival, whole, count(book, "bare")))
        for line in slowest(spent):
            typer.echo(line)


def run_day(compiled: CompiledProject, accounts: int) -> None:
    """Score the last day of a book whose other days are remembered."""
    first = LAST - timedelta(days=DAYS_BEFORE)
    with TemporaryDirectory() as folder:
        book = make_book(compiled, Path(folder), accounts, first)
        book.con.execute(
            "create or replace table fct_account_health_days as"
            " select account_id, cast(date_on as date) as health_on,"
            " 'default' as profile, 'green' as health_band,"
            " 'green' as held_band, null as exception,"
            " 'nps_level' as weakest_measure, 'nps_level' as strongest_measure,"
            " '' as reason, 70.0 as health_score,"
            " 70.0 as health_score_before_exceptions, 0.0 as score_change_1_day,"
            " 0.0 as score_change_7_days, 0.0 as score_change_30_days,"
            " 1.0 as coverage_rate, 4 as input_family_count, 9 as measure_count,"
            " 0 as stalest_input_days, 'made' as policy_version,"
            " date_on + interval 1 day as computed_from_received_until"
            " from int_account_balances_accumulated cross join dim_dates"
            f" where date_on between date '{first}' and date '{LAST}'"
        )
        for name in MARTS[1:]:
            book.con.execute(
                f"create or replace table {name} as"
                f" from {name.replace('fct_', 'stg_run__')} limit 0"
            )
        remember_all_but(book, LAST)
        spent = score(book)
        whole = total(spent)
        one_day = bare(book)
        rows = count(book, "int_feature_days_rolled_up")
        typer.echo(
            f"\nOne day: {accounts:,} accounts, {rows:,} rows of use before it:"
            " seconds, processor seconds, rows, time against the day"
        )
        typer.echo(
            told(
                "health, one day", whole, whole, count(book, "int_health_days_awaited")
            )
        )
        typer.echo(told("bare SQL", one_day, whole, count(book, "bare")))
        for line in slowest(spent):
            typer.echo(line)


def main(
    accounts: Annotated[int, typer.Option(help="Of the backfill.", min=10)] = 1_000,
    day_accounts: Annotated[int, typer.Option(help="Of one day.", min=10)] = 10_000,
) -> None:
    """Print times and ratios; sizes are small unless asked for."""
    with TemporaryDirectory() as folder:
        compile_project(Path(folder) / "compiled")
        compiled = read_compiled_project(Path(folder) / "compiled")
    run_day(compiled, day_accounts)
    run_backfill(compiled, accounts)


if __name__ == "__main__":
    typer.run(main)
