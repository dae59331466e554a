"""One true `dbt build`, with every data test and unit test, on a small landing."""

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.compiled_project import run_dbt
from orchestration.landing.land import land
from tests.python.books import write_book
from tests.python.conftest import REVENUE_MARTS, Warehouse
from tests.python.random_books import AS_OF, random_book


def small_landing(landing: Path) -> Path:
    """Write a book that has a few rows of everything in the files contract."""
    days = [f"2024-0{month}-{day:02d}" for month in (6, 7, 8) for day in (3, 9, 15)]
    more = {
        "events": [
            {"event_id": f"e{n}", "account_id": "a0", "user_id": f"u{n % 3}"}
            | {"event_name": "report_created", "occurred_at": f"{day} 09:00:00"}
            for n, day in enumerate(days)
        ],
        "tickets": [
            {"ticket_id": f"t{n}", "account_id": "a1", "opened_at": f"{day} 10:00:00"}
            | {"solved_at": f"{day} 12:00:00", "severity": "high"}
            for n, day in enumerate(days)
        ],
        "survey_responses": [
            {"response_id": f"r{n}", "account_id": "a2", "kind": "nps", "score": n}
            | {"responded_at": f"{day} 10:00:00"}
            for n, day in enumerate(days)
        ],
        "contacts": [
            {"contact_id": "c1", "account_id": "a0", "contact_name": "Ann"}
            | {"role": "champion", "joined_on": "2023-01-01"}
        ],
        "users": [{"user_id": "m1", "user_name": "Max", "role": "csm"}],
    }
    return write_book(landing, random_book(31) | more)


def test_dbt_build_alone_builds_tests_and_agrees_with_the_fast_path(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing, state = small_landing(tmp_path / "landing"), tmp_path / "state"
    land(landing, state / "landed", AS_OF.isoformat(), "USD", tell=lambda _line: None)
    done = run_dbt("build", "--quiet", state=state, target=tmp_path / "target")
    assert done.returncode == 0, done.stdout
    results = json.loads(
        (tmp_path / "target" / "run_results.json").read_text(encoding="utf-8")
    )["results"]
    assert {result["status"] for result in results} <= {"success", "pass", "warn"}
    kinds = {result["unique_id"].split(".")[0] for result in results}
    assert kinds >= {"model", "seed", "test", "unit_test"}

    book = warehouse.build_landing(landing, as_of=AS_OF.isoformat())
    with duckdb.connect(str(state / "warehouse.duckdb"), read_only=True) as con:
        for mart in REVENUE_MARTS:
            columns = [row[0] for row in con.execute(f"describe {mart}").fetchall()]
            query = f"select * from {mart} order by all"
            built = con.execute(query).fetchall()
            assert built and built == book.con.execute(query).fetchall(), mart
            assert columns == list(book.table(mart).columns)


@pytest.mark.parametrize("table", ["subscription_items", "accounts", "events"])
def test_a_landing_of_one_table_builds_every_revenue_mart(
    warehouse: Warehouse, tmp_path: Path, table: str
) -> None:
    whole = small_landing(tmp_path / "whole") / "files" / f"{table}.csv"
    files = tmp_path / "landing" / "files"
    files.mkdir(parents=True)
    whole.rename(files / whole.name)
    book = warehouse.build_landing(tmp_path / "landing", as_of=AS_OF.isoformat())
    assert book.broken_laws() == []
    rows = book.query("select count(*) as row_count from fct_account_mrr_months")
    # EUR and GBP are in the seed, where no rates are landed.
    assert (rows["row_count"][0] > 0) == (table == "subscription_items")
