"""dbt's unit tests, run as dbt runs them but in milliseconds.

As in dbt, what is given is cast to the columns' types of the real relation, columns
that are not given are null, and what is expected is cast to the types of the result and
compared with it, row by row and in no order, on the columns that are named.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import duckdb

from orchestration.landing.raw_files import literal
from tests.python.conftest import Book

Types = dict[str, str]
SCHEMA = '"warehouse"."main".'


def _cast(value: Any, kind: str) -> str:
    if value is None:
        term = "null"
    elif isinstance(value, str):
        term = literal(value)
    else:
        term = json.dumps(value)
    return f"cast({term} as {kind})"


def _rows_sql(rows: list[dict[str, Any]], types: Types, columns: list[str]) -> str:
    """Return a query of the rows; the columns they leave out are null."""
    if not rows:
        empty = ", ".join(f"cast(null as {types[name]}) as {name}" for name in columns)
        return f"select {empty} limit 0"
    return " union all ".join(
        "select "
        + ", ".join(f"{_cast(row.get(one), types[one])} as {one}" for one in columns)
        for row in rows
    )


def _types_of(con: duckdb.DuckDBPyConnection, relation: str) -> Types:
    return {row[0]: row[1] for row in con.execute(f"describe {relation}").fetchall()}


@dataclass(frozen=True)
class UnitTest:
    """A unit test whose inputs stand in a schema of their own."""

    name: str
    schema: str
    expected: list[dict[str, Any]]


@dataclass(frozen=True)
class UnitTests:
    """The unit tests of a project that can be asked of a model's other SQL.

    A test that sets a var to another value than the project's reads other compiled SQL
    than there is: it is not asked, and what it alone would catch counts as missed.
    """

    con: duckdb.DuckDBPyConnection
    of_model: dict[str, list[UnitTest]] = field(default_factory=dict)

    def failing(self, model: str, sql: str) -> str | None:
        """Name the first unit test that a model's SQL fails; None for none."""
        return next(
            (
                test.name
                for test in self.of_model.get(model, [])
                if not self._holds(test, sql)
            ),
            None,
        )

    def _holds(self, test: UnitTest, sql: str) -> bool:
        actual = sql.replace(SCHEMA, f'"warehouse"."{test.schema}".')
        types = _types_of(self.con, f"({actual})")
        columns = list(dict.fromkeys(name for row in test.expected for name in row))
        columns = columns or list(types)
        if not set(columns) <= types.keys():
            return False
        expected = _rows_sql(test.expected, types, columns)
        named = ", ".join(columns)
        differing = f"""
            with actual as (select {named} from ({actual})), expected as ({expected})
            (from actual except all from expected) union all
            (from expected except all from actual) limit 1
        """
        return not self.con.execute(differing).fetchall()


def _is_as_compiled(test: dict[str, Any], variables: dict[str, Any]) -> bool:
    overrides = test["overrides"] or {}
    macros = overrides.get("macros") or {}
    others = overrides.get("env_vars") or macros.keys() - {"is_incremental"}
    told = overrides.get("vars") or {}
    is_told_otherwise = any(variables.get(name) != told[name] for name in told)
    return not (others or macros.get("is_incremental") or is_told_otherwise)


def unit_tests_of(book: Book, variables: dict[str, Any]) -> UnitTests:
    """Lay out what every unit test of a book's models is given, with its types."""
    built = {node["name"] for node in book.nodes}
    con = duckdb.connect(config={"threads": 1})
    con.execute("set TimeZone = 'UTC'")
    con.execute("attach ':memory:' as warehouse; use warehouse")
    tests = UnitTests(con)
    for number, test in enumerate(book.compiled.manifest["unit_tests"].values()):
        model = test["depends_on"]["nodes"][0].split(".")[-1]
        if model not in built or not _is_as_compiled(test, variables):
            continue
        schema = f"unit_test_{number}"
        con.execute(f"create schema {schema}")
        for given in test["given"]:
            name = given["input"].removeprefix("ref('").removesuffix("')")
            if given["format"] == "sql":
                rows = given["rows"]
            else:
                kinds = _types_of(book.con, name)
                rows = _rows_sql(given["rows"], kinds, list(kinds))
            con.execute(f"create table {schema}.{name} as {rows}")
        tests.of_model.setdefault(model, []).append(
            UnitTest(test["name"], schema, test["expect"]["rows"])
        )
    return tests
