"""Chains of early renewals: no money renews twice, and what is paid twice is one."""

from decimal import Decimal

import pytest

from tests.python.conftest import REVENUE_MARTS, Warehouse
from tests.python.random_chains import random_chains

AS_OF = "2026-06-30"


@pytest.mark.parametrize("seed", range(6))
def test_every_term_of_a_chain_renews_by_what_its_successor_pays(
    warehouse: Warehouse, seed: int
) -> None:
    tables, chains = random_chains(seed)
    book = warehouse.build(tables, *REVENUE_MARTS, "fct_renewals", as_of=AS_OF)
    assert book.broken_laws() == []
    rows = book.table("fct_renewals").set_index(["account_id", "contract_end_on"])
    for chain in chains:
        for term, successor in zip(chain, chain[1:], strict=False):
            row = rows.loc[(term.account_id, term.ends_on)]
            won = min(term.mrr, successor.mrr)
            outcome = "won" if won == term.mrr else "partly_won"
            assert (row["outcome"], row["won_mrr"], row["late_mrr"]) == (
                *(outcome, won, 0),
            )
            assert row["renewed_on"] == successor.starts_on
    overlaps = book.query(
        """
        select account_id, currency, sum(mrr_delta_native)
        from fct_mrr_movements where sub_reason = 'early_renewal_overlap' group by all
        """
    )
    assert not overlaps.empty
    assert set(overlaps.iloc[:, 2]) == {Decimal(0)}
    retained = book.query(
        """
        select period_end_on, window_months, opening_mrr, retained_mrr, nrr_rate
        from fct_retention
        where policy in ('late_renewal_grace', 'ledger') and grain = 'account'
            and segment_dimension = 'all'
        """
    )
    assert len(retained) > 0
    # The price of the older term counts while it runs, or less: the dearer never twice.
    for row in retained.itertuples(index=False):
        most = sum(max(term.mrr for term in chain) for chain in chains)
        assert row.retained_mrr <= most
        assert row.nrr_rate <= max(
            max(term.mrr for term in chain) / min(term.mrr for term in chain)
            for chain in chains
        )
