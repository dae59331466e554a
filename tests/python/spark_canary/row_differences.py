"""Tell in which rows two builds of one mart differ."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

DECIMALS_OF_DOUBLES = 9
DIGITS_OF_DOUBLES = 12


@dataclass(frozen=True)
class Mart:
    """A whole mart as one engine built it."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def _comparable(value: Any) -> Any:
    """Round doubles; everything else, money above all, is compared as it is."""
    if isinstance(value, float):
        # A large rate has fewer exact decimals: 68943.791197196 ends in noise.
        return round(float(f"{value:.{DIGITS_OF_DOUBLES}g}"), DECIMALS_OF_DOUBLES)
    return value


def _counted(mart: Mart) -> Counter[tuple[Any, ...]]:
    # The type is compared too: 1, 1.0, True and Decimal(1) are equal in Python.
    return Counter(
        tuple((type(value).__name__, _comparable(value)) for value in row)
        for row in mart.rows
    )


def _told(engine: str, columns: tuple[str, ...], row: tuple[Any, ...]) -> str:
    cells = zip(columns, row, strict=True)
    return f"{engine}: " + ", ".join(f"{name}={value}" for name, (_, value) in cells)


def row_differences(duckdb: Mart, spark: Mart) -> list[str]:
    """List each row that only one of two builds has, in the order of the mart.

    A row that differs in one value is listed twice: as each engine has it.
    """
    if duckdb.columns != spark.columns:
        return [f"columns differ: duckdb {duckdb.columns}, spark {spark.columns}"]
    counted = {"duckdb": _counted(duckdb), "spark": _counted(spark)}
    only = {
        "duckdb": counted["duckdb"] - counted["spark"],
        "spark": counted["spark"] - counted["duckdb"],
    }
    told = [
        (repr(row), _told(engine, duckdb.columns, row))
        for engine, rows in only.items()
        for row in rows.elements()
    ]
    return [line for _, line in sorted(told)]
