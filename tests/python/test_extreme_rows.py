"""The largest, smallest and furthest value of every column stops nobody's marts.

What a column may not hold is named by file, row and rule before it meets arithmetic:
its row is quarantined, or where no money depends on it the value is read as missing.
With what it just may, every mart is built, and every law holds.
"""

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.landing.contract import (
    FIRST_DAY,
    LAST_DAY,
    Column,
    Table,
    plain,
    read_contracts,
)
from orchestration.landing.land_table import (
    QUARANTINE_COLUMNS,
    blanked_of,
    land_table,
)
from orchestration.sample_company.company import write_sample_company
from tests.python.books import item
from tests.python.conftest import REVENUE_MARTS, Book, Warehouse, models_of

CONTRACTS = read_contracts()
FILES = {table.name: table for table in CONTRACTS if table.source == "files"}
CONNECTORS = [table for table in CONTRACTS if table.source != "files"]
AS_OF = "2024-12-31"
MUCH = "too much money: with it the book holds more than 400,000,000,000 a month"
Row = dict[str, Any]


def allowed(column: Column) -> list[str]:
    """List the furthest values that a column may hold."""
    if column.is_instant:
        return [FIRST_DAY, LAST_DAY, *(["9999-12-31"] if column.open_end else [])]
    if not column.is_number:
        return []
    smallest = ["0." + "0" * (min(column.scale, 6) - 1) + "1"] if column.scale else []
    least = [] if column.least is None else [plain(column.least)]
    return [*least, *smallest, plain(column.most)]


def refused(column: Column) -> dict[str, str]:
    """List values just beyond what a column may hold, and the rule each breaks."""
    if column.is_instant:
        found = {"1899-12-31": f"before {FIRST_DAY}", "0001-01-01": "before"}
        if column.open_end:
            return found
        return found | {"2200-01-01": f"after {LAST_DAY}", "9999-12-31": "after"}
    if not column.is_number:
        return {}
    found = {str(int(column.most) + 1): "above ", "9" * 40: "above "}
    if column.least is not None:
        found |= {plain(column.least - 1): "below ", "-" + "9" * 40: "below "}
    return found


def usual(column: Column) -> str:
    """Return a value that any column of the kind may hold."""
    if column.values:
        return column.values[0]
    if column.is_number:
        return "1"
    if column.is_instant:
        return "2024-01-01"
    return "true" if column.data_type == "boolean" else "x"


def numbered(table: Table, row: Row, number: int) -> Row:
    """Return the row under a key of its own."""
    texts = {name for name in table.key if name in ("id", f"{table.name}_id")}
    name = next((c.name for c in table.columns if c.name in texts), table.key[0])
    return row | {name: f"x{number:03}"}


# --- At the door ---------------------------------------------------------------------


@pytest.mark.parametrize("table", CONTRACTS, ids=lambda t: f"{t.source}.{t.name}")
def test_what_no_column_may_hold_is_named_by_row_and_rule(
    tmp_path: Path, table: Table
) -> None:
    base = {column.name: usual(column) for column in table.columns}
    # What its source deleted has another fate than what it holds.
    base |= {name: "false" for name in base if name in table.deleted_if.split()}
    optional = {column.name for column in table.columns if column.can_be_blanked}
    cases = [
        (column.name, value, rule)
        for column in table.columns
        for value, rule in refused(column).items()
    ]
    just_allowed = [
        (column.name, value)
        for column in table.columns
        if column.name not in table.key
        for value in allowed(column)
    ]
    rows = [numbered(table, base, at) | {n: v} for at, (n, v, _) in enumerate(cases)]
    rows += [
        numbered(table, base, 1000 + at) | {name: value}
        for at, (name, value) in enumerate(just_allowed)
    ]
    folder = tmp_path / "landing" / table.source
    folder.mkdir(parents=True)
    pd.DataFrame([*rows, base]).to_csv(folder / f"{table.name}.csv", index=False)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        columns = ", ".join(
            f"{name} {kind}" for name, kind in QUARANTINE_COLUMNS.items()
        )
        con.execute(f"create temp table quarantine ({columns})")
        load = land_table(con, table, tmp_path / "landing", tmp_path / "landed")
        told = "select line, column_name, value, rule from"
        found = con.execute(f"{told} quarantine").fetchall()
        assert {name for _, name, *_ in found}.isdisjoint(optional)
        parquet = blanked_of(
            tmp_path / "landed" / table.source / f"{table.name}.parquet"
        )
        if optional & {name for name, *_ in cases}:
            blanked = con.execute(f"{told} '{parquet}'").fetchall()
            assert {name for _, name, *_ in blanked} <= optional
            found = sorted(found + blanked)
    assert load.status == "landed", load.message
    assert [(line - 2, name, value) for line, name, value, _ in found] == [
        (at, name, value) for at, (name, value, _) in enumerate(cases)
    ]
    for (*_, rule), (*_, expected) in zip(found, cases, strict=True):
        assert rule.startswith(expected)
    assert load.rows_in == len(rows) + 1 == load.rows_landed + load.rows_quarantined


# --- In the marts --------------------------------------------------------------------

GOOD: dict[str, list[Row]] = {
    "accounts": [
        {"account_id": name, "desired_outcome": "grow", "employees": 50}
        | {"created_at": "2022-12-01"}
        for name in ("one", "two")
    ],
    "account_history": [{"account_id": "one", "valid_from": "2022-12-01"}],
    "subscription_items": [
        item("g1", "one", "2023-01-01", "2024-02-01", contract_end_on="2024-01-31"),
        item("g1", "one", "2024-02-01", None, 140, contract_end_on="2025-01-31"),
        item("g2", "two", "2023-05-10", "2024-05-10", 50, currency="EUR"),
    ],
    "payments": [],
    "events": [
        {"event_id": f"e{at}", "account_id": "one", "event_name": "login"}
        | {"user_id": "u", "occurred_at": f"2024-{at:02}-03 10:00:00"}
        for at in range(1, 13)
    ],
    "tickets": [],
    "survey_responses": [],
    "contacts": [],
    "exchange_rates": [
        {"currency": "EUR", "to_currency": "USD", "valid_from": "2000-01-01"}
        | {"rate": "1.1"}
    ],
}
# What a row of each table is but for the one extreme value.
USUAL: dict[str, Row] = {
    "accounts": {"created_at": "2023-01-01"},
    "account_history": {"valid_from": "2023-01-01"},
    "subscription_items": item("", "", "2024-01-01", None, 10, currency="EUR"),
    "payments": {"attempted_at": "2024-11-01", "status": "failed", "amount": 1},
    "events": {"event_name": "login", "user_id": "v", "occurred_at": "2024-11-01"},
    "tickets": {
        "opened_at": "2024-11-01",
        "solved_at": "2024-11-03",
        "severity": "high",
    },
    "survey_responses": {"kind": "nps", "score": 9, "responded_at": "2024-11-01"},
    "contacts": {"role": "champion", "joined_on": "2023-01-01"},
    "exchange_rates": {"to_currency": "USD", "valid_from": "2001-01-01", "rate": "1"},
}


def extreme_rows() -> Iterator[tuple[Table, str, str]]:
    """List table, column and value of each extreme that the files may hold."""
    for name in USUAL:
        for column in FILES[name].columns:
            for value in allowed(column):
                yield FILES[name], column.name, value


def book_of_extremes() -> dict[str, list[Row]]:
    """Return the good book, and a paying account of its own for each extreme."""
    book = {name: list(rows) for name, rows in GOOD.items()}
    for number, (table, column, value) in enumerate(extreme_rows()):
        account = f"x{number:03}"
        key = "item_id" if table.name == "subscription_items" else table.key[0]
        keys = {key: account, "account_id": account}
        row = keys | USUAL[table.name] | keys | {column: value}
        currency = "EUR"
        if table.name == "exchange_rates":
            row.pop("account_id")
            currency = row["currency"] = f"X{number}"
        if table.name != "accounts":
            book["accounts"].append({"account_id": account, "created_at": "2023-01-01"})
        if table.name != "subscription_items":
            paid = item(
                f"p{number}", account, "2024-01-01", None, 10, currency=currency
            )
            book["subscription_items"].append(paid)
        book[table.name].append(row)
    return book


def marts_of(warehouse: Warehouse) -> list[str]:
    """Name every mart."""
    return [
        node["name"]
        for node in models_of(warehouse.compiled.manifest)
        if node["path"].startswith("marts/")
    ]


def told_of_others(book: Book) -> dict[str, pd.DataFrame]:
    """Return what the marts tell of the good book's accounts, one by one."""
    return {
        mart: book.query(f"from {mart} where account_id in ('one', 'two') order by all")
        for mart in (
            *("fct_mrr_movements", "fct_account_mrr_months", "fct_renewals"),
            *("fct_time_to_value", "fct_account_committed_mrr_months"),
        )
    }


def test_every_extreme_of_the_files_is_built_or_named_and_stops_nobody(
    warehouse: Warehouse,
) -> None:
    marts = marts_of(warehouse)
    good = told_of_others(warehouse.build(GOOD, *marts, as_of=AS_OF))
    book = warehouse.build(book_of_extremes(), *marts, as_of=AS_OF)
    for mart, rows in told_of_others(book).items():
        pd.testing.assert_frame_equal(rows, good[mart])
    assert book.broken_laws() == []
    named = book.query("select row_key, rule from fct_quarantined_rows")
    rules = dict(named.itertuples(index=False, name=None))
    keys = {
        (table.name, column, value): f"x{number:03}|x{number:03}|2024-01-01"
        for number, (table, column, value) in enumerate(extreme_rows())
    }
    most = "999999999999"
    assert rules[keys["subscription_items", "unit_amount", most]] == MUCH
    assert rules[keys["subscription_items", "quantity", most]] == MUCH
    assert ("subscription_items", "discount_amount", most) in keys
    assert keys["subscription_items", "discount_amount", most] not in rules


def ledger(book: Book) -> list[pd.DataFrame]:
    """Return every row of the revenue marts."""
    return [book.query(f"from {mart} order by all") for mart in REVENUE_MARTS]


@pytest.fixture(scope="module")
def good_ledger(warehouse: Warehouse) -> list[pd.DataFrame]:
    """Build the good book's revenue once."""
    return ledger(warehouse.build(GOOD, *REVENUE_MARTS, as_of=AS_OF))


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([item("x", "one", "2024-01-01", None, "999999999999.999999")], "above"),
        ([item("x", "one", "2024-01-01", None, 10**9, quantity=10**12)], "above"),
        ([item("x", "one", "2024-01-01", None, 10**9, quantity=10**11)], MUCH),
        ([item("x", "one", "2024-01-01", None, 10**10, "day", quantity=2)], MUCH),
        ([item(f"x{n}", "one", "2024-01-01", None, 3 * 10**11) for n in (1, 2)], MUCH),
        ([item("x", "one", "2024-01-01", interval_count=2**31 - 1)], "above 3660"),
        ([item("x", "one", "2024-01-01", discount_amount=10**14)], "above"),
        ([item("x", "one", "9999-12-31")], "after 2199-12-31"),
    ],
)
def test_an_extreme_item_of_a_good_account_leaves_its_revenue_as_it_was(
    warehouse: Warehouse,
    good_ledger: list[pd.DataFrame],
    rows: list[Row],
    rule: str,
) -> None:
    marts = (*REVENUE_MARTS, "fct_quarantined_rows")
    items = [*GOOD["subscription_items"], *rows]
    book = warehouse.build(GOOD | {"subscription_items": items}, *marts, as_of=AS_OF)
    for found, expected in zip(ledger(book), good_ledger, strict=True):
        pd.testing.assert_frame_equal(found, expected)
    named = book.query("select source_line, rule from fct_quarantined_rows order by 1")
    assert list(named["source_line"]) == [5 + at for at in range(len(rows))]
    assert all(text.startswith(rule) for text in named["rule"])


LONG_AND_RICH = {
    "before the first policy": [item("old", "old", "1990-01-01")],
    "a book at its limit": [
        item("r", "rich", "2024-01-01", None, 99_999_999_999),
        item("s", "richer", "2024-01-01", "2025-01-01", 299_000_000_000),
    ],
    "at its limit for thirty years": [
        item("r", "rich", "1995-01-01", None, 399_000_000_000)
    ],
}


@pytest.mark.parametrize("kind", LONG_AND_RICH)
def test_what_the_contract_allows_is_published(warehouse: Warehouse, kind: str) -> None:
    items = [*LONG_AND_RICH[kind], item("i", "plain", "2024-01-01", None, 100)]
    book = warehouse.build(
        {"subscription_items": items}, *marts_of(warehouse), as_of=AS_OF
    )
    assert book.broken_laws() == []
    assert book.table("fct_quarantined_rows").empty


def write_extremes(landing: Path, table: Table) -> int:
    """Write a sample table anew as CSV, with a row for each extreme; count those."""
    folder = landing / table.source
    found = sorted(folder.glob(f"{table.name}.parquet"))
    found = found or sorted(folder.glob(f"{table.name}/*.parquet"))
    # Not every table of a connector stands in the sample.
    rows = pd.DataFrame([{column.name: usual(column) for column in table.columns}])
    if found:
        with duckdb.connect() as con:
            con.execute("set TimeZone = 'UTC'")
            rows = con.sql(
                "select cast(columns(*) as varchar) from "
                f"read_parquet({[str(path) for path in found]})"
            ).df()
    for path in found:
        path.unlink()
    shutil.rmtree(folder / table.name, ignore_errors=True)
    rows = rows.astype(object).where(rows.notna(), None)
    added = [
        (column.name, value)
        for column in table.columns
        if column.name in rows.columns
        for value in allowed(column)
    ]
    planted = [
        numbered(table, rows.iloc[at % len(rows)].to_dict(), at) | {name: value}
        for at, (name, value) in enumerate(added)
    ]
    every = pd.concat([rows, pd.DataFrame(planted, columns=rows.columns)])
    every.to_csv(folder / f"{table.name}.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    return len(planted)


def test_every_extreme_of_the_connectors_is_built_or_named_and_stops_nobody(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    write_sample_company(landing, tmp_path / "truth", accounts=8, seed=11)
    planted = sum(write_extremes(landing, table) for table in CONNECTORS)
    assert planted > 100
    book = warehouse.build_landing(landing, *marts_of(warehouse), as_of="2025-12-31")
    for load in book.landing.loads:
        assert load.status in ("landed", "absent"), load.message
        assert load.lines_in == load.lines_headers + load.rows_in
    refused_keys = [str(row["row_key"]) for row in book.landing.quarantined]
    assert not [key for key in refused_keys if key.startswith("x")]
    assert book.broken_laws() == []
