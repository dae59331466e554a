"""What must hold on every book: identities, reachable movements, and metamorphoses."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.python.books import item
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import random_book
from tests.python.revenue_oracle import RevenueOracle
from tests.python.test_revenue_oracle import assert_matches_oracle

Row = dict[str, Any]
START = date(2023, 11, 20)
END = date(2024, 4, 10)
SPAN = (END - START).days
RATES = [
    {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
    for day, rate in (("2020-01-01", "1.1"), ("2024-01-31", "1.23456789"))
]
MONEY = st.decimals(0, 5000, places=6) | st.sampled_from([Decimal(0), Decimal(100)])


@st.composite
def versions(draw: st.DrawFn, number: int) -> list[Row]:
    """Draw one item's versions: they never overlap, and may leave gaps."""
    days = draw(
        st.lists(st.integers(0, SPAN + 10), min_size=2, max_size=5, unique=True)
    )
    days.sort()
    account_id = draw(st.sampled_from(["a", "b", "c"]))
    currency = draw(st.sampled_from([None, "EUR"]))
    rows = []
    for start, end in zip(days[:-1], days[1:], strict=True):
        if draw(st.integers(0, 4)) == 0:
            continue
        is_open = end == days[-1] and draw(st.booleans())
        first = START + timedelta(days=start)
        rows.append(
            {
                "item_id": f"i{number}",
                "account_id": account_id,
                "subscription_id": draw(st.sampled_from([None, "shared"])),
                "product": draw(st.sampled_from(["x", "y"])),
                "plan": draw(st.sampled_from([None, "gold"])),
                "valid_from": first,
                "valid_to": None if is_open else START + timedelta(days=end),
                "unit_amount": draw(MONEY),
                "quantity": draw(st.sampled_from([None, 0, 1, 3, Decimal("1.25")])),
                "currency": currency,
                "billing_interval": draw(st.sampled_from(["month", "year", "week"])),
                "interval_count": draw(st.sampled_from([None, 3])),
                "discount_percent": draw(st.sampled_from([None, 15, 100])),
                "discount_amount": draw(
                    st.sampled_from([None, Decimal("0.000001"), 9])
                ),
                "discount_to": first + timedelta(days=draw(st.integers(-3, 40))),
                "status": draw(
                    st.sampled_from(["active"] * 4 + ["past_due", "paused", "unpaid"])
                ),
            }
        )
    return rows


@st.composite
def books(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Draw a book of up to three accounts, one of them possibly owned by another."""
    count = draw(st.integers(1, 6))
    items = [row for number in range(count) for row in draw(versions(number))]
    owner = draw(st.sampled_from([None, "a"]))
    accounts = [
        {
            "account_id": account_id,
            "parent_account_id": owner if account_id == "b" else None,
        }
        for account_id in ("a", "b", "c")
    ]
    return {"subscription_items": items, "accounts": accounts, "exchange_rates": RATES}


def assert_ledger_laws(book: Book) -> None:
    """Assert the laws that hold on any book, each in SQL of its own."""
    laws = {
        "opening + movements = closing, per account and month": """
            from fct_account_mrr_months where opening_mrr + new_mrr + expansion_mrr
                + contraction_mrr + churn_mrr + reactivation_mrr + pause_mrr
                + resume_mrr + fx_mrr <> closing_mrr
        """,
        "each closing is the next month's opening": """
            from (
                select *, lag(closing_mrr) over months as previous_closing,
                    lag(mrr_month) over months as previous_month
                from fct_account_mrr_months
                window months as (partition by account_id order by mrr_month)
            ) where opening_mrr <> case
                when previous_month = mrr_month - interval 1 month
                    then previous_closing else 0 end
        """,
        "movements of the ledger are the months' columns": """
            from (
                select account_id, date_trunc('month', effective_on) as mrr_month,
                    sum(mrr_delta) as moved
                from fct_mrr_movements group by all
            ) inner join fct_account_mrr_months using (account_id, mrr_month)
            where moved <> closing_mrr - opening_mrr
        """,
        "native movements sum to the native balance": """
            from (
                select account_id, currency, sum(mrr_delta_native) as moved
                from fct_mrr_movements group by all
            ) left join (
                select account_id, currency, mrr_native
                from int_mrr_balances_accumulated
                where valid_to is null
            ) using (account_id, currency)
            where moved <> coalesce(mrr_native, 0)
        """,
        "no row where nothing is": """
            from fct_account_mrr_months where opening_mrr = 0 and closing_mrr = 0
                and new_mrr = 0 and expansion_mrr = 0 and contraction_mrr = 0
                and churn_mrr = 0 and reactivation_mrr = 0 and pause_mrr = 0
                and resume_mrr = 0 and fx_mrr = 0
        """,
        "one movement per account and day, fx and transfers apart": """
            from (
                select account_id, effective_on, count(distinct movement) as movements
                from fct_mrr_movements where movement not in ('fx', 'currency_transfer')
                group by all
            ) where movements <> 1
        """,
        "transfers of an account and day are exactly 0 together": """
            from (
                select account_id, effective_on, sum(mrr_delta) as moved
                from fct_mrr_movements where movement = 'currency_transfer' group by all
            ) where moved <> 0
        """,
        "an account that turns transfers nothing": """
            from fct_mrr_movements as turns inner join fct_mrr_movements as transfers
                using (account_id, effective_on)
            where transfers.movement = 'currency_transfer'
                and turns.movement not in
                    ('expansion', 'contraction', 'currency_transfer', 'fx')
        """,
        "one new per account": """
            from (
                select account_id, count(distinct effective_on) as days
                from fct_mrr_movements where movement = 'new' group by all
            ) where days > 1
        """,
        "nothing after the run's day": f"""
            from fct_mrr_movements where effective_on > date '{END}'
        """,
        "no period that is not over": f"""
            from fct_retention where period_end_on > date '{END}'
        """,
        "GRR <= min(1, NRR)": """
            from fct_retention where grr_rate > 1 or grr_rate > nrr_rate + 1e-12
        """,
        "0 <= GRR point to point": """
            from fct_retention where grr_rate < 0 and policy not like 'ledger%'
        """,
        "a ledger books every loss": """
            from fct_retention as ledger inner join fct_retention as points
                using (period_end_on, window_months, grain, segment_dimension,
                    segment_value)
            where ledger.policy = 'ledger' and points.policy = 'late_renewal_grace'
                and ledger.paused_mrr = 0 and ledger.grr_rate > points.grr_rate + 1e-12
        """,
        "segments of a dimension sum to all": """
            from (
                select period_end_on, window_months, grain, policy, segment_dimension,
                    sum(opening_mrr) as opening, sum(retained_mrr) as retained,
                    sum(opening_accounts) as members
                from fct_retention group by all
            ) as split inner join fct_retention as whole
                using (period_end_on, window_months, grain, policy)
            where whole.segment_dimension = 'all' and (
                opening <> opening_mrr or retained <> retained_mrr
                or members <> opening_accounts
            )
        """,
        "one headline per period end": """
            from (
                select period_end_on, count(*) as headlines
                from fct_retention where is_headline group by all
            ) where headlines <> 1
        """,
        "every segment dimension is there where all is": """
            from (
                select period_end_on, window_months, grain, policy,
                    count(distinct segment_dimension) as dimensions
                from fct_retention group by all
            ) where dimensions <> (
                select count(distinct segment_dimension) from fct_retention
            )
        """,
    }
    for law, broken in laws.items():
        assert book.con.execute(broken).fetchall() == [], law


@settings(max_examples=12)
@given(tables=books())
def test_any_book_keeps_the_laws_and_reads_as_the_oracle_says(
    warehouse: Warehouse, tables: dict[str, list[Row]]
) -> None:
    if not tables["subscription_items"]:
        return
    book = warehouse.build(tables, as_of=END.isoformat())
    assert book.landing.quarantined == []
    assert_ledger_laws(book)
    oracle = RevenueOracle(
        items=tables["subscription_items"],
        as_of=END,
        accounts=tables["accounts"],
        exchange_rates=tables["exchange_rates"],
    )
    assert_matches_oracle(book, oracle)


def test_every_movement_is_reachable_and_only_by_its_own_way(
    warehouse: Warehouse,
) -> None:
    """Exhaust (what was, what is) x (had paid never, once, or until then)."""
    before = {
        "nothing": [],
        "paying": [("2024-01-01", "2024-03-01", {})],
        "paused": [("2024-01-01", "2024-03-01", {"status": "paused"})],
        "unpaid": [("2024-01-01", "2024-03-01", {"status": "unpaid"})],
        "free": [("2024-01-01", "2024-03-01", {"status": "free"})],
    }
    after = {
        "nothing": [],
        "less": [("2024-03-01", None, {"unit_amount": 60})],
        "same": [("2024-03-01", None, {})],
        "more": [("2024-03-01", None, {"unit_amount": 140})],
        "paused": [("2024-03-01", None, {"status": "paused"})],
    }
    history = {
        "never": [],
        "once": [("2023-01-01", "2023-06-01", {})],
        "until then": [("2023-01-01", "2024-01-01", {})],
    }
    back = {"less": 60, "same": 100, "more": 140}
    items, expected = [], {}
    for was, first in before.items():
        for now, second in after.items():
            for ever, past in history.items():
                account_id = f"{was}-{now}-{ever}"
                for start, end, more in (*past, *first, *second):
                    items.append(item(account_id, account_id, start, end, **more))
                if was == "paying":
                    expected[account_id] = {
                        "nothing": ("churn", -100),
                        "less": ("contraction", -40),
                        "same": None,
                        "more": ("expansion", 40),
                        "paused": ("pause", -100),
                    }[now]
                elif now in back:
                    is_resumed = was == "paused" and ever == "until then"
                    known = "resume" if is_resumed else "reactivation"
                    movement = "new" if ever == "never" else known
                    expected[account_id] = (movement, back[now])
                else:
                    expected[account_id] = None
    book = warehouse.build({"subscription_items": items}, as_of="2024-03-31")
    moved = book.query(
        "select account_id, movement, mrr_delta from fct_mrr_movements "
        "where effective_on = '2024-03-01'"
    )
    found = {
        row.account_id: (row.movement, row.mrr_delta) for row in moved.itertuples()
    }
    assert found == {name: moves for name, moves in expected.items() if moves}
    assert {movement for movement, _ in found.values()} == {
        *("new", "expansion", "contraction", "churn", "reactivation", "pause", "resume")
    }


def test_a_gap_is_named_by_its_length_and_by_what_fills_it(
    warehouse: Warehouse,
) -> None:
    """Exhaust what lies in a gap x how long it is x what is paid behind it."""
    left_on = date(2023, 3, 1)
    fillings = {
        "nothing": None,
        "pause": {"status": "paused"},
        "unpaid": {"status": "unpaid"},
        "trial": {"status": "trialing"},
        "free": {"status": "free"},
        "all off": {"discount_percent": 100},
        "metered": {"usage_based": True},
    }
    items, expected = [], {}
    for filling, more in fillings.items():
        for gap in (1, 44, 45, 46, 400):
            for amount in (60, 100, 140):
                name = f"{filling}-{gap}-{amount}"
                back_on = left_on + timedelta(days=gap)
                items.append(item(f"a{name}", name, "2023-01-01", left_on))
                items.append(item(f"b{name}", name, back_on, None, amount))
                if more is not None:
                    items.append(item(f"g{name}", name, left_on, back_on, **more))
                if filling == "pause":
                    reasons = ("pause", "paused"), ("resume", "resumed")
                else:
                    ended = "unpaid" if filling == "unpaid" else "service_ended"
                    known = gap <= 45
                    reasons = (
                        ("churn", "late_renewal" if known else ended),
                        ("reactivation", "late_renewal" if known else "returned"),
                    )
                expected[name] = [
                    (left_on, *reasons[0], Decimal(-100)),
                    (back_on, *reasons[1], Decimal(amount)),
                ]
    book = warehouse.build(
        {"subscription_items": items}, "fct_mrr_movements", as_of="2024-12-31"
    )
    moved = book.query(
        """
        select account_id, effective_on, movement, sub_reason, mrr_delta
        from fct_mrr_movements where movement <> 'new' order by all
        """
    )
    found: dict[str, list[tuple[Any, ...]]] = {}
    for account_id, *rest in moved.itertuples(index=False, name=None):
        found.setdefault(account_id, []).append(tuple(rest))
    assert found == expected


LEDGER = ["account_id", "effective_on", "movement", "sub_reason", "currency"]


def test_what_is_not_over_does_not_change_what_was(warehouse: Warehouse) -> None:
    """The ledger as of June holds that of March, but for what is provisional."""
    tables = random_book(21)
    early = warehouse.build(tables, "fct_mrr_movements", as_of="2024-03-31")
    final = "select account_id, effective_on, movement, sub_reason, currency, mrr_delta"
    where = "from fct_mrr_movements where effective_on <= '2024-03-31' and sub_reason"
    query = f"{final} {where} not in ('late_renewal', 'service_ended', 'unpaid')"
    march = early.query(query).sort_values(LEDGER, ignore_index=True)
    late = warehouse.build(tables, "fct_mrr_movements", as_of="2024-06-30")
    june = late.query(query).sort_values(LEDGER, ignore_index=True)
    pd.testing.assert_frame_equal(june, march)
