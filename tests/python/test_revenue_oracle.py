"""MRR, NRR and GRR equal an independent day-by-day reading of SPEC."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import PROJECT, Book, Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.random_contracts import random_contracts
from tests.python.random_pauses import AS_OF as PAUSES_AS_OF
from tests.python.random_pauses import random_pauses
from tests.python.retention_oracle import RetentionOracle
from tests.python.revenue_oracle import RevenueOracle

MONTH_KEY = ["account_id", "mrr_month"]
MOVEMENT_KEY = ["account_id", "currency", "effective_on", "movement"]
RETENTION_KEY = ["period_end_on", "window_months", "grain", "policy"]
RATES = ["nrr_rate", "grr_rate", "logo_retention_rate"]


def assert_same(built: pd.DataFrame, expected: pd.DataFrame, key: list[str]) -> None:
    """Assert the same rows: money exactly, rates to 1e-12."""
    columns = list(expected.columns)
    rates = [name for name in columns if name in RATES]
    exact = [name for name in columns if name not in rates]
    left = built[columns].sort_values(key, ignore_index=True)
    right = expected.sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(left[exact], right[exact], check_dtype=False)
    for name in rates:
        pd.testing.assert_series_equal(left[name], right[name], rtol=1e-12, atol=1e-12)


def assert_matches_oracle(book: Book, oracle: RevenueOracle) -> None:
    """Assert that movements, months and retention are the oracle's."""
    months = book.table("fct_account_mrr_months")
    assert_same(months, oracle.account_months(), MONTH_KEY)
    movements = book.query(
        """
        select account_id, currency, effective_on, movement,
            sum(mrr_delta) as mrr_delta, sum(mrr_delta_native) as mrr_delta_native
        from fct_mrr_movements where movement <> 'fx' group by all
        having sum(mrr_delta_native) <> 0 or sum(mrr_delta) <> 0
        """
    )
    assert_same(movements, oracle.movements(), MOVEMENT_KEY)
    retention = book.query("from fct_retention where segment_dimension = 'all'")
    assert_same(retention, RetentionOracle(oracle).retention(), RETENTION_KEY)


@pytest.mark.parametrize("seed", range(6))
def test_a_random_book_reads_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_book(seed)
    book = warehouse.build(tables, as_of=AS_OF.isoformat())
    assert book.landing.quarantined == []
    oracle = RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )
    assert_matches_oracle(book, oracle)
    assert book.broken_laws() == []


@pytest.mark.parametrize("seed", range(8))
def test_a_book_of_pauses_reads_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_pauses(seed)
    book = warehouse.build(tables, as_of=PAUSES_AS_OF.isoformat())
    assert book.landing.quarantined == []
    oracle = RevenueOracle(
        items=tables["subscription_items"],
        as_of=PAUSES_AS_OF,
        accounts=tables["accounts"],
        exchange_rates=tables["exchange_rates"],
    )
    assert_matches_oracle(book, oracle)
    assert book.broken_laws() == []
    turns = {turn for days in oracle.turns.values() for turn in days.values()}
    assert turns >= {"pause", "resume", "churn", "reactivation"}


@pytest.mark.parametrize("seed", range(6))
def test_a_book_of_contracts_reads_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_contracts(seed, accounts=30)
    as_of = (AS_OF, date(2024, 3, 25))[seed % 2]
    book = warehouse.build(tables, as_of=as_of.isoformat())
    assert book.landing.quarantined == []
    oracle = RevenueOracle(
        items=tables["subscription_items"],
        as_of=as_of,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )
    assert_matches_oracle(book, oracle)
    assert book.broken_laws() == []
    overlaps = book.query(
        "from fct_mrr_movements where sub_reason = 'early_renewal_overlap'"
    )
    signs = {
        (row.movement, row.mrr_delta_native > 0)
        for row in overlaps.itertuples(index=False)
    }
    assert signs <= {("expansion", True), ("contraction", False)}


def rows_of(path: Path, columns: str = "*") -> list[dict[str, Any]]:
    """Read a CSV or Parquet file as rows of plain values; money stays exact."""
    with duckdb.connect() as con:
        found = con.execute(f"select {columns} from '{path}'")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_simulated_company_reads_as_the_oracle_says(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    landing, truth = tmp_path / "landing", tmp_path / "truth"
    write_sample_company(landing, truth, accounts=40, seed=seed)
    # The truth is written in binary floating point; its prices have six decimals.
    items = [
        row | {"unit_amount": Decimal(f"{row['unit_amount']:.6f}")}
        for row in rows_of(truth / "true_subscription_items.parquet")
    ]
    crm = landing / "salesforce" / "account.parquet"
    accounts = rows_of(crm, "id as account_id, parent_id as parent_account_id")
    book = warehouse.build(
        {"subscription_items": items, "accounts": accounts}, as_of="2025-12-31"
    )
    assert book.landing.quarantined == []
    oracle = RevenueOracle(
        items=items,
        as_of=date(2025, 12, 31),
        accounts=accounts,
        exchange_rates=rows_of(PROJECT / "seeds/reference/exchange_rates.csv"),
    )
    assert_matches_oracle(book, oracle)
    assert book.broken_laws() == []
