"""A bad row in a good book is named, placed and counted, and nobody else notices.

Every case plants rows in one book. What each must read: which of its rows are kept
out or warned of, by which rule, at which file and line; that rows in = used +
quarantined + ignored; and that what every other account pays stays as it was.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse

Row = dict[str, Any]
AS_OF = "2024-12-31"
MARTS = (
    *("fct_mrr_movements", "fct_account_mrr_months", "fct_retention"),
    *("fct_data_quality", "fct_quarantined_rows", "fct_warned_rows"),
    *("dim_accounts", "int_account_attributes_joined"),
)
TWO_PARENTS = "two parents at once: versions overlap and differ in parent"
PARENT_CYCLE = "parents form a cycle: the account is its own parent"


def account(account_id: str, **more: Any) -> Row:
    """Return one row of accounts, an account of its own unless told."""
    row = {"account_id": account_id, "parent_account_id": None}
    return row | {"merged_into_account_id": None} | more


def version(account_id: str, start: str, end: str | None, parent: str | None) -> Row:
    """Return one row of account_history."""
    row = {"account_id": account_id, "valid_from": start, "valid_to": end}
    return row | {"parent_account_id": parent, "merged_into_account_id": None}


# What is well: lines 2 to 4 of the accounts, 2 to 5 of the items, 2 of the history.
GOOD: dict[str, list[Row]] = {
    "accounts": [
        account("one", owner_id="u"),
        account("two", parent_account_id="one"),
        account("three", merged_into_account_id="one"),
    ],
    "subscription_items": [
        item("g1", "one", "2023-01-01", "2024-02-01"),
        item("g1", "one", "2024-02-01", None, 140),
        item("g2", "two", "2023-05-10", "2024-05-10", 50, currency="EUR"),
        item("g3", "three", "2023-06-01", None, 70),
    ],
    "account_history": [version("two", "2023-05-01", None, "one")],
}


@dataclass(frozen=True)
class Planted:
    """Rows planted in the good book, and what must be said of them."""

    items: tuple[Row, ...] = ()
    accounts: tuple[Row, ...] = ()
    account_history: tuple[Row, ...] = ()
    # (entity, line, rule)
    kept_out: tuple[tuple[str, int, str], ...] = ()
    warned: tuple[tuple[str, int, str], ...] = ()
    ignored: dict[str, int] = field(default_factory=dict)
    # What the planted accounts pay at the end; those not named pay nothing.
    closing: dict[str, int] = field(default_factory=dict)
    ultimate_parents: dict[str, str] = field(default_factory=dict)


def items_out(rule: str, *lines: int) -> tuple[tuple[str, int, str], ...]:
    """Return the given lines of the items, kept out by one rule."""
    return tuple(("subscription_items", line, rule) for line in lines)


def rows_of(entity: str, rule: str, *lines: int) -> tuple[tuple[str, int, str], ...]:
    """Return the given lines of an entity, under one rule."""
    return tuple((entity, line, rule) for line in lines)


CASES = {
    "overlapping versions of one item": Planted(
        items=(
            item("i", "bad", "2024-01-01", "2024-03-02"),
            item("i", "bad", "2024-03-01"),
        ),
        kept_out=items_out("versions of one item overlap", 6, 7),
    ),
    "an open version before another": Planted(
        items=(item("i", "bad", "2024-01-01"), item("i", "bad", "2024-03-01")),
        kept_out=items_out("versions of one item overlap", 6, 7),
    ),
    "overlapping versions beside one that does not": Planted(
        items=(
            item("i", "bad", "2023-01-01", "2023-03-02"),
            item("i", "bad", "2023-03-01", "2023-06-01"),
            item("i", "bad", "2023-06-01"),
        ),
        kept_out=items_out("versions of one item overlap", 6, 7),
        closing={"bad": 100},
    ),
    "two different rows on one day": Planted(
        items=(item("i", "bad", "2024-01-01"), item("i", "bad", "2024-01-01", None, 9)),
        kept_out=items_out(
            "duplicate key: different rows on one (account_id, item_id, valid_from)",
            *(6, 7),
        ),
    ),
    "a currency change mid-item is no fault": Planted(
        items=(
            item("i", "bad", "2024-01-01", "2024-03-01"),
            item("i", "bad", "2024-03-01", "2024-06-01", currency="EUR"),
            item("i", "bad", "2024-07-01", currency="USD"),
            item("j", "bad", "2024-03-01", currency="EUR"),
        ),
        closing={"bad": 200},
    ),
    "an empty currency is the reporting currency": Planted(
        items=(
            item("i", "bad", "2024-01-01", "2024-03-01"),
            item("i", "bad", "2024-03-01", currency="usd"),
        ),
        closing={"bad": 100},
    ),
    "the end before the start": Planted(
        items=(item("i", "bad", "2024-03-01", "2024-02-29"),),
        kept_out=items_out("ends before it starts", 6),
    ),
    "a version of no day is ignored": Planted(
        items=(
            item("i", "bad", "2024-03-01", "2024-03-01", currency="EUR"),
            item("i", "bad", "2024-02-01"),
        ),
        ignored={"subscription_items": 1},
        closing={"bad": 100},
    ),
    "a negative quantity": Planted(
        items=(item("i", "bad", "2024-01-01", quantity=-1),),
        kept_out=items_out("below 0", 6),
    ),
    "a negative unit amount": Planted(
        items=(item("i", "bad", "2024-01-01", None, "-0.01"),),
        kept_out=items_out("below 0", 6),
    ),
    "a discount above 100 percent": Planted(
        items=(item("i", "bad", "2024-01-01", discount_percent="100.01"),),
        kept_out=items_out("above 100", 6),
    ),
    "a negative discount": Planted(
        items=(
            item("i", "bad", "2024-01-01", discount_percent=-5),
            item("j", "bad", "2024-01-01", discount_amount=-5),
        ),
        kept_out=items_out("below 0", 6, 7),
    ),
    "a discount that ends before it starts": Planted(
        items=(
            item(
                *("i", "bad", "2024-01-01"),
                **{"discount_percent": 10, "discount_from": "2024-02-02"},
                **{"discount_to": "2024-02-01"},
            ),
        ),
        kept_out=items_out("discount ends before it starts", 6),
    ),
    "no rate for the currency": Planted(
        items=(item("i", "bad", "2024-01-01", currency="XXX"),),
        kept_out=items_out("unknown currency XXX", 6),
    ),
    "a contract that was over before": Planted(
        items=(item("i", "bad", "2024-01-01", contract_end_on="2023-12-31"),),
        warned=items_out("contract ended before the version begins", 6),
        closing={"bad": 100},
    ),
    "notice after the end of service": Planted(
        items=(
            item("i", "bad", "2024-01-01", "2024-03-01", notice_on="2024-03-02"),
            item("j", "bad", "2024-01-01", "2024-03-01", notice_on="2024-03-02"),
            item("j", "bad", "2024-03-01"),
        ),
        warned=items_out("notice was given after the service ended", 6),
        closing={"bad": 100},
    ),
    "two parents at once": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(account("bad", parent_account_id="two"),),
        account_history=(
            version("bad", "2023-01-01", "2024-03-02", "one"),
            version("bad", "2024-03-01", None, "two"),
        ),
        kept_out=rows_of("account_history", TWO_PARENTS, 3, 4),
        closing={"bad": 100},
        # Its own row holds for all time where no history is left.
        ultimate_parents={"bad": "one"},
    ),
    "two parents on one day": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(account("bad"),),
        account_history=(
            version("bad", "2024-03-01", None, "one"),
            version("bad", "2024-03-01", None, "two"),
        ),
        kept_out=rows_of(
            "account_history",
            "duplicate key: different rows on one (account_id, valid_from)",
            *(3, 4),
        ),
        closing={"bad": 100},
        ultimate_parents={"bad": "bad"},
    ),
    "two rows of one account": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(
            account("bad", parent_account_id="one"),
            account("bad", parent_account_id="two"),
        ),
        kept_out=rows_of(
            "accounts", "duplicate key: different rows on one (account_id)", 5, 6
        ),
        closing={"bad": 100},
        ultimate_parents={"bad": "bad"},
    ),
    "overlapping versions of one parent": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(account("bad"),),
        account_history=(
            version("bad", "2023-01-01", "2024-06-01", "one"),
            version("bad", "2024-03-01", None, "one"),
        ),
        warned=rows_of(
            "account_history",
            "versions of one account overlap: the later one holds",
            *(3, 4),
        ),
        closing={"bad": 100},
        ultimate_parents={"bad": "one"},
    ),
    "beginnings without an end are a plain change of parent": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(account("bad"), account("other")),
        account_history=(
            version("bad", "2023-01-01", None, "other"),
            version("bad", "2024-03-01", None, "one"),
        ),
        closing={"bad": 100},
        ultimate_parents={"bad": "one"},
    ),
    "a history that ends before it starts": Planted(
        items=(item("i", "bad", "2024-01-01"),),
        accounts=(account("bad"),),
        account_history=(
            version("bad", "2024-03-01", "2024-02-01", "one"),
            version("bad", "2024-04-01", "2024-04-01", "one"),
        ),
        kept_out=rows_of("account_history", "ends before it starts", 3),
        ignored={"account_history": 1},
        closing={"bad": 100},
        ultimate_parents={"bad": "bad"},
    ),
    "a merge cycle": Planted(
        items=(
            item("i", "x", "2024-01-01"),
            item("j", "y", "2024-01-01", None, 30),
            item("k", "z", "2024-01-01", None, 5),
        ),
        accounts=(
            account("x", merged_into_account_id="y"),
            account("y", merged_into_account_id="x"),
            account("z", merged_into_account_id="y"),
            account("w", merged_into_account_id="w"),
        ),
        kept_out=rows_of("accounts", "merges form a cycle", 5, 6, 8),
        # Who merges into the cycle ends there.
        closing={"x": 100, "y": 35},
        ultimate_parents={"x": "x", "y": "y", "w": "w"},
    ),
    "a merge cycle that history tells": Planted(
        items=(item("i", "x", "2024-01-01"), item("j", "y", "2024-01-01", None, 30)),
        accounts=(account("x", parent_account_id="one"), account("y")),
        account_history=(
            version("x", "2024-03-01", None, None) | {"merged_into_account_id": "y"},
            version("y", "2024-03-01", None, None) | {"merged_into_account_id": "x"},
        ),
        kept_out=rows_of("account_history", "merges form a cycle", 3, 4),
        closing={"x": 100, "y": 30},
        ultimate_parents={"x": "one", "y": "y"},
    ),
    "a parent cycle": Planted(
        items=(item("i", "x", "2024-01-01"), item("j", "y", "2024-01-01", None, 30)),
        accounts=(
            account("x", parent_account_id="y"),
            account("y", parent_account_id="x"),
        ),
        warned=rows_of("accounts", PARENT_CYCLE, 5, 6),
        closing={"x": 100, "y": 30},
        ultimate_parents={"x": "x", "y": "y"},
    ),
    "a parent cycle of some months": Planted(
        items=(item("i", "x", "2024-01-01"), item("j", "y", "2024-01-01", None, 30)),
        accounts=(account("x"), account("y")),
        account_history=(
            version("x", "2023-01-01", "2024-02-01", None),
            version("x", "2024-02-01", "2024-06-01", "y"),
            version("x", "2024-06-01", None, None),
            version("y", "2023-01-01", None, "x"),
        ),
        warned=rows_of("account_history", PARENT_CYCLE, 4, 6),
        closing={"x": 100, "y": 30},
        ultimate_parents={"x": "x", "y": "x"},
    ),
    "an account that is its own parent": Planted(
        items=(item("i", "x", "2024-01-01"),),
        accounts=(account("x", parent_account_id="x"),),
        warned=rows_of(
            "accounts", "account names itself as its parent: read as none", 5
        ),
        closing={"x": 100},
        ultimate_parents={"x": "x"},
    ),
}


def book_with(planted: Planted) -> dict[str, list[Row]]:
    """Return the good book with rows planted behind its own."""
    more = {
        "accounts": planted.accounts,
        "subscription_items": planted.items,
        "account_history": planted.account_history,
    }
    return {name: [*rows, *more[name]] for name, rows in GOOD.items()}


def ledger_of_others(book: Book) -> dict[str, pd.DataFrame]:
    """Return all revenue rows of the accounts that the good book has."""
    return {
        mart: book.query(
            f"from {mart} where account_id in ('one', 'two', 'three') order by all"
        )
        for mart in ("fct_mrr_movements", "fct_account_mrr_months")
    }


def told_rows(book: Book, mart: str) -> set[tuple[str, str, int, str]]:
    """Return the rows a mart of bad rows tells of, with file, line and rule."""
    rows = book.table(mart)
    columns = ["entity", "source_file", "source_line", "rule"]
    return set(rows[columns].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def good(warehouse: Warehouse) -> dict[str, pd.DataFrame]:
    """Build the good book and return what its accounts pay."""
    return ledger_of_others(warehouse.build(GOOD, *MARTS, as_of=AS_OF))


@pytest.mark.parametrize("name", CASES)
def test_a_bad_row_is_named_placed_and_counted_and_nobody_else_notices(
    warehouse: Warehouse, good: dict[str, pd.DataFrame], name: str
) -> None:
    planted = CASES[name]
    tables = book_with(planted)
    book = warehouse.build(tables, *MARTS, as_of=AS_OF)

    for mart, rows in (
        ("fct_quarantined_rows", planted.kept_out),
        ("fct_warned_rows", planted.warned),
    ):
        placed = {(e, f"files/{e}.csv", line, rule) for e, line, rule in rows}
        assert told_rows(book, mart) == placed

    quality = book.table("fct_data_quality")
    counted = {
        (row.entity, row.rule): row.row_count
        for row in quality.itertuples()
        if row.disposition == "quarantined"
    }
    assert counted == dict(Counter((e, rule) for e, _, rule in planted.kept_out))
    counted = {
        (row.entity, row.rule): row.row_count
        for row in quality.itertuples()
        if row.disposition == "warning"
    }
    assert (
        counted.items()
        >= dict(Counter((e, rule) for e, _, rule in planted.warned)).items()
    )
    for entity, rows in tables.items():
        fates = quality.query("entity == @entity and stage == 'model'")
        at_load = quality.query(
            "entity == @entity and stage == 'load' and disposition != 'landed'"
        )
        assert fates["row_count"].sum() + at_load["row_count"].sum() == len(rows)
        ignored = fates[fates["disposition"] == "ignored"]["row_count"].sum()
        assert ignored == planted.ignored.get(entity, 0)

    for mart, rows in ledger_of_others(book).items():
        pd.testing.assert_frame_equal(rows, good[mart])
    paying = book.query(
        """
        select account_id, cast(sum(mrr_delta_native) as double) as mrr
        from fct_mrr_movements
        where movement <> 'fx' and account_id not in ('one', 'two', 'three')
        group by account_id having sum(mrr_delta_native) <> 0
        """
    )
    assert dict(paying.itertuples(index=False, name=None)) == planted.closing
    parents = book.query(
        "select account_id, ultimate_parent_id from dim_accounts "
        "where account_id not in ('one', 'two', 'three')"
    )
    found = dict(parents.itertuples(index=False, name=None))
    assert found.items() >= planted.ultimate_parents.items()
    assert book.broken_laws() == []
