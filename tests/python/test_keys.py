"""What a key says is read by one rule, in every key column of every table."""

import unicodedata
from itertools import product
from pathlib import Path
from typing import Literal

import duckdb
import pytest

from orchestration.landing.contract import read_contracts
from orchestration.landing.keys import (
    NONE,
    NULL_WORDS,
    SEEN,
    SHORTENED_RULE,
    UNSEEN,
    key_settled,
)
from tests.python.books import item
from tests.python.conftest import Warehouse
from tests.python.test_landing import Folder, assert_all_rows_told, load_of

ITEMS = "item_id,account_id,valid_from,unit_amount,billing_interval"
GOOD = "i1,a,2024-01-01,100,month"
ACCOUNTS = "account_id,parent_account_id,merged_into_account_id"
WORDS = (*NULL_WORDS, NONE)
CASES = sorted({said for w in WORDS for said in (w, w.upper(), w.capitalize())})


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def settled(text: str) -> str | None:
    with duckdb.connect() as con:
        key = key_settled("said", is_required=True)
        sql = f"select {key} from (select cast(? as varchar) as said)"
        return con.execute(sql, [text]).fetchall()[0][0]


@pytest.mark.parametrize("word", CASES)
@pytest.mark.parametrize("column", ["parent_account_id", "merged_into_account_id"])
def test_a_parent_or_survivor_that_only_says_none_is_none(
    folder: Folder, word: str, column: str
) -> None:
    place = ("{},", ",{}")[column == "merged_into_account_id"].format(word)
    folder.write("accounts.csv", ACCOUNTS, f"a,{place}", f"b,{place}")
    folder.write("subscription_items.csv", ITEMS, GOOD)
    load = load_of(folder.land(), "accounts")
    assert folder.rows("accounts", column) == [(None,), (None,)]
    assert load.keys_without_words == 2
    assert any("2 keys that only say none" in line for line in folder.told)
    assert_all_rows_told(load)


@pytest.mark.parametrize("word", ["null", "NaN", "None", r"\N", "#N/A"])
def test_an_account_that_only_says_none_is_missing(folder: Folder, word: str) -> None:
    row = f"i2,{word},2024-01-01,100,month"
    folder.write("subscription_items.csv", ITEMS, GOOD, row)
    landing = folder.land()
    assert folder.rows("subscription_items", "item_id") == [("i1",)]
    assert [row["rule"] for row in landing.quarantined] == ["required value is missing"]


@pytest.mark.parametrize("word", ["nobody", "NA", "none", "nan1", "0", "-"])
def test_a_word_that_may_be_a_name_stays(word: str) -> None:
    assert settled(word) == word


@pytest.mark.parametrize("blank", list(SEEN + UNSEEN), ids=lambda c: f"U{ord(c):04X}")
def test_blanks_of_every_kind_make_no_new_account(blank: str) -> None:
    assert settled(f"{blank}acme{blank}{blank}") == "acme"
    assert settled(f"{blank}null") is None
    assert settled(f"{blank}") is None
    # Inside a blank that is seen may be meant; a mark that is not cannot be.
    inside = "ac me" if blank == " " else f"ac{blank}me"
    assert settled(inside) == (inside if blank in SEEN else "acme")


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ("1001.0", "1001"),
        ("370000000094.0", "370000000094"),
        ("1001.00", "1001"),
        ("\t007.0\u00a0", "007"),
        ("1001.5", "1001.5"),
        ("v1.0", "v1.0"),
        ("1.0.0", "1.0.0"),
        ("10.10", "10.10"),
        ("1001.", "1001."),
        ("1.001E3", "1001"),
        ("\t1.0e3 ", "1000"),
        ("3.7E11", "370000000000"),
        ("3.70000000094E11", "370000000094"),
        ("1.2345E3", "1.2345E3"),
        ("1E3", "1E3"),
        ("1.2.3E4", "1.2.3E4"),
    ],
)
def test_a_whole_number_written_as_a_fraction_is_the_number(
    said: str, key: str
) -> None:
    assert settled(said) == key


@pytest.mark.parametrize("form", ["csv", "double", "bigint"])
def test_pandas_nullable_integers_meet_the_integers(folder: Folder, form: str) -> None:
    folder.write("accounts.csv", ACCOUNTS, "1001,,", "370000000094,1001.0,")
    rows = "i1,1001.0,2024-01-01,100,month", "i2,370000000094.0,2024-01-01,1,month"
    folder.write("subscription_items.csv", ITEMS, *rows)
    if form != "csv":
        csv = folder.files / "subscription_items.csv"
        parquet = csv.with_suffix(".parquet")
        with duckdb.connect() as con:
            con.execute(
                f"copy (select * replace (cast(account_id as {form}) as account_id)"
                f" from read_csv('{csv}')) to '{parquet}' (format parquet)"
            )
        csv.unlink()
    load = load_of(folder.land(), "subscription_items")
    accounts = folder.rows("subscription_items", "account_id")
    assert accounts == [("1001",), ("370000000094",)]
    assert load.keys_made_whole == (0 if form == "bigint" else 2)
    parents = folder.rows("accounts", "parent_account_id")
    assert parents == [(None,), ("1001",)]


def test_a_column_of_such_keys_alone_is_read_as_whole_numbers(folder: Folder) -> None:
    folder.write("accounts.csv", ACCOUNTS, "1.0,,", "2.0,1.0,")
    folder.write("subscription_items.csv", ITEMS, "7.0,2.0,2024-01-01,1,month")
    landing = folder.land()
    assert folder.rows("accounts", "account_id, parent_account_id") == [
        ("1", None),
        ("2", "1"),
    ]
    assert folder.rows("subscription_items", "item_id, account_id") == [("7", "2")]
    assert load_of(landing, "accounts").keys_made_whole == 3


@pytest.mark.parametrize("text", ["Müller & Söhne", "Ångström", "한국", "Đặng", "é"])
@pytest.mark.parametrize("form", ["NFD", "NFC", "NFKD"])
def test_a_letter_and_its_accent_are_one_key_however_they_are_stored(
    text: str, form: Literal["NFD", "NFC", "NFKD"]
) -> None:
    assert settled(unicodedata.normalize(form, text)) == text


@pytest.mark.parametrize(("form", "bits"), [("float", 24), ("double", 53)])
def test_a_key_of_more_digits_than_its_type_tells_is_refused(
    folder: Folder, form: str, bits: int
) -> None:
    told = {"bare": 2**bits - 1, "beyond": 2**bits + 1}
    folder.write("accounts.csv", ACCOUNTS, "a,,")
    for name, number in told.items():
        parquet = folder.files / "subscription_items" / f"{name}.parquet"
        parquet.parent.mkdir(exist_ok=True)
        with duckdb.connect() as con:
            con.execute(
                f"copy (select cast({number} as {form}) as item_id, 'a' as account_id,"
                " date '2024-01-01' as valid_from, 1 as unit_amount,"
                f" 'month' as billing_interval) to '{parquet}' (format parquet)"
            )
    landing = folder.land()
    assert folder.rows("subscription_items", "item_id") == [(str(told["bare"]),)]
    assert [row["rule"] for row in landing.quarantined] == [SHORTENED_RULE]


@pytest.mark.parametrize(
    "key", ["3.7E+11", "3.70000000094e+11", "1e+16", "1E+03", "9.1E20"]
)
def test_a_key_that_lost_its_digits_is_refused(folder: Folder, key: str) -> None:
    row = f"i2,{key},2024-01-01,100,month"
    folder.write("subscription_items.csv", ITEMS, GOOD, row)
    landing = folder.land()
    assert [row["rule"] for row in landing.quarantined] == [SHORTENED_RULE]
    assert_all_rows_told(load_of(landing, "subscription_items"))


def test_blanks_around_what_is_no_key_are_trimmed_too(folder: Folder) -> None:
    row = "i1,a,\u00a02024-01-01\t,100\u200b,month\u00a0"
    folder.write("subscription_items.csv", ITEMS, row)
    landing = folder.land()
    assert folder.rows("subscription_items", "billing_interval") == [("month",)]
    assert load_of(landing, "subscription_items").keys_trimmed == 0


def test_every_column_that_names_a_row_is_a_key() -> None:
    tables = read_contracts()
    keys = {
        f"{table.source}.{table.name}.{column.name}"
        for table, column in (
            pair for table in tables for pair in product([table], table.columns)
        )
        if column.is_key
    }
    assert keys >= {
        "files.accounts.parent_account_id",
        "files.accounts.merged_into_account_id",
        "salesforce.account.master_record_id",
        "salesforce.account.product_workspace_id_c",
        "stripe.customer.id",
        "zendesk.organization.external_id",
        "segment.tracks.context_group_id",
        "surveys.responses.crm_account_id",
    }
    texts = {name for name in keys if "metadata" in name or "properties" in name}
    assert not texts


# --- In the warehouse ----------------------------------------------------------------

NEAR = "two account ids differ by case, leading zeros or 15 to 18 characters alone"
SHARED = "many accounts name one parent or survivor that nobody landed: a placeholder?"
SALESFORCE = "0015g00000XyZaBAAV"


@pytest.mark.parametrize("word", ["NULL", "null", "nan", r"\N", "\u200bN/A\t"])
@pytest.mark.parametrize("column", ["parent_account_id", "merged_into_account_id"])
def test_a_null_word_fuses_no_customers(
    warehouse: Warehouse, word: str, column: str
) -> None:
    items = [
        item("i1", "a", "2023-01-01"),
        item("i2", "b", "2023-01-01", "2024-03-01"),
        item("i3", "c", "2023-01-01", unit_amount=50),
    ]
    marts = []
    for said in (None, word):
        accounts = [{"account_id": a, column: said} for a in "abc"]
        tables = {"subscription_items": items, "accounts": accounts}
        book = warehouse.build(tables, "fct_retention", as_of="2024-12-31")
        marts.append(book.query("from fct_retention order by all"))
    assert len(marts[0])
    assert marts[0].equals(marts[1])


@pytest.mark.parametrize(
    ("landed", "named", "is_near"),
    [
        ("acme", "ACME", True),
        ("Acme", "acMe", True),
        ("42", "0042", True),
        ("007a", "7A", True),
        (SALESFORCE, SALESFORCE[:15], True),
        (SALESFORCE[:15], SALESFORCE, True),
        (SALESFORCE, SALESFORCE[:15].lower(), False),
        (SALESFORCE[:15], SALESFORCE[:15].lower(), False),
        ("customer-000000001", "customer-000000002", False),
        ("acme", "acme2", False),
        ("100", "1000", False),
    ],
)
@pytest.mark.parametrize("is_landed_too", [False, True])
def test_near_keys_stay_apart_and_are_named(
    warehouse: Warehouse, landed: str, named: str, is_near: bool, is_landed_too: bool
) -> None:
    accounts = [{"account_id": landed}] + [{"account_id": named}] * is_landed_too
    items = [item("i1", landed, "2024-01-01"), item("i2", named, "2024-01-01")]
    tables = {"subscription_items": items, "accounts": accounts}
    models = ("fct_warned_rows", "int_accounts_conformed")
    book = warehouse.build(tables, *models, as_of="2024-12-31")
    assert len(book.table("int_accounts_conformed")) == 2
    warned = book.table("fct_warned_rows")
    keys = list(warned[warned["rule"] == NEAR]["row_key"])
    assert len(keys) == is_near
    if is_near and not is_landed_too:
        assert keys == [f"{named}|{landed}"]
        (found,) = warned[warned["rule"] == NEAR].itertuples()
        where = (found.source_file, found.source_line)
        assert where == ("files/subscription_items.csv", 3)


@pytest.mark.parametrize("column", ["parent_account_id", "merged_into_account_id"])
@pytest.mark.parametrize(("naming", "is_told"), [(5, False), (6, True)])
def test_a_placeholder_that_many_name_is_told(
    warehouse: Warehouse, column: str, naming: int, is_told: bool
) -> None:
    accounts = [{"account_id": f"a{n}", column: "TBD"} for n in range(naming)]
    tables = {
        "subscription_items": [item("i", "a0", "2024-01-01")],
        "accounts": [*accounts, {"account_id": "free", column: None}],
    }
    book = warehouse.build(tables, "fct_warned_rows", as_of="2024-12-31")
    warned = book.table("fct_warned_rows")
    told = warned[warned["rule"] == SHARED]
    assert len(told) == naming * is_told
    assert {"files/accounts.csv"} >= set(told["source_file"])


def test_settled_keys_are_counted_where_data_quality_is(warehouse: Warehouse) -> None:
    accounts = [{"account_id": "\t1001", "parent_account_id": "NULL"}]
    tables = {
        "subscription_items": [item("i", "1001.0", "2024-01-01")],
        "accounts": accounts,
    }
    book = warehouse.build(tables, "int_warnings_counted", as_of="2024-12-31")
    counted = book.table("int_warnings_counted")
    keys = counted[counted["rule"].str.startswith("keys")]
    assert dict(
        zip(keys["entity"] + ":" + keys["rule"].str[:9], keys["row_count"], strict=True)
    ) == {
        "accounts:keys that": 1,
        "accounts:keys with": 1,
        "subscription_items:keys with": 1,
    }
