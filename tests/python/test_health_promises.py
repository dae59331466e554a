"""What the score promises, kept on companies whose truth is known.

Weights were set on companies 1 to 4; these are others.
"""

import duckdb
import pandas as pd
import pytest

from analyses.health_limit.__main__ import true_units
from analyses.health_limit.companies import play_company
from analyses.health_limit.effects import effects
from analyses.health_limit.published import (
    MEASURED,
    joined,
    read_accounts,
    read_foils,
)
from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Book, Warehouse

pytestmark = pytest.mark.simulated

SEEDS = (7, 11, 23)
ACCOUNTS = 300
REPLICATES = 20
MARTS = (
    "fct_account_health_days",
    "fct_health_contributions",
    "fct_health_comparisons",
    "fct_health_validation",
)
# The measures that show the two strongest causes best.
SHOWN = ("feature_breadth", "days_since_champion_left")


@pytest.fixture(scope="module")
def companies(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, dict[str, pd.DataFrame]]:
    """Build the health marts of every company, and set the truth beside them."""
    found = {}
    for seed in SEEDS:
        folder = tmp_path_factory.mktemp(f"company-{seed}")
        write_sample_company(folder / "landing", folder / "truth", ACCOUNTS, seed)
        book = warehouse.build_landing(folder / "landing", *MARTS)
        found[seed] = frames(book, seed)
        book.con.close()
    return found


def frames(book: Book, seed: int) -> dict[str, pd.DataFrame]:
    con: duckdb.DuckDBPyConnection = book.con
    company = play_company(ACCOUNTS, seed)
    units = true_units(company, REPLICATES).merge(
        read_foils(con, company), on=["parent", "day"], how="left"
    )
    return {
        "facts": joined(company, units, read_accounts(con, MEASURED)).assign(seed=seed),
        "comparisons": con.sql(
            "from fct_health_comparisons"
            " where segment_dimension = 'all' and period = 'all'"
        ).df(),
        "validation": con.sql(
            "from fct_health_validation"
            " where segment_dimension = 'all' and period = 'all'"
        ).df(),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_score_beats_logins_by_more_than_chance(companies, seed):
    table = companies[seed]["comparisons"]
    row = table[(table["scorer"] == "health_score") & (table["foil"] == "login_only")]
    assert row["auc_gain_low"].item() > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_vanity_signal_is_exposed(companies, seed):
    """Logins tell nothing of who stays: their interval reaches down to chance."""
    table = companies[seed]["validation"].set_index("scorer")
    assert table.loc["login_only", "auc_low"] < 0.5
    assert table.loc["login_only", "auc"] < table.loc["health_score", "auc"]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_public_formula_is_above_the_score(companies, seed):
    table = companies[seed]["validation"].set_index("scorer")["auc"]
    public = ["product_adoption", "four_part", "good_average_poor"]
    assert (table[public] < table["health_score"]).all()


def test_effects_have_the_signs_that_were_planted(companies):
    """Friction is weak: some 900 customers give its sign, its interval needs 2,400."""
    facts = pd.concat([company["facts"] for company in companies.values()])
    signals = [*SHOWN, "login_only"]
    table = effects(facts.reset_index(drop=True), [*signals, "friction_rate"])
    assert dict(table.loc[signals, "verdict"]) == dict.fromkeys(signals, "as planted")
    assert table.loc["friction_rate", "log_odds"] > 0
