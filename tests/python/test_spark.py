"""The canary for the second engine: one book, built on both, row for row the same."""

import os
from collections.abc import Iterator
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from orchestration.landing.land import land
from tests.python.spark_canary.closed_months import write_closed_months
from tests.python.spark_canary.engines import (
    MARTS,
    OUTSIDE,
    build,
    open_spark,
    read_duckdb,
    read_spark,
    register_inputs,
)
from tests.python.spark_canary.row_differences import Mart, row_differences

BOOK = Path(__file__).parent / "spark_canary" / "book"
AS_OF = "2025-03-20"
MOVEMENTS = {
    *("new", "expansion", "contraction", "churn"),
    *("reactivation", "pause", "resume", "currency_transfer", "fx"),
}
SUB_REASONS = {
    *("first_paid", "seats", "price", "tier", "cross_sell", "currency_swap"),
    *("discount_added", "discount_expired", "paused", "resumed", "late_renewal"),
    *("returned", "unpaid", "service_ended", "transferred", "rate_change"),
}
POLICIES = {
    *("raw", "constant_currency", "late_renewal_grace"),
    *("ledger", "ledger_with_reactivation", "chained_monthly"),
}
OUTCOMES = {"open", "lost", "partly_won", "late", "won"}
CAUSES = {
    *("account_merged", "amended", "backdated", "exchange_rate"),
    *("reclassified", "revalued", "withdrawn"),
}
Builds = dict[str, tuple[Mart, Mart]]
has_java = which("java") is not None or "JAVA_HOME" in os.environ
pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(not has_java, reason="Spark needs Java 17; none is found"),
    pytest.mark.skipif(
        find_spec("pyspark") is None,
        reason="pyspark is not in this environment: make spark has its own",
    ),
]


@pytest.fixture(scope="module")
def both_builds(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Builds]:
    """Land the book once, build it on both engines, fetch every mart from both."""
    state = tmp_path_factory.mktemp("two_engines")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_STATE", str(state))
        write_closed_months(state / "closes")
        land(BOOK, state / "landed", AS_OF, "USD")
        build("duckdb", state)
        spark = open_spark(state)
        register_inputs(spark, state)
        build("spark", state, *OUTSIDE)
        yield {
            mart: (
                read_duckdb(state / "warehouse.duckdb", mart),
                read_spark(spark, mart),
            )
            for mart in MARTS
        }
        spark.stop()


@pytest.mark.parametrize("mart", MARTS)
def test_spark_builds_every_row_that_duckdb_builds(
    both_builds: Builds, mart: str, capsys: pytest.CaptureFixture[str]
) -> None:
    duckdb, spark = both_builds[mart]
    different = row_differences(duckdb, spark)
    assert not different, "\n".join(
        [f"{mart}: {len(different)} rows stand on one engine only", *different[:20]]
    )
    with capsys.disabled():
        print(f"\n  {mart}: {len(duckdb.rows):,} rows, the same on both engines")


@pytest.mark.parametrize(
    ("mart", "column", "values"),
    [
        ("fct_mrr_movements", "movement", MOVEMENTS),
        ("fct_mrr_movements", "sub_reason", SUB_REASONS),
        ("fct_mrr_movements", "is_provisional", {True, False}),
        ("fct_retention", "policy", POLICIES),
        ("fct_renewals", "outcome", OUTCOMES),
        ("fct_mrr_restatements", "cause", CAUSES),
    ],
)
def test_the_book_is_rich_enough_to_be_a_canary(
    both_builds: Builds, mart: str, column: str, values: set[Any]
) -> None:
    built, _ = both_builds[mart]
    position = built.columns.index(column)
    assert {row[position] for row in built.rows} == values


def _other(value: Any) -> Any:
    """Return the nearest value that must count as different."""
    match value:
        case None:
            return "null no more"
        case bool():
            return not value
        case Decimal():
            return value + Decimal("0.000001")
        case float():
            return round(float(f"{value + max(abs(value), 1000) * 1e-11:.12g}"), 9)
        case str():
            return value + " "
        case int():
            return value + 1
        case _:
            return value.replace(year=value.year + 1, day=1)


@pytest.mark.parametrize("mart", MARTS)
def test_one_other_value_in_any_column_is_told(both_builds: Builds, mart: str) -> None:
    _, spark = both_builds[mart]
    # A few rows tell as much as all: that both builds are the same is tested above.
    few = Mart(spark.columns, spark.rows[-100:])
    for position, column in enumerate(few.columns):
        row = few.rows[-1]
        other = (*row[:position], _other(row[position]), *row[position + 1 :])
        mutant = Mart(few.columns, [*few.rows[:-1], other])
        told = row_differences(few, mutant)
        assert len(told) == 2, f"{mart}.{column}: {told}"
        assert any(f"{column}={other[position]}" in line for line in told)
