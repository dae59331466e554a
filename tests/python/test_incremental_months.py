"""Runs that add to the months give what a whole build gives, and touch no more."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from orchestration.manifest import is_project_changed, remember_project
from orchestration.places import PROJECT, Places
from tests.python.books import Tables, item
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF, random_book

MART = "fct_account_mrr_months"
# Added to what was written, to see afterwards which rows were written anew.
MARK = 100_000_000_000
ROWS = f"select mrr_month, closing_mrr >= {MARK} as is_marked, * from {MART}"


def dbt(folder: Path, *arguments: str, manifest: Manifest | None = None) -> Any:
    """Run dbt in this process, where a parsed project can be used again."""
    places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet"]
    places += ["--target-path", str(folder), "--log-path", str(folder)]
    done = dbtRunner(manifest=manifest).invoke([*arguments, *places])
    assert done.success, done.exception or done.result
    return done.result


@dataclass(frozen=True)
class State:
    """A private database that run after run adds to, by dbt itself."""

    warehouse: Warehouse
    folder: Path
    manifest: Manifest

    @property
    def database(self) -> Path:
        return self.folder / "warehouse.duckdb"

    def run(self, tables: Tables, as_of: str, currency: str = "USD") -> set[date]:
        """Let dbt write the mart, hold it to a whole build, name the months written.

        What the mart rests on is copied from that build: it is the same either way.
        """
        book = self.warehouse.build(
            tables, MART, as_of=as_of, reporting_currency=currency
        )
        whole = book.con.execute(f"from {MART} order by all").fetchall()
        self._copy_parents(book)
        dbt(self.folder, "run", "--select", MART, manifest=self.manifest)
        with duckdb.connect(str(self.database)) as con:
            kept = {row[0] for row in con.execute(ROWS).fetchall() if row[1]}
            con.execute(
                f"update {MART} set closing_mrr = closing_mrr - {MARK}"
                f" where closing_mrr >= {MARK}"
            )
            assert con.execute(f"from {MART} order by all").fetchall() == whole
            con.execute(f"update {MART} set closing_mrr = closing_mrr + {MARK}")
        return {row[1] for row in whole} - kept

    def _copy_parents(self, book: Book) -> None:
        model = self.warehouse.compiled.node(MART)
        parquet = self.folder / "parent.parquet"
        with duckdb.connect(str(self.database)) as con:
            for parent in model["depends_on"]["nodes"]:
                # In a run of all, the staging model is a view; a table will do here.
                name = parent.split(".")[-1]
                book.con.execute(f"copy {name} to '{parquet}' (format parquet)")
                con.execute(f"create or replace table {name} as from '{parquet}'")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """Parse the project once, in this process."""
    return dbt(tmp_path_factory.mktemp("parsed"), "parse")


@pytest.fixture
def state(
    warehouse: Warehouse,
    manifest: Manifest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> State:
    monkeypatch.setenv("WAREHOUSE_STATE", str(tmp_path))
    return State(replace(warehouse, folder=tmp_path), tmp_path, manifest)


def months_between(first: str, last: str) -> set[date]:
    """List the first days of months, both ends included."""
    start, end = date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01")
    numbers = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    return {date(number // 12, number % 12 + 1, 1) for number in numbers}


def rates(of_march: str) -> list[dict[str, Any]]:
    return [
        {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
        for day, rate in (("2024-01-01", "1.1"), ("2025-03-01", of_march))
    ] + [
        {"currency": "USD", "to_currency": "EUR", "valid_from": "2024-01-01"}
        | {"rate": "0.9"}
    ]


def test_late_corrected_deleted_and_merged_rows_give_what_a_whole_build_gives(
    state: State,
) -> None:
    """With 45 days of grace, April is open until 14 June and final from then on."""
    told = [
        item("a", "a", "2024-10-01"),
        item("b", "b", "2024-11-15", unit_amount=40),
        item("c", "c", "2024-12-01", "2025-06-10"),
        item("d", "d", "2024-12-01", currency="EUR"),
    ]
    book = {"subscription_items": told, "exchange_rates": rates("1.2")}
    assert state.run(book, "2025-05-31") == months_between("2024-10", "2025-05")
    # A month later, and again: months that are final and as they were stay untouched.
    assert state.run(book, "2025-06-30") == months_between("2025-04", "2025-06")
    assert state.run(book, "2025-06-30") == months_between("2025-05", "2025-06")

    late = told + [item("e", "e", "2025-02-20", "2025-03-20")]
    book = {"subscription_items": late, "exchange_rates": rates("1.2")}
    assert state.run(book, "2025-06-30") == months_between("2025-02", "2025-06")

    corrected = [*late[1:], item("a", "a", "2024-10-01", "2025-01-10")]
    book = {"subscription_items": corrected, "exchange_rates": rates("1.3")}
    assert state.run(book, "2025-06-30") == months_between("2025-01", "2025-06")

    merged = [{"account_id": "b", "merged_into_account_id": "d"}]
    deleted = [row for row in corrected if row["item_id"] != "c"]
    book = {"subscription_items": deleted, "accounts": merged}
    book |= {"exchange_rates": rates("1.3")}
    assert state.run(book, "2025-06-30") == months_between("2024-11", "2025-06")

    # A whole build has no row behind an earlier day's month, so neither has this.
    assert state.run(book, "2025-02-10") == months_between("2024-12", "2025-02")
    # Amounts without a currency are in the reporting currency: only d's change with it.
    assert state.run(book, "2025-06-30", "EUR") == months_between("2024-12", "2025-06")


def test_what_is_no_more_leaves_no_row_behind(state: State) -> None:
    state.run(random_book(1), AS_OF.isoformat())
    state.run(random_book(2), AS_OF.isoformat())
    gone = {"subscription_items": [item("a", "a", "2024-10-01", "2024-12-01")]}
    state.run(gone, "2025-06-30")


def test_another_project_is_built_whole(tmp_path: Path) -> None:
    places = Places(tmp_path, tmp_path / "published")
    places.target.mkdir(parents=True)
    parsed = places.target / "parsed_content.txt"
    parsed.write_text("one", encoding="utf-8")
    assert is_project_changed(places)
    remember_project(places)
    assert not is_project_changed(places)
    parsed.write_text("two", encoding="utf-8")
    assert is_project_changed(places)
