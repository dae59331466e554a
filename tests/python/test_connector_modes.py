"""Modes in which a connector lands its tables: history, soft deletes, merges, quiet."""

from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse
from tests.python.test_landing import assert_all_rows_told, load_of
from tests.python.test_stripe_capture import i1, small_stripe

Row = dict[str, Any]
OPEN_END = "9999-12-31 23:59:59.999"


def write(landing: Path, source: str, table: str, rows: list[Row]) -> Path:
    """Write one table of a connector."""
    folder = landing / source
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(folder / f"{table}.csv", index=False)
    return landing


def account_versions(count: int, yes: str, no: str) -> list[Row]:
    """Return an account that was renamed some times, and one that never was."""
    days = [f"2024-0{number + 1}-01 00:00:00" for number in range(count)]
    versions = [
        {
            "id": "001A",
            "name": f"Name {number}",
            "is_deleted": "false",
            "_fivetran_start": day,
            "_fivetran_end": days[number + 1] if number + 1 < count else OPEN_END,
            "_fivetran_active": yes if number + 1 == count else no,
        }
        for number, day in enumerate(days)
    ]
    other = versions[-1] | {"id": "001B", "name": "Other", "_fivetran_active": yes}
    return [*versions, other]


@pytest.mark.parametrize(
    ("count", "words"),
    list(product([1, 2, 5], [("true", "false"), ("TRUE", "FALSE"), (1, 0)])),
)
def test_a_table_in_history_mode_is_one_row_a_key(
    warehouse: Warehouse, tmp_path: Path, count: int, words: tuple[str, str]
) -> None:
    rows = account_versions(count, *words)
    landing = write(tmp_path, "salesforce", "account", rows)
    write(landing, "salesforce", "user", [row | {"id": "005"} for row in rows[:count]])
    book = warehouse.build_landing(landing, "dim_accounts", as_of="2024-12-31")
    assert dict(
        book.query("select account_id, account_name from dim_accounts").to_numpy()
    ) == {"001A": f"Name {count - 1}", "001B": "Other"}
    for entity, kept in (("account", 2), ("user", 1)):
        load = load_of(book.landing, entity)
        assert load.rows_landed == kept and load.rows_quarantined == 0
        assert load.rows_superseded == count - 1
        assert_all_rows_told(load)


@pytest.mark.parametrize(
    "gone",
    [
        {"_fivetran_active": "false"},
        {"_fivetran_deleted": "true"},
        {"is_deleted": "true"},
    ],
)
def test_a_deleted_contact_is_none(
    warehouse: Warehouse, tmp_path: Path, gone: Row
) -> None:
    write(tmp_path, "salesforce", "account", [{"id": "001A", "name": "A"}])
    here = {"is_deleted": "false", "_fivetran_active": "true"}
    here |= {"_fivetran_deleted": "false", "account_id": "001A"}
    rows = [here | {"id": "003A"}, here | {"id": "003B"} | gone]
    landing = write(tmp_path, "salesforce", "contact", rows)
    book = warehouse.build_landing(
        landing, "int_contacts_conformed", as_of="2024-12-31"
    )
    assert list(book.table("int_contacts_conformed")["contact_id"]) == ["003A"]


@pytest.mark.parametrize(
    ("merged", "survivor", "tag"),
    [
        ({}, {}, "closed_by_merge"),
        ({}, {"merged_ticket_ids": "[2]"}, None),
        ({}, {"merged_ticket_ids": '["7", "2", "22"]'}, None),
        ({"status": "deleted"}, {}, None),
        ({"status": "Deleted"}, {}, None),
        ({"_fivetran_deleted": "true"}, {}, None),
    ],
)
def test_a_merged_ticket_counts_once(
    warehouse: Warehouse, tmp_path: Path, merged: Row, survivor: Row, tag: str | None
) -> None:
    plain = {"organization_id": "o", "requester_id": "u", "status": "closed"}
    plain |= {"created_at": "2024-03-01 09:00:00", "updated_at": "2024-03-02 09:00:00"}
    plain |= {"merged_ticket_ids": "[]", "_fivetran_deleted": "false"}
    tickets = [plain | {"id": "1"} | survivor, plain | {"id": "2"} | merged]
    tickets.append(plain | {"id": "222"})
    landing = write(tmp_path, "zendesk", "ticket", tickets)
    tags = [{"ticket_id": "1", "tag": "billing"}]
    tags += [{"ticket_id": "2", "tag": tag}] if tag else []
    write(landing, "zendesk", "ticket_tag", tags)
    organization = {"id": "o", "name": "A", "external_id": "001A"}
    write(landing, "zendesk", "organization", [organization])
    write(landing, "zendesk", "user", [{"id": "u", "role": "end-user"}])
    write(landing, "salesforce", "account", [{"id": "001A", "name": "A"}])
    book = warehouse.build_landing(
        landing, "int_tickets_conformed", "fct_quarantined_rows", as_of="2024-12-31"
    )
    kept = sorted(book.table("int_tickets_conformed")["ticket_id"])
    assert kept == ["1", "222"]
    is_deleted = bool(merged)
    rules = list(book.table("fct_quarantined_rows")["rule"])
    assert rules == ([] if is_deleted else ["merged into another ticket"])


# A list as connectors and spreadsheets write it.
LISTS = ("[{}, {}]", "[{},{}]", "{};{}", "{}, {}", "{} {}", "({}|{})", "{{{},{}}}")
LISTED = ("{}", "{}.0", '"{}"', "'{}'", '"{}.0"')


def test_a_list_of_merged_tickets_is_read_however_it_is_written(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """Each list has two tickets; beside them is one whose name holds one of theirs."""
    plain = {"organization_id": "o", "status": "closed", "_fivetran_deleted": "false"}
    plain |= {"created_at": "2024-03-01 09:00:00", "updated_at": "2024-03-02 09:00:00"}
    tickets, survivors = [], set()
    for number, (listed, one) in enumerate(product(LISTS, LISTED)):
        first = 1000 + 10 * number
        ids = [first + 1, first * 10 + 1]
        merged = listed.format(*(one.format(i) for i in ids))
        asked = plain | {"requester_id": f"u{number}"}
        tickets += [asked | {"id": i, "merged_ticket_ids": "[]"} for i in ids]
        tickets += [asked | {"id": first, "merged_ticket_ids": merged}]
        tickets += [asked | {"id": first * 100 + 1, "merged_ticket_ids": None}]
        survivors |= {str(first), str(first * 100 + 1)}
    landing = write(tmp_path, "zendesk", "ticket", tickets)
    organization = {"id": "o", "name": "A", "external_id": "001A"}
    write(landing, "zendesk", "organization", [organization])
    write(landing, "salesforce", "account", [{"id": "001A", "name": "A"}])
    book = warehouse.build_landing(landing, "int_tickets_conformed", as_of="2024-12-31")
    assert set(book.table("int_tickets_conformed")["ticket_id"]) == survivors


def staleness(book: Book) -> dict[str, bool]:
    """Return whether each table of Stripe's is called stale."""
    rows = book.query(
        "select entity, is_stale from fct_freshness where source_system = 'stripe'"
    )
    return dict(rows.itertuples(index=False))


@pytest.mark.parametrize(
    ("synced_on", "is_stale"), [("2025-06-29", False), ("2025-03-01", True)]
)
def test_a_history_in_which_nothing_happens_is_quiet_while_its_connector_syncs(
    warehouse: Warehouse, tmp_path: Path, synced_on: str, is_stale: bool
) -> None:
    landing = small_stripe(tmp_path, synced_on, i1())
    book = warehouse.build_landing(landing, "fct_freshness", as_of="2025-06-30")
    assert staleness(book)["subscription_history"] is is_stale
    assert staleness(book)["invoice_line_item"] is is_stale


@pytest.mark.parametrize(
    "gone", [{"is_deleted": "true"}, {"_fivetran_deleted": "true"}, None]
)
def test_a_deleted_customer_keeps_the_money_of_its_subscription(
    warehouse: Warehouse, tmp_path: Path, gone: Row | None
) -> None:
    landing = small_stripe(tmp_path, "2025-06-29", i1())
    rows = [{"id": "c2", "currency": "usd", "created": "2025-01-01 09:00:00"}]
    if gone:
        rows.append(rows[0] | {"id": "c1"} | gone)
    write(landing, "stripe", "customer", rows)
    book = warehouse.build_landing(
        landing, "fct_mrr_movements", "dim_accounts", "fct_warned_rows",
        as_of="2025-06-30",
    )  # fmt: skip
    moved = book.query("select account_id, mrr_delta from fct_mrr_movements")
    assert [(row.account_id, int(row.mrr_delta)) for row in moved.itertuples()] == [
        ("stripe:c1", 50)
    ]
    assert list(book.table("dim_accounts")["account_id"]) == ["stripe:c1"]
    rules = list(book.table("fct_warned_rows")["rule"])
    told = "customer is deleted, and its subscription lives on"
    assert (told in rules) is (gone is not None)


@pytest.mark.parametrize("survivors", [("", ""), ("B", ""), ("", "B"), ("B", "B")])
def test_two_sources_may_tell_of_one_account(
    warehouse: Warehouse, tmp_path: Path, survivors: tuple[str, str]
) -> None:
    """Whether it was merged, the first of them by policy says."""
    ids = ("A", "B")
    told = [{"id": i, "name": f"Name {i}", "is_deleted": "false"} for i in ids]
    told[0] |= {"master_record_id": survivors[1], "is_deleted": str(bool(survivors[1]))}
    landing = write(tmp_path, "salesforce", "account", told)
    files = [{"account_id": i, "account_name": f"Name {i}"} for i in ids]
    files[0] |= {"merged_into_account_id": survivors[0]}
    write(landing, "files", "accounts", files)
    items = [item(f"i{i}", i, "2024-01-01") for i in ids]
    write(landing, "files", "subscription_items", items)
    book = warehouse.build_landing(
        landing, "dim_accounts", "int_account_identities_matched", as_of="2024-12-31"
    )
    assert book.broken_laws() == []
    sold = book.query("select account_id from dim_accounts where current_mrr > 0")
    assert set(sold["account_id"]) == ({"B"} if survivors[0] else {"A", "B"})


@pytest.mark.parametrize("told", ["inclusive", "Inclusive", "exclusive", None])
def test_a_price_with_tax_is_named(
    warehouse: Warehouse, tmp_path: Path, told: str | None
) -> None:
    landing = small_stripe(tmp_path, "2025-06-29", i1())
    path = landing / "stripe" / "price.csv"
    prices = pd.read_csv(path, dtype=str)
    prices.assign(tax_behavior=told).to_csv(path, index=False)
    book = warehouse.build_landing(landing, "fct_warned_rows", as_of="2025-06-30")
    warned = book.table("fct_warned_rows")
    named = warned[warned["rule"].str.startswith("price is with tax")]
    is_told = told in ("inclusive", "Inclusive")
    assert len(named) == len(prices) * is_told
    assert {"stripe/price.csv"} >= set(named["source_file"])
