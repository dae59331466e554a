"""What must change nothing in revenue and retention, or change everything alike.

Every row and column of every mart of revenue, retention and renewals is compared: a
mart, policy or segment that is added is held to the same.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, CompiledProject, Warehouse, models_of

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Marts = dict[str, pd.DataFrame]
AS_OF = date(2024, 6, 30)
FOLDERS = ("marts/revenue/", "marts/retention/", "marts/renewals/")
ACCOUNTS = [f"a{number}" for number in range(9)]


def months_later(day: date | None, months: int) -> date | None:
    """Move a day by whole months; the last of a month stays the last."""
    if day is None:
        return None
    index = day.year * 12 + day.month - 1 + months
    first = date(index // 12, index % 12 + 1, 1)
    next_first = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    is_last = (day + timedelta(days=1)).day == 1
    return next_first - timedelta(days=1) if is_last else first.replace(day=day.day)


def rich_book(seed: int, scale: int = 0) -> Tables:
    """Return a book with most of what revenue can be, on days that every month has.

    Prices have `scale` more decimals than cents; what is left of six stays exact.
    """
    random = Random(seed)
    price = {"unit_amount": Decimal(4000).scaleb(-2 - scale), "quantity": 2}
    items = [
        # What no book may lack: a pause of months and a balance that rates move.
        item("ip", "a7", date(2023, 2, 5), date(2023, 9, 1), **price),
        item("ip", "a7", date(2023, 9, 1), date(2024, 1, 5), status="paused", **price),
        item("ip", "a7", date(2024, 1, 5), **price),
        item("ie", "a8", date(2023, 3, 5), currency="EUR", product="y", **price),
    ]
    for row in items:
        row |= {"subscription_id": f"s{row['item_id']}", "discount_from": None}
    for account_id in ACCOUNTS[:7]:
        currency = random.choice((None, None, "EUR"))
        for number in range(random.randint(1, 3)):
            month = random.randrange(14)
            for _ in range(random.randint(1, 4)):
                start = date(2023 + month // 12, month % 12 + 1, random.randint(1, 27))
                month += random.randint(1, 6)
                end = date(2023 + month // 12, month % 12 + 1, 1)
                month += random.choice((0, 0, 1, 3))
                if start >= end:
                    continue
                is_open = random.random() < 0.3
                items.append(
                    item(
                        f"i{account_id}-{number}",
                        account_id,
                        start,
                        None if is_open else end,
                        Decimal(random.randint(1, 99999)).scaleb(-2 - scale),
                        quantity=2 * random.randint(1, 4),
                        currency=currency,
                        product=random.choice("xyz"),
                        plan=random.choice(("gold", "silver")),
                        status=random.choice(
                            ("active",) * 6
                            + ("past_due", "paused", "unpaid", "trialing")
                        ),
                        usage_based=random.random() < 0.1,
                        discount_percent=random.choice((0, 0, 0, 50)),
                        discount_to=random.choice((None, months_later(start, 2))),
                        contract_end_on=None if is_open else end,
                        notice_on=random.choice((None, None, start)),
                        subscription_id=f"s{account_id}-{number}",
                    )
                )
                if is_open:
                    break
    accounts = [
        {
            "account_id": account_id,
            "parent_account_id": "a0" if number in (3, 4) else None,
            "merged_into_account_id": "a1" if number == 2 else None,
            "owner_id": random.choice(("u1", "u2", None)),
            "country": random.choice(("DE", "FR", None)),
            "desired_outcome": random.choice(("reporting", None)),
        }
        for number, account_id in enumerate(ACCOUNTS)
    ]
    history = [
        {"account_id": "a5", "valid_from": start, "valid_to": end, "owner_id": owner}
        | {"parent_account_id": parent, "country": "DE"}
        for start, end, owner, parent in (
            (date(2022, 1, 10), date(2023, 11, 10), "u1", None),
            (date(2023, 11, 10), None, "u2", "a0"),
        )
    ]
    rates = [
        {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
        for day, rate in (
            (date(2020, 1, 1), Decimal("1.5")),
            (date(2023, 10, 10), Decimal("1.2")),
            (date(2024, 3, 20), Decimal("1.4")),
        )
    ]
    return {
        "subscription_items": items,
        "accounts": accounts,
        "account_history": history,
        "exchange_rates": rates,
    }


def revenue_marts(compiled: CompiledProject) -> list[str]:
    """List every mart of revenue, retention and renewals."""
    return sorted(
        node["name"]
        for node in models_of(compiled.manifest)
        if any(folder in node["original_file_path"] for folder in FOLDERS)
    )


def read(book: Book) -> Marts:
    """Return every mart of revenue, retention and renewals."""
    return {name: book.table(name) for name in revenue_marts(book.compiled)}


def built(warehouse: Warehouse, tables: Tables, as_of: date = AS_OF) -> Marts:
    """Build a book, hold its laws and return its marts."""
    marts = revenue_marts(warehouse.compiled)
    book = warehouse.build(tables, *marts, as_of=as_of.isoformat())
    assert book.landing.quarantined == []
    assert book.broken_laws() == []
    return read(book)


def assert_same_marts(found: Marts, expected: Marts) -> None:
    """Assert that marts hold the same rows: exact, but for rates (1e-12)."""
    assert found.keys() == expected.keys()
    for name, frame in expected.items():
        exact = [column for column in frame if not column.endswith("_rate")]
        sides = [
            side[name].sort_values(exact, ignore_index=True)
            for side in (found, expected)
        ]
        pd.testing.assert_frame_equal(*sides, rtol=1e-12, atol=1e-12, obj=name)


def changed_cells(marts: Marts, change: Callable[[Any], Any]) -> Marts:
    """Change every cell that is a date, a text or money."""
    return {name: frame.map(change) for name, frame in marts.items()}


def with_items(tables: Tables, items: list[Row]) -> Tables:
    return tables | {"subscription_items": items}


def without(marts: Marts, *names: str) -> Marts:
    return {name: frame for name, frame in marts.items() if name not in names}


def without_days(marts: Marts) -> Marts:
    return {
        name: frame.drop(columns=[c for c in frame if c.endswith("_days")])
        for name, frame in marts.items()
    }


def without_constants(marts: Marts) -> Marts:
    return {
        name: frame.drop(
            columns=[c for c in frame if "constant" in c or c == "rate_effect_mrr"]
        )
        for name, frame in marts.items()
    }


@pytest.fixture(scope="module")
def expected(warehouse: Warehouse) -> Marts:
    """Return the marts of the book as it is."""
    marts = built(warehouse, rich_book(3))
    # A book that has nothing of something would prove nothing about it.
    moved = set(marts["fct_mrr_movements"]["movement"])
    assert moved == {
        *("new", "expansion", "contraction", "churn", "reactivation"),
        *("pause", "resume", "fx"),
    }
    silent = {name for name, frame in marts.items() if frame.empty}
    # Nothing was published before the first run, so nothing is restated; and so small a
    # book has too few outcomes to judge a forecast by.
    assert silent == {"fct_mrr_restatements", "fct_renewal_forecast_backtest"}
    assert set(marts["fct_retention"]["window_months"]) == {1, 3, 12}
    return marts


def reversed_rows(tables: Tables) -> Tables:
    return {name: rows[::-1] for name, rows in tables.items()}


def renamed_items(tables: Tables) -> Tables:
    """Rename items and subscriptions, in another order."""
    return with_items(
        tables,
        [
            row
            | {"item_id": f"zz-{row['item_id'][::-1]}"}
            | {"subscription_id": f"zz-{row['subscription_id'][::-1]}"}
            for row in tables["subscription_items"]
        ],
    )


def split_items(tables: Tables) -> Tables:
    """Split each item in two of half the quantity."""
    return with_items(
        tables,
        [
            row
            | {"item_id": f"{row['item_id']}-{half}"}
            | {"quantity": row["quantity"] // 2}
            for row in tables["subscription_items"]
            for half in "lr"
        ],
    )


def split_subscriptions(tables: Tables) -> Tables:
    """Split each subscription in two of half the quantity."""
    halves = split_items(tables)["subscription_items"]
    return with_items(
        tables,
        [
            row | {"subscription_id": f"{row['subscription_id']}-{row['item_id'][-1]}"}
            for row in halves
        ],
    )


def cut_where_nothing_changes(tables: Tables) -> Tables:
    """Cut each long version in two: a renewal on the same terms."""
    items = []
    for row in tables["subscription_items"]:
        middle = row["valid_from"] + timedelta(days=10)
        if row["valid_to"] is not None and row["valid_to"] <= middle:
            items.append(row)
        else:
            # The discount of the second half began with the first.
            since = {"discount_from": row["valid_from"]}
            items.append(row | since | {"valid_to": middle})
            items.append(row | since | {"valid_from": middle})
    return with_items(tables, items)


def with_more_to_come(tables: Tables) -> Tables:
    """Add rates, versions of accounts and empty intervals that change nothing."""
    row = tables["subscription_items"][0]
    later = date(2024, 7, 1)
    rate = {"currency": "EUR", "to_currency": "USD", "valid_from": later, "rate": 9}
    version = {"account_id": "a6", "valid_from": later, "parent_account_id": "a0"}
    empty = row | {"item_id": "none", "valid_to": row["valid_from"]}
    return {
        "subscription_items": [*tables["subscription_items"], empty],
        "accounts": tables["accounts"],
        "account_history": [*tables["account_history"], version],
        "exchange_rates": [*tables["exchange_rates"], rate],
    }


UNSEEN = (
    reversed_rows,
    renamed_items,
    split_items,
    split_subscriptions,
    cut_where_nothing_changes,
    with_more_to_come,
)
# What counts items or subscriptions sees them split or renamed, as it should.
SEES_ITEMS: tuple[str, ...] = ("fct_renewals", "fct_scheduled_mrr_changes")


@pytest.mark.parametrize("change", UNSEEN)
def test_nobody_notices(
    warehouse: Warehouse, expected: Marts, change: Callable[[Tables], Tables]
) -> None:
    found = built(warehouse, change(rich_book(3)))
    is_seen = change not in (reversed_rows, with_more_to_come)
    apart = SEES_ITEMS if is_seen else ()
    assert_same_marts(without(found, *apart), without(expected, *apart))


def test_a_billing_migration_makes_no_movement(
    warehouse: Warehouse, expected: Marts
) -> None:
    """From 10 March 2024 every running item has a new id in a new subscription."""
    moved_on = date(2024, 3, 10)
    tables, items = rich_book(3), []
    for row in tables["subscription_items"]:
        renamed = {key: f"new-{row[key]}" for key in ("item_id", "subscription_id")}
        since = {"discount_from": row["valid_from"]}
        if row["valid_to"] is not None and row["valid_to"] <= moved_on:
            items.append(row)
        elif row["valid_from"] >= moved_on:
            items.append(row | renamed)
        else:
            items.append(row | since | {"valid_to": moved_on})
            items.append(row | since | renamed | {"valid_from": moved_on})
    found = built(warehouse, with_items(tables, items))
    assert_same_marts(without(found, *SEES_ITEMS), without(expected, *SEES_ITEMS))


def test_other_names_of_accounts_and_owners_are_other_names(
    warehouse: Warehouse, expected: Marts
) -> None:
    names = {name: f"{9 - int(name[1:])}-renamed" for name in ACCOUNTS}
    names |= {"u1": "v2", "u2": "v1"}
    keys = ("account_id", "parent_account_id", "merged_into_account_id", "owner_id")
    tables = {
        table: [
            row | {key: names.get(row[key], row[key]) for key in keys if key in row}
            for row in rows
        ]
        for table, rows in rich_book(3).items()
    }
    back = {new: old for old, new in names.items()}
    found = built(warehouse, tables)
    found = changed_cells(
        found, lambda cell: back.get(cell, cell) if isinstance(cell, str) else cell
    )
    assert_same_marts(without(found, *SEES_ITEMS), without(expected, *SEES_ITEMS))


def test_all_amounts_times_7_is_all_money_times_7(warehouse: Warehouse) -> None:
    """Prices are small, so that no account pays its way into another tier."""
    tables = rich_book(3, scale=2)
    sevenfold = with_items(
        tables,
        [
            row | {"unit_amount": 7 * row["unit_amount"]}
            for row in tables["subscription_items"]
        ],
    )
    found = changed_cells(
        built(warehouse, sevenfold),
        lambda cell: cell / 7 if isinstance(cell, Decimal) else cell,
    )
    assert_same_marts(found, built(warehouse, tables))


@pytest.mark.parametrize("months", [1, 5, -12, -48])
def test_all_dates_some_months_later_is_everything_as_much_later(
    warehouse: Warehouse, expected: Marts, months: int
) -> None:
    """Days of 28 and less; gaps are of less than 32 days or of more than 59."""
    tables = {
        table: [
            {
                key: months_later(cell, months) if isinstance(cell, date) else cell
                for key, cell in row.items()
            }
            for row in rows
        ]
        for table, rows in rich_book(3).items()
    }
    as_of = months_later(AS_OF, months)
    assert as_of is not None
    found = built(warehouse, tables, as_of)

    def shifted(cell: Any) -> Any:
        if isinstance(cell, date) and not pd.isna(cell):
            return months_later(cell, -months)
        if isinstance(cell, str) and len(cell) == 7 and cell[:2] == "20":
            first = months_later(date.fromisoformat(f"{cell}-01"), -months)
            return f"{first:%Y-%m}"
        return cell

    marts = changed_cells(found, shifted)
    if months % 48:
        # Months differ in length, so the days of a term do, and the day on which its
        # outcome is known: all else must not.
        marts, expected = (
            without_days(without(side, "fct_renewal_outlooks"))
            for side in (marts, expected)
        )
    if months % 12:
        # Constant currency is at the rate of the end of a calendar year.
        marts, expected = without_constants(marts), without_constants(expected)
    assert_same_marts(marts, expected)


def test_one_more_month_leaves_the_months_before_as_they_were(
    warehouse: Warehouse,
) -> None:
    """What is over stays, but for what only its later days can settle."""
    tables = rich_book(3)
    day = AS_OF - timedelta(days=60)
    unsettled = {
        row["account_id"]
        for row in tables["subscription_items"]
        if row["valid_to"] is not None and day < row["valid_to"] <= AS_OF
    } | {"a1", "a2"}
    items = [
        row
        for row in tables["subscription_items"]
        if row["account_id"] not in unsettled
    ]
    assert len(items) > 10
    tables = with_items(tables, items)
    early = built(warehouse, tables)
    july = [item("n", "a8", date(2024, 7, 5), None, 3), item("o", "new", "2024-07-09")]
    late = built(warehouse, with_items(tables, items + july), date(2024, 7, 31))
    for name, since, settled_later in (
        ("fct_mrr_movements", "effective_on", ["is_provisional"]),
        ("fct_account_mrr_months", "mrr_month", ["is_final"]),
        ("fct_mrr_months", "mrr_month", ["is_final"]),
        ("fct_currency_mrr_months", "mrr_month", []),
        ("fct_retention", "period_end_on", ["is_final"]),
    ):
        frames = [
            {name: frame[frame[since] <= AS_OF].drop(columns=settled_later)}
            for frame in (late[name], early[name])
        ]
        assert_same_marts(*frames)
