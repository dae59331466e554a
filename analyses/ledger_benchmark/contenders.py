"""Run the ledger, the bare interval SQL and the month spine over one landed book."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import duckdb

from orchestration.compiled_project import CompiledProject

LEDGER = "fct_mrr_movements"
MONTHS = "fct_account_mrr_months"
RIVALS = ("bare_intervals", "month_spine")

# An account's pause is a churn to who does not look at the status; each amount may
# differ by the last decimal, because the rivals round what they divided in doubles.
AGREEMENTS = {
    "movements by month and kind, without fx: ledger and bare intervals": """
        with

        ledger as (

            select
                cast(date_trunc('month', effective_on) as date) as mrr_month,
                case movement
                    when 'pause' then 'churn'
                    when 'resume' then 'reactivation'
                    else movement
                end as movement,
                sum(mrr_delta) as mrr
            from fct_mrr_movements
            where movement <> 'fx'
            group by all

        ),

        rival as (

            select
                cast(date_trunc('month', effective_on) as date) as mrr_month,
                movement,
                sum(mrr_delta) as mrr
            from bare_intervals
            group by all

        )

        select coalesce(max(abs(coalesce(ledger.mrr, 0) - coalesce(rival.mrr, 0))), 0)
        from ledger
        full join rival using (mrr_month, movement)
    """,
    "all movements by month: ledger and month spine": """
        with

        ledger as (

            select
                cast(date_trunc('month', effective_on) as date) as mrr_month,
                sum(mrr_delta) as mrr
            from fct_mrr_movements
            group by all

        ),

        rival as (

            select
                mrr_month,
                sum(mrr_delta) as mrr
            from month_spine
            group by all

        )

        select coalesce(max(abs(coalesce(ledger.mrr, 0) - coalesce(rival.mrr, 0))), 0)
        from ledger
        full join rival using (mrr_month)
    """,
    "balance at each month's end: fct_account_mrr_months and month spine": """
        with

        ledger as (

            select
                mrr_month,
                sum(closing_mrr) as mrr
            from fct_account_mrr_months
            group by all

        ),

        moved as (

            select
                mrr_month,
                sum(mrr_delta) as mrr
            from month_spine
            group by all

        ),

        rival as (

            select
                mrr_month,
                sum(mrr) over (order by mrr_month) as mrr
            from moved

        )

        select coalesce(max(abs(coalesce(ledger.mrr, 0) - coalesce(rival.mrr, 0))), 0)
        from ledger
        full join rival using (mrr_month)
    """,
}


class Spent(NamedTuple):
    """Seconds on the clock, and of all processors together."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Arena:
    """One database over one landed book, in which everybody runs."""

    con: duckdb.DuckDBPyConnection
    compiled: CompiledProject
    landed: Path

    def prepare(self) -> None:
        """Build the seeds, the calendar and the rates, which everybody reads."""
        for node in self.compiled.upstream(*RIVALS):
            if node["resource_type"] != "analysis":
                self._create(node)

    def run_ledger(self) -> dict[str, Spent]:
        """Build all that the ledger and its months need; return the time by node."""
        return {
            node["name"]: self._create(node)
            for node in self.compiled.upstream(LEDGER, MONTHS)
        }

    def run_rival(self, name: str) -> Spent:
        """Write a rival's change rows into a table of its name; return the time."""
        sql = self.compiled.sql_of(self.compiled.node(name), self.landed)
        return self._timed(f"create or replace table {name} as {sql}")

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        return self.con.execute(f"select count(*) from {table}").fetchall()[0][0]

    def disagreements(self) -> list[str]:
        """Say where two of them differ by more than their roundings can add up to."""
        allowed = 2e-6 * sum(self.count(table) for table in (LEDGER, MONTHS))
        found = []
        for what, sql in AGREEMENTS.items():
            difference = float(self.con.execute(sql).fetchall()[0][0])
            if difference > allowed:
                found.append(f"{what} differ by {difference:,.6f} in some month")
        return found

    def _create(self, node: dict[str, Any]) -> Spent:
        creating = self.compiled.creating(node, self.landed)
        return self._timed(creating.replace("create ", "create or replace ", 1))

    def _timed(self, statement: str) -> Spent:
        wall, processor = perf_counter(), process_time()
        self.con.execute(statement)
        return Spent(perf_counter() - wall, process_time() - processor)


def open_arena(compiled: CompiledProject, folder: Path, landed: Path) -> Arena:
    """Open a new database file in `folder`, as dbt would, and build what all share."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    con.execute(f"attach '{folder / 'warehouse.duckdb'}' as warehouse; use warehouse")
    arena = Arena(con, compiled, landed)
    arena.prepare()
    return arena
