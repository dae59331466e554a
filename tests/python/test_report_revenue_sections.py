"""The revenue pages of the report, from real marts of a small book."""

import re
from pathlib import Path

import duckdb
import pytest

from orchestration.report.report import write_report
from tests.python.books import Tables, item
from tests.python.conftest import Book, Warehouse
from tests.python.test_retention_policies import BOOK

MARTS = (
    "fct_retention",
    "fct_retention_cohorts",
    "fct_renewals",
    "fct_scheduled_mrr_changes",
    "fct_account_committed_mrr_months",
    "fct_mrr_restatements",
    "dim_benchmarks",
)
CONTRACTS = [
    item("c1", "steady2", "2024-01-01", "2025-01-01", contract_end_on="2025-01-01"),
    item("c1", "steady2", "2025-01-01", contract_end_on="2026-01-01"),
    item("c2", "leaving", "2024-02-01", "2025-08-01", contract_end_on="2025-02-01"),
]


def write_marts(book: Book, path: Path) -> Path:
    """Copy the published tables of a book into a file of their own."""
    with duckdb.connect(path) as con:
        for name in MARTS:
            frame = book.table(name)  # noqa: F841
            kinds = book.con.execute(f"describe {name}").fetchall()
            columns = ", ".join(f'"{kind[0]}" {kind[1]}' for kind in kinds)
            con.execute(f"create table {name} ({columns})")
            con.execute(f"insert into {name} select * from frame")
    return path


@pytest.fixture(scope="module")
def sections(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Write the report of the worked book and return its sections by anchor."""
    tables: Tables = {
        "subscription_items": [*BOOK["subscription_items"], *CONTRACTS],
    }
    book = warehouse.build(tables, *MARTS, as_of="2025-03-31")
    folder = tmp_path_factory.mktemp("report")
    page = folder / "report.html"
    write_report(write_marts(book, folder / "marts.duckdb"), page)
    text = re.sub(
        r"<(script|svg).*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL
    )
    found = re.findall(r'<section id="([^"]+)">(.*?)</section>', text, flags=re.DOTALL)
    return {
        anchor: re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
        for anchor, body in found
    }


def test_the_policy_page_says_what_each_step_is_worth(
    sections: dict[str, str],
) -> None:
    page = sections["policies"]
    assert "Why they differ" in page
    # One currency: the rates do not move.
    assert "raw to constant currency Exchange rates moved unchanged unchanged" in page
    # The pause of 100 in the book of test_retention_policies.
    assert re.search(r"left out, rather than lost up [\d.]+ points .*? 100 ", page)


def test_the_cohort_page_reads_a_year_on(sections: dict[str, str]) -> None:
    said = "Of the 10 accounts that started from June 2023 to February 2024, 100.0% pay"
    assert said in sections["cohorts"]


def test_the_renewal_page_tells_won_from_open(sections: dict[str, str]) -> None:
    page = sections["renewals"]
    assert "January 2025 1 100 100 0 0 0 100.0%" in page
    assert "January 2026" not in page  # further off than the page looks


def test_the_scheduled_page_takes_what_is_known_off_mrr(
    sections: dict[str, str],
) -> None:
    page = sections["scheduled"]
    # `leaving` ends in August: known, and not yet churn.
    assert re.search(r"August 2025 churn 1 −100", page)
    assert "is committed" in page


def test_a_book_without_restatements_says_so(sections: dict[str, str]) -> None:
    assert "No month that was published as final has changed" in sections["restated"]
