"""Count how many wrong versions of the SQL are caught, and how many by dbt alone.

`make mutants` draws wrong versions of the models by a seed: one operator, term,
default, branch, order or column changed in one compiled model. Each is first given to
what `dbt build` of its topic runs on a landed sample, unit tests and data tests, and,
if that stays green, to the oracle, the worked cases and the laws on the books that
judge. What changes no row of any mart, on the sample and on those books, is left out.
A survivor is a hole in the tests.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import duckdb
import yaml

from analyses.mutants.dbt_build import DOES_NOT_RUN, TopicBuild
from analyses.mutants.judges import Judge, caught_by, judges
from analyses.mutants.mutations import Mutant, mutant_at, places_of
from analyses.mutants.rebuilding import Rebuilding
from analyses.mutants.topics import TOPICS, models_of_topic, sql_models
from analyses.mutants.unit_tests import unit_tests_of
from orchestration.compiled_project import (
    PROJECT,
    CompiledProject,
    compile_project,
    read_compiled_project,
)
from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Warehouse

SECONDS = 30
SAMPLE = {"accounts": 40, "seed": 1}
EQUIVALENT, SURVIVED = "changes nothing published", "survived"


def read_variables() -> dict[str, Any]:
    """Read the vars of the project."""
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    variables: dict[str, Any] = yaml.safe_load(text)["vars"]
    return variables


class Panel:
    """Everybody who is asked about a mutant."""

    def __init__(self, compiled: CompiledProject, folder: Path) -> None:
        """Build the sample and the judges' books."""
        numbers = iter(range(1000))

        def make() -> Warehouse:
            return Warehouse(compiled, folder / f"book{next(numbers)}")

        models = sql_models(compiled)
        write_sample_company(folder / "sample", folder / "truth", **SAMPLE)
        sample = Rebuilding(make().build_landing(folder / "sample", *models))
        unit_tests = unit_tests_of(sample.book, read_variables())
        self.sample = sample
        self.builds = {topic: TopicBuild(topic, sample, unit_tests) for topic in TOPICS}
        self.judges = judges(make, models)

    def verdict(self, topic: str, node: dict[str, Any], sql: str) -> tuple[str, str]:
        """Say who catches a mutant, and what of theirs goes red."""
        with self._within(SECONDS, self.sample):
            red, is_published = self.builds[topic].red(node, sql)
        if red and red.startswith(DOES_NOT_RUN):
            return DOES_NOT_RUN, red.splitlines()[0]
        name = node["name"]
        books = [self.sample, *(judge.rebuilding for judge in self.judges)]
        try:
            if not is_published and not any(
                self._is_published_otherwise(book, name, sql) for book in books
            ):
                return EQUIVALENT, ""
            if red:
                return "dbt build", red
            for judge in self.judges:
                if self._caught_by(judge, name, sql):
                    return "others", judge.name
        except duckdb.Error as error:
            return DOES_NOT_RUN, str(error).splitlines()[0]
        return SURVIVED, ""

    def _is_published_otherwise(self, book: Rebuilding, name: str, sql: str) -> bool:
        with self._within(SECONDS, book):
            return book.is_published_otherwise(name, sql)

    def _caught_by(self, judge: Judge, name: str, sql: str) -> str | None:
        with self._within(SECONDS, judge.rebuilding):
            return caught_by(judge, name, sql)

    @contextmanager
    def _within(self, seconds: float, rebuilding: Rebuilding) -> Iterator[None]:
        """Stop a query that runs for too long."""
        timer = Timer(seconds, rebuilding.book.con.interrupt)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def drawn(
    compiled: CompiledProject, topics: list[str], only: str, count: int, seed: int
) -> list[tuple[str, dict[str, Any], Mutant]]:
    """Draw mutants of the models of some topics, all of them for a count of 0."""
    places = [
        (topic, node, place)
        for topic in topics
        for node in models_of_topic(compiled, topic)
        if only in node["name"]
        for place in places_of(node["compiled_code"])
    ]
    chosen = sorted(
        Random(seed).sample(range(len(places)), min(count or len(places), len(places)))
    )
    print(f"{len(chosen)} of {len(places)} mutants are drawn, by seed {seed}")
    return [
        (topic, node, mutant_at(node["compiled_code"], place))
        for topic, node, place in (places[number] for number in chosen)
    ]


def main() -> None:
    """Run the mutants that were asked for and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="drawn; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--topic", action="append", choices=TOPICS, default=[])
    parser.add_argument("--only", default="", help="part of the models' names")
    parser.add_argument("--all", action="store_true", help="tell of the caught too")
    parser.add_argument("--compiled", type=Path, help="a folder compiled before")
    options = parser.parse_args()
    topics = options.topic or ["revenue", "retention", "accounts"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not options.compiled:
            compile_project(folder / "compiled")
        compiled = read_compiled_project(options.compiled or folder / "compiled")
        mutants = drawn(compiled, topics, options.only, options.count, options.seed)
        panel = Panel(compiled, folder)
        counts: dict[str, Counter[str]] = {topic: Counter() for topic in topics}
        started = time.monotonic()
        for topic, node, mutant in mutants:
            verdict, red = panel.verdict(topic, node, mutant.sql)
            counts[topic][verdict] += 1
            if options.all or verdict in (SURVIVED, "others"):
                told = f"{mutant.before}  =>  {mutant.after}".replace("\n", " ")
                by = f"{verdict} ({red})" if red else verdict
                print(f"{node['name']}: {by}: {mutant.rule}: {told}", flush=True)
        print(f"{time.monotonic() - started:.0f} seconds")
    for topic in topics:
        print(f"{topic}: {told_of(counts[topic])}")
    print(f"all: {told_of(sum(counts.values(), Counter()))}")


def told_of(counts: Counter[str]) -> str:
    """Tell how many of the mutants that publish something else were caught."""
    wrong = counts.total() - counts[DOES_NOT_RUN] - counts[EQUIVALENT]
    alone = counts["dbt build"]
    whole = alone + counts["others"]
    shares = f" ({alone / wrong:.1%} and {whole / wrong:.1%})" if wrong else ""
    return (
        f"{counts.total()} drawn, {counts[DOES_NOT_RUN]} do not run, "
        f"{counts[EQUIVALENT]} change nothing published; of the other {wrong}, "
        f"dbt build alone catches {alone}, all tests {whole}{shares}"
    )


if __name__ == "__main__":
    main()
