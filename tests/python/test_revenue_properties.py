"""What must hold on every book: identities, reachable movements, and metamorphoses."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
import pytest
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
        "one movement per account and day, fx apart": """
            from (
                select account_id, effective_on, count(distinct movement) as movements
                from fct_mrr_movements where movement <> 'fx' group by all
            ) where movements <> 1
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
    """Exhaust (what was, what is) x (had paid before, in between)."""
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
    history = {"never": [], "once": [("2023-01-01", "2023-06-01", {})]}
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
                    known = "resume" if was == "paused" else "reactivation"
                    movement = known if ever == "once" else "new"
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


# --- Metamorphoses: what must change nothing, or change everything alike -------------

LEDGER = ["account_id", "effective_on", "movement", "sub_reason", "currency"]


def plain_items(seed: int) -> list[Row]:
    """Return items of one currency, on days that every month has."""
    random = Random(seed)
    items = []
    for account in range(8):
        for number in range(random.randint(1, 3)):
            month = random.randrange(14)
            for _ in range(random.randint(1, 3)):
                months = random.randint(1, 6)
                start = date(2023 + month // 12, month % 12 + 1, random.randint(1, 28))
                month += months
                end = date(2023 + month // 12, month % 12 + 1, 1)
                month += random.choice((0, 1, 3))
                if start >= end:
                    continue
                items.append(
                    item(
                        f"i{account}-{number}",
                        f"a{account}",
                        start,
                        end if random.random() < 0.8 else None,
                        Decimal(random.randint(1, 99999)).scaleb(-2),
                        quantity=2 * random.randint(1, 4),
                        product=random.choice("xy"),
                        plan=random.choice(("gold", "silver")),
                        status=random.choice(("active", "active", "active", "paused")),
                        discount_percent=random.choice((0, 0, 50)),
                        subscription_id=f"s{account}-{number}",
                    )
                )
                if items[-1]["valid_to"] is None:
                    break
    return items


def ledger(book: Book) -> pd.DataFrame:
    """Return the ledger in a stable order."""
    table = book.table("fct_mrr_movements")
    return table.sort_values(LEDGER, ignore_index=True)[[*LEDGER, "mrr_delta"]]


def reversed_rows(items: list[Row]) -> list[Row]:
    return items[::-1]


def renamed_ids(items: list[Row]) -> list[Row]:
    return [
        row
        | {"item_id": f"zz-{row['item_id'][::-1]}"}
        | {"subscription_id": f"zz-{row['subscription_id'][::-1]}"}
        for row in items
    ]


def split_in_two(items: list[Row]) -> list[Row]:
    return [
        row | {"item_id": f"{row['item_id']}-{half}", "quantity": row["quantity"] // 2}
        for row in items
        for half in "lr"
    ]


def cut_where_nothing_changes(items: list[Row]) -> list[Row]:
    """Cut each long version in two: a renewal on the same terms."""
    cut = []
    for row in items:
        middle = row["valid_from"] + timedelta(days=10)
        if row["valid_to"] is not None and row["valid_to"] <= middle:
            cut.append(row)
        else:
            cut += [row | {"valid_to": middle}, row | {"valid_from": middle}]
    return cut


def with_future_items(items: list[Row]) -> list[Row]:
    later = [
        item(f"later-{row['item_id']}", row["account_id"], "2024-07-01")
        for row in items
    ]
    return items + later


@pytest.mark.parametrize(
    "changed",
    [
        reversed_rows,
        renamed_ids,
        split_in_two,
        cut_where_nothing_changes,
        with_future_items,
    ],
)
def test_what_the_ledger_must_not_notice(
    warehouse: Warehouse, changed: Callable[[list[Row]], list[Row]]
) -> None:
    items = plain_items(11)
    tables = [{"subscription_items": rows} for rows in (items, changed(items))]
    one = warehouse.build(tables[0], as_of="2024-06-30")
    expected = ledger(one), one.table("fct_retention")
    other = warehouse.build(tables[1], as_of="2024-06-30")
    pd.testing.assert_frame_equal(ledger(other), expected[0])
    key = list(expected[1].columns)
    pd.testing.assert_frame_equal(
        other.table("fct_retention").sort_values(key, ignore_index=True),
        expected[1].sort_values(key, ignore_index=True),
    )


def test_a_billing_migration_makes_no_movement(warehouse: Warehouse) -> None:
    """From 10 March 2024 every running item has a new id in a new subscription."""
    moved_on = date(2024, 3, 10)
    items, migrated = plain_items(12), []
    for row in items:
        if row["valid_to"] is not None and row["valid_to"] <= moved_on:
            migrated.append(row)
        elif row["valid_from"] >= moved_on:
            migrated.append(_elsewhere(row))
        else:
            migrated.append(row | {"valid_to": moved_on})
            migrated.append(_elsewhere(row | {"valid_from": moved_on}))
    before = warehouse.build({"subscription_items": items}, as_of="2024-06-30")
    expected = ledger(before)
    after = warehouse.build({"subscription_items": migrated}, as_of="2024-06-30")
    pd.testing.assert_frame_equal(ledger(after), expected)


def _elsewhere(row: Row) -> Row:
    return row | {
        "item_id": f"new-{row['item_id']}",
        "subscription_id": f"new-{row['subscription_id']}",
    }


def test_all_amounts_times_7_is_everything_times_7(warehouse: Warehouse) -> None:
    items = plain_items(13)
    one = warehouse.build({"subscription_items": items}, as_of="2024-06-30")
    expected = ledger(one), one.query("from fct_retention where segment_value = 'all'")
    sevenfold = [row | {"unit_amount": 7 * row["unit_amount"]} for row in items]
    other = warehouse.build({"subscription_items": sevenfold}, as_of="2024-06-30")
    found = ledger(other)
    found["mrr_delta"] = found["mrr_delta"].map(lambda amount: amount / 7)
    pd.testing.assert_frame_equal(found, expected[0])
    key = ["period_end_on", "window_months", "grain", "policy"]
    rates = [
        frame.sort_values(key)["nrr_rate"].to_list()
        for frame in (
            other.query("from fct_retention where segment_value = 'all'"),
            expected[1],
        )
    ]
    assert rates[0] == pytest.approx(rates[1], abs=1e-12)


def test_all_dates_4_years_earlier_is_the_same_ledger_4_years_earlier(
    warehouse: Warehouse,
) -> None:
    days = timedelta(days=4 * 365 + 1)
    items = plain_items(14)
    one = warehouse.build({"subscription_items": items}, as_of="2024-06-30")
    expected, finals = ledger(one), one.table("fct_account_mrr_months")
    shifted = [
        row
        | {"valid_from": row["valid_from"] - days}
        | {"valid_to": row["valid_to"] and row["valid_to"] - days}
        for row in items
    ]
    other = warehouse.build({"subscription_items": shifted}, as_of="2020-06-30")
    found = ledger(other)
    found["effective_on"] = found["effective_on"].map(lambda day: day + days)
    pd.testing.assert_frame_equal(found, expected)
    months = other.table("fct_account_mrr_months")
    assert months["is_final"].sum() == finals["is_final"].sum()
    assert len(months) == len(finals)


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
