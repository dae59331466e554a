"""One book under every policy, each figure worked out by hand."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.python.books import Tables, item
from tests.python.conftest import REVENUE_MARTS, Book, Warehouse

# Twelve months to 2024-12-31; everybody but `late_joiner` pays 100 when it opens.
BOOK: Tables = {
    "subscription_items": [
        item("steady", "steady", "2023-06-01"),
        # Fell to 60 and recovered: nothing point to point, a loss of 40 in a ledger.
        item("dip", "dipped", "2023-06-01", "2024-03-01", plan="a"),
        item("dip", "dipped", "2024-03-01", "2024-05-01", 60, plan="a"),
        item("dip", "dipped", "2024-05-01", plan="a"),
        # Away for 92 days, back at 80.
        item("away", "returned", "2023-06-01", "2024-03-01"),
        item("back", "returned", "2024-06-01", unit_amount=80),
        # Renewed 45 days late, at 120: an expansion of 20 where grace is given.
        item("old", "renewed_late", "2023-06-01", "2024-06-01"),
        item("new", "renewed_late", "2024-07-16", unit_amount=120),
        # Its gap of 20 days lies over the end.
        item("lapsed", "lapsed", "2023-06-01", "2024-12-21"),
        item("lapsed2", "lapsed", "2025-01-10"),
        item("pause", "paused", "2023-06-01", "2024-10-01"),
        item("pause", "paused", "2024-10-01", status="paused"),
        item("gone", "gone", "2023-06-01", "2024-09-01"),
        item("late_joiner", "late_joiner", "2024-02-01", "2024-08-01"),
        item("late_joiner", "late_joiner", "2024-08-01", unit_amount=500),
    ]
}
# policy -> opening, NRR, GRR, logos kept, over the seven that paid 100 each
EXPECTED: Mapping[str, tuple[float, float, float]] = {
    # 100 + 100 + 80 + 120 + 0 + 0 + 0
    "constant_currency": (400 / 700, 380 / 700, 4 / 7),
    # the lapse over the end is bridged
    "late_renewal_grace": (500 / 700, 480 / 700, 5 / 7),
    # losses: dip 40, away 100, gone 100; gains: dip 40, renewed late 20; no pause
    "ledger": (520 / 700, 460 / 700, 5 / 7),
    "ledger_with_reactivation": (600 / 700, 460 / 700, 6 / 7),
}


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    """Build the book once; it is not written to."""
    return warehouse.build(BOOK, "fct_retention", as_of="2025-03-31")


def rates_of(book: Book, policy: str, end: str = "2024-12-31") -> tuple[float, ...]:
    """Return NRR, GRR and logo retention of twelve months, account grain."""
    row = book.query(
        f"""
        select nrr_rate, grr_rate, logo_retention_rate from fct_retention
        where policy = '{policy}' and period_end_on = '{end}' and window_months = 12
            and grain = 'account' and segment_dimension = 'all'
        """
    )
    return tuple(row.iloc[0])


@pytest.mark.parametrize("policy", EXPECTED)
def test_the_same_book_reads_as_its_policy_says(book: Book, policy: str) -> None:
    assert rates_of(book, policy) == pytest.approx(EXPECTED[policy], abs=1e-12)


def test_raw_is_constant_currency_where_there_is_one_currency(book: Book) -> None:
    assert rates_of(book, "raw") == rates_of(book, "constant_currency")


def test_the_chain_has_a_new_base_every_month(book: Book) -> None:
    """Worked out month by month: what was kept over what the month opened with.

    January 700. February 700, and the late joiner's 100 from then on. March loses 140
    of 800 (dip, away). May wins the 40 back. June: 700 open (the return counts only
    from July on). July: 780 becomes 800, the late renewal. August: 800 becomes 1200.
    September loses 100 of 1200, October 100 of 1100 (the pause); the gap of December
    is bridged.
    """
    nrr = (660 / 800) * (700 / 660) * (800 / 780) * (1200 / 800)
    nrr *= (1100 / 1200) * (1000 / 1100)
    grr = (660 / 800) * (1100 / 1200) * (1000 / 1100)
    logos = (7 / 8) * (7 / 8) * (6 / 7)
    assert rates_of(book, "chained_monthly") == pytest.approx((nrr, grr, logos))


def test_a_bridged_customer_is_in_the_opening_of_the_next_window(book: Book) -> None:
    openings = book.query(
        """
        select policy, opening_accounts from fct_retention
        where period_end_on = '2025-01-31' and window_months = 1
            and grain = 'account' and segment_dimension = 'all'
        """
    )
    counted = dict(openings.itertuples(index=False, name=None))
    # steady, dipped, returned, renewed_late, late_joiner; lapsed only where bridged.
    assert counted["constant_currency"] == 5
    assert counted["late_renewal_grace"] == 6


@pytest.mark.parametrize(("days", "is_bridged"), [(44, True), (45, True), (46, False)])
def test_grace_is_45_days_inclusive(
    warehouse: Warehouse, days: int, is_bridged: bool
) -> None:
    back = date.fromordinal(date(2024, 3, 1).toordinal() + days)
    items = [item("a", "a", "2024-01-01", "2024-03-01"), item("b", "a", back)]
    book = warehouse.build(
        {"subscription_items": items}, "fct_retention", as_of="2024-06-30"
    )
    kept = book.query(
        """
        select nrr_rate from fct_retention where policy = 'late_renewal_grace'
            and period_end_on = '2024-03-31' and window_months = 1
            and grain = 'account' and segment_dimension = 'all'
        """
    )
    assert list(kept["nrr_rate"]) == [1.0 if is_bridged else 0.0]


def test_a_gap_that_is_open_is_lost_under_every_policy(warehouse: Warehouse) -> None:
    items = [item("a", "a", "2024-01-01", "2024-03-20"), item("b", "a", "2024-04-10")]
    book = warehouse.build(
        {"subscription_items": items}, "fct_retention", as_of="2024-04-09"
    )
    rates = book.query(
        """
        select policy, nrr_rate from fct_retention where period_end_on = '2024-03-31'
            and window_months = 1 and grain = 'account' and segment_dimension = 'all'
        """
    )
    assert len(rates) == 6
    assert set(rates["nrr_rate"]) == {0.0}


@pytest.mark.parametrize(
    ("paused_until", "expected"),
    [
        # Resumed at 130: the ledger kept 100, and 30 more came out of the pause.
        ("2024-07-01", [100, 100, 0, 0, 30, 1.0]),
        # Cancelled while paused: lost, and won again.
        ("2024-04-01", [100, 130, -100, 130, 0, 1.3]),
    ],
)
def test_a_return_gives_back_what_a_pause_took_unless_it_was_cancelled(
    warehouse: Warehouse, paused_until: str, expected: list[float]
) -> None:
    items = [
        item("i", "a", "2024-01-01", "2024-03-01"),
        item("i", "a", "2024-03-01", paused_until, status="paused"),
        item("j", "a", "2024-07-01", unit_amount=130),
    ]
    book = warehouse.build(
        {"subscription_items": items}, "fct_retention", as_of="2025-01-31"
    )
    rows = book.query(
        """
        select opening_mrr, retained_mrr, churned_mrr, reactivation_mrr, paused_mrr,
            nrr_rate
        from fct_retention where policy = 'ledger_with_reactivation'
            and period_end_on = '2025-01-31' and window_months = 12
            and grain = 'account' and segment_dimension = 'all'
        """
    )
    assert [float(x) for x in rows.iloc[0]] == expected


def test_a_parents_ledger_is_its_own_and_not_the_sum_of_its_accounts(
    warehouse: Warehouse,
) -> None:
    """A child that leaves while another joins is a contraction and an expansion."""
    items = [
        item("a", "a", "2023-06-01", "2024-02-10"),
        item("b", "b", "2023-06-01"),
        item("c", "c", "2024-02-20", unit_amount=30),
    ]
    accounts = [
        {"account_id": name, "account_name": name, "parent_account_id": parent}
        for name, parent in (("a", None), ("b", "a"), ("c", "a"))
    ]
    book = warehouse.build(
        {"subscription_items": items, "accounts": accounts},
        "fct_retention",
        as_of="2024-03-01",
    )
    row = book.query(
        """
        select expansion_mrr, contraction_mrr, churned_mrr, nrr_rate, grr_rate
        from fct_retention where policy = 'ledger' and period_end_on = '2024-02-29'
            and window_months = 1 and grain = 'parent' and segment_dimension = 'all'
        """
    )
    assert [float(x) for x in row.iloc[0]] == [30, -100, 0, 130 / 200, 0.5]


def test_segments_are_those_of_the_opening(warehouse: Warehouse) -> None:
    items = [
        item("a", "a", "2023-12-05", "2024-02-10", product="core"),
        item("b", "a", "2024-01-10", product="extra", unit_amount=90),
    ]
    account = {"account_id": "a", "account_name": "A"}
    history = [
        account
        | {"valid_from": "2023-01-01", "valid_to": "2024-02-01"}
        | {"owner_id": "ann", "country": "DE"},
        account | {"valid_from": "2024-02-01", "owner_id": "bob", "country": "FR"},
    ]
    for row in history:
        row.pop("account_name")
    book = warehouse.build(
        {
            "subscription_items": items,
            "accounts": [account | {"owner_id": "bob", "country": "FR"}],
            "account_history": history,
        },
        "fct_retention",
        as_of="2024-03-31",
    )
    rows = book.query(
        """
        select period_end_on, segment_dimension, segment_value from fct_retention
        where policy = 'late_renewal_grace' and window_months = 1 and grain = 'parent'
            and segment_dimension in
                ('owner', 'country', 'largest_product', 'start_cohort')
        """
    )
    found = set(rows.itertuples(index=False, name=None))
    january, march = date(2024, 1, 31), date(2024, 3, 31)
    february = date(2024, 2, 29)
    assert found == {
        (january, "owner", "ann"),
        (january, "country", "DE"),
        (january, "largest_product", "core"),
        (january, "start_cohort", "2023-12"),
        (february, "owner", "ann"),
        (february, "country", "DE"),
        (february, "largest_product", "core"),
        (february, "start_cohort", "2023-12"),
        (march, "owner", "bob"),
        (march, "country", "FR"),
        (march, "largest_product", "extra"),
        (march, "start_cohort", "2023-12"),
    }


NETTED = ("late_renewal_grace", "ledger", "ledger_with_reactivation")


def early_renewal(*more: dict[str, Any], price: int = 100) -> Tables:
    """Return a year of 100 that a successor renews 12 days before its end."""
    old = item("old", "a", "2023-12-21", "2024-12-21", product="core")
    new = item("new", "a", "2024-12-09", unit_amount=price, product="core")
    old["contract_end_on"], new["contract_end_on"] = "2024-12-20", "2025-12-20"
    return {"subscription_items": [old, new, *more]}


def amounts_of(book: Book, end: str, months: int) -> dict[str, tuple[float, ...]]:
    """Return opening, retained, expansion, contraction, NRR and GRR by policy."""
    rows = book.query(
        f"""
        select policy, opening_mrr, retained_mrr, expansion_mrr, contraction_mrr,
            nrr_rate, grr_rate
        from fct_retention where period_end_on = '{end}' and window_months = {months}
            and grain = 'parent' and segment_dimension = 'all'
        """
    )
    return {
        row[0]: tuple(None if cell is None else float(cell) for cell in row[1:])
        for row in rows.itertuples(index=False, name=None)
    }


def test_what_is_paid_twice_for_12_days_is_neither_gain_nor_loss(
    warehouse: Warehouse,
) -> None:
    book = warehouse.build(
        early_renewal(), *REVENUE_MARTS, "fct_retention_cohorts", as_of="2025-02-28"
    )
    movements = book.query(
        """
        select cast(effective_on as string), movement, sub_reason, mrr_delta
        from fct_mrr_movements order by effective_on
        """
    )
    assert list(movements.itertuples(index=False, name=None)) == [
        ("2023-12-21", "new", "first_paid", 100),
        ("2024-12-09", "expansion", "early_renewal_overlap", 100),
        ("2024-12-21", "contraction", "early_renewal_overlap", -100),
    ]
    for months in (1, 12):
        rows = amounts_of(book, "2024-12-31", months)
        for policy in NETTED:
            assert rows[policy] == (100, 100, 0, 0, 1, 1)
        assert rows["chained_monthly"][4:] == (1, 1)
    assert book.broken_laws() == []


def test_windows_that_open_or_end_in_the_overlap_count_it_once(
    warehouse: Warehouse,
) -> None:
    """The successor begins on 20 November and the contract ends on 10 December."""
    old = item("old", "a", "2023-12-11", "2024-12-11", product="core")
    new = item("new", "a", "2024-11-20", unit_amount=130, product="core")
    old["contract_end_on"], new["contract_end_on"] = "2024-12-10", "2025-12-10"
    book = warehouse.build(
        {"subscription_items": [old, new]},
        *REVENUE_MARTS,
        "fct_retention_cohorts",
        as_of="2025-01-31",
    )
    into = amounts_of(book, "2024-11-30", 1)
    assert into["raw"] == (100, 230, 130, 0, 2.3, 1)
    out = amounts_of(book, "2024-12-31", 1)
    assert out["raw"] == (230, 130, 0, -100, 130 / 230, 130 / 230)
    for policy in NETTED:
        assert into[policy] == (100, 130, 30, 0, 1.3, 1)
        assert out[policy] == (130, 130, 0, 0, 1, 1)
    cohorts = book.query(
        """
        select active_mrr, kept_mrr from fct_retention_cohorts
        where segment_dimension = 'all' and month_ends_on = '2024-11-30'
        """
    )
    assert list(cohorts.itertuples(index=False, name=None)) == [(130, 100)]
    assert book.broken_laws() == []


def test_a_renewal_for_less_is_a_contraction_of_what_is_less(
    warehouse: Warehouse,
) -> None:
    book = warehouse.build(early_renewal(price=70), as_of="2025-02-28")
    rows = amounts_of(book, "2024-12-31", 1)
    for policy in NETTED:
        assert rows[policy] == (100, 70, 0, -30, 0.7, 0.7)
    reasons = book.query(
        """
        select sub_reason, sum(mrr_delta) from fct_mrr_movements
        where movement in ('expansion', 'contraction') group by all order by all
        """
    )
    assert list(reasons.itertuples(index=False, name=None)) == [
        ("cross_sell", -30),
        ("early_renewal_overlap", 0),
    ]


def test_an_overlap_that_lasts_counts_once_where_its_end_is_known(
    warehouse: Warehouse,
) -> None:
    """At AS_OF both pay; without an end told the second is what it seems."""
    tables = early_renewal()
    old, new = tables["subscription_items"]
    new = new | {"valid_from": "2024-10-20"}
    for valid_to, retained in (("2024-12-21", 100), (None, 200)):
        book = warehouse.build(
            {"subscription_items": [old | {"valid_to": valid_to}, new]},
            as_of="2024-11-05",
        )
        rows = amounts_of(book, "2024-10-31", 1)
        assert rows["raw"][1] == 200
        assert {rows[policy][1] for policy in NETTED} == {retained}
        assert book.broken_laws() == []


def test_what_is_sold_beside_a_contract_that_goes_on_is_an_expansion(
    warehouse: Warehouse,
) -> None:
    next_term = item("next", "a", "2024-12-21", product="core")
    next_term["contract_end_on"] = "2025-12-20"
    book = warehouse.build(early_renewal(next_term), as_of="2025-02-28")
    rows = amounts_of(book, "2024-12-31", 1)
    for policy in NETTED:
        assert rows[policy] == (100, 200, 100, 0, 2, 1)
    assert book.query(
        "from fct_mrr_movements where sub_reason = 'early_renewal_overlap'"
    ).empty
