"""The command line that make, people and schedulers share."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from orchestration.places import DEFAULT_LANDING, DEFAULT_PUBLISH, PROJECT, Places

app = typer.Typer(add_completion=False, no_args_is_help=True)

Landing = Annotated[Path, typer.Option(help="One folder per source: files, stripe ...")]
Publish = Annotated[Path, typer.Option(help="Receives marts.duckdb, parquet, report.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="YYYY-MM-DD (its end) or YYYY-MM-DDTHH:MM[:SS], UTC or offset."),
]
Accept = Annotated[
    str,
    typer.Option(help="States to take as delivered: source.table, commas between."),
]
Currency = Annotated[str, typer.Option(help="ISO code that money is reported in.")]
RescoreFrom = Annotated[
    str | None, typer.Option(help="First day whose health is scored anew.")
]
RescoreTo = Annotated[str | None, typer.Option(help="Last such day, else all later.")]
Accounts = Annotated[int, typer.Option(min=1, help="Size of the sample company.")]
Seed = Annotated[int, typer.Option(help="The sample company is the same for a seed.")]


@app.command()
def run(
    landing: Landing = DEFAULT_LANDING,
    publish: Publish = DEFAULT_PUBLISH,
    as_of: AsOf = None,
    currency: Currency = "USD",
    rescore_from: RescoreFrom = None,
    rescore_to: RescoreTo = None,
    accept: Accept = "",
) -> None:
    """Land, build, audit, publish; print the headline."""
    from orchestration.run import RunError, run_daily

    places = Places(landing.resolve(), publish.resolve())
    if not landing.exists() and landing == DEFAULT_LANDING:
        _write_sample(places, 300, 7)
    try:
        run_daily(
            places,
            as_of or None,
            currency,
            rescore_from,
            rescore_to,
            accept=_names(accept),
        )
    except RunError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error


def _names(accept: str) -> list[str]:
    """Split what is accepted by commas or blanks."""
    return accept.replace(",", " ").split()


@app.command()
def sample(
    landing: Landing = DEFAULT_LANDING, accounts: Accounts = 300, seed: Seed = 7
) -> None:
    """Write the sample company's raw data."""
    _write_sample(Places(landing.resolve(), DEFAULT_PUBLISH.resolve()), accounts, seed)


def _write_sample(places: Places, accounts: int, seed: int) -> None:
    from orchestration.sample_company.company import write_sample_company

    typer.echo(f"Sample company of {accounts} accounts into {places.landing}")
    write_sample_company(places.landing, places.truth, accounts=accounts, seed=seed)


@app.command()
def land(
    landing: Landing = DEFAULT_LANDING,
    publish: Publish = DEFAULT_PUBLISH,
    as_of: AsOf = None,
    currency: Currency = "USD",
    rescore_from: RescoreFrom = None,
    rescore_to: RescoreTo = None,
    accept: Accept = "",
) -> None:
    """Land only; `dbt build` does the rest."""
    from orchestration.health_memory import read_rescore
    from orchestration.landing.clock import ClockError
    from orchestration.landing.land import LandingError
    from orchestration.landing.land import land as land_folder
    from orchestration.last_run import settle_last_run
    from orchestration.month_closes import CloseError
    from orchestration.unreadable import UnreadableError

    places = Places(landing.resolve(), publish.resolve())
    try:
        with places.writer_lock():
            settle_last_run(places)
            landed = land_folder(
                places.landing,
                places.landed,
                as_of or None,
                currency,
                rescore=read_rescore(rescore_from, rescore_to),
                accept=_names(accept),
            )
    except (
        *(ClockError, CloseError, LandingError, UnreadableError),
        *(OSError, ValueError),
    ) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"as of {landed.clock.as_of_at} in {places.landed}")


@app.command()
def account(
    account_id: Annotated[str, typer.Argument(help="As in fct_account_health_days.")],
    publish: Publish = DEFAULT_PUBLISH,
    target: Annotated[Path, typer.Option(help="The page.")] = Path("account.html"),
) -> None:
    """Write a page that explains one account's health score."""
    from orchestration.report.report import write_account_page

    try:
        write_account_page(publish.resolve() / "marts.duckdb", target, account_id)
    except KeyError as error:
        typer.secho(error.args[0], fg="red", err=True)
        raise typer.Exit(1) from error
    typer.echo(target)


@app.command()
def docs() -> None:
    """Write the page of the files contract anew."""
    from orchestration.landing.contract_page import PAGE, contract_page

    (PROJECT / PAGE).write_text(contract_page(), encoding="utf-8")
    typer.echo(PAGE)


@app.command()
def dev(landing: Landing = DEFAULT_LANDING, publish: Publish = DEFAULT_PUBLISH) -> None:
    """Serve Dagster's UI on loopback until it is stopped."""
    from orchestration.run import prepare_home

    places = Places(landing.resolve(), publish.resolve())
    prepare_home(places)
    dagster = Path(sys.executable).with_name("dagster")
    arguments = ["dev", "--host", "127.0.0.1", "-m", "orchestration.definitions"]
    raise typer.Exit(subprocess.call([dagster, *arguments], cwd=PROJECT))


if __name__ == "__main__":
    app()
