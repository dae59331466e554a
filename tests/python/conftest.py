"""One compile of the dbt project per session; any book's marts in about a second."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, settings

from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.land import Landing, land
from tests.python.books import Tables, write_book

PROJECT = Path(__file__).parents[2]
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
    """Start the one long test first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: "dbt_build_alone" not in item.nodeid)


def run_dbt(
    *arguments: str, state: Path, target: Path, project: Path = PROJECT
) -> subprocess.CompletedProcess[str]:
    """Run dbt in a process of its own, with its own state and target."""
    return subprocess.run(
        [
            *(str(Path(sys.executable).with_name("dbt")), "--no-use-colors"),
            *arguments,
            *("--project-dir", str(project), "--profiles-dir", str(project)),
            *("--target-path", str(target), "--log-path", str(target / "logs")),
        ],
        env=os.environ | {"WAREHOUSE_STATE": str(state), "DO_NOT_TRACK": "1"},
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True)
class CompiledProject:
    """The compiled SQL of every node, with the state folder it was compiled for."""

    manifest: dict[str, Any]
    state: str
    orders: dict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)

    def node(self, name: str) -> dict[str, Any]:
        """Find a model or seed by name."""
        return next(
            node
            for node in self.manifest["nodes"].values()
            if node["name"] == name and node["resource_type"] in ("model", "seed")
        )

    def upstream(self, *names: str) -> list[dict[str, Any]]:
        """List the named models and all they need, each behind its parents."""
        if names not in self.orders:
            ordered: dict[str, dict[str, Any]] = {}

            def visit(node_id: str) -> None:
                node = self.manifest["nodes"].get(node_id)
                if node is None or node_id in ordered:
                    return
                for parent in node["depends_on"].get("nodes", ()):
                    visit(parent)
                ordered[node_id] = node

            for name in names:
                visit(self.node(name)["unique_id"])
            self.orders[names] = list(ordered.values())
        return self.orders[names]

    def sources_of(self, node: dict[str, Any]) -> set[str]:
        """Name the landed sources that a node rests on, however far below."""
        node_id = node["unique_id"]
        if node_id not in self.sources:
            found: set[str] = set()
            for parent in node["depends_on"].get("nodes", ()):
                if parent.startswith("source."):
                    found.add(self.manifest["sources"][parent]["source_name"])
                else:
                    found |= self.sources_of(self.manifest["nodes"][parent])
            self.sources[node_id] = found
        return self.sources[node_id]

    def is_silent(self, node: dict[str, Any]) -> bool:
        """Tell whether a node has no rows where only files/ are landed."""
        sources = self.sources_of(node) - {"run"}
        return bool(sources) and "files" not in sources

    def data_tests(self, nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """List the data tests that read only the given nodes."""
        known = {node["unique_id"] for node in nodes if not self.is_silent(node)}
        return [
            node
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "test"
            and set(node["depends_on"]["nodes"]) <= known
        ]


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
        return node["compiled_code"].replace(
            f"{self.compiled.state}/landed", str(self.landed)
        )

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
            if self.con.execute(self.sql_of(node)).fetchone() is not None
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
    ) -> Book:
        """Land any folder and build the models, the revenue marts if none is named."""
        return self._built(
            landing,
            models or REVENUE_MARTS,
            as_of,
            reporting_currency,
            is_files_only=False,
        )

    def _built(
        self,
        landing: Path,
        models: tuple[str, ...],
        as_of: str | None,
        reporting_currency: str,
        is_files_only: bool,
    ) -> Book:
        landed = self.folder / "landed"
        with patch("orchestration.landing.land.read_contracts", lambda: self.contracts):
            result = land(
                landing, landed, as_of, reporting_currency, tell=lambda _line: None
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
            elif node["resource_type"] == "seed":
                con.execute(_seed_sql(node))
            else:
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                con.execute(
                    f"create {kind} {node['relation_name']} as {book.sql_of(node)}"
                )
        if is_files_only and not known:
            for name in silent:
                assert con.execute(f"from {name} limit 1").fetchall() == [], name
                columns = con.execute(f"describe {name}").fetchall()
                typed = ", ".join(f'"{column[0]}" {column[1]}' for column in columns)
                self.silent[name] = f"create table {name} ({typed})"
        return book


def _seed_sql(node: dict[str, Any]) -> str:
    types = ", ".join(
        f"'{column}': '{kind}'"
        for column, kind in node["config"]["column_types"].items()
    )
    path = PROJECT / node["original_file_path"]
    return (
        f"create table {node['relation_name']} as "
        f"select * from read_csv('{path}', header = true, types = {{{types}}})"
    )


def _shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="session")
def compiled(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> CompiledProject:
    """Compile the project once, however many workers there are."""
    folder = _shared_folder(tmp_path_factory, worker_id) / "compiled"
    state, target = folder / "state", folder / "target"
    failure = folder / "failure.txt"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            state.mkdir(parents=True)
            done = run_dbt("compile", "--quiet", state=state, target=target)
            if done.returncode:
                failure.write_text(done.stdout, encoding="utf-8")
    if failure.exists():
        pytest.fail(f"dbt compile failed:\n{failure.read_text(encoding='utf-8')}")
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return CompiledProject(manifest, str(state))


@pytest.fixture(scope="session")
def warehouse(
    compiled: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> Warehouse:
    """Give a worker its own landing folder to build books in."""
    return Warehouse(compiled, tmp_path_factory.mktemp("warehouse"))


def models_of(manifest: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """List the models of a manifest."""
    return (n for n in manifest["nodes"].values() if n["resource_type"] == "model")
