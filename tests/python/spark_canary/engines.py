"""Build the revenue thread of one landed book with DuckDB or with Spark."""

import os
from pathlib import Path
from typing import Any

import duckdb
from dbt.cli.main import dbtRunner

from tests.python.spark_canary.row_differences import Mart

PROJECT = Path(__file__).parents[3]
MARTS = (
    "dim_dates",
    "dim_accounts",
    "dim_account_history",
    "fct_mrr_movements",
    "fct_account_mrr_months",
    "fct_mrr_months",
    "fct_expansion_shares",
    "fct_currency_mrr_months",
    "fct_scheduled_mrr_changes",
    "fct_account_committed_mrr_months",
    "fct_retention",
    "fct_retention_cohorts",
    "fct_renewals",
    "fct_mrr_restatements",
)


# The thread starts at the files contract. What the connectors add to it (nothing, in
# a book of files) reaches Spark as DuckDB built it.
OUTSIDE = (
    "intermediate.connectors",
    *("staging.salesforce", "staging.segment", "staging.stripe"),
    *("staging.surveys", "staging.zendesk"),
)


class CanaryBuildError(Exception):
    """A node of the revenue thread failed on one engine; the message names it."""


def build(engine: str, state: Path, *left_out: str) -> None:
    """Run seeds, models and data tests of the thread on one engine.

    Unit tests stay with DuckDB: each costs Spark 4-15 s and adds no row to compare.

    Raises:
        CanaryBuildError: some node did not succeed.
    """
    target = state / f"target-{engine}"
    arguments = ["--quiet", "build", "--target", engine]
    arguments += ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    arguments += ["--target-path", str(target), "--log-path", str(target)]
    arguments += ["--indirect-selection", "cautious"]
    arguments += ["--select", *(f"+{mart}" for mart in MARTS)]
    arguments += ["--exclude", "resource_type:unit_test", *left_out]
    result = dbtRunner().invoke(arguments)
    if result.success:
        return
    nodes = getattr(result.result, "results", [])
    broken = [
        f"{node.node.name}: {node.message or node.status}"
        for node in nodes
        if str(node.status) not in ("success", "pass", "skipped")
    ]
    raise CanaryBuildError("\n".join([f"{engine}:", str(result.exception), *broken]))


def open_spark(state: Path) -> Any:
    """Start the Spark session that dbt-spark will find in this process.

    Everything that Spark and its metastore leave behind stays below `state`.
    """
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.master": "local[2]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "2g",
        # Thousands of tiny plans: a plain JVM and no code generation are twice as fast.
        "spark.driver.extraJavaOptions": (
            "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC"
            f" -Dderby.system.home={state / 'metastore'}"
        ),
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.hadoop.javax.jdo.option.ConnectionURL": (
            "jdbc:derby:memory:metastore;create=true"
        ),
        "spark.local.dir": str(state / "spark-local"),
        "spark.log.level": "ERROR",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(state / "spark-warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _show(spark: Any, schema: str, parquet: Path) -> None:
    spark.sql(f"create database if not exists {schema}")
    query = f"select * from parquet.`{parquet}`"
    spark.sql(f"create view {schema}.{parquet.stem} as {query}")


def register_inputs(spark: Any, state: Path) -> None:
    """Show Spark what it reads: landed files, and what connectors shaped of theirs."""
    for source in ("files", "run"):
        for parquet in sorted((state / "landed" / source).glob("*.parquet")):
            _show(spark, f"landed_{source}", parquet)
    shaped = state / "shaped"
    shaped.mkdir()
    models = PROJECT.glob("models/intermediate/connectors/*.sql")
    with duckdb.connect(str(state / "warehouse.duckdb")) as con:
        built = {name for (name,) in con.execute("show tables").fetchall()}
        for model in sorted({path.stem for path in models} & built):
            parquet = shaped / f"{model}.parquet"
            con.execute(f"copy {model} to '{parquet}' (format parquet)")
            _show(spark, "warehouse", parquet)


def read_duckdb(database: Path, mart: str) -> Mart:
    """Fetch a whole mart that DuckDB built."""
    with duckdb.connect(str(database)) as con:
        cursor = con.execute(f"select * from {mart}")
        columns = tuple(column[0] for column in cursor.description)
        return Mart(columns, cursor.fetchall())


def read_spark(spark: Any, mart: str) -> Mart:
    """Fetch a whole mart that Spark built."""
    table = spark.table(f"warehouse.{mart}")
    return Mart(tuple(table.columns), [tuple(row) for row in table.collect()])
