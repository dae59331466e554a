"""Does the ledger cost by changes? Times it against bare interval SQL and a spine.

Usage: python -m analyses.ledger_benchmark [--customers 3000 --customers 30000]
"""

from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from analyses.ledger_benchmark.contenders import (
    LEDGER,
    MONTHS,
    RIVALS,
    Spent,
    open_arena,
)
from analyses.ledger_benchmark.made_book import land_made_book
from orchestration.compiled_project import (
    CompiledProject,
    compile_project,
    read_compiled_project,
)

# Ten times and a hundred times the sample company.
DEFAULT_SIZES = (3_000, 30_000)
SLOWEST_TOLD = 10


def measure(compiled: CompiledProject, customers: int, rounds: int) -> list[str]:
    """Run everybody in turn over one book and print it; return who disagrees."""
    by_name: dict[str, list[Spent]] = {}
    with TemporaryDirectory() as folder:
        landed = land_made_book(Path(folder), customers)
        arena = open_arena(compiled, Path(folder), landed)
        for turn in range(rounds):
            # Nobody always runs on what the same neighbour left in the caches.
            for name in [LEDGER, *RIVALS][:: -1 if turn % 2 else 1]:
                spent = (
                    arena.run_ledger()
                    if name == LEDGER
                    else {name: arena.run_rival(name)}
                )
                for node, seconds in spent.items():
                    by_name.setdefault(node, []).append(seconds)
        rows = {table: arena.count(table) for table in (LEDGER, *RIVALS, MONTHS)}
        items = arena.count("stg_files__subscription_items")
        found = arena.disagreements()

    spent = {node: _median(seconds) for node, seconds in by_name.items()}
    steps = {node["name"] for node in compiled.upstream(LEDGER)}
    ledger = Spent(*(sum(spent[step][kind] for step in steps) for kind in (0, 1)))
    typer.echo(
        f"\n{customers:,} customers, {items:,} item versions, median of {rounds}:"
        " seconds, processor seconds, rows"
    )
    for name, total in ((LEDGER, ledger), *((rival, spent[rival]) for rival in RIVALS)):
        typer.echo(
            f"  {name:24}{_told(total)} {rows[name]:>12,}  "
            f"{total.wall / ledger.wall:.2f} of the ledger's time"
            f" ({total.processor / ledger.processor:.2f} of its processors')"
        )
    typer.echo(f"  {MONTHS:24}{_told(spent[MONTHS])} {rows[MONTHS]:>12,}  apart, after")
    for step in sorted(spent.keys() - steps - {*RIVALS, MONTHS}):
        typer.echo(f"    {step:38}{_told(spent[step])}")
    typer.echo("  of the ledger's time:")
    slowest = sorted(steps, key=lambda step: -spent[step].processor)
    for step in slowest[:SLOWEST_TOLD]:
        typer.echo(f"    {step:38}{_told(spent[step])}")
    others = [spent[step] for step in slowest[SLOWEST_TOLD:]]
    rest = Spent(*(sum(other[kind] for other in others) for kind in (0, 1)))
    typer.echo(f"    {f'{len(others)} other steps':38}{_told(rest)}")
    for disagreement in found:
        typer.secho(f"  DISAGREE: {disagreement}", fg="red")
    return found


def _median(spent: list[Spent]) -> Spent:
    return Spent(*(median(kind) for kind in zip(*spent, strict=True)))


def _told(spent: Spent) -> str:
    return f"{spent.wall:8.2f}{spent.processor:8.2f}"


def main(
    customers: Annotated[list[int] | None, typer.Option(min=100)] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
) -> None:
    """Print times and ratios for each size of book; fail if the numbers differ."""
    with TemporaryDirectory() as folder:
        compile_project(Path(folder) / "compiled")
        compiled = read_compiled_project(Path(folder) / "compiled")
    if any([measure(compiled, count, rounds) for count in customers or DEFAULT_SIZES]):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
