"""Rebuild what rests on one changed model, no further than something changes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from analyses.mutants.topics import is_mart
from tests.python.conftest import Book

Print = tuple[Any, ...]


def _kind(node: dict[str, Any]) -> str:
    return "view" if node["config"]["materialized"] == "view" else "table"


@dataclass(frozen=True)
class Rebuilding:
    """A built book, and what each of its models held when it was right."""

    book: Book
    prints: dict[str, Print] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the prints of every model."""
        for node in self.book.nodes:
            if node["resource_type"] == "model":
                self.prints[node["unique_id"]] = self._print(node)

    def _print(self, node: dict[str, Any]) -> Print:
        """Return what tells a model's rows from others, in no order."""
        name = node["relation_name"]
        rows = self.book.con.execute(f"select count(*), sum(hash(t)) from {name} as t")
        return tuple(rows.fetchall()[0])

    @contextmanager
    def changed(
        self,
        name: str,
        sql: str,
        is_rebuilt: Callable[[dict[str, Any]], bool] = lambda _node: True,
    ) -> Iterator[set[str]]:
        """Build a model's other SQL and what rests on it; give the ids that differ.

        Everything happens inside a transaction that is rolled back.
        """
        con = self.book.con
        con.execute("begin transaction")
        try:
            yield self._rebuild(name, sql, is_rebuilt)
        finally:
            con.execute("rollback")

    def _rebuild(
        self, name: str, sql: str, is_rebuilt: Callable[[dict[str, Any]], bool]
    ) -> set[str]:
        changed: set[str] = set()
        for node in self.book.nodes:
            is_mutant = node["name"] == name
            parents = set(node["depends_on"].get("nodes", ()))
            if not is_mutant and not parents & changed:
                continue
            kind = _kind(node)
            if not is_mutant and not is_rebuilt(node) and kind == "table":
                continue
            if is_mutant or kind == "table":
                code = sql if is_mutant else self.book.sql_of(node)
                self.book.con.execute(
                    f"create or replace {kind} {node['relation_name']} as {code}"
                )
            if self._print(node) != self.prints[node["unique_id"]]:
                changed.add(node["unique_id"])
        return changed

    def is_published_otherwise(self, name: str, sql: str) -> bool:
        """Tell whether a model's other SQL changes any row of any mart."""
        if not any(node["name"] == name for node in self.book.nodes):
            return False
        with self.changed(name, sql) as changed:
            return any(
                node["unique_id"] in changed and is_mart(node)
                for node in self.book.nodes
            )
