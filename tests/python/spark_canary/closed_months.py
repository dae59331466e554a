"""Lay a log of closed months beside the book, as an earlier run would have left it."""

from pathlib import Path

import duckdb

from orchestration.month_closes import CLOSE, ENTRIES

CLOSED = Path(__file__).parent / "closed"


def write_closed_months(log: Path) -> None:
    """Write the one close of `closed/`, whose figures the book of today contradicts."""
    close = log / "close-00001"
    close.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for name, types in {"close": CLOSE, "entries": ENTRIES}.items():
            rows = con.read_csv(str(CLOSED / f"{name}.csv"), header=True, dtype=types)
            rows.write_parquet(str(close / f"{name}.parquet"))
