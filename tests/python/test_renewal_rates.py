"""Renewal rates are sums of renewals; the simulator's truth reads alike."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF
from tests.python.random_contracts import random_contracts
from tests.python.renewal_oracle import RenewalOracle
from tests.python.revenue_oracle import month_end
from tests.python.test_revenue_oracle import rows_of

MART = "fct_renewal_rates"
MARTS = (MART, "fct_renewals")
AMOUNTS = ("due", "won", "late", "lost", "open", "uplift")
Sums = dict[tuple[date, str, str], dict[str, Any]]


def oracle_of(tables: dict[str, list[dict[str, Any]]]) -> RenewalOracle:
    """Read a random book naively."""
    return RenewalOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )


def expected_rates(oracle: RenewalOracle) -> Sums:
    """Sum the oracle's renewals by due month, for all and by term."""
    sums: Sums = defaultdict(lambda: defaultdict(Decimal))
    for row in oracle.renewals().to_dict("records"):
        month = row["contract_end_on"].replace(day=1)
        if month > AS_OF:
            continue
        term = "multi_year" if row["is_multi_year"] else "up_to_one_year"
        for key in ((month, "all", "all"), (month, "multi_year", term)):
            sums[key]["due_mrr"] += row["available_mrr"]
            for name in AMOUNTS[1:]:
                sums[key][f"{name}_mrr"] += row[f"{name}_mrr"]
            sums[key]["due_count"] += 1
    return sums


def openings(oracle: RenewalOracle, month: date) -> tuple[Decimal, Decimal]:
    """Return what the book pays at a month's opening, and what of it is not due."""
    day = month - timedelta(days=1)
    opening = due = Decimal(0)
    for account_id in oracle.first_paid_on:
        opening += oracle.balance(account_id, day, day)
        ends = {
            contract["contract_end_on"] for contract in oracle._contracts(account_id)
        }
        native: dict[str, Decimal] = defaultdict(Decimal)
        for line in oracle.lines_on(account_id, day):
            end = line.contract_end_on
            if end in ends and end.replace(day=1) == month:
                native[line.currency] += line.mrr
        due += sum(
            (oracle.converted(mrr, name, day) for name, mrr in native.items()),
            Decimal(0),
        )
    return opening, opening - due


@pytest.mark.parametrize("seed", range(3))
def test_rates_of_random_contracts_are_the_oracles(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_contracts(seed)
    book = warehouse.build(tables, MART, as_of=AS_OF.isoformat())
    oracle = oracle_of(tables)
    expected = expected_rates(oracle)
    built = {
        (row["due_month"], row["segment_dimension"], row["segment_value"]): row
        for row in book.table(MART).to_dict("records")
        if row["segment_dimension"] in ("all", "multi_year")
    }
    assert built.keys() == expected.keys()
    for key, sums in expected.items():
        row = built[key]
        assert {name: row[name] for name in sums} == sums, key
        settled = sums["due_mrr"] - sums["open_mrr"]
        if settled:
            renewed = sums["won_mrr"] + sums["late_mrr"]
            assert row["renewal_rate"] == pytest.approx(float(renewed / settled))
        else:
            assert pd.isna(row["renewal_rate"])
        month_ends_on = month_end(key[0])
        assert row["is_final"] == (month_ends_on + timedelta(days=46) <= AS_OF)
        if key[1] == "all":
            opening, not_due = openings(oracle, key[0])
            assert (row["opening_mrr"], row["not_due_mrr"]) == (opening, not_due)
    assert book.broken_laws() == []


def test_every_dimension_sums_to_all(warehouse: Warehouse) -> None:
    book = warehouse.build(random_contracts(7), MART, as_of=AS_OF.isoformat())
    sums = book.query(
        f"""
        select due_month, segment_dimension, sum(due_mrr) as due_mrr,
            sum(lost_mrr) as lost_mrr, sum(due_count) as due_count
        from {MART} group by all
        """
    )
    wide = sums.pivot(index="due_month", columns="segment_dimension")
    assert wide["due_mrr"].shape[1] == 10
    for name in ("due_mrr", "lost_mrr", "due_count"):
        assert (wide[name].nunique(axis=1, dropna=False) == 1).all()


def has_term(row: dict[str, Any]) -> bool:
    """Tell a term from a monthly subscription, whose end only its notice tells."""
    return row["billing_interval"] == "year" or row["interval_count"] == 3


def truth_of(warehouse: Warehouse, landing: Path, truth: Path) -> Book:
    """Build renewals from the true items, as the files contract wants them.

    The truth has one row before and after a notice, so the end of a monthly
    subscription would look known from its start; it is left out.
    """
    items = [
        row
        | {"unit_amount": Decimal(f"{row['unit_amount']:.6f}")}
        | ({} if has_term(row) else {"contract_end_on": None})
        for row in rows_of(truth / "true_subscription_items.parquet")
    ]
    crm = landing / "salesforce" / "account.parquet"
    accounts = rows_of(
        crm, "id as account_id, master_record_id as merged_into_account_id"
    )
    tables = {"subscription_items": items, "accounts": accounts}
    return warehouse.build(tables, *MARTS, as_of="2025-12-31")


@pytest.fixture(scope="module")
def company(
    warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Read one simulated company through Stripe, and once more from its truth."""
    folder = tmp_path_factory.mktemp("renewals")
    landing, truth = folder / "landing", folder / "truth"
    write_sample_company(landing, truth, accounts=60, seed=2)
    told = warehouse.build_landing(landing, *MARTS, as_of="2025-12-31")
    return {
        "told": told.table("fct_renewals"),
        "laws": told.broken_laws(),
        "true": truth_of(warehouse, landing, truth).table("fct_renewals"),
        "churns": pd.DataFrame(rows_of(truth / "true_churns.parquet")),
        "items": pd.DataFrame(rows_of(truth / "true_subscription_items.parquet")),
    }


def settled(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep what is settled, by account and contract end."""
    key = ["account_id", "contract_end_on"]
    return rows[rows["outcome"] != "open"].set_index(key)


def test_stripe_tells_the_renewals_that_are_true(company: dict[str, Any]) -> None:
    told, true = settled(company["told"]), settled(company["true"])
    assert company["laws"] == []
    assert len(true) >= 40
    # A Stripe customer whom nothing matches to the CRM keeps an account of its own.
    told = told[~told.index.get_level_values(0).str.startswith("stripe:")]
    assert len(told) >= 0.95 * len(true) and set(told.index) <= set(true.index)
    both = told.join(true, rsuffix="_true")
    for name in ("outcome", "available_mrr", "won_mrr", "late_mrr", "settled_on"):
        assert (both[name] == both[f"{name}_true"]).mean() >= 0.98, name


def test_who_truly_left_a_term_is_lost_and_nobody_else(
    company: dict[str, Any],
) -> None:
    """The simulator's own list of churns is a truth apart from the marts."""
    terms = {
        row["subscription_id"]
        for row in company["items"].to_dict("records")
        if has_term(row)
    }
    churns = company["churns"]
    left = churns[churns["ended_on"].notna() & churns["subscription_id"].isin(terms)]
    assert len(left) >= 5
    true_losses = {
        (row["account_id"], str(row["ended_on"])[:10])
        for row in left.to_dict("records")
    }
    told = company["told"]
    # Who may still come back late is lost for now.
    lost = told[(told["outcome"] == "lost") & ~told["is_provisional"]]
    settled_on = lost["settled_on"].astype(str).str[:10]
    assert set(zip(lost["account_id"], settled_on, strict=True)) == true_losses
