"""Read frames from a published marts file, empty where a mart is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pandas as pd

# Where to take the as-of day from in a file that was not published as a set.
DATED_COLUMNS = (
    ("fct_account_health_days", "health_on"),
    ("fct_health_distribution", "health_on"),
    ("fct_retention", "period_end_on"),
    ("fct_mrr_movements", "effective_on"),
    ("fct_time_to_value", "clock_started_on"),
    ("fct_time_to_value", "value_reached_on"),
)


@dataclass(frozen=True)
class SetFacts:
    """The run behind a marts file; `built_at` in UTC, None where it is not recorded."""

    as_of_on: date | None
    built_at: datetime | None
    currency: str
    company_name: str | None
    set_id: str


@dataclass(frozen=True)
class MartFrames:
    """An open marts file: its facts and its answers as frames."""

    con: duckdb.DuckDBPyConnection
    tables: frozenset[str]

    def frame(self, query: str, *marts: str) -> pd.DataFrame:
        """Return the rows of `query`, none if one of the `marts` it reads is absent."""
        if not self.tables.issuperset(marts):
            return pd.DataFrame()
        return self.con.execute(query).df()

    def column(self, mart: str, name: str, otherwise: str = "null") -> str:
        """Return SQL for a column that a mart may lack, `otherwise` where it does."""
        columns = self.con.execute(
            "select column_name from duckdb_columns() where table_name = ?", [mart]
        ).fetchall()
        return name if (name,) in columns else otherwise

    def facts(self) -> SetFacts:
        """Return the run behind the file, as far as the file knows it."""
        if "published_set" in self.tables:
            row = self.con.execute(
                "select as_of_on, built_at, reporting_currency, company_name, set_id"
                " from published_set"
            ).fetchall()[0]
            return SetFacts(*row)
        latest = [
            self.con.execute(
                f"select cast(max({column}) as date) from {mart}"
            ).fetchall()[0][0]
            for mart, column in DATED_COLUMNS
            if mart in self.tables
        ]
        as_of_on = max((day for day in latest if day is not None), default=None)
        return SetFacts(as_of_on, None, "", None, "")


@contextmanager
def open_marts(marts: Path) -> Iterator[MartFrames]:
    """Open a marts file for reading only, and close it after."""
    with duckdb.connect(marts, read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        rows = con.execute("select table_name from duckdb_tables()").fetchall()
        yield MartFrames(con, frozenset(name for (name,) in rows))
