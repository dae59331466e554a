"""What `dbt build --select <topic>` says of a wrong model, on a landed sample."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from analyses.mutants.rebuilding import Rebuilding
from analyses.mutants.topics import is_mart, topic_of
from analyses.mutants.unit_tests import UnitTests

DOES_NOT_RUN = "does not run"


@dataclass(frozen=True)
class TopicBuild:
    """The nodes that dbt builds and tests where the folders of a topic are selected."""

    topic: str
    sample: Rebuilding
    unit_tests: UnitTests

    @cached_property
    def data_tests(self) -> list[dict[str, Any]]:
        """List the data tests that stop a build, hold now, and read the topic."""
        book = self.sample.book
        ids = {node["unique_id"] for node in book.nodes if topic_of(node) == self.topic}
        return [
            test
            for test in book.compiled.data_tests(book.nodes)
            if ids & set(test["depends_on"]["nodes"])
            and test["config"]["severity"].lower() == "error"
            and not book.con.execute(book.sql_of(test)).fetchall()
        ]

    def red(self, node: dict[str, Any], sql: str) -> tuple[str | None, bool]:
        """Name what goes red for a model's other SQL, and whether a mart differs.

        Tables of other topics stay as they were, as they do in dbt.
        """
        book = self.sample.book
        marts = {other["unique_id"] for other in book.nodes if is_mart(other)}
        try:
            failing = self.unit_tests.failing(node["name"], sql)
            with self.sample.changed(
                node["name"], sql, lambda other: topic_of(other) == self.topic
            ) as changed:
                is_published = bool(changed & marts)
                if failing is None and not self._keeps_contract(node, sql):
                    failing = "contract"
                return failing or next(self._broken(changed), None), is_published
        except duckdb.Error as error:
            return f"{DOES_NOT_RUN}: {error}", False

    def _keeps_contract(self, node: dict[str, Any], sql: str) -> bool:
        """Tell whether a mart still has its columns and their types."""
        if not is_mart(node):
            return True
        con = self.sample.book.con
        told = {name: column["data_type"] for name, column in node["columns"].items()}
        typed = ", ".join(f"cast(null as {told[name]}) as {name}" for name in told)
        described = [
            [row[:2] for row in con.execute(f"describe {query}").fetchall()]
            for query in (f"(select {typed})", f"({sql})")
        ]
        return described[0] == described[1]

    def _broken(self, changed: set[str]) -> Iterator[str]:
        """Yield the data tests of what changed that do not hold."""
        book = self.sample.book
        for test in self.data_tests:
            is_asked = changed & set(test["depends_on"]["nodes"])
            if is_asked and book.con.execute(book.sql_of(test)).fetchall():
                yield test["name"]
