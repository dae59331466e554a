"""What a file looks like from outside: read, or refused with what to do about it."""

import gzip
import os
import random
from pathlib import Path

import duckdb
import pytest

from orchestration.landing.land_table import Load
from tests.python.test_landing import (
    GOOD,
    ITEMS,
    Folder,
    assert_all_rows_told,
    folder,
    load_of,
)

__all__ = ["folder"]

FILE = "subscription_items.csv"
COLUMNS = ITEMS.split(",")
ROW = GOOD.split(",")
ACCOUNTS = "account_id,account_name"


def landed(folder: Folder, *lines: str) -> Load:
    """Land items of these lines beside one account, and return what came of them."""
    folder.write("accounts.csv", ACCOUNTS, "a,A").write(FILE, *lines)
    load = load_of(folder.land(), "subscription_items")
    assert_all_rows_told(load)
    return load


def item_ids(folder: Folder) -> list[str]:
    return [key for (key,) in folder.rows("subscription_items", "item_id")]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_two_columns_that_nobody_reads_may_share_a_name(
    folder: Folder, seed: int, form: str
) -> None:
    drawn = random.Random(seed)
    cells = list(zip(COLUMNS, ROW, strict=True))
    for name in drawn.choices(["x", "X", "note", "Note ", ""], k=4) + ["x", "X "]:
        cells.insert(drawn.randint(0, len(cells)), (name, "9"))
    header, row = (",".join(told) for told in zip(*cells, strict=True))
    if form == "parquet":
        folder.write("accounts.csv", ACCOUNTS, "a,A")
        told = ", ".join(f"'{text}' as \"{name or 'nil'}\"" for name, text in cells)
        with duckdb.connect() as con:
            path = folder.files / "subscription_items.parquet"
            con.execute(f"copy (select {told}) to '{path}' (format parquet)")
        load = load_of(folder.land(), "subscription_items")
    else:
        load = landed(folder, header, row)
    assert (load.status, item_ids(folder)) == ("landed", ["i1"])
    assert "x" in load.unknown_columns
    assert any("columns not in the contract: " in line for line in folder.told)


@pytest.mark.parametrize("name", ["item_id", "unit_amount", "currency"])
@pytest.mark.parametrize("other", ["{}", "{} ", "{}\u200b", "upper", "hyphen"])
def test_two_columns_of_ours_of_one_name_are_refused_by_name(
    folder: Folder, name: str, other: str
) -> None:
    variants = {"upper": name.upper(), "hyphen": name.replace("_", "-")}
    again = variants.get(other, other.format(name))
    more = [] if name in COLUMNS else [name]
    header = ",".join([*COLUMNS, *more, again])
    load = landed(folder, header, ",".join([*ROW, *more, "9"]))
    assert load.status == "broken" and f"column named twice: {name} (" in load.message


@pytest.mark.parametrize("blanks", [" ", "   "])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("is_behind_too", [False, True])
def test_a_blank_before_an_opening_quote_is_none(
    folder: Folder, blanks: str, delimiter: str, is_behind_too: bool
) -> None:
    names = [*COLUMNS, "product", "plan"]
    product, plan = f"one{delimiter} two", 'so-called ""gold""'
    rows = [names, [*ROW, product, plan], ["i2", *ROW[1:], 'a 5" pipe', ""]]
    apart = f"{blanks if is_behind_too else ''}{delimiter}{blanks}"
    lines = [apart.join(f'"{cell}"' for cell in row) for row in rows[:2]]
    lines.append(apart.join(rows[2]))
    load = landed(folder, *lines)
    assert (load.status, load.rows_quarantined) == ("landed", 0)
    read = folder.rows("subscription_items", "item_id, product, plan")
    assert read == [("i1", product, 'so-called "gold"'), ("i2", 'a 5" pipe', None)]


@pytest.mark.parametrize(
    "above",
    [
        ["Export of subscriptions"],
        ["Export of subscriptions,,,,"],
        ["# exported 2025-01-01", ""],
        ["", "Report", "", "for, everybody"],
    ],
)
def test_a_title_above_the_header_is_told_with_what_to_do(
    folder: Folder, above: list[str]
) -> None:
    load = landed(folder, *above, ITEMS, GOOD)
    line = len(above) + 1
    assert load.status == "broken"
    assert f"the header is on line {line}, remove what is above it" in load.message


@pytest.mark.parametrize("above", [[""], ["", "  "], [",,,,"], ["", ",,,,", ";;"]])
def test_blank_lines_above_the_header_are_none(
    folder: Folder, above: list[str]
) -> None:
    load = landed(folder, *above, ITEMS, GOOD)
    assert (load.status, item_ids(folder)) == ("landed", ["i1"])
    assert load.lines_in == len(above) + 2


def test_rows_without_a_header_are_told_as_such(folder: Folder) -> None:
    load = landed(folder, GOOD, GOOD)
    assert load.status == "broken"
    assert load.message.endswith(
        "0 columns of the table: a title, or rows without a header?"
    )


def test_delimiters_within_quotes_part_no_header(folder: Folder) -> None:
    load = landed(folder, f'{ITEMS},"a;b;c;d;e;f;g;h"', f"{GOOD},x")
    assert (load.status, item_ids(folder)) == ("landed", ["i1"])


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("place", ["accounts{}", "accounts/part{}"])
def test_a_link_to_nothing_is_named(folder: Folder, suffix: str, place: str) -> None:
    folder.write(FILE, ITEMS, GOOD)
    path = folder.files / place.format(suffix)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to("/nowhere/at/all")
    for _ in range(2):
        load = load_of(folder.land(), "accounts")
        label = path.relative_to(folder.files.parent)
        assert load.message == f"{label}: unreadable file (a link to nothing)"
    path.unlink()
    target = folder.files.parent.parent / "elsewhere.csv"
    target.write_text("account_id\na\n", encoding="utf-8")
    path.with_name("accounts.csv" if "part" not in place else "part.csv").symlink_to(
        target
    )
    assert load_of(folder.land(), "accounts").status == "landed"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read all")
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_file_that_nobody_may_read_is_named(folder: Folder, suffix: str) -> None:
    folder.write(FILE, ITEMS, GOOD).write(f"accounts{suffix}", ACCOUNTS)
    (folder.files / f"accounts{suffix}").chmod(0)
    load = load_of(folder.land(), "accounts")
    assert load.message == (
        f"files/accounts{suffix}: unreadable file (Permission denied)"
    )


@pytest.mark.parametrize(
    ("suffix", "content", "told"),
    [
        (".parquet", b"account_id\na\n", "it is no Parquet file: "),
        (".parquet", b"PAR1" + bytes(200), "a Parquet file that is cut off"),
        (".parquet", b"", "it is no Parquet file: "),
        (".csv.gz", b"account_id\na\n", "it is no gzip file: "),
        (".csv.gz", gzip.compress(b"account_id\na\n")[:-4], "is cut off"),
    ],
)
def test_a_file_of_another_kind_is_told_in_our_words(
    folder: Folder, suffix: str, content: bytes, told: str
) -> None:
    folder.write(FILE, ITEMS, GOOD)
    (folder.files / f"accounts{suffix}").write_bytes(content)
    load = load_of(folder.land(), "accounts")
    assert load.status == "broken"
    assert f"files/accounts{suffix}: unreadable file (" in load.message
    assert told in load.message and str(Path("/tmp")) not in load.message


def test_a_link_to_nothing_in_the_landing_folder_is_told(folder: Folder) -> None:
    folder.write(FILE, ITEMS, GOOD)
    (folder.files.parent / "stripe").symlink_to("/nowhere")
    folder.land()
    assert any("stripe: a link to nothing" in line for line in folder.told)
