"""The compiled SQL of the project, to be run without dbt's seconds."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.landing.contract import CAPTURED
from orchestration.landing.raw_files import literal
from orchestration.places import PROJECT


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


class CompileError(Exception):
    """A project that dbt cannot compile; the message is dbt's."""


@dataclass(frozen=True)
class CompiledProject:
    """The compiled SQL of every node, with the state folder it was compiled for."""

    manifest: dict[str, Any]
    state: str
    orders: dict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=dict)
    sources: dict[str, set[str]] = field(default_factory=dict)

    def node(self, name: str) -> dict[str, Any]:
        """Find a model, seed or analysis by name."""
        return next(
            node
            for node in self.manifest["nodes"].values()
            if node["name"] == name
            and node["resource_type"] in ("model", "seed", "analysis")
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
        sources = {name.removesuffix(CAPTURED) for name in self.sources_of(node)}
        sources -= {"run"}
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

    def sql_of(self, node: dict[str, Any], landed: Path) -> str:
        """Return a node's compiled SQL, reading what was landed there."""
        return node["compiled_code"].replace(f"{self.state}/landed", str(landed))

    def creating(self, node: dict[str, Any], landed: Path) -> str:
        """Return the statement that makes a model or seed, as dbt materialises it."""
        if node["resource_type"] == "seed":
            kind, rows = "table", _seed_rows(node)
        else:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            rows = self.sql_of(node, landed)
        return f"create {kind} {node['relation_name']} as {rows}"

    def run_python(self, node: dict[str, Any], con: duckdb.DuckDBPyConnection) -> None:
        """Make the table of a Python model, as dbt does: from its own `model`."""
        module: dict[str, Any] = {}
        exec(node["compiled_code"], module)
        rows = module["model"](module["dbtObj"](con.table), con)
        con.register("python_rows", rows)
        con.execute(f"create table {node['relation_name']} as from python_rows")
        con.unregister("python_rows")


def _seed_rows(node: dict[str, Any]) -> str:
    types = ", ".join(
        f"'{column}': '{kind}'"
        for column, kind in node["config"]["column_types"].items()
    )
    path = literal(str(PROJECT / node["original_file_path"]))
    return f"select * from read_csv({path}, header = true, types = {{{types}}})"


def compile_project(folder: Path) -> None:
    """Have dbt compile the project for a state folder that holds nothing yet.

    Raises:
        CompileError: dbt found something wrong.
    """
    state = folder / "state"
    state.mkdir(parents=True)
    done = run_dbt("compile", "--quiet", state=state, target=folder / "target")
    if done.returncode:
        raise CompileError(done.stdout)


def read_compiled_project(folder: Path) -> CompiledProject:
    """Read what `compile_project` left in its folder."""
    manifest = (folder / "target" / "manifest.json").read_text(encoding="utf-8")
    return CompiledProject(json.loads(manifest), str(folder / "state"))
