"""A book that nobody here wrote, mapped onto the files contract and built whole."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from tests.python.conftest import PROJECT, Warehouse

FOLDER = PROJECT.parent / "shared" / "books" / "ravenstack"
MAPPING = PROJECT / "analyses" / "ravenstack" / "map_ravenstack.py"

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason=f"the RavenStack book is not at {FOLDER}"
)


@pytest.fixture(scope="module")
def book(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory):
    spec = importlib.util.spec_from_file_location("map_ravenstack", MAPPING)
    mapping = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mapping)
    landing: Path = tmp_path_factory.mktemp("ravenstack")
    mapping.map_ravenstack(FOLDER, landing)
    return warehouse.build_landing(
        landing, "fct_retention", "fct_account_mrr_months", "fct_data_quality"
    )


def test_its_mrr_is_what_its_own_column_sums_to(book):
    subscriptions = pd.read_csv(FOLDER / "ravenstack_subscriptions.csv")
    paid = subscriptions[~subscriptions["is_trial"]]
    months = book.query(
        "select mrr_month, sum(closing_mrr) as mrr from fct_account_mrr_months "
        "group by mrr_month order by mrr_month"
    )
    for month in months.itertuples():
        closes_on = (pd.Timestamp(month.mrr_month) + pd.offsets.MonthEnd()).isoformat()
        closes_on = closes_on[:10]
        is_open = paid["end_date"].isna() | (paid["end_date"] > closes_on)
        held = paid[(paid["start_date"] <= closes_on) & is_open]
        assert float(month.mrr) == held["mrr_amount"].sum()


def test_its_laws_hold_and_every_row_is_accounted_for(book):
    assert book.broken_laws() == []
    rows = book.query(
        "select entity, disposition, rule, row_count from fct_data_quality "
        "where stage = 'model' and disposition <> 'used'"
    )
    counted = {(row.entity, row.rule): row.row_count for row in rows.itertuples()}
    assert counted[("subscription_items", "empty interval")] == 13
