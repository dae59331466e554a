"""One compile of the dbt project per session; any book's marts in about a second."""

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, settings

from orchestration.compiled_project import (
    CompiledProject,
    CompileError,
    compile_project,
    read_compiled_project,
)
from orchestration.health_memory import Rescore
from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.land import Landing, land
from orchestration.places import PROJECT as PROJECT
from tests.python.books import Tables, write_book

REVENUE_MARTS = ("fct_mrr_movements", "fct_account_mrr_months", "fct_retention")

# Shrinking costs a second per step: `--hypothesis-profile=shrinking` when it is wanted.
settings.register_profile("shrinking", deadline=None)
settings.register_profile(
    "warehouse",
    phases=(Phase.explicit, Phase.generate),
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)
settings.load_profile("warehouse")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the long tests first, so that no worker waits for them at the end."""
    items.sort(
        key=lambda item: (
            "test_a_run_" not in item.nodeid,
            "dbt_build_alone" not in item.nodeid,
        )
    )


@dataclass(frozen=True)
class Book:
    """The marts of one landing, in a private in-memory database."""

    con: duckdb.DuckDBPyConnection
    landing: Landing
    compiled: CompiledProject
    nodes: list[dict[str, Any]]
    landed: Path

    def sql_of(self, node: dict[str, Any]) -> str:
        """Return a node's compiled SQL, reading what this book landed."""
        return self.compiled.sql_of(node, self.landed)

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query; money stays exact (Decimal)."""
        relation = self.con.sql(sql)
        return pd.DataFrame(relation.fetchall(), columns=relation.columns)

    def table(self, name: str) -> pd.DataFrame:
        """Return every row of a model."""
        return self.query(f"select * from {name}")

    def broken_laws(self) -> list[str]:
        """Name the data tests of the built models that do not hold on this book."""
        return sorted(
            node["name"]
            for node in self.compiled.data_tests(self.nodes)
            if self.con.execute(self.sql_of(node)).fetchall()
        )


@dataclass(repr=False)
class Warehouse:
    """Runs the compiled SQL over landings, without dbt's seconds."""

    compiled: CompiledProject
    folder: Path
    contracts: list[Table] = field(default_factory=read_contracts)
    silent: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Stay short in what pytest and hypothesis print of a failure."""
        return f"Warehouse({self.folder})"

    def build(
        self,
        tables: Tables,
        *models: str,
        as_of: str | None = None,
        reporting_currency: str = "USD",
    ) -> Book:
        """Write the tables as files/*.csv, land them, and build the models.

        What rests on connectors alone is empty in such a book. The first book finds
        that out; later ones start from an empty table of the same columns.
        """
        return self._built(
            write_book(self.folder / "landing", tables),
            models or REVENUE_MARTS,
            as_of,
            reporting_currency,
            is_files_only=True,
        )

    def build_landing(
        self,
        landing: Path,
        *models: str,
        as_of: str | None = None,
        reporting_currency: str = "USD",
        is_next_run: bool = False,
        rescore: Rescore | None = None,
        accept: Collection[str] = (),
    ) -> Book:
        """Land any folder and build the models, the revenue marts if none is named.

        A next run remembers what the runs before it captured, and published of health.
        """
        return self._built(
            landing,
            models or REVENUE_MARTS,
            as_of,
            reporting_currency,
            is_files_only=False,
            is_next_run=is_next_run,
            rescore=rescore,
            accept=accept,
        )

    def _built(
        self,
        landing: Path,
        models: tuple[str, ...],
        as_of: str | None,
        reporting_currency: str,
        is_files_only: bool,
        is_next_run: bool = False,
        rescore: Rescore | None = None,
        accept: Collection[str] = (),
    ) -> Book:
        landed = self.folder / "landed"
        if not is_next_run:
            # What an earlier book captured or scored is no past of this one.
            shutil.rmtree(self.folder / "captured", ignore_errors=True)
            shutil.rmtree(self.folder / "health", ignore_errors=True)
            shutil.rmtree(self.folder / "evidence", ignore_errors=True)
        with patch("orchestration.landing.land.read_contracts", lambda: self.contracts):
            result = land(
                landing,
                landed,
                as_of,
                reporting_currency,
                tell=lambda _line: None,
                rescore=rescore,
                accept=accept,
            )
        nodes = self.compiled.upstream(*models)
        con = duckdb.connect(config={"threads": 1})
        con.execute("set TimeZone = 'UTC'")
        con.execute("attach ':memory:' as warehouse; use warehouse")
        book = Book(con, result, self.compiled, nodes, landed)
        silent = {node["name"] for node in nodes if self.compiled.is_silent(node)}
        known = is_files_only and silent <= self.silent.keys()
        for node in nodes:
            name = node["name"]
            if known and name in silent:
                con.execute(self.silent[name])
            elif node.get("language") == "python":
                self.compiled.run_python(node, con)
            else:
                con.execute(self.compiled.creating(node, landed))
        if is_files_only and not known:
            for name in silent:
                assert con.execute(f"from {name} limit 1").fetchall() == [], name
                columns = con.execute(f"describe {name}").fetchall()
                typed = ", ".join(f'"{column[0]}" {column[1]}' for column in columns)
                self.silent[name] = f"create table {name} ({typed})"
        return book


def _shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def compiled(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> CompiledProject:
    """Compile the project once, however many workers there are."""
    folder = _shared_folder(tmp_path_factory, worker_id) / "compiled"
    failure = folder / "failure.txt"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            try:
                compile_project(folder)
            except CompileError as error:
                failure.write_text(str(error), encoding="utf-8")
    if failure.exists():
        pytest.fail(f"dbt compile failed:\n{failure.read_text(encoding='utf-8')}")
    return read_compiled_project(folder)


@pytest.fixture(scope="session")
def warehouse(
    compiled: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """Give a worker its own landing folder to build books in."""
    return Warehouse(compiled, tmp_path_factory.mktemp("warehouse"))


def models_of(manifest: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """List the models of a manifest."""
    return (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
