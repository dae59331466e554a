"""The time-to-value page of the report, from real marts of a simulated company."""

import re
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.report.report import write_report
from orchestration.report.survival_charts import at_risk_on, drawable
from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Warehouse

MARTS = (
    "dim_accounts",
    "fct_time_to_value_cohorts",
    "fct_time_to_value_curves",
    "fct_time_to_value_shares",
    "fct_onboarding_stalls",
)
FIGURES = ("time-to-value-curve", "time-to-value-by-outcome", "time-to-value-by-tier")


@pytest.fixture(scope="module")
def marts(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the marts of a company in its fourth month, when many still wait."""
    folder = tmp_path_factory.mktemp("time-to-value")
    write_sample_company(folder / "landing", folder / "truth", accounts=100, seed=5)
    book = warehouse.build_landing(folder / "landing", *MARTS, as_of="2024-04-20")
    path = folder / "marts.duckdb"
    book.con.execute(f"attach '{path}' as published")
    for name in MARTS:
        book.con.execute(f"create table published.{name} as from {name}")
    book.con.execute("detach published")
    return path


@pytest.fixture(scope="module")
def section(marts: Path) -> str:
    page = marts.with_name("report.html")
    write_report(marts, page)
    found = re.search(
        r'<section id="time-to-value">(.*?)</section>',
        page.read_text("utf-8"),
        flags=re.DOTALL,
    )
    assert found is not None
    return found[1]


def words(section: str) -> str:
    text = re.sub(r"<(script|svg).*?</\1>", "", section, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def ask(marts: Path, query: str) -> list[tuple]:
    with duckdb.connect(marts, read_only=True) as con:
        return con.execute(query).fetchall()


def test_the_page_draws_the_book_and_its_segments(section: str):
    for name in FIGURES:
        assert f'id="{name}"' in section
    assert section.count("<svg") == len(FIGURES)


def test_the_table_has_the_shares_of_the_mart_with_their_numbers_at_risk(
    section: str, marts: Path
):
    expected = ["the whole book"]
    [(accounts,)] = ask(
        marts,
        "select account_count from fct_time_to_value_cohorts"
        " where segment_dimension = 'all'",
    )
    expected.append(str(accounts))
    for rate, at_risk in ask(
        marts,
        "select reached_rate, at_risk_count from fct_time_to_value_shares"
        " where segment_dimension = 'all' order by within_days",
    ):
        expected += ["–" if rate is None else f"{rate:.1%}", str(at_risk)]
    assert " ".join(expected) in words(section)


def test_the_mean_of_achievers_is_never_shown_without_its_bias(section: str):
    text = words(section)
    assert "Mean of achievers, biased" in text
    assert re.search(r"mean of achievers alone, \d+ days, is biased", text)


def test_stalled_onboardings_are_listed_by_what_they_pay(section: str, marts: Path):
    stalls = ask(
        marts,
        "select account_name, replace(missing_step, '_', ' ')"
        " from fct_onboarding_stalls inner join dim_accounts using (account_id)"
        " order by fct_onboarding_stalls.current_mrr desc, account_id",
    )
    assert len(stalls) > 1
    text = words(section)
    places = [text.index(name) for name, _ in stalls[:15]]
    assert places == sorted(places)
    assert all(step in text for _, step in stalls[:15])


def test_a_curve_starts_with_everybody_and_ends_where_few_are_at_risk():
    curve = pd.DataFrame(
        {
            "waited_days": [4, 9, 30, 31],
            "at_risk_count": [40, 39, 5, 3],
            "not_reached_rate": [0.9, 0.8, 0.3, 0.2],
            "reached_rate": [0.1, 0.2, 0.7, 0.8],
        }
    )
    drawn = drawable(curve)
    assert list(drawn["waited_days"]) == [0, 4, 9, 30]
    assert drawn["not_reached_rate"].iloc[0] == 1.0
    assert [at_risk_on(curve, day) for day in (0, 4, 5, 30, 32)] == [40, 40, 39, 5, 0]
