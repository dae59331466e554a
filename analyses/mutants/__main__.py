"""Count how many wrong versions of the revenue SQL the tests catch.

`make mutants` changes one operator, term, default or day of one compiled model at a
time, rebuilds what rests on it on a few books, and asks the oracle, the worked cases
and the laws. A survivor is a hole in the tests, or a change that changes nothing.
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path
from random import Random
from threading import Timer

from analyses.mutants.judges import MARTS, judges, verdict
from analyses.mutants.mutations import mutants_of
from orchestration.compiled_project import compile_project, read_compiled_project
from tests.python.conftest import Warehouse

FOLDERS = (
    *("intermediate/revenue/", "intermediate/retention/"),
    *("marts/revenue/", "marts/retention/"),
)
SECONDS = 30


def main() -> None:
    """Run the mutants that were asked for and print what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="share of mutants run")
    parser.add_argument("--only", default="", help="part of the models' names")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compile_project(folder / "compiled")
        compiled = read_compiled_project(folder / "compiled")
        numbers = iter(range(1000))
        panel = judges(lambda: Warehouse(compiled, folder / f"book{next(numbers)}"))
        for judge in panel:
            judge.check(judge.book)
        targets = [
            node
            for node in compiled.upstream(*MARTS)
            if node["resource_type"] == "model"
            and any(part in node["original_file_path"] for part in FOLDERS)
            and options.only in node["name"]
        ]
        total: Counter[str] = Counter()
        for node in targets:
            counts: Counter[str] = Counter()
            survivors = []
            for mutant in mutants_of(node["compiled_code"], options.share, random):
                for judge in panel:
                    timer = Timer(SECONDS, judge.book.con.interrupt)
                    timer.start()
                    killed_by = verdict(judge, node["name"], mutant.sql)
                    timer.cancel()
                    if killed_by:
                        break
                counts[killed_by or "survived"] += 1
                if not killed_by:
                    survivors.append(mutant)
            total += counts
            print(f"{node['name']}: {_told(counts)}", flush=True)
            for mutant in survivors:
                print(f"    {mutant.rule}: {mutant.before}  =>  {mutant.after}")
    print(f"all: {_told(total)}")


def _told(counts: Counter[str]) -> str:
    """Tell how many of the mutants that run were caught, and by whom."""
    run = counts.total() - counts["does not run"]
    killed = run - counts["survived"]
    by = ", ".join(f"{judge} {count}" for judge, count in counts.most_common())
    share = f" ({killed / run:.0%})" if run else ""
    return f"{killed} of {run} caught{share}; {by or 'nothing to change'}"


if __name__ == "__main__":
    main()
