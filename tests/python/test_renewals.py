"""Renewals equal an independent day-by-day reading, and figures worked by hand."""

from datetime import date

import pandas as pd
import pytest

from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF
from tests.python.random_contracts import random_contracts
from tests.python.renewal_oracle import COLUMNS, RenewalOracle

KEY = ["account_id", "contract_end_on"]


def renewals_of(book: Book) -> pd.DataFrame:
    """Read the oracle's columns of fct_renewals, in key order."""
    rows = book.table("fct_renewals")[COLUMNS]
    return rows.sort_values(KEY, ignore_index=True)


def assert_same(built: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Assert the same rows exactly; a missing day is None on both sides."""
    left = built.astype(object).where(built.notna(), None)
    right = expected.astype(object).where(expected.notna(), None)
    right = right.sort_values(KEY, ignore_index=True)
    pd.testing.assert_frame_equal(left, right, check_dtype=False)


@pytest.mark.parametrize("seed", range(8))
def test_random_contracts_read_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_contracts(seed, accounts=40)
    is_partial = seed % 2 == 1
    as_of = f"{AS_OF}T12:00:00" if is_partial else AS_OF.isoformat()
    book = warehouse.build(tables, "fct_renewals", as_of=as_of)
    assert book.landing.quarantined == []
    oracle = RenewalOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
        last_complete_on=date(2024, 8, 19) if is_partial else AS_OF,
    )
    expected = oracle.renewals()
    assert expected["outcome"].nunique() >= 4
    assert_same(renewals_of(book), expected)
    assert book.broken_laws() == []
