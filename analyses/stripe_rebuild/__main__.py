"""How true is the item history rebuilt from Stripe? Asks a company of known truth.

Usage: python -m analyses.stripe_rebuild [--seed 7 --seed 11 --seed 23]

First each company as it is, seen once, at its end: what every kind of change loses.
Then with half its contracts changed once more in silence (proration_behavior none):
seen once, and in monthly and weekly runs over the last half year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pandas as pd
import typer

from analyses.stripe_rebuild.accuracy import Grid, by_kind, compare, judge
from analyses.stripe_rebuild.rebuilding import rebuild
from analyses.stripe_rebuild.truth import true_changes, true_versions
from orchestration.compiled_project import (
    CompiledProject,
    compile_project,
    read_compiled_project,
)
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.replays import play_billing

SEEDS = (7, 11, 23)
ACCOUNTS = 300
SILENT = Parameters(silent_change_share=0.5)
RUNS_FROM = pd.Timestamp("2025-07-01")
WEEKS = 26


@dataclass(frozen=True)
class Verdict:
    """What was rebuilt of one company beside its truth."""

    grid: Grid
    judged: pd.DataFrame
    rebuilt: pd.DataFrame


def ask(
    compiled: CompiledProject,
    seed: int,
    parameters: Parameters,
    runs: Sequence[date],
    accounts: int = ACCOUNTS,
) -> Verdict:
    """Play a company, run once per day of `runs`, and compare with the truth."""
    billing = play_billing(accounts, seed, parameters)
    true = true_versions(billing)
    with TemporaryDirectory() as folder:
        rebuilt = rebuild(compiled, billing, Path(folder), runs)
    grid = compare(true, rebuilt, pd.Timestamp(parameters.last_day))
    judged = judge(true_changes(billing, true), true, rebuilt, grid)
    return Verdict(grid, judged, rebuilt)


def month_ends(last_day: date) -> list[date]:
    """List the last days of June to November, and the last day."""
    firsts = pd.date_range(RUNS_FROM, last_day, freq="MS")
    return [(first - pd.Timedelta(days=1)).date() for first in firsts] + [last_day]


def week_ends(last_day: date) -> list[date]:
    """List the last day and the same weekday of the weeks before it."""
    return [last_day - timedelta(weeks=week) for week in range(WEEKS, -1, -1)]


def main(
    seed: Annotated[list[int], typer.Option(help="Seeds of companies.")] = list(SEEDS),  # noqa: B006
    accounts: Annotated[int, typer.Option(min=50)] = ACCOUNTS,
) -> None:
    """Print shares of days and dates by kind of change."""
    pd.set_option("display.width", 120, "display.max_columns", 20)
    plain, last = Parameters(), Parameters().last_day
    judged = []
    with TemporaryDirectory() as folder:
        compile_project(Path(folder) / "compiled")
        compiled = read_compiled_project(Path(folder) / "compiled")
    typer.echo(f"As it is, {accounts} accounts, seen once, on {last}:")
    for number in seed:
        verdict = ask(compiled, number, plain, [last], accounts)
        judged.append(verdict.judged)
        grid = verdict.grid
        wrong = int((grid.paying & ~grid.equal).sum())
        typer.echo(
            f"  seed {number}: MRR equals the truth on {grid.share_equal():.4%} of"
            f" {int(grid.paying.sum()):,} account-days, {wrong} are wrong"
        )
    typer.echo(f"\n{by_kind(pd.concat(judged)).to_string()}\n")
    schedules = {"once": [last], "monthly": month_ends(last), "weekly": week_ends(last)}
    typer.echo(
        f"Half of all contracts changed in silence, account-days from {RUNS_FROM:%F}:"
    )
    for number in seed:
        for name, runs in schedules.items():
            verdict = ask(compiled, number, SILENT, runs, accounts)
            late = verdict.judged.loc[verdict.judged["changed_on"] >= RUNS_FROM]
            silent = late.loc[late["kind"].str.endswith("no record")]
            typer.echo(
                f"  seed {number}, {name}: {verdict.grid.share_equal(RUNS_FROM):.3%};"
                f" {len(silent)} silent changes off by"
                f" {silent['days_off'].median():.0f} days at the median,"
                f" {silent['days_off'].max():.0f} at worst,"
                f" {int(silent['days_off'].isna().sum())} not found"
            )


if __name__ == "__main__":
    typer.run(main)
