"""A row that its source deleted counts nowhere, and is told of by name."""

import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing.contract import Column, Table, read_contracts
from orchestration.landing.land import Landing, land
from orchestration.landing.land_table import DELETED_AT, STARTED, Load
from tests.python.conftest import Warehouse
from tests.python.test_connector_modes import write
from tests.python.test_landing import assert_all_rows_told

Row = dict[str, Any]
CONNECTOR_TABLES = [t for t in read_contracts() if t.source != "files"]
LOGS = [table for table in CONNECTOR_TABLES if table.kind == "log"]
DELETED = "_fivetran_deleted"
# How connectors say that a row was deleted, and that it was not.
MARKS: list[tuple[str, Any, Any]] = [
    (DELETED, "true", "false"),
    (DELETED, "TRUE", ""),
    (DELETED, "1.0", "0.0"),
    *[(name, "2025-02-01T00:00:00Z", "") for name in DELETED_AT],
    *[(name, "2025-02-01 00:00:00+00", "null") for name in DELETED_AT],
]


def value(column: Column, number: int) -> Any:
    """Return a value of the column's type, another for each number."""
    if column.values:
        return column.values[0]
    if column.data_type == "string":
        return f"k{number}"
    if column.is_instant:
        return f"2025-01-{number:02d} 00:00:00"
    if column.data_type == "boolean":
        # Rows of the test mode are kept out.
        return "true" if column.name == "livemode" else "false"
    return number


def row(table: Table, number: int) -> Row:
    """Return a row of the table that was not deleted."""
    return {
        column.name: value(column, number)
        for column in table.columns
        if "deleted" not in column.name
    }


def name_of(table: Table) -> str:
    return f"{table.source}.{table.name}"


def landed(folder: Path, **more: Any) -> Landing:
    return land(
        folder / "landing",
        folder / "state" / "landed",
        "2025-06-30",
        "USD",
        tell=lambda _line: None,
        **more,
    )


def load_of(landing: Landing, table: Table) -> Load:
    told = (table.source, table.name)
    return next(load for load in landing.loads if (load.source, load.entity) == told)


def keys(folder: Path, table: Table) -> list[tuple[Any, ...]]:
    """List the keys that were believed."""
    parquet = folder / "state" / "landed" / table.source / f"{table.name}.parquet"
    names = ", ".join(f'"{name}"' for name in table.key)
    query = f"select {names} from read_parquet('{parquet}') order by all"
    return duckdb.sql(query).fetchall()


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: f"{mark[0]}={mark[1]}")
@pytest.mark.parametrize("table", CONNECTOR_TABLES, ids=name_of)
def test_a_deleted_row_is_not_in_force_in_any_table(
    tmp_path: Path, table: Table, mark: tuple[str, Any, Any]
) -> None:
    name, gone, here = mark
    if name in table.column_names and not table.deleted_if:
        pytest.skip("a mark that the models read as it stands")
    rows = [row(table, number) | {name: here} for number in (1, 2, 3, 4)]
    rows[1][name] = rows[3][name] = gone
    write(tmp_path / "landing", table.source, table.name, rows)
    load = load_of(landed(tmp_path), table)
    assert (load.rows_landed, load.rows_deleted) == (2, 2)
    assert load.status == "landed" and load.rows_superseded == 0
    assert_all_rows_told(load)
    assert len(keys(tmp_path, table)) == 2


@pytest.mark.parametrize(
    # Of what is known since it was first received the last receipt is not kept.
    "table",
    [t for t in LOGS if t.key == ("id",) and t.newest_by[0] != "received_at"],
    ids=name_of,
)
@pytest.mark.parametrize("seed", range(4))
def test_of_a_log_the_newest_says_whether_a_row_is_deleted(
    tmp_path: Path, table: Table, seed: int
) -> None:
    """Deliveries come in any order, whole or in part, and files are taken away."""
    drawn = random.Random(seed)
    newest = table.newest_by[0]
    told: dict[str, tuple[int, bool]] = {}
    moments = list(range(1, 25))
    drawn.shuffle(moments)
    for _ in range(6):
        rows = []
        for _ in range(drawn.randint(1, 6)):
            key, moment = f"k{drawn.randint(1, 4)}", moments.pop() if moments else 0
            if not moment:
                break
            is_deleted = drawn.random() < 0.5
            rows.append(
                row(table, 1)
                | {"id": key, newest: f"2025-01-{moment:02d} 00:00:00"}
                | {DELETED: str(is_deleted).lower()}
            )
            told[key] = max(told.get(key, (0, False)), (moment, is_deleted))
        if not rows:
            break
        write(tmp_path / "landing", table.source, table.name, rows)
        load = load_of(landed(tmp_path), table)
        assert_all_rows_told(load)
        expected = sorted(
            key for key, (_, is_deleted) in told.items() if not is_deleted
        )
        assert [key for (key,) in keys(tmp_path, table)] == expected
        again = load_of(landed(tmp_path), table)
        assert (again.rows_landed, again.rows_deleted, again.rows_superseded) == (
            *(load.rows_landed, load.rows_deleted, load.rows_superseded),
        )
        assert_all_rows_told(again)


def test_an_accepted_log_forgets_what_was_deleted(tmp_path: Path) -> None:
    table = next(t for t in LOGS if t.name == "charge")
    rows = [row(table, number) | {DELETED: "false"} for number in (1, 2)]
    old = rows[1] | {"_fivetran_synced": "2025-01-01 00:00:00"}
    gone = rows[1] | {DELETED: "true"}
    for delivered, accept, left in (
        ([rows[0], gone], (), 1),
        ([rows[0], old], (), 1),
        ([rows[0], old], ("stripe.charge",), 2),
        ([rows[0], old], (), 2),
    ):
        write(tmp_path / "landing", table.source, table.name, delivered)
        landed(tmp_path, accept=accept)
        assert len(keys(tmp_path, table)) == left


@pytest.mark.parametrize(
    "table",
    [t for t in CONNECTOR_TABLES if STARTED not in t.column_names],
    ids=name_of,
)
def test_in_history_mode_a_key_without_an_active_version_is_deleted(
    tmp_path: Path, table: Table
) -> None:
    no, yes = {"_fivetran_active": "false"}, {"_fivetran_active": "true"}
    rows = [row(table, 1) | no, row(table, 1) | yes, row(table, 2) | yes]
    rows += [row(table, 3) | no, row(table, 3) | no]
    write(tmp_path / "landing", table.source, table.name, rows)
    load = load_of(landed(tmp_path), table)
    assert (load.rows_landed, load.rows_deleted, load.rows_superseded) == (2, 1, 2)
    assert_all_rows_told(load)


@pytest.mark.parametrize(
    ("source", "table", "gone"),
    [
        ("salesforce", "account", {"is_deleted": "true"}),
        ("salesforce", "contact", {"is_deleted": "true"}),
        ("salesforce", "task", {"is_deleted": "true"}),
        ("salesforce", "opportunity", {"is_deleted": "true"}),
        ("zendesk", "ticket", {"status": "Deleted"}),
        ("zendesk", "ticket", {DELETED: "true"}),
        ("zendesk", "user", {DELETED: "true"}),
    ],
)
def test_a_deleted_row_has_a_fate_of_its_own(
    warehouse: Warehouse, tmp_path: Path, source: str, table: str, gone: Row
) -> None:
    contract = next(t for t in CONNECTOR_TABLES if name_of(t) == f"{source}.{table}")
    here = {name: "false" for name in gone if name != "status"}
    plain = row(contract, 1) | {"status": "open", "master_record_id": ""} | here
    plain = {n: v for n, v in plain.items() if n in contract.column_names or n in here}
    rows = [plain, plain | {"id": "gone"} | gone]
    write(tmp_path, source, table, rows)
    book = warehouse.build_landing(
        tmp_path, "fct_data_quality", "int_load_rows_counted", as_of="2025-06-30"
    )
    told = book.query(
        "select disposition, rule, row_count from fct_data_quality"
        f" where stage = 'load' and entity = '{table}' order by all"
    )
    assert list(told.itertuples(index=False, name=None)) == [
        ("deleted", "deleted by its source", 1),
        ("landed", "none", 1),
    ]
    assert book.broken_laws() == []
