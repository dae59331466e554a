"""What the files contract can say of an item: its own key, once, amended, on trial."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF, amended_book, random_book
from tests.python.random_contracts import random_contracts
from tests.python.revenue_oracle import RevenueOracle
from tests.python.test_revenue_oracle import assert_matches_oracle

LEDGER = (
    *("fct_mrr_movements", "fct_account_mrr_months", "fct_retention"),
    *("fct_renewals", "fct_account_usage_mrr_months", "dim_accounts"),
    *("fct_account_committed_mrr_months", "fct_scheduled_mrr_changes"),
)
QUALITY = ("fct_data_quality", "fct_quarantined_rows", "fct_warned_rows")

Row = Mapping[str, Any]


def movements(book: Book) -> list[tuple[str, str, str, Decimal]]:
    """Return day, movement, why and how much, of the whole book."""
    found = book.query(
        "select cast(effective_on as string), movement, sub_reason, mrr_delta"
        " from fct_mrr_movements order by all"
    )
    return list(found.itertuples(index=False, name=None))


def fates(book: Book) -> dict[tuple[str, str, str], int]:
    """Return how many rows of items had each fate."""
    found = book.query(
        "select stage, disposition, rule, row_count from fct_data_quality"
        " where entity = 'subscription_items' and stage <> 'warning'"
        " and disposition <> 'landed'"
    )
    return {(row[0], row[1], row[2]): row[3] for row in found.itertuples(index=False)}


# --- A key counts within its account -------------------------------------------------


def renumbered(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with item and subscription ids 1, 2, 3 in every account."""
    ids: dict[tuple[str, str], dict[str, str]] = {}
    told = []
    for row in rows:
        changed = {}
        for name in ("item_id", "subscription_id"):
            if row.get(name) is not None:
                known = ids.setdefault((row["account_id"], name), {})
                changed[name] = known.setdefault(row[name], str(len(known) + 1))
        told.append({**row, **changed})
    return told


def unique(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with ids that say which account they are of."""
    names = ("item_id", "subscription_id")
    return [
        {**row}
        | {
            name: f"{row['account_id']}:{row[name]}"
            for name in names
            if row.get(name) is not None
        }
        for row in rows
    ]


@pytest.mark.parametrize("make", [random_book, amended_book, random_contracts])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_book_whose_accounts_count_their_items_alike_reads_like_one_of_unique_ids(
    warehouse: Warehouse, make: Any, seed: int
) -> None:
    tables = dict(make(seed))
    rows = renumbered(tables["subscription_items"])
    marts = (*LEDGER, *QUALITY)
    told: list[dict[str, pd.DataFrame]] = []
    for items in (unique(rows), rows):
        tables["subscription_items"] = items
        book = warehouse.build(tables, *marts, as_of=AS_OF.isoformat())
        assert book.broken_laws() == []
        told.append({name: book.table(name) for name in marts})
    for name in marts:
        left, right = (
            one[name]
            .drop(columns="row_key", errors="ignore")
            .map(str)
            .sort_values(list(one[name].columns.drop("row_key", errors="ignore")))
            .reset_index(drop=True)
            for one in told
        )
        pd.testing.assert_frame_equal(left, right)


# --- Everything at once, against the oracle ------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_an_amended_book_reads_as_the_oracle_says(
    warehouse: Warehouse, seed: int
) -> None:
    tables = amended_book(seed)
    book = warehouse.build(
        tables,
        *("fct_mrr_movements", "fct_account_mrr_months", "fct_retention"),
        "fct_data_quality",
        as_of=AS_OF.isoformat(),
    )
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
    assert sum(fates(book).values()) == len(tables["subscription_items"])
    fees = [r for r in tables["subscription_items"] if r["billing_interval"] == "once"]
    assert fates(book)["model", "used", "billed once: no MRR"] == len(fees)


# --- Billed once ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "fee",
    [
        {},
        {"valid_to": "2024-03-01"},
        {"valid_to": "2025-03-01", "contract_end_on": "2025-02-28"},
        {"status": "trialing", "trial_ends_on": "2024-04-01"},
        {"status": "unpaid", "quantity": 9},
        {"item_id": "i", "valid_from": "2024-04-01"},
    ],
)
def test_what_is_billed_once_is_kept_and_moves_nothing(
    warehouse: Warehouse, fee: dict[str, Any]
) -> None:
    paid = item("i", "a", "2024-02-01", contract_end_on="2025-01-31")
    once = item("fee", "a", "2024-03-01", unit_amount=999, billing_interval="once")
    alone = item("fee", "b", "2024-03-01", unit_amount=999, billing_interval="once")
    plain = warehouse.build({"subscription_items": [paid]}, *LEDGER, as_of="2024-12-31")
    expected = {name: plain.table(name) for name in LEDGER[:-3]}
    book = warehouse.build(
        {"subscription_items": [paid, once | fee, alone | fee]},
        *(*LEDGER, *QUALITY),
        as_of="2024-12-31",
    )
    for name, rows in expected.items():
        pd.testing.assert_frame_equal(book.table(name), rows)
    assert fates(book) == {
        ("model", "used", "none"): 1,
        ("model", "used", "billed once: no MRR"): 2,
    }
    assert book.table("fct_quarantined_rows").empty
    known = book.query("select account_id from dim_accounts order by 1")
    assert list(known["account_id"]) == ["a", "b"]
    assert book.broken_laws() == []


# --- The latest amendment wins -------------------------------------------------------


def version(valid_from: str, at: str | None, **more: Any) -> dict[str, Any]:
    """Return a version of one item, and when it was amended."""
    return item("i", "a", valid_from) | {"modified_at": at} | more


@pytest.mark.parametrize(
    "stamps",
    [
        (None, "2024-05-01"),
        ("2024-01-05 10:00:00", "2024-01-05 10:00:01"),
        ("2024-01-05T12:00:00+02:00", "2024-01-05T10:00:01Z"),
        (None, None, "2024-05-01"),
        ("2024-04-01", None, "2024-05-01", "2024-03-01"),
    ],
)
def test_of_rows_on_one_key_the_latest_amendment_wins_and_the_others_are_counted(
    warehouse: Warehouse, stamps: tuple[str | None, ...]
) -> None:
    last = max(range(len(stamps)), key=lambda n: str(stamps[n] or "")[:10] + str(n))
    rows = [version("2024-01-01", at, unit_amount=n + 1) for n, at in enumerate(stamps)]
    if stamps[-1] == "2024-03-01":
        last = 2
    for told in (rows, rows[::-1]):
        book = warehouse.build(
            {"subscription_items": told},
            *("fct_mrr_movements", *QUALITY),
            as_of="2024-12-31",
        )
        assert movements(book) == [
            ("2024-01-01", "new", "first_paid", Decimal(last + 1))
        ]
        superseded = ("load", "superseded", "a newer row has the same key")
        assert fates(book) == {
            superseded: len(rows) - 1,
            ("model", "used", "none"): 1,
        }
        assert book.broken_laws() == []


@pytest.mark.parametrize("at", [None, "2024-05-01 10:00:00"])
@pytest.mark.parametrize("older", [(), ("2024-02-01",)])
def test_rows_on_one_key_that_nothing_orders_are_kept_out(
    warehouse: Warehouse, at: str | None, older: tuple[str, ...]
) -> None:
    stamps = (at, at, *(older if at else ()))
    rows = [
        version("2024-01-01", stamp, unit_amount=n + 1)
        for n, stamp in enumerate(stamps)
    ]
    good = item("i", "b", "2024-01-01")
    book = warehouse.build(
        {"subscription_items": [*rows, good]},
        *("fct_mrr_movements", *QUALITY),
        as_of="2024-12-31",
    )
    assert len(book.table("fct_quarantined_rows")) == len(rows)
    assert movements(book) == [("2024-01-01", "new", "first_paid", Decimal(100))]


SOONER = "told to run past the end of the amendment that cuts it"


@pytest.mark.parametrize(
    ("rows", "moved", "superseded", "warned"),
    [
        pytest.param(
            [
                version("2024-01-01", "2024-01-01"),
                version("2024-06-01", "2024-05-20", unit_amount=150),
            ],
            [("2024-01-01", 100), ("2024-06-01", 50)],
            *(0, []),
            id="never closed",
        ),
        pytest.param(
            [
                version("2024-03-01", "2024-03-01"),
                version("2024-01-01", "2024-04-10", unit_amount=120),
            ],
            [("2024-01-01", 120)],
            *(1, []),
            id="began earlier after all",
        ),
        pytest.param(
            [
                version("2024-01-01", None),
                version("2024-03-01", "2024-05-01", valid_to="2024-06-01"),
            ],
            [("2024-01-01", 100), ("2024-06-01", -100)],
            *(0, [SOONER]),
            id="cancelled by its last version",
        ),
        pytest.param(
            [
                version("2024-01-01", "2024-06-01", valid_to="2024-04-01"),
                version("2024-03-01", "2024-03-01", unit_amount=130),
            ],
            [("2024-01-01", 100), ("2024-04-01", 30)],
            *(0, []),
            id="the rise was put off",
        ),
        pytest.param(
            [
                version("2024-01-01", "2024-01-01"),
                version("2024-02-01", "2024-02-01", unit_amount=110),
                version("2024-03-01", "2024-03-01", unit_amount=120),
                version("2024-02-10", "2024-04-01", unit_amount=90),
            ],
            [("2024-01-01", 100), ("2024-02-01", 10), ("2024-02-10", -20)],
            *(1, []),
            id="all that followed is taken back",
        ),
    ],
)
def test_a_later_amendment_cuts_or_covers_what_it_overlaps(
    warehouse: Warehouse,
    rows: list[dict[str, Any]],
    moved: list[tuple[str, int]],
    superseded: int,
    warned: list[str],
) -> None:
    for told in (rows, rows[::-1]):
        book = warehouse.build(
            {"subscription_items": told},
            *("fct_mrr_movements", *QUALITY),
            as_of="2024-12-31",
        )
        found = [(day, amount) for day, _, _, amount in movements(book)]
        assert found == [(day, Decimal(amount)) for day, amount in moved]
        covered = ("model", "superseded", "a later amendment covers it")
        assert fates(book).get(covered, 0) == superseded
        assert list(book.table("fct_warned_rows")["rule"]) == warned
        assert book.table("fct_quarantined_rows").empty
        assert book.broken_laws() == []


def test_versions_that_overlap_and_tie_are_kept_out_and_an_older_one_is_not(
    warehouse: Warehouse,
) -> None:
    rows = [
        version("2023-01-01", "2023-01-01"),
        version("2024-01-01", "2024-05-01", unit_amount=7),
        version("2024-02-01", "2024-05-01", unit_amount=8),
    ]
    book = warehouse.build(
        {"subscription_items": rows},
        *("fct_mrr_movements", *QUALITY),
        as_of="2024-12-31",
    )
    rules = list(book.table("fct_quarantined_rows")["rule"])
    assert rules == ["versions of one item overlap"] * 2
    # What the two agree upon is that the older one no longer holds.
    assert [row[:2] for row in movements(book)] == [
        ("2023-01-01", "new"),
        ("2024-01-01", "churn"),
    ]


# --- Trials --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "moved"),
    [
        ({"status": "trialing"}, [("2024-01-15", "new")]),
        ({"status": "active"}, [("2024-01-15", "new")]),
        ({"status": None}, [("2024-01-15", "new")]),
        ({"status": "past_due"}, [("2024-01-15", "new")]),
        ({"status": "paused"}, []),
        ({"status": "unpaid"}, []),
        ({"status": "free"}, []),
        ({"valid_to": "2024-01-10"}, []),
        ({"valid_to": "2024-01-15"}, []),
        ({"valid_to": "2024-02-01"}, [("2024-01-15", "new"), ("2024-02-01", "churn")]),
        ({"trial_ends_on": "2024-01-01"}, [("2024-01-01", "new")]),
        ({"trial_ends_on": "2023-12-01"}, [("2024-01-01", "new")]),
        ({"trial_ends_on": "9999-12-31"}, [("2024-01-01", "new")]),
        ({"trial_ends_on": "2026-01-01"}, []),
        ({"discount_percent": 50}, [("2024-01-15", "new")]),
    ],
)
def test_the_first_paid_day_is_that_on_which_the_trial_ends(
    warehouse: Warehouse, more: dict[str, Any], moved: list[tuple[str, str]]
) -> None:
    row = item("i", "a", "2024-01-01", trial_ends_on="2024-01-15")
    book = warehouse.build(
        {"subscription_items": [row | more]}, "fct_mrr_movements", as_of="2024-12-31"
    )
    assert [found[:2] for found in movements(book)] == moved
    assert book.broken_laws() == []


def test_a_trial_that_ends_ahead_is_money_to_come(warehouse: Warehouse) -> None:
    row = item("i", "a", "2024-12-20", trial_ends_on="2025-01-03", status="trialing")
    book = warehouse.build(
        {"subscription_items": [row]}, "fct_scheduled_mrr_changes", as_of="2024-12-31"
    )
    ahead = book.query(
        "select cast(effective_on as string) as day, mrr_delta"
        " from fct_scheduled_mrr_changes"
    )
    assert list(ahead.itertuples(index=False, name=None)) == [
        ("2025-01-03", Decimal(100))
    ]


# --- What quantity counts ------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "seats", "why", "mrr", "usage"),
    [
        (None, 30, "seats", 3000, 0),
        ("seats", 30, "seats", 3000, 0),
        ("Units", 0, "units", 3000, 0),
        ("usage", 0, None, 0, 3000),
    ],
)
def test_seats_are_counted_from_seats_alone(
    warehouse: Warehouse, unit: str | None, seats: int, why: str, mrr: int, usage: int
) -> None:
    rows = [
        item("i", "a", "2024-01-01", "2024-02-01", quantity=20, quantity_unit=unit),
        item("i", "a", "2024-02-01", quantity=30, quantity_unit=unit),
    ]
    book = warehouse.build(
        {"subscription_items": rows},
        *("fct_mrr_movements", "dim_accounts", "fct_account_usage_mrr_months"),
        "int_contract_outlooks_dated",
        as_of="2024-02-29",
    )
    known = book.query("select current_seats from dim_accounts")
    assert list(known["current_seats"]) == [seats]
    reasons = [why for _, movement, why, _ in movements(book) if movement != "new"]
    assert reasons == ([why] if why else [])
    total = book.query(
        "select coalesce(sum(mrr_delta), 0) as mrr from fct_mrr_movements"
    )
    assert list(total["mrr"]) == [mrr]
    metered = book.query("select max(usage_mrr) as m from fct_account_usage_mrr_months")
    assert [int(m or 0) for m in metered["m"]] == [usage]
    outlook = book.query(
        "select max(seat_count) as seats from int_contract_outlooks_dated"
    )
    assert [float(s or 0) for s in outlook["seats"]] == [seats if mrr else 0]


# --- A slice of one's own ------------------------------------------------------------


def test_a_slice_of_ones_own_cuts_the_book_as_it_was_and_what_is_not_told_is_counted(
    warehouse: Warehouse,
) -> None:
    marts = (
        *("fct_mrr_months", "fct_retention", "fct_retention_cohorts"),
        *("fct_renewal_rates", "dim_accounts", "dim_account_history"),
    )
    items = [item(f"i{a}", a, "2023-12-01", unit_amount=100) for a in "abc"]
    moved = {"account_id": "a", "valid_from": "2024-02-10", "segment": "upmarket"}
    first = {"account_id": "a", "valid_from": "2023-01-01", "segment": "self-serve"}
    accounts = [
        {"account_id": "a", "segment": "upmarket"},
        {"account_id": "b", "segment": "upmarket"},
        {"account_id": "c", "segment": None},
    ]
    book = warehouse.build(
        {
            "subscription_items": items,
            "accounts": accounts,
            "account_history": [first | {"valid_to": "2024-02-10"}, moved],
        },
        *marts,
        as_of="2024-03-31",
    )
    closing = book.query(
        "select cast(mrr_month as string), segment_value, closing_mrr,"
        " segment_transfer_mrr from fct_mrr_months where segment_dimension = 'segment'"
        " and mrr_month >= '2024-02-01' order by all"
    )
    assert list(closing.itertuples(index=False, name=None)) == [
        ("2024-02-01", "self-serve", 100, 0),
        ("2024-02-01", "unknown", 100, 0),
        ("2024-02-01", "upmarket", 100, 0),
        ("2024-03-01", "self-serve", 0, -100),
        ("2024-03-01", "unknown", 100, 0),
        ("2024-03-01", "upmarket", 200, 100),
    ]
    for mart in ("fct_retention", "fct_retention_cohorts"):
        cut = book.query(
            f"select distinct segment_value from {mart}"
            " where segment_dimension = 'segment' order by 1"
        )
        assert list(cut["segment_value"]) == ["self-serve", "unknown", "upmarket"]
    known = book.query("select account_id, segment from dim_accounts order by 1")
    assert list(known.itertuples(index=False, name=None)) == [
        ("a", "upmarket"),
        ("b", "upmarket"),
        ("c", None),
    ]
    assert book.broken_laws() == []
