"""CSV, packed CSV and Parquet land the same rows, beside each other in any order."""

import csv
import gzip
import io
import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.landing.contract import read_contracts
from orchestration.landing.land import LandingError
from orchestration.landing.land_table import QUARANTINE_COLUMNS, Load, land_table
from tests.python.test_landing import GOOD, ITEMS, Folder, folder

__all__ = ["folder"]

TABLES = {t.name: t for t in read_contracts() if t.source == "files"}
KINDS = (".csv", ".csv.gz", ".parquet")
HEADERS = {
    "accounts": "account_id,account_name",
    "subscription_items": ITEMS,
    "tickets": "ticket_id,account_id,opened_at",
}
ROW = {
    "accounts": "{n},Name {n}",
    "subscription_items": "{n},a,2024-01-01,100,month",
    "tickets": "{n},a,2024-01-01 10:00:00",
}


def write(path: Path, header: str, rows: list[str]) -> None:
    """Write rows of text as the kind of file that the path's ending names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = header.split(",")
    with duckdb.connect() as con:
        con.execute(f"create table t ({', '.join(f'{n} varchar' for n in names)})")
        marks = ", ".join("?" for _ in names)
        con.executemany(f"insert into t values ({marks})", [r.split(",") for r in rows])
        is_parquet = path.name.endswith(".parquet")
        form = "format parquet" if is_parquet else "format csv, header"
        con.execute(f"copy t to '{path}' ({form})")


def write_items(folder: Folder, columns: str) -> None:
    """Write one item to a Parquet file of these columns beside the required ones."""
    required = (
        "'i1' as item_id, 'a' as account_id, date '2024-01-01' as valid_from,"
        " 'month' as billing_interval"
    )
    path = folder.files / "subscription_items.parquet"
    with duckdb.connect() as con:
        con.execute(f"copy (select {required}, {columns}) to '{path}'")


class Connection:
    """One connection for many tables, as a run has it."""

    def __init__(self) -> None:
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("set TimeZone = 'UTC'")
        columns = ", ".join(f"{n} {kind}" for n, kind in QUARANTINE_COLUMNS.items())
        self.con.execute(f"create temp table quarantine ({columns})")

    def land(self, table: str, root: Path) -> tuple[Load, list[tuple[str, str, int]]]:
        """Land a table; return its load and the key, file and line of its rows."""
        load = land_table(self.con, TABLES[table], root, root / "delivered")
        key = HEADERS[table].split(",")[0]
        query = f"select {key}, _file, _line from landed order by {key}"
        return load, self.con.execute(query).fetchall()


@pytest.fixture(scope="module")
def connection() -> Connection:
    return Connection()


FILES = st.lists(
    st.tuples(
        st.sampled_from(sorted(HEADERS)),
        st.sampled_from(KINDS),
        st.booleans(),
        st.integers(1, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(FILES)
def test_files_of_all_kinds_land_beside_each_other(
    connection: Connection,
    tmp_path_factory: pytest.TempPathFactory,
    files: list[tuple[str, str, bool, int, bool]],
) -> None:
    """In one folder or beside it, in either order, one table after another."""
    root = tmp_path_factory.mktemp("kinds")
    expected: dict[str, dict[str, tuple[str, int]]] = {}
    for number, (table, kind, is_inside, count, is_odd) in enumerate(files):
        name = f"part {number}" + ("[1]*(2)" if is_odd else "")
        label = f"files/{table}/{name}{kind}" if is_inside else f"files/{table}{kind}"
        keys = [f"k{number}{row}" for row in range(count)]
        write(root / label, HEADERS[table], [ROW[table].format(n=key) for key in keys])
        of_table = expected.setdefault(table, {})
        for key in [key for key, (file, _) in of_table.items() if file == label]:
            del of_table[key]
        # The header is a line of a CSV; a Parquet file has rows alone.
        first = 1 if kind == ".parquet" else 2
        of_table |= {key: (label, first + row) for row, key in enumerate(keys)}
    for table in dict.fromkeys(table for table, *_ in files):
        load, rows = connection.land(table, root)
        assert load.status == "landed", load.message
        told = {key: (file, line) for key, file, line in rows}
        assert told == expected[table]


@pytest.mark.parametrize("name", ["file_row_number", "File_Row_Number", "_row", "c0"])
def test_a_parquet_column_may_have_any_name(folder: Folder, name: str) -> None:
    write_items(folder, f"5 as unit_amount, 7 as {name}")
    landing = folder.land()
    assert landing.quarantined == []
    columns = "item_id, unit_amount, _line"
    assert folder.rows("subscription_items", columns) == [("i1", Decimal(5), 1)]


def test_a_parquet_file_without_columns_is_empty_by_name(folder: Folder) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = folder.files / "subscription_items.parquet"
    parquet.write_table(pyarrow.table({}), path)
    (load,) = [x for x in folder.land().loads if x.entity == "subscription_items"]
    label = "files/subscription_items.parquet"
    assert (load.status, load.message) == ("broken", f"{label}: empty file, no columns")


@pytest.mark.parametrize("kind", ["float", "double"])
@pytest.mark.parametrize("text", ["10.1", "0.000001", "99.99", "0.3", "1234.5", "7"])
def test_a_binary_price_is_the_decimal_that_was_meant(
    folder: Folder, kind: str, text: str
) -> None:
    write_items(folder, f"{text}::{kind} as unit_amount, 3::{kind} as quantity")
    assert folder.land().quarantined == []
    (row,) = folder.rows("subscription_items", "unit_amount, quantity")
    assert row == (Decimal(text), Decimal(3))


@given(st.decimals("0.01", 9999, places=2))
@settings(max_examples=30)
def test_a_price_of_32_bits_keeps_its_cents(
    connection: Connection, tmp_path_factory: pytest.TempPathFactory, price: Decimal
) -> None:
    root = tmp_path_factory.mktemp("prices")
    folder = Folder(root)
    write_items(folder, f"{price}::float as unit_amount")
    connection.land("subscription_items", root / "landing")
    landed = connection.con.execute("select unit_amount from landed").fetchall()
    assert landed == [(price,)]


@pytest.mark.parametrize(
    "time",
    [
        *("T24:00:00", "T24:00", "T23:60", "T10:75:00", "T25:00", "T10:00:61"),
        *("T00:00:00+25", "T00:00:00+14:01", "T00:00:00-15", "T00:00:00+05:75"),
        *("T00:00:00-14:30", "T00:00:00+15:59", "T00:00:00+5", "T00:00:00+"),
    ],
)
def test_a_time_that_no_clock_shows_is_quarantined(folder: Folder, time: str) -> None:
    bad = f"i2,a,2024-01-01{time},9,month"
    folder.write("subscription_items.csv", ITEMS, GOOD, bad)
    (row,) = folder.land().quarantined
    assert (row["line"], row["column_name"]) == (3, "valid_from")
    assert row["rule"].startswith("not an ISO date")


@pytest.mark.parametrize(
    ("time", "day"),
    [
        ("T23:59:59", date(2024, 1, 1)),
        ("T10:00:00+14:00", date(2023, 12, 31)),
        ("T10:00:00+14", date(2023, 12, 31)),
        ("T10:00:00-14:00", date(2024, 1, 2)),
        ("T12:00:00-12:45", date(2024, 1, 2)),
        (" 09:59:00.123456789 UTC", date(2024, 1, 1)),
    ],
)
def test_a_time_far_from_utc_is_cut_to_its_utc_day(
    folder: Folder, time: str, day: date
) -> None:
    row = f"i1,a,2024-01-01{time},9,month"
    folder.write("subscription_items.csv", ITEMS, row)
    assert folder.land().quarantined == []
    assert folder.rows("subscription_items", "valid_from") == [(day,)]


# --- As other programs write it ------------------------------------------------------

BOOK = [
    [
        "Item_ID",
        " Account ID ",
        "valid-from",
        "Unit Amount",
        "BILLING_INTERVAL",
        "plan",
    ],
    ["i1", "a", "2024-01-01", "10.5", "month", 'Größe "XL", gold'],
    ["i2", "b", "2024-02-01", "20", "year", "a;b|c\td"],
    ["i3", "b", "2024-03-01", "0.25", "year", ""],
]
LANDED_BOOK = [
    ("i1", "a", Decimal("10.5"), 'Größe "XL", gold'),
    ("i2", "b", Decimal("20"), "a;b|c\td"),
    ("i3", "b", Decimal("0.25"), None),
]


@settings(max_examples=80)
@given(
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    is_named=st.booleans(),
    empty_columns=st.integers(0, 3),
    empty_rows=st.integers(0, 3),
    has_index=st.booleans(),
    is_packed=st.booleans(),
)
def test_a_table_reads_the_same_whatever_program_wrote_it(
    connection: Connection,
    tmp_path_factory: pytest.TempPathFactory,
    delimiter: str,
    encoding: str,
    line_end: str,
    quoting: Literal[0, 1],
    is_named: bool,
    empty_columns: int,
    empty_rows: int,
    has_index: bool,
    is_packed: bool,
) -> None:
    rows = [[*row, *[""] * empty_columns] for row in BOOK]
    if has_index:
        rows = [["" if at == 0 else f"{at - 1}", *row] for at, row in enumerate(rows)]
    rows += [[""] * len(rows[0]) for _ in range(empty_rows)]
    stream = io.StringIO()
    if is_named:
        stream.write(f"sep={delimiter}{line_end}")
    csv.writer(
        stream, delimiter=delimiter, lineterminator=line_end, quoting=quoting
    ).writerows(rows)
    text = stream.getvalue().encode(encoding)
    root = tmp_path_factory.mktemp("dialect")
    (root / "files").mkdir()
    suffix = ".csv.gz" if is_packed else ".csv"
    path = root / "files" / f"subscription_items{suffix}"
    path.write_bytes(gzip.compress(text) if is_packed else text)
    load, _ = connection.land("subscription_items", root)
    found = connection.con.execute(
        "select item_id, account_id, unit_amount, plan from landed order by item_id"
    ).fetchall()
    assert found == LANDED_BOOK
    assert load.rows_quarantined == 0
    assert load.lines_in == load.lines_headers + load.rows_in + load.lines_blank
    assert ("Windows-1252" in (load.message or "")) == (encoding == "cp1252")


NAMES = [
    *("subscription_items.CSV", "Subscription_Items.csv", "SUBSCRIPTION_ITEMS.Csv"),
    *("Subscription_Items/Part1.CSV", "subscription_items/part[1]*?.csv"),
    "subscription_items/a folder/part 1.csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_read_however_its_name_is_written(folder: Folder, name: str) -> None:
    path = folder.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{ITEMS}\n{GOOD}\n", encoding="utf-8")
    folder.land()
    assert folder.rows("subscription_items", "item_id") == [("i1",)]
    assert not [line for line in folder.told if "nobody reads" in line]


@pytest.mark.parametrize("name", [".part2.csv", "_part2.csv", "~$part2.csv"])
def test_a_file_that_a_program_keeps_for_itself_is_not_read(
    folder: Folder, name: str
) -> None:
    folder.write("subscription_items/part1.csv", ITEMS, GOOD)
    folder.write(f"subscription_items/{name}", ITEMS, GOOD.replace("i1", "i2"))
    folder.land()
    assert folder.rows("subscription_items", "item_id") == [("i1",)]


def test_other_content_of_the_same_size_and_time_is_read_anew(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD).land()
    path = folder.files / "subscription_items.csv"
    before = path.stat()
    path.write_text(path.read_text().replace("i1", "i2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    folder.land()
    assert folder.rows("subscription_items", "item_id") == [("i2",)]


@pytest.mark.parametrize(
    ("offset", "day"),
    [
        *((" +0000", 1), ("+0000", 1), ("Z", 1), (" UTC", 1), ("+00", 1)),
        *(
            ("-0530", 2),
            (" -05:30", 2),
            ("+2359", None),
            ("+1400", 1),
            (" +1401", None),
        ),
    ],
)
def test_an_offset_is_read_in_every_iso_form(
    folder: Folder, offset: str, day: int | None
) -> None:
    row = GOOD.replace("2024-01-01", f"2024-01-01T20:00:00{offset}")
    folder.write("subscription_items.csv", ITEMS, row).land()
    expected = [] if day is None else [(date(2024, 1, day),)]
    assert folder.rows("subscription_items", "valid_from") == expected


# --- What nobody reads ---------------------------------------------------------------

UNREAD = [
    ("subscription_items.csv", ".", "nobody reads a file here"),
    ("Files/accounts.csv", ".", "write it files/"),
    ("Stripe/price.csv", ".", "write it stripe/"),
    ("chargebee/invoice.csv", ".", "no source has this name; there are: files, "),
    ("stripe/payout.csv", "stripe", "no table of the contract has this name"),
    ("salesforce/Lead.parquet", "salesforce", "no table of the contract has this name"),
    ("stripe/price.csv.zip", "stripe", "nobody reads a file of this name"),
    ("files/contacts.xlsx", "files", "nobody reads a file of this name"),
]


@pytest.mark.parametrize(("name", "source", "why"), UNREAD)
def test_what_nobody_reads_is_told_and_published(
    folder: Folder, name: str, source: str, why: str
) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    path = folder.files.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("some,thing\n", encoding="utf-8")
    with duckdb.connect() as con:
        contracts = patch("tests.python.test_landing.CONTRACTS", read_contracts())
        with contracts:
            folder.land()
        loads = con.execute(
            "select source, message from read_parquet(?) where status = 'unread'",
            [str(folder.landed / "run" / "loads.parquet")],
        ).fetchall()
    assert [found for found, message in loads if why in message] == [source]
    assert len(loads) == 1
    assert len([line for line in folder.told if why in line]) == 1


def test_many_that_nobody_reads_are_one_line_and_a_row_each(folder: Folder) -> None:
    folder.write("subscription_items.csv", ITEMS, GOOD)
    for number in range(20):
        folder.write(f"other_{number:02}.csv", "a")
    folder.land()
    (line,) = [line for line in folder.told if "no table" in line]
    assert "other_00.csv, other_01.csv" in line
    assert "and 12 more" in line


STRANGE = [
    "subscription_items.csv.zip",
    "subscription_items.csv.txt",
    "subscription_items.xlsx",
    "subscription_items.2025.csv",
    "subscription_items",
    "subscription_items/part1.csv.tmp",
    "subscription_items/2025/part1.xlsx",
    "subscription_items/part1",
    "accounts.json",
]


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_nobody_reads_is_named_with_what_is_read(
    folder: Folder, name: str
) -> None:
    path = folder.files / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{ITEMS}\n{GOOD}\n", encoding="utf-8")
    told = f"files/{name}: nobody reads a file of this name"
    with pytest.raises(LandingError, match=r"nobody reads .*\.csv, \.csv\.gz, \.parq"):
        folder.land()
    folder.write("tickets.csv", HEADERS["tickets"], ROW["tickets"].format(n="t"))
    folder.land()
    assert [line for line in folder.told if told in line]


def test_what_is_read_and_the_notes_of_a_writer_are_not_named(folder: Folder) -> None:
    folder.write("subscription_items/part.csv", ITEMS, GOOD)
    folder.write("subscription_items/_SUCCESS", "")
    folder.write("subscription_items/.part.csv.crc", "")
    folder.write("accounts.csv", HEADERS["accounts"], "a,A")
    folder.land()
    assert not [line for line in folder.told if "nobody reads" in line]
