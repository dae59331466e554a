"""How near to the limit does the health score come? Asks companies of known truth.

Usage: python -m analyses.health_limit [--seed 7 --seed 11 --seed 23] [--accounts 300]

The limit is the true probability of the label given all that was so at a month end. Of
(its AUC - 0.5) a score reaches a share; the tables say who loses the rest, and
whether the planted effects can be seen in the measures.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import duckdb
import pandas as pd
import typer
from sklearn.metrics import roc_auc_score

from analyses.health_limit.companies import PlayedCompany, play_company
from analyses.health_limit.effects import effects
from analyses.health_limit.fitting import fitted_policy
from analyses.health_limit.limits import unit_chances
from analyses.health_limit.parts import parts_of
from analyses.health_limit.published import (
    KEPT,
    MEASURED,
    build_marts,
    joined,
    read_accounts,
    read_foils,
)
from analyses.health_limit.shares import knowledge, share_of
from analyses.health_limit.units import Label, units_of
from orchestration.compiled_project import (
    CompiledProject,
    compile_project,
    read_compiled_project,
)

SEEDS = (7, 11, 23)
FOILS = ["login_only", "renewal_date_only", "tenure_only"]


def true_units(company: PlayedCompany, replicates: int) -> pd.DataFrame:
    """List the units of a company with labels, true chances and parts of the state."""
    units = unit_chances(company, units_of(company, Label()), Label(), replicates)
    return parts_of(company, units)


def facts_of(
    compiled: CompiledProject, accounts: int, seed: int, replicates: int
) -> pd.DataFrame:
    """Set the truth of a company beside what the warehouse makes of its data."""
    company = play_company(accounts, seed)
    with TemporaryDirectory() as folder:
        con = build_marts(compiled, accounts, seed, Path(folder))
        found, foils = read_accounts(con, MEASURED), read_foils(con, company)
    units = true_units(company, replicates)
    units = units.merge(foils, on=["parent", "day"], how="left")
    return joined(company, units, found).assign(seed=seed)


def published_facts(
    marts: Path, accounts: int, seed: int, replicates: int
) -> pd.DataFrame:
    """Set the truth of a company beside its published marts, which hold no foils."""
    company = play_company(accounts, seed)
    with duckdb.connect(str(marts), read_only=True) as con:
        found = read_accounts(con, KEPT)
    return joined(company, true_units(company, replicates), found).assign(seed=seed)


def measures_of(facts: pd.DataFrame) -> list[str]:
    """Name the measures which the warehouse gave."""
    first = facts.columns.get_loc("health_score") + 1
    return sorted(facts.columns[first:].difference(["mrr", "seed"]))


def main(
    seed: Annotated[list[int], typer.Option(help="Seeds of companies.")] = list(SEEDS),  # noqa: B006
    accounts: Annotated[int, typer.Option(min=50)] = 300,
    replicates: Annotated[int, typer.Option(help="Futures per account.", min=2)] = 100,
    marts: Annotated[
        Path | None, typer.Option(help="Published marts of one seed; else built.")
    ] = None,
    *,
    limit_only: Annotated[bool, typer.Option(help="Build no marts.")] = False,
    fit: Annotated[bool, typer.Option(help="Fit weights and curves too.")] = False,
) -> None:
    """Print per seed the share reached, and over all seeds where the rest is lost."""
    pd.set_option("display.width", 120, "display.float_format", "{:.3f}".format)
    if limit_only:
        for number in seed:
            units = true_units(play_company(accounts, number), replicates)
            typer.echo(limit_line(number, units))
        return
    parts = []
    if marts is None:
        with TemporaryDirectory() as folder:
            compile_project(Path(folder) / "compiled")
            compiled = read_compiled_project(Path(folder) / "compiled")
    for number in seed:
        facts = (
            facts_of(compiled, accounts, number, replicates)
            if marts is None
            else published_facts(marts, accounts, number, replicates)
        )
        parts.append(facts)
        typer.echo(limit_line(number, facts))
        for line in share_lines(facts):
            typer.echo(line)
    facts = pd.concat(parts, ignore_index=True)
    measures = measures_of(facts)
    signals = [*measures, *facts.columns.intersection(["login_only"])]
    typer.echo(f"\nWhat knowledge is worth:\n{knowledge(facts, measures).to_string()}")
    typer.echo(f"\nLog odds of a loss:\n{effects(facts, signals).to_string()}")
    if fit:
        typer.echo(f"\nA fitted policy:\n{fitted_policy(facts, measures).to_string()}")


def limit_line(seed: int, facts: pd.DataFrame) -> str:
    """Say how many units and losses there are, and the limit."""
    limit = roc_auc_score(facts["is_lost"], facts["chance"])
    return (
        f"seed {seed}: {len(facts):,} units, {facts['is_lost'].sum():,} lost"
        f" ({facts['chance'].sum():,.0f} expected), limit AUC {limit:.3f}"
    )


def share_lines(facts: pd.DataFrame) -> list[str]:
    """Say what the score and its foils reach, each on the units that have it."""
    lines = []
    for risk in ["health_score", *facts.columns.intersection(FOILS)]:
        share = share_of(facts, risk, sign=-1)
        lines.append(
            f"  {risk}: AUC {share.auc:.3f} of {share.limit:.3f} on"
            f" {share.units:,} units, share reached {share.reached:.2f}"
            f" [{share.low:.2f}, {share.high:.2f}], expected {share.expected:.2f}"
        )
    return lines


if __name__ == "__main__":
    typer.run(main)
