"""Bad input gets a message or a quarantine row that names file, line and rule."""

import gzip
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from orchestration.landing.clock import ClockError
from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.land import Landing, LandingError, land
from orchestration.landing.land_table import Load
from orchestration.month_closes import CLOSE, ENTRIES, CloseError
from tests.python.books import item
from tests.python.conftest import Warehouse

CONTRACTS = [table for table in read_contracts() if table.source == "files"]
ITEMS = "item_id,account_id,valid_from,unit_amount,billing_interval"
EVENTS = "event_id,account_id,event_name,occurred_at,received_at"
GOOD = "i1,a,2024-01-01,100,month"
ACCOUNTS = "account_id,account_name"


class Folder:
    """A landing folder under `files/`, and what was landed from it."""

    def __init__(self, path: Path) -> None:
        self.files = path / "landing" / "files"
        self.files.mkdir(parents=True)
        self.landed = path / "landed"
        self.delivered = path / "delivered"
        self.told: list[str] = []

    def write(self, name: str, *lines: str, encoding: str = "utf-8") -> "Folder":
        """Write a file of the given lines."""
        path = self.files / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join((*lines, "")), encoding=encoding)
        return self

    def land(self, as_of: str | None = "2024-12-31") -> Landing:
        """Land the folder."""
        with patch("orchestration.landing.land.read_contracts", lambda: CONTRACTS):
            return land(self.files.parent, self.landed, as_of, "USD", self.told.append)

    def blanked(self) -> list[tuple[Any, ...]]:
        """Return the bad values that were read as missing, row by row."""
        path = self.landed / "run" / "blanked_values.parquet"
        columns = "entity, line, column_name, value, rule, row_key"
        with duckdb.connect() as con:
            return con.execute(f"select {columns} from '{path}'").fetchall()

    def rows(self, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
        """Return landed rows in key order."""
        path = self.landed / "files" / f"{table}.parquet"
        with duckdb.connect() as con:
            return con.execute(f"select {columns} from '{path}'").fetchall()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def load_of(landing: Landing, entity: str) -> Load:
    return next(load for load in landing.loads if load.entity == entity)


def assert_all_rows_told(load: Load) -> None:
    """Assert that rows in are landed, or else told of, each once."""
    landed = load.rows_landed - load.rows_recalled + load.rows_deleted
    apart = load.rows_repeated + load.rows_superseded + load.rows_quarantined
    assert load.rows_in == landed + apart + load.rows_held


# --- Rows that break a rule ----------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "row", "column", "value", "rule"),
    [
        (
            ITEMS,
            "i2,a,31/12/2024,9,month",
            "valid_from",
            "31/12/2024",
            "not an ISO date",
        ),
        (
            ITEMS,
            "i2,a,2024-02-30,9,month",
            "valid_from",
            "2024-02-30",
            "not an ISO date",
        ),
        (ITEMS, "i2,a,2024-1-5,9,month", "valid_from", "2024-1-5", "not an ISO date"),
        (ITEMS, "i2,a,20240105,9,month", "valid_from", "20240105", "not an ISO date"),
        (ITEMS, "i2,a,,9,month", "valid_from", None, "required value is missing"),
        (ITEMS, ",a,2024-01-01,9,month", "item_id", None, "required value is missing"),
        (ITEMS, "i2,a,2024-01-01,,month", "unit_amount", None, "required value"),
        (
            *(ITEMS, "i2,a,2024-01-01,1.0000001,month"),
            *("unit_amount", "1.0000001", "at most 6 decimals"),
        ),
        (ITEMS, "i2,a,2024-01-01,$9,month", "unit_amount", "$9", "not a number"),
        (ITEMS, 'i2,a,2024-01-01,"1,9",month', "unit_amount", "1,9", "not a number"),
        (ITEMS, "i2,a,2024-01-01,nan,month", "unit_amount", "nan", "not a number"),
        (ITEMS, "i2,a,2024-01-01,-9,month", "unit_amount", "-9", "below 0"),
        (
            *(ITEMS, "i2,a,2024-01-01,9,fortnight"),
            *("billing_interval", "fortnight", "not one of: day, week, month"),
        ),
        (
            *(f"{ITEMS},quantity", "i2,a,2024-01-01,9,month,-1"),
            *("quantity", "-1", "below 0"),
        ),
        (
            *(f"{ITEMS},discount_percent", "i2,a,2024-01-01,9,month,101"),
            *("discount_percent", "101", "above 100"),
        ),
        (
            *(f"{ITEMS},interval_count", "i2,a,2024-01-01,9,month,0"),
            *("interval_count", "0", "below 1"),
        ),
        (
            *(f"{ITEMS},interval_count", "i2,a,2024-01-01,9,month,1.5"),
            *("interval_count", "1.5", "not a whole number"),
        ),
        (
            *(f"{ITEMS},status", "i2,a,2024-01-01,9,month,cancelled"),
            *("status", "cancelled", "not one of: active"),
        ),
        (
            *(f"{ITEMS},usage_based", "i2,a,2024-01-01,9,month,maybe"),
            *("usage_based", "maybe", "not true or false"),
        ),
        (
            *(f"{ITEMS},valid_to", "i2,a,2024-01-01,9,month,soon"),
            *("valid_to", "soon", "not an ISO date"),
        ),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_and_the_others_land(
    folder: Folder, header: str, row: str, column: str, value: str | None, rule: str
) -> None:
    extra = "," * (header.count(",") - ITEMS.count(","))
    folder.write("subscription_items.csv", header, GOOD + extra, row)
    landing = folder.land()
    (bad,) = landing.quarantined
    assert (bad["file"], bad["line"]) == ("files/subscription_items.csv", 3)
    assert (bad["column_name"], bad["value"]) == (column, value)
    assert rule in bad["rule"]
    assert folder.rows("subscription_items", "item_id") == [("i1",)]
    assert_all_rows_told(load_of(landing, "subscription_items"))


@pytest.mark.parametrize("score", ["inf", "-Infinity", "nine"])
def test_a_score_that_is_no_number_is_none_and_told(folder: Folder, score: str) -> None:
    folder.write(
        "survey_responses.csv",
        "response_id,account_id,kind,score,responded_at",
        f"r1,a,nps,{score},2024-01-01",
        "r2,a,nps,9,2024-01-01",
    )
    landing = folder.land()
    assert landing.quarantined == []
    assert folder.rows("survey_responses", "score") == [(None,), (9,)]
    (told,) = folder.blanked()
    assert told == ("survey_responses", 2, "score", score, "not a number", "r1")
    assert any(f"line 2, score '{score}': not a number" in line for line in folder.told)


def test_a_malformed_line_is_named_and_lines_behind_it_keep_their_number(
    folder: Folder,
) -> None:
    folder.write(
        "subscription_items.csv",
        ITEMS,
        GOOD,
        "i2,a,2024-01-01,9,month,and,more",
        "i3,a,2024-01-01",
        "i4,a,never,9,month",
        "i5,a,2024-01-01,9,month",
    )
    landing = folder.land()
    found = {bad["line"]: bad["rule"] for bad in landing.quarantined}
    assert sorted(found) == [3, 4, 5]
    assert found[3].startswith("malformed line")
    assert found[4].startswith("malformed line")
    assert folder.rows("subscription_items", "item_id") == [("i1",), ("i5",)]
    assert_all_rows_told(load_of(landing, "subscription_items"))


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ('"two\nlines",x', 4),
        ("\na1,x", 4),
    ],
    ids=["a quoted line break", "an empty line"],
)
def test_the_line_named_is_the_line_an_editor_shows(
    folder: Folder, before: str, line: int
) -> None:
    folder.write(
        "accounts.csv", "account_id,employees", before.replace("x", "5"), "b,-1"
    )
    folder.land()
    ((_entity, at, _column, value, _rule, key),) = folder.blanked()
    assert (value, at, key) == ("-1", line, "b")


def test_identical_repeats_are_dropped_and_counted(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD, GOOD, GOOD)
    landing = folder.land()
    load = load_of(landing, "subscription_items")
    assert (load.rows_in, load.rows_landed, load.rows_repeated) == (3, 1, 2)
    assert landing.quarantined == []


def test_repeats_are_identical_by_value_not_by_spelling(folder: Folder) -> None:
    folder.write(
        "subscription_items.csv", ITEMS, GOOD, "i1,a,2024-01-01T00:00:00Z,100.00,Month"
    )
    load = load_of(folder.land(), "subscription_items")
    assert (load.rows_landed, load.rows_repeated) == (1, 1)


def test_two_different_rows_on_one_key_are_both_quarantined(folder: Folder) -> None:
    other = "i1,a,2024-01-01,99,month"
    last = "i2,a,2024-01-01,5,month"
    folder.write("subscription_items.csv", ITEMS, GOOD, other, GOOD, last)
    landing = folder.land()
    load = load_of(landing, "subscription_items")
    assert [bad["line"] for bad in landing.quarantined] == [2, 3]
    assert {bad["row_key"] for bad in landing.quarantined} == {"a|i1|2024-01-01"}
    assert all("duplicate key" in bad["rule"] for bad in landing.quarantined)
    assert folder.rows("subscription_items", "item_id") == [("i2",)]
    assert_all_rows_told(load)


def test_versions_of_one_item_are_no_duplicates(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD, "i1,a,2024-02-01,9,month")
    assert folder.land().quarantined == []
    assert len(folder.rows("subscription_items")) == 2


def test_of_a_log_the_newest_wins_and_keeps_when_it_was_first_received(
    folder: Folder,
) -> None:
    folder.write(
        "events.csv",
        EVENTS,
        "e1,a,old,2024-01-01 10:00:00,2024-01-03 00:00:00",
        "e1,a,new,2024-01-01 10:00:00,2024-01-09 00:00:00",
        "e2,a,same,2024-01-01 10:00:00,2024-01-05 00:00:00",
        "e2,a,same,2024-01-01 10:00:00,2024-01-02 00:00:00",
    )
    landing = folder.land()
    load = load_of(landing, "events")
    names = folder.rows("events", "event_id, event_name, received_at")
    assert sorted(names)[0][:2] == ("e1", "new")
    assert sorted(names)[1] == ("e2", "same", datetime(2024, 1, 2))
    assert (load.rows_superseded, load.rows_repeated) == (1, 1)
    assert landing.quarantined == []
    assert_all_rows_told(load)


# --- Files that cannot be used -------------------------------------------------------


def spoil_gzip(files: Path) -> str:
    whole = gzip.compress("\n".join([ITEMS, *[GOOD] * 9999]).encode())
    (files / "subscription_items.csv.gz").write_bytes(whole[: len(whole) // 2])
    return "unreadable file"


def spoil_parquet(files: Path) -> str:
    (files / "subscription_items.parquet").write_bytes(b"PAR1 and no more")
    return "unreadable file"


def spoil_parquet_pages(files: Path) -> str:
    """Leave the footer whole, which is all that a glance at a file reads."""
    path = files / "subscription_items.parquet"
    with duckdb.connect() as con:
        con.sql(
            "select 'i' || i as item_id, 'a' as account_id, '2024-01-01' as valid_from,"
            " random() as unit_amount, 'month' as billing_interval from range(999) t(i)"
        ).write_parquet(str(path), compression="snappy")
    whole = bytearray(path.read_bytes())
    whole[4:2000] = bytes(255 - byte for byte in whole[4:2000])
    path.write_bytes(whole)
    return "unreadable file"


def spoil_text(files: Path) -> str:
    (files / "subscription_items.csv").write_bytes(b"\0\1\2\n\3")
    return "unreadable file"


def leave_empty(files: Path) -> str:
    (files / "subscription_items.csv").write_text("", encoding="utf-8")
    return "empty file"


def miss_a_column(files: Path) -> str:
    text = "item_id,account_id,valid_from,billing_interval\ni1,a,2024-01-01,month\n"
    (files / "subscription_items.csv").write_text(text, encoding="utf-8")
    return "missing column unit_amount"


def name_a_column_twice(files: Path) -> str:
    text = f"{ITEMS},Item_ID\n{GOOD},i1\n"
    (files / "subscription_items.csv").write_text(text, encoding="utf-8")
    return "column named twice"


def spoil_every_row(files: Path) -> str:
    text = f"{ITEMS}\ni1,a,01.02.2024,9,month\ni2,a,02.02.2024,9,month\n"
    (files / "subscription_items.csv").write_text(text, encoding="utf-8")
    return "no usable row; line 2, valid_from '01.02.2024': not an ISO date"


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_gzip,
        spoil_parquet,
        spoil_parquet_pages,
        spoil_text,
        leave_empty,
        miss_a_column,
        name_a_column_twice,
        spoil_every_row,
    ],
)
def test_an_unusable_file_is_named_and_the_last_good_rows_stay(
    folder: Folder, spoil: Callable[[Path], str]
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha")
    folder.land()
    (folder.files / "subscription_items.csv").unlink()
    expected = spoil(folder.files)
    landing = folder.land()
    load = load_of(landing, "subscription_items")
    assert load.status == "broken"
    assert load.message is not None
    assert load.message.startswith("files/subscription_items.")
    assert expected in load.message
    assert any("BROKEN" in line and expected in line for line in folder.told)
    assert folder.rows("subscription_items", "item_id") == [("i1",)]
    assert load_of(landing, "accounts").status == "landed"


@pytest.mark.parametrize("spoil", [leave_empty, spoil_every_row, spoil_parquet])
def test_an_unusable_first_file_lands_an_empty_table(
    folder: Folder, spoil: Callable[[Path], str]
) -> None:
    spoil(folder.files)
    landing = folder.land()
    assert load_of(landing, "subscription_items").status == "broken"
    assert folder.rows("subscription_items") == []


# --- Files that are fine, though they look odd ---------------------------------------


def test_a_byte_order_mark_and_windows_line_ends_are_fine(folder: Folder) -> None:
    text = f"{ITEMS}\r\n{GOOD}\r\ni2,a,2024-01-01,bad,month\r\n"
    (folder.files / "subscription_items.csv").write_bytes(text.encode("utf-8-sig"))
    landing = folder.land()
    assert folder.rows("subscription_items", "item_id") == [("i1",)]
    assert [bad["line"] for bad in landing.quarantined] == [3]


def test_csv_gzip_parquet_and_folders_land_the_same_rows(tmp_path: Path) -> None:
    rows = [f"i{number},a,2024-01-0{number},0.000001,month" for number in (1, 2)]
    landed = []
    for kind in ("csv", "csv.gz", "parquet", "folder"):
        folder = Folder(tmp_path / kind)
        folder.write("subscription_items.csv", ITEMS, *rows)
        plain = folder.files / "subscription_items.csv"
        if kind == "csv.gz":
            packed = folder.files / "subscription_items.csv.gz"
            packed.write_bytes(gzip.compress(plain.read_bytes()))
        if kind == "parquet":
            typed = "select * replace (unit_amount::double as unit_amount)"
            target = folder.files / "subscription_items.parquet"
            with duckdb.connect() as con:
                con.execute(f"copy ({typed} from '{plain}') to '{target}'")
        if kind == "folder":
            folder.write("subscription_items/2024-01.csv", ITEMS, rows[0])
            folder.write("subscription_items/2024-02.csv", ITEMS, rows[1])
        if kind != "csv":
            plain.unlink()
        landing = folder.land()
        assert landing.quarantined == [], kind
        columns = "item_id, valid_from, unit_amount"
        landed.append(folder.rows("subscription_items", columns))
    assert landed[0] == [
        ("i1", date(2024, 1, 1), Decimal("0.000001")),
        ("i2", date(2024, 1, 2), Decimal("0.000001")),
    ]
    assert landed == landed[:1] * 4


def test_a_bad_row_of_a_folder_names_its_own_file(folder: Folder) -> None:
    folder.write("subscription_items/one.csv", ITEMS, GOOD)
    folder.write("subscription_items/two.csv", ITEMS, "i2,a,x,9,month")
    (bad,) = folder.land().quarantined
    assert (bad["file"], bad["line"]) == ("files/subscription_items/two.csv", 2)


def test_unknown_columns_are_kept_aside_and_told(folder: Folder) -> None:
    folder.write("subscription_items.csv", f"{ITEMS},colour", f"{GOOD},blue")
    landing = folder.land()
    assert load_of(landing, "subscription_items").unknown_columns == ["colour"]
    assert len(folder.rows("subscription_items")) == 1


def test_columns_in_any_order_and_case_with_defaults_for_the_rest(
    folder: Folder,
) -> None:
    folder.write(
        "subscription_items.csv",
        "Unit_Amount, BILLING_INTERVAL ,item_id,account_id,valid_from,quantity",
        " 100 ,Month,i1,a,2024-01-01,",
    )
    assert folder.land().quarantined == []
    columns = "unit_amount, billing_interval, quantity, interval_count, status"
    assert folder.rows("subscription_items", columns) == [
        (Decimal(100), "month", Decimal(1), 1, "active")
    ]
    columns = "discount_kind, product, usage_based, currency, valid_to"
    assert folder.rows("subscription_items", columns) == [
        ("recurring", "unknown", False, None, None)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024-03-01T10:00", datetime(2024, 3, 1, 10)),
        ("2024-03-01 10:00:00Z", datetime(2024, 3, 1, 10)),
        ("2024-03-01T01:00:00.250+02:00", datetime(2024, 2, 29, 23, 0, 0, 250000)),
        ("2024-03-01 10:00:00 UTC", datetime(2024, 3, 1, 10)),
    ],
)
def test_timestamps_are_utc_unless_an_offset_is_given(
    folder: Folder, text: str, expected: datetime
) -> None:
    folder.write("events.csv", EVENTS, f"e1,a,seen,{text},")
    assert folder.land().quarantined == []
    assert folder.rows("events", "occurred_at") == [(expected,)]


def test_an_absent_table_lands_empty_and_typed(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    landing = folder.land()
    assert load_of(landing, "tickets").status == "absent"
    with duckdb.connect() as con:
        described = con.execute(
            f"describe from '{folder.landed}/files/tickets.parquet'"
        ).fetchall()
    assert {row[0]: row[1] for row in described}.items() >= {
        ("ticket_id", "VARCHAR"),
        ("opened_at", "TIMESTAMP"),
        ("reopened_count", "BIGINT"),
    }


def test_a_header_without_rows_is_an_empty_table_not_a_broken_one(
    folder: Folder,
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD).write("accounts.csv", ACCOUNTS)
    assert load_of(folder.land(), "accounts").status == "landed"


def test_a_folder_with_nothing_known_says_where_to_start(folder: Folder) -> None:
    folder.write("invoices.csv", "id", "1")
    with pytest.raises(LandingError, match="start with files/subscription_items.csv"):
        folder.land()


# --- From one run to the next --------------------------------------------------------


def test_a_state_row_that_disappeared_is_deleted_and_reported(folder: Folder) -> None:
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha", "b,Beta")
    folder.write("events.csv", EVENTS, "e1,a,seen,2024-01-01,")
    folder.land()
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha and Sons")
    landing = folder.land()
    assert load_of(landing, "accounts").rows_disappeared == 1
    assert folder.rows("accounts", "account_name") == [("Alpha and Sons",)]
    assert any("1 gone since last time" in line for line in folder.told)


def test_unchanged_files_are_not_landed_again_and_changed_ones_are(
    folder: Folder,
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD, "i2,a,x,9,month")
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha")
    first = folder.land()
    landed = "orchestration.landing.land.land_table"
    with patch(landed, side_effect=AssertionError("landed again")):
        again = folder.land()
    assert again.loads == first.loads
    assert again.quarantined == first.quarantined
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha", "b,Beta")
    folder.land()
    assert len(folder.rows("accounts")) == 2


def test_landing_twice_writes_the_same_rows(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD, "i2,b,2024-02-01,9,year")
    folder.land()
    first = folder.rows("subscription_items")
    for memory in folder.delivered.glob("files/*.load.json"):
        memory.unlink()
    folder.land()
    assert folder.rows("subscription_items") == first


def test_the_run_tables_hold_the_clock_the_loads_and_the_quarantine(
    folder: Folder,
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD, "i2,a,x,9,month")
    folder.land("2024-06-30")
    run = folder.landed / "run"
    with duckdb.connect() as con:
        clock = con.execute(f"from '{run}/clock.parquet'").fetchall()
        assert clock == [
            (
                datetime(2024, 6, 30, 23, 59, 59, 999999),
                date(2024, 6, 30),
                date(2024, 6, 30),
                date(2024, 6, 30),
                True,
                True,
                False,
                "USD",
            )
        ]
        counts = con.execute(
            f"select rows_in, rows_landed, rows_quarantined from '{run}/loads.parquet' "
            "where entity = 'subscription_items'"
        ).fetchall()
        assert counts == [(2, 1, 1)]
        bad = con.execute(f"select line from '{run}/quarantined_rows.parquet'")
        assert bad.fetchall() == [(3,)]


# --- AS_OF ---------------------------------------------------------------------------


def test_without_as_of_it_is_what_the_feeds_tell_never_an_end(folder: Folder) -> None:
    header = f"{ITEMS},valid_to,contract_end_on"
    row = "i1,a,2024-01-01,100,month,2030-01-01,2031-01-01"
    folder.write("subscription_items.csv", header, row)
    days = [date(2024, 3, 1) + timedelta(days=n) for n in range(40)]
    rows = [f"e{day},a,seen,{day} 08:00:00," for day in days]
    stray = "e,a,seen,2031-01-01 08:00:00,"
    folder.write("events.csv", EVENTS, *rows, stray)
    landing = folder.land(None)
    assert landing.clock.as_of_on == days[-1]
    assert load_of(landing, "events").latest_happened_at == f"{days[-1]} 08:00:00"
    told = "files.events: 1 rows lie after the run's day, the last on 2031-01-01"
    assert any(told in line for line in folder.told)


def test_without_as_of_and_without_a_happening_it_asks_for_as_of(
    folder: Folder,
) -> None:
    folder.write("accounts.csv", ACCOUNTS, "a,Alpha")
    with pytest.raises(ClockError, match="give AS_OF"):
        folder.land(None)


# --- What only shows once items stand side by side -----------------------------------


def test_items_are_quarantined_or_ignored_by_rule(warehouse: Warehouse) -> None:
    items = [
        item("good", "a", "2024-01-01"),
        item("unknown", "a", "2024-01-01", currency="XYZ"),
        item("early", "a", "1999-01-01", currency="EUR"),
        item("back", "a", "2024-02-01", "2024-01-01"),
        item("none", "a", "2024-02-01", "2024-02-01"),
        item("over", "a", "2024-01-01", "2024-03-01"),
        item("over", "a", "2024-02-01", "2024-04-01"),
        item("over", "a", "2024-06-01"),
        item("around", "a", "2024-01-01"),
        item("around", "a", "2024-02-01", "2024-02-05"),
        item("around", "a", "2024-03-01", "2024-03-05"),
        item("meets", "a", "2024-01-01", "2024-02-01"),
        item("meets", "a", "2024-02-01"),
    ]
    models = ("int_subscription_items_checked", "int_subscription_items_conformed")
    book = warehouse.build({"subscription_items": items}, *models, as_of="2024-12-31")
    assert book.landing.quarantined == []
    checked = book.query(
        """
        select item_id, cast(valid_from as string) as valid_from, quarantine_rule,
            is_empty_interval
        from int_subscription_items_checked
        """
    )
    rules = {
        (row.item_id, row.valid_from): row.quarantine_rule
        for row in checked.itertuples()
        if row.quarantine_rule is not None
    }
    overlap = "versions of one item overlap"
    assert rules == {
        ("unknown", "2024-01-01"): "unknown currency XYZ",
        ("early", "1999-01-01"): "no exchange rate yet for EUR",
        ("back", "2024-02-01"): "ends before it starts",
        ("over", "2024-01-01"): overlap,
        ("over", "2024-02-01"): overlap,
        ("around", "2024-01-01"): overlap,
        ("around", "2024-02-01"): overlap,
        ("around", "2024-03-01"): overlap,
    }
    assert list(checked[checked["is_empty_interval"]]["item_id"]) == ["none"]
    kept = book.query("select item_id from int_subscription_items_conformed")
    assert sorted(kept["item_id"]) == ["good", "meets", "meets", "over"]


def test_landed_exchange_rates_replace_the_seed_entirely(warehouse: Warehouse) -> None:
    rate = {"currency": "CHF", "to_currency": "USD", "valid_from": "2020-01-01"}
    tables = {
        "subscription_items": [
            item("c", "a", "2024-01-01", currency="CHF"),
            item("e", "a", "2024-01-01", currency="EUR"),
            item("u", "a", "2024-01-01"),
        ],
        "exchange_rates": [rate | {"rate": "1.2"}],
    }
    book = warehouse.build(tables, as_of="2024-01-31")
    bad = book.query(
        "select quarantine_rule from int_subscription_items_checked "
        "where quarantine_rule is not null"
    )
    assert list(bad["quarantine_rule"]) == ["unknown currency EUR"]
    closing = book.query("select closing_mrr from fct_account_mrr_months")
    assert list(closing["closing_mrr"]) == [Decimal(220)]


def test_a_reporting_currency_other_than_dollars_needs_no_rate_to_itself(
    warehouse: Warehouse,
) -> None:
    items = [item("i", "a", "2024-01-01"), item("j", "a", "2024-01-01", currency="EUR")]
    book = warehouse.build(
        {"subscription_items": items}, as_of="2024-01-31", reporting_currency="EUR"
    )
    closing = book.query("select closing_mrr from fct_account_mrr_months")
    assert list(closing["closing_mrr"]) == [Decimal(200)]


@pytest.mark.parametrize(
    ("table", "row", "model"),
    [
        (
            "tickets",
            {"ticket_id": "t", "opened_at": "2024-01-05"},
            "int_tickets_checked",
        ),
        (
            "events",
            {"event_id": "e", "event_name": "seen", "occurred_at": "2024-01-05"},
            "int_events_checked",
        ),
        (
            "survey_responses",
            {"response_id": "r", "kind": "nps", "score": "9"}
            | {"responded_at": "2024-01-05"},
            "int_survey_responses_checked",
        ),
    ],
)
def test_an_orphan_is_quarantined_by_name(
    warehouse: Warehouse, table: str, row: dict[str, str], model: str
) -> None:
    key = next(iter(row))
    rows = [row | {"account_id": "a"}, row | {"account_id": "nobody", key: "orphan"}]
    tables = {"subscription_items": [item("i", "a", "2024-01-01")], table: rows}
    book = warehouse.build(tables, model, as_of="2024-01-31")
    bad = book.query(f"select {key}, quarantine_rule from {model}")
    rules = dict(zip(bad[key], bad["quarantine_rule"], strict=True))
    assert rules[row[key]] is None
    assert "nobody" in rules["orphan"] or "account" in rules["orphan"]


def test_an_item_of_an_unknown_account_keeps_its_revenue(warehouse: Warehouse) -> None:
    tables = {
        "subscription_items": [item("i", "stray", "2024-01-01")],
        "accounts": [{"account_id": "known", "parent_account_id": "holding"}],
    }
    book = warehouse.build(
        tables, "dim_accounts", "fct_account_mrr_months", as_of="2024-01-31"
    )
    closing = book.query("select account_id, closing_mrr from fct_account_mrr_months")
    assert list(closing.itertuples(index=False, name=None)) == [("stray", Decimal(100))]
    accounts = book.query(
        "select account_id, is_derived, is_placeholder from dim_accounts"
    )
    assert sorted(accounts.itertuples(index=False, name=None)) == [
        ("holding", False, True),
        ("known", False, False),
        ("stray", True, False),
    ]


def test_a_file_with_both_kinds_of_line_ends_is_read(folder: Folder) -> None:
    rows = "".join(f"i{n},a,2024-01-0{n},9,month\r\n" for n in range(1, 6))
    text = f"{ITEMS}\r\n{rows}i9,b,2024-02-01,9,year\n"
    (folder.files / "subscription_items.csv").write_bytes(text.encode())
    assert load_of(folder.land(), "subscription_items").rows_landed == 6


@pytest.mark.parametrize("kept", [0, 3, 100])
def test_a_half_written_copy_of_a_delivery_is_made_anew(
    folder: Folder, kept: int
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    folder.land()
    copy = folder.delivered / "files" / "subscription_items.parquet"
    half = copy.read_bytes()[:kept]
    copy.unlink()
    copy.write_bytes(half)
    assert load_of(folder.land(), "subscription_items").rows_landed == 1
    assert folder.rows("subscription_items", "item_id") == [("i1",)]


@pytest.mark.parametrize("kept", [None, 0, 100])
def test_half_a_copy_of_bad_values_is_made_anew(
    folder: Folder, kept: int | None
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    folder.write("accounts.csv", f"{ACCOUNTS},employees", "a,Alpha,many")
    folder.land()
    told = folder.blanked()
    copy = folder.delivered / "files" / "accounts.blanked.parquet"
    half = copy.read_bytes()[:kept]
    copy.unlink()
    if kept is not None:
        copy.write_bytes(half)
    folder.land()
    assert len(told) == 1 and folder.blanked() == told


@pytest.mark.parametrize("name", ["close", "entries"])
@pytest.mark.parametrize("kept", [0, 50])
def test_a_damaged_log_of_closes_stops_the_landing_with_what_to_do(
    folder: Folder, name: str, kept: int
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    close = folder.landed.with_name("closes") / "close-00001"
    close.mkdir(parents=True)
    columns = {"close": CLOSE, "entries": ENTRIES}
    for file, types in columns.items():
        typed = ", ".join(
            f"cast(null as {kind}) as {key}" for key, kind in types.items()
        )
        with duckdb.connect() as con:
            con.sql(f"select {typed} limit 0").write_parquet(
                str(close / f"{file}.parquet")
            )
    folder.land()
    damaged = close / f"{name}.parquet"
    damaged.write_bytes(damaged.read_bytes()[:kept])
    with pytest.raises(CloseError, match=f"{name}.parquet cannot be read.*backup"):
        folder.land()


LOGS = [table for table in CONTRACTS if table.kind == "log"]


@pytest.mark.parametrize("table", LOGS, ids=lambda t: t.name)
def test_a_log_without_rows_may_come_again_and_go(folder: Folder, table: Table) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    columns = ",".join(table.column_names)
    folder.write(f"{table.name}.csv", columns)
    folder.land()
    folder.write(f"{table.name}.csv", f"{columns},of_no_contract")
    assert load_of(folder.land(), table.name).status == "landed"
    (folder.files / f"{table.name}.csv").unlink()
    assert load_of(folder.land(), table.name).rows_landed == 0


@pytest.mark.parametrize(
    ("days", "is_health_whole", "is_ledger_whole"),
    [(0, True, True), (7, True, True), (8, False, True), (32, False, False)],
)
def test_a_clock_far_ahead_of_all_feeds_makes_no_lasting_history(
    folder: Folder, days: int, is_health_whole: bool, is_ledger_whole: bool
) -> None:
    last = date(2024, 6, 30)
    folder.write("subscription_items.csv", ITEMS, GOOD)
    happened = [last - timedelta(day) for day in range(120)]
    events = [
        f"e{n},a,login,{day} 0{hour}:00:00,"
        for n, (day, hour) in enumerate((d, h) for d in happened for h in range(5))
    ]
    folder.write("events.csv", EVENTS, *events)
    folder.land((last + timedelta(days)).isoformat())
    with duckdb.connect() as con:
        (found,) = con.execute(
            "select is_health_whole, is_ledger_whole"
            f" from '{folder.landed / 'run' / 'clock.parquet'}'"
        ).fetchall()
    assert found == (is_health_whole, is_ledger_whole)
    assert any("provisional" in line for line in folder.told) is not is_health_whole


def test_a_half_written_memory_of_a_load_is_no_memory(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    folder.land()
    (folder.delivered / "files" / "subscription_items.load.json").write_text("")
    assert load_of(folder.land(), "subscription_items").rows_landed == 1
