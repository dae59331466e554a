"""A bad value costs the row only where money depends on it; else the value alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pandas as pd
import pytest

from orchestration.landing.contract import Column, Table, read_contracts
from orchestration.landing.keys import NONE, NULL_WORDS
from orchestration.landing.land import Landing, land
from tests.python.conftest import Warehouse
from tests.python.test_landing import assert_all_rows_told

CONTRACTS = read_contracts()
# The columns of the files contract that money depends on (SPEC, rules of the contract).
MONEY = {
    ("subscription_items", name)
    for name in (
        *("valid_to", "quantity", "quantity_unit", "interval_count", "status"),
        *("discount_percent", "discount_amount", "discount_kind", "discount_from"),
        *("discount_to", "trial_ends_on", "usage_based", "modified_at"),
    )
} | {("account_history", "valid_to")}
# What each type is not.
BAD = {
    "date": ("31/12/2024", "2024-02-30", "soon", "45657", "1899-12-31"),
    "timestamp": ("31/12/2024 10:00", "2024-01-01T25:00:00", "yesterday"),
    "bigint": ("1.5", "1,000", "many", "9999999999999"),
    "double": ("inf", "1,5", "ten", "9e18"),
    "boolean": ("maybe", "2", "yes and no"),
    "decimal": ("$9", "1.000,5", "a lot", "9999999999999999"),
}
GOOD = {
    "date": "2024-03-01",
    "timestamp": "2024-03-01 10:00:00",
    "boolean": "true",
    "string": "x",
}


def kind_of(column: Column) -> str:
    return column.data_type.split("(")[0]


def good(column: Column) -> str:
    if "deleted" in column.name:
        # Else the row is none.
        return "false"
    if column.values:
        return column.values[0]
    return GOOD.get(kind_of(column), "1")


def bad_values(column: Column) -> tuple[str, ...]:
    if column.values:
        return ("of no list", "1")
    below = ("-1",) if column.minimum is not None and column.minimum >= 0 else ()
    above = (str(column.maximum + 1),) if column.maximum is not None else ()
    return BAD.get(kind_of(column), ()) + below + above


def optional() -> Iterator[tuple[Table, Column]]:
    for table in CONTRACTS:
        for column in table.columns:
            if not column.required and not column.is_key and bad_values(column):
                yield table, column


CASES = list(optional())
TABLES = [table for table in CONTRACTS if any(table == other for other, _ in CASES)]


def named(table: Table) -> str:
    return f"{table.source}.{table.name}"


class Place:
    """A landing of one table, and what came of it."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.folder, self.table = folder, table
        self.columns = [column for other, column in CASES if other == table]

    def land(self, values: list[tuple[str, str]]) -> Landing:
        """Land one row per column and value of it, all else being fine."""
        days = [c.name for c in self.table.columns if c.is_instant and c.required]
        key = [name for name in self.table.key if name not in days]
        rows = [
            {c.name: good(c) for c in self.table.columns if c.required}
            | dict.fromkeys(days, f"2024-03-{at % 28 + 1:02}")
            | {name: str(at) for name in key}
            | {name: value}
            for at, (name, value) in enumerate(values)
        ]
        path = self.folder / "landing" / self.table.source / f"{self.table.name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_csv(path, index=False)
        with patch("orchestration.landing.land.read_contracts", lambda: [self.table]):
            return land(
                self.folder / "landing",
                self.folder / "landed",
                "2024-12-31",
                "USD",
                lambda _line: None,
            )

    def query(self, sql: str, path: str = "") -> list[tuple[Any, ...]]:
        """Ask the landed rows, or a table of the run."""
        path = path or f"{self.table.source}/{self.table.name}"
        with duckdb.connect() as con:
            con.execute("set TimeZone = 'UTC'")
            file = f"{self.folder}/landed/{path}.parquet"
            return con.execute(f"{sql} from '{file}' order by all").fetchall()

    def blanked(self) -> list[tuple[Any, ...]]:
        """Return line, column and value of each bad value that was blanked."""
        columns = "select line, column_name, value"
        return self.query(columns, "run/blanked_values")


def test_what_money_depends_on_is_declared() -> None:
    strict = {
        (table.name, column.name)
        for table, column in CASES
        if table.source == "files" and column.strict
    }
    assert strict == MONEY
    assert all(column.strict for table, column in CASES if table.source == "stripe")


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_bad_value_costs_the_row_only_where_money_depends_on_it(
    tmp_path: Path, table: Table
) -> None:
    place = Place(tmp_path, table)
    cases = [(c, bad) for c in place.columns for bad in bad_values(c)]
    fine = [(c.name, good(c)) for c in place.columns]
    landing = place.land([*fine, *((c.name, bad) for c, bad in cases)])
    (load,) = landing.loads
    assert_all_rows_told(load)
    first = len(fine) + 2
    told = [(at + first, c, bad) for at, (c, bad) in enumerate(cases)]
    assert [
        (row["line"], row["column_name"], row["value"]) for row in landing.quarantined
    ] == [(line, c.name, bad) for line, c, bad in told if c.strict]
    blanked = [(line, c, bad) for line, c, bad in told if not c.strict]
    assert place.blanked() == [
        (line, c.name, None if c.personal else bad) for line, c, bad in blanked
    ]
    assert load.values_blanked == len(blanked)
    assert load.rows_landed == len(fine) + len(blanked)
    for column in {c for _, c, _ in blanked}:
        lines = [line for line, other, _ in blanked if other == column]
        rows = place.query(f'select _line, "{column.name}"')
        # A default stands in for it, where there is one.
        assert {value is None for line, value in rows if line in lines} == {
            column.default is None
        }


@pytest.mark.parametrize("table", TABLES, ids=named)
def test_a_word_for_none_is_a_missing_value_in_every_optional_column(
    tmp_path: Path, table: Table
) -> None:
    place = Place(tmp_path, table)
    words = [
        *NULL_WORDS,
        NONE.capitalize(),
        "NULL",
        "NaN",
        "N/A",
        f"\t{NULL_WORDS[0]} ",
    ]
    cases = [(c, word) for c in place.columns for word in words]
    landing = place.land([(c.name, word) for c, word in cases])
    (load,) = landing.loads
    assert landing.quarantined == [] and place.blanked() == []
    assert load.values_without_words == load.rows_landed == len(cases)
    assert_all_rows_told(load)
    for column in place.columns:
        lines = [at + 2 for at, (other, _) in enumerate(cases) if other == column]
        rows = place.query(f'select _line, "{column.name}"')
        said = {value for line, value in rows if line in lines}
        assert len(said) == 1 and (said == {None}) == (column.default is None)


@pytest.mark.parametrize("form", ["float", "double"])
@pytest.mark.parametrize(
    "column", ["quantity", "discount_percent", "notice_period_days"]
)
def test_a_float_nan_is_missing(tmp_path: Path, form: str, column: str) -> None:
    items = next(
        t for t in CONTRACTS if (t.source, t.name) == ("files", "subscription_items")
    )
    path = tmp_path / "landing" / "files" / "subscription_items.parquet"
    path.parent.mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute(
            f"""
            copy (
                select 'i' as item_id, 'a' as account_id,
                    date '2024-01-01' as valid_from, 10 as unit_amount,
                        'month' as billing_interval,
                    cast('nan' as {form}) as {column}
            ) to '{path}' (format parquet)
            """
        )
    with patch("orchestration.landing.land.read_contracts", lambda: [items]):
        landing = land(
            tmp_path / "landing",
            tmp_path / "landed",
            "2024-12-31",
            "USD",
            lambda _: None,
        )
    (load,) = landing.loads
    assert (load.rows_landed, load.values_without_words) == (1, 1)
    assert landing.quarantined == []


def test_a_blanked_value_is_a_warned_row_and_the_account_counts(
    warehouse: Warehouse,
) -> None:
    """The issue's example: one bad value of accounts took the account away."""
    book = warehouse.build(
        {
            "accounts": [
                {"account_id": "a", "employees": "12 people", "strategic": "yes!"},
                {"account_id": "b", "employees": "NULL", "strategic": "true"},
            ],
            "subscription_items": [
                {
                    "item_id": account_id,
                    "account_id": account_id,
                    "valid_from": "2024-01-01",
                    "valid_to": "NULL",
                    "quantity": "nan",
                    "unit_amount": 100,
                    "billing_interval": "month",
                    "notice_on": "in May",
                }
                for account_id in ("a", "b")
            ],
        },
        *("fct_account_mrr_months", "fct_warned_rows", "fct_data_quality"),
        "int_accounts_conformed",
        as_of="2024-12-31",
    )
    mrr = book.query(
        "select closing_mrr from fct_account_mrr_months"
        " where mrr_month = date '2024-12-01'"
    )
    assert [float(amount) for amount in mrr.iloc[:, 0]] == [100, 100]
    derived = book.query("select is_derived from int_accounts_conformed")
    assert not derived["is_derived"].any()
    told = book.query(
        """
        select entity, source_line, column_name, column_value from fct_warned_rows
        where column_name is not null order by entity, source_line, column_name
        """
    )
    assert list(told.itertuples(index=False, name=None)) == [
        ("accounts", 2, "employees", "12 people"),
        ("accounts", 2, "strategic", "yes!"),
        ("subscription_items", 2, "notice_on", "in May"),
        ("subscription_items", 3, "notice_on", "in May"),
    ]
    counted = book.query(
        """
        select entity, rule, row_count from fct_data_quality
        where stage = 'warning'
            and (rule like 'a bad value%' or rule like 'values that%')
        order by entity, rule
        """
    )
    assert list(counted["row_count"]) == [1, 1, 1, 2, 4]
    assert book.broken_laws() == []


def test_bad_values_come_and_go_without_a_doubt_of_the_delivery(tmp_path: Path) -> None:
    """What is blanked is no change of the company: the next delivery is believed."""
    table = next(t for t in CONTRACTS if (t.source, t.name) == ("files", "accounts"))
    place = Place(tmp_path, table)
    for value in ("1", "many", "2", "many", "many"):
        # The same files once more are recalled, with what was told of them.
        (load,) = place.land([("employees", value)] * 20).loads
        assert (load.status, load.rows_disappeared) == ("landed", 0)
        assert len(place.blanked()) == 20 * (value == "many")
