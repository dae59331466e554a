"""Whatever is done to a file, every line of it is told, and no engine error comes out.

Lines of the files = headers + landed + repeated + superseded + quarantined + blank
lines + lines that continue a row, where the left side counts line ends alone.
"""

import csv
import gzip
import io
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.landing.contract import Table, read_contracts
from orchestration.landing.csv_records import (
    MOST_BYTES,
    SWALLOWED,
    UNCLOSED,
    CsvFile,
    Tally,
    UnreadableFileError,
    count_if_plain,
    count_line_ends,
    read_header,
    write_clean,
)
from orchestration.landing.land_table import QUARANTINE_COLUMNS, Load, land_table
from orchestration.landing.raw_files import checks_of

TABLES = {t.name: t for t in read_contracts() if t.source == "files"}
ITEMS = "item_id,account_id,plan,valid_from,unit_amount,billing_interval"
ANSWERS = "response_id,account_id,kind,score,answer,responded_at"
HEADERS = {"subscription_items": ITEMS, "survey_responses": ANSWERS}


class Lander:
    """Lands the bytes of one file as a table."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.con = duckdb.connect(config={"threads": 1})
        self.con.execute("set TimeZone = 'UTC'")

    def land(self, table: str, data: bytes, suffix: str = ".csv") -> Load:
        """Land a file of these bytes; rows are then in `landed` and `quarantine`."""
        files = self.folder / "landing" / "files"
        files.mkdir(parents=True, exist_ok=True)
        for old in files.iterdir():
            old.unlink()
        (files / f"{table}{suffix}").write_bytes(data)
        columns = ", ".join(
            f"{name} {kind}" for name, kind in QUARANTINE_COLUMNS.items()
        )
        self.con.execute(f"create or replace temp table quarantine ({columns})")
        declared: Table = TABLES[table]
        return land_table(
            self.con, declared, self.folder / "landing", self.folder / "landed"
        )

    def refused(self) -> dict[int, str]:
        """Return the rule that each quarantined line breaks."""
        return dict(self.con.execute("select line, rule from quarantine").fetchall())

    def keys(self) -> list[str]:
        """Return the first cell of each landed row."""
        return [row[0] for row in self.con.execute("from landed order by 1").fetchall()]


@pytest.fixture(scope="module")
def lander(tmp_path_factory: pytest.TempPathFactory) -> Lander:
    return Lander(tmp_path_factory.mktemp("damaged"))


def line_count(data: bytes) -> int:
    """Count lines the way an editor does."""
    return (
        len(
            data.decode("utf-8-sig")
            .replace("\r\n", "\n")
            .replace("\r", "\n")
            .removesuffix("\n")
            .split("\n")
        )
        if data
        else 0
    )


def assert_every_line_is_told(load: Load, data: bytes) -> None:
    told = load.rows_landed + load.rows_repeated + load.rows_superseded
    told += load.rows_quarantined + load.rows_deleted
    assert load.rows_in == told
    assert load.lines_in == line_count(data)
    assert load.lines_in == (
        load.lines_headers + told + load.lines_blank + load.lines_continued
    )


def written(rows: list[list[str]], header: str, line_end: str = "\n") -> str:
    """Write rows as a spreadsheet does: quotes where they are needed."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator=line_end).writerows([header.split(","), *rows])
    return stream.getvalue()


def item_row(number: int, plan: str = "pro") -> list[str]:
    """Return a good row of items."""
    return [f"i{number:03}", f"a{number}", plan, "2024-01-01", "100", "month"]


def items(*rows: str) -> bytes:
    """Return a file of items, its rows as they are written."""
    return "\n".join([ITEMS, *rows, ""]).encode()


GOOD = [",".join(item_row(number)) for number in range(1, 6)]

# What is written, the lines kept out by rule, and the keys that land.
CASES: dict[str, tuple[bytes, dict[int, str], list[str]]] = {
    "a quote opened at the start": (
        items('"' + GOOD[0], *GOOD[1:]),
        {2: UNCLOSED},
        ["i002", "i003", "i004", "i005"],
    ),
    "a quote opened in the middle and never closed": (
        items(*GOOD[:2], 'i003,a3,"pro,2024-01-01,100,month', *GOOD[3:]),
        {4: UNCLOSED},
        ["i001", "i002", "i004", "i005"],
    ),
    "a quote opened in the last row": (
        items(*GOOD[:4], 'i005,a5,"pro,2024-01-01,100,month'),
        {6: UNCLOSED},
        ["i001", "i002", "i003", "i004"],
    ),
    "a quote opened in one row and closed by another's": (
        items(
            'i001,a1,"pro,2024-01-01,100,month',
            *GOOD[1:3],
            'i004,a4,"pro, annual",2024-01-01,100,month',
            GOOD[4],
        ),
        {2: UNCLOSED},
        ["i002", "i003", "i004", "i005"],
    ),
    "a quote that another row closes so that the cells add up": (
        items('i001,a1,"pro', *GOOD[1:3], 'i004",2024-01-01,100,month', GOOD[4]),
        {2: UNCLOSED, 5: "malformed line: too few cells"},
        ["i002", "i003", "i005"],
    ),
    "a quote that swallows a row with a fault of its own": (
        items(
            'i001,a1,"pro',
            "i002,a2,pro,2024-13-01,100,month",
            'x",2024-01-01,100,month',
            *GOOD[3:],
        ),
        {
            2: UNCLOSED,
            3: "not an ISO date (YYYY-MM-DD)",
            4: "malformed line: too few cells",
        },
        ["i004", "i005"],
    ),
    "text behind a closing quote": (
        items('"i001"x,a1,pro,2024-01-01,100,month', *GOOD[1:]),
        {2: "malformed line: text behind a closing quote"},
        ["i002", "i003", "i004", "i005"],
    ),
    "too many and too few cells": (
        items(GOOD[0] + ",more", "i002,a2", *GOOD[2:]),
        {2: "malformed line: too many cells", 3: "malformed line: too few cells"},
        ["i003", "i004", "i005"],
    ),
    "a NUL": (
        items(GOOD[0].replace("pro", "p\0ro"), *GOOD[1:]),
        {2: "malformed line: a NUL character"},
        ["i002", "i003", "i004", "i005"],
    ),
    "a line longer than any reader takes": (
        items(GOOD[0].replace("pro", "p" * (MOST_BYTES + 1)), *GOOD[1:]),
        {2: "malformed line: longer than 2,000,000 bytes"},
        ["i002", "i003", "i004", "i005"],
    ),
    "a cell of a megabyte": (
        items(GOOD[0].replace("pro", '"' + "p, " * 350_000 + '"'), *GOOD[1:]),
        {},
        ["i001", "i002", "i003", "i004", "i005"],
    ),
    "a stray quote in a cell": (
        items(GOOD[0].replace("pro", '24" wide'), *GOOD[1:]),
        {},
        ["i001", "i002", "i003", "i004", "i005"],
    ),
    "line breaks in words": (
        items(GOOD[0].replace("pro", '"two\n\nlines, or three"'), *GOOD[1:]),
        {},
        ["i001", "i002", "i003", "i004", "i005"],
    ),
    "line ends of three kinds, blank lines, no last one": (
        f"\n{ITEMS}\r\n{GOOD[0]}\r{GOOD[1]}\n\n  \n{GOOD[2]}\r\n\r\n{GOOD[3]}".encode(),
        {},
        ["i001", "i002", "i003", "i004"],
    ),
    "a byte-order mark": (
        b"\xef\xbb\xbf" + items(*GOOD),
        {},
        ["i001", "i002", "i003", "i004", "i005"],
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_what_is_wrong_is_named_by_line_and_the_rest_lands(
    lander: Lander, name: str, suffix: str
) -> None:
    data, refused, keys = CASES[name]
    packed = gzip.compress(data, 1) if suffix == ".csv.gz" else data
    load = lander.land("subscription_items", packed, suffix)
    assert load.status == "landed", load.message
    assert lander.refused() == refused
    assert lander.keys() == keys
    assert_every_line_is_told(load, data)


def test_words_alone_cannot_tell_a_row_so_both_are_kept_out(lander: Lander) -> None:
    data = b'account_id,account_name\na,Alpha\nb,"Beta\nc,Gamma\nd,Delta"\ne,Echo\n'
    load = lander.land("accounts", data)
    assert lander.refused() == {3: UNCLOSED, 4: SWALLOWED, 5: SWALLOWED}
    assert lander.keys() == ["a", "e"]
    assert_every_line_is_told(load, data)


def test_a_value_keeps_its_quotes_and_line_breaks(lander: Lander) -> None:
    answers = ['he said "no"\nand left, at once', '24" wide', " spaced ", "tab\there"]
    rows = [
        [f"r{at}", "a", "exit", "", answer, "2024-01-01"]
        for at, answer in enumerate(answers)
    ]
    lander.land("survey_responses", written(rows, ANSWERS).encode())
    found = lander.con.execute("select answer from landed order by response_id")
    assert [row[0] for row in found.fetchall()] == [text.strip() for text in answers]


def cut_gzip(data: bytes) -> bytes:
    packed = gzip.compress(data, mtime=0)
    return packed[: len(packed) // 2]


@pytest.mark.parametrize(
    ("data", "suffix", "told"),
    [
        (cut_gzip(items(*GOOD * 999)), ".csv.gz", "the compressed file is cut off"),
        (b"no gzip at all", ".csv.gz", "unreadable file"),
        (b"\xff\xfei\0d\0\n\0x", ".csv", "it begins as UTF-16 and is not"),
        (b"PAR1 and no more", ".csv", "it is a Parquet file, not a CSV file"),
        (b"PK\x03\x04 and no more", ".csv", "it is a zip archive or an Excel workbook"),
        (gzip.compress(b"a,b\n", mtime=0), ".csv", "it is a gzip file, not a CSV file"),
        (b'item_id,"account_id\ni1,a\n', ".csv", "line 1, the header, is malformed"),
        (b"\0\0\0\n", ".csv", "line 1, the header, is malformed"),
        (b"\n\n", ".csv", "empty file"),
        (b"PAR1 and no more", ".parquet", "unreadable file"),
        (b"", ".parquet", "unreadable file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_words(
    lander: Lander, data: bytes, suffix: str, told: str
) -> None:
    load = lander.land("subscription_items", data, suffix)
    assert load.status == "broken"
    assert load.message is not None
    assert load.message.startswith(f"files/subscription_items{suffix}: ")
    assert told in load.message


# --- Damage at random ----------------------------------------------------------------


def insert(text: str) -> Callable[[random.Random, str], str]:
    """Return a damage that puts a text anywhere."""

    def damage(rng: random.Random, data: str) -> str:
        at = rng.randrange(len(data) + 1)
        return data[:at] + text + data[at:]

    return damage


def drop(text: str) -> Callable[[random.Random, str], str]:
    """Return a damage that takes a text away once, wherever it stands."""

    def damage(rng: random.Random, data: str) -> str:
        found = [at for at in range(len(data)) if data.startswith(text, at)]
        at = rng.choice(found or [len(data)])
        return data[:at] + data[at + len(text) :]

    return damage


def cut(rng: random.Random, data: str) -> str:
    """Leave the beginning of a file."""
    return data[: rng.randrange(len(data) + 1)]


DAMAGES = {
    "a quote too many": insert('"'),
    "two quotes too many": insert('""'),
    "a quote too few": drop('"'),
    "a comma too many": insert(","),
    "a comma too few": drop(","),
    "a line break too many": insert("\n"),
    "a line break too few": drop("\n"),
    "a carriage return": insert("\r"),
    "a control character": insert("\x01"),
    "a NUL": insert("\0"),
    "a huge cell": insert("x" * 150_000),
    "a file cut off": cut,
}
WORDS = ["pro", "pro, annual", 'a "big" one', "two\nlines", "", "x,y\nz", "Zoë"]


@st.composite
def damaged_files(draw: st.DrawFn) -> tuple[str, str]:
    """Return a table, and its file with some damage done."""
    table = draw(st.sampled_from(sorted(HEADERS)))
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
    if table == "subscription_items":
        rows = [item_row(at, word) for at, word in enumerate(words)]
    else:
        rows = [
            [f"i{at:03}", f"a{at}", "exit", "", word, "2024-01-01"]
            for at, word in enumerate(words)
        ]
    data = written(rows, HEADERS[table], draw(st.sampled_from(["\n", "\r\n"])))
    damages = draw(st.lists(st.sampled_from(sorted(DAMAGES)), min_size=1, max_size=3))
    rng = random.Random(draw(st.integers(0, 2**32)))
    for name in damages:
        data = DAMAGES[name](rng, data)
    return table, data


def read(folder: Path, table: str, text: str) -> tuple[Tally, list[list[str]]]:
    """Return what the reader tells of a file's lines, and the cells it hands on."""
    path, clean = folder / f"{table}.csv", folder / "clean.csv"
    path.write_bytes(text.encode())
    file = CsvFile(path, path.name)
    header = read_header(file)
    checks = checks_of(header.names, TABLES[table].columns)
    header = replace(header, checks=checks)
    tally = write_clean(file, header, clean)
    assert tally.lines == count_line_ends(file).lines == line_count(text.encode())
    plain = (
        count_if_plain(file, header) if count_line_ends(file).is_of_one_kind else None
    )
    assert plain in (None, tally.records)
    with clean.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, strict=True))
    assert {len(row) for row in rows} <= {len(header.names) + 1}
    assert len(rows) == tally.records
    return tally, rows


@settings(max_examples=1000)
@given(damaged_files())
@example(("subscription_items", f'{ITEMS}\n{GOOD[0]}\n"'))
@example(("subscription_items", f'{ITEMS}\n{GOOD[0]}\n"\n"\n"\n""'))
def test_every_line_of_a_damaged_file_is_one_thing(
    tmp_path_factory: pytest.TempPathFactory, damaged: tuple[str, str]
) -> None:
    csv.field_size_limit(MOST_BYTES)
    folder = tmp_path_factory.getbasetemp()
    with suppress(UnreadableFileError):
        read(folder, *damaged)


@settings(max_examples=60)
@given(damaged_files())
def test_a_damaged_file_lands_with_every_row_told_or_is_broken_by_name(
    lander: Lander, damaged: tuple[str, str]
) -> None:
    table, text = damaged
    load = lander.land(table, text.encode())
    if load.status == "broken":
        assert load.message is not None
        assert load.message.startswith(f"files/{table}.csv: ")
    if load.lines_in:
        assert_every_line_is_told(load, text.encode())
    else:
        assert load.status == "broken"


@settings(max_examples=1000)
@given(st.lists(st.sampled_from(WORDS), min_size=2, max_size=9), st.data())
def test_a_quote_in_one_row_takes_no_other_row_with_it(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], data: st.DataObject
) -> None:
    rows = [item_row(at, word) for at, word in enumerate(words)]
    lines = written(rows, ITEMS).removesuffix("\n").split("\n")
    spoilt = data.draw(st.integers(1, len(lines) - 1))
    at = data.draw(st.integers(0, len(lines[spoilt])))
    # Neither the row that is spoilt, nor one that has line breaks itself.
    others = {
        line[:4]
        for line in lines[1:]
        if line != lines[spoilt] and line.startswith("i") and line.endswith("month")
    }
    lines[spoilt] = lines[spoilt][:at] + '"' + lines[spoilt][at:]
    text = "\n".join([*lines, ""])
    tally, read_rows = read(tmp_path_factory.getbasetemp(), "subscription_items", text)
    named = {lines[number - 1][:4] for number, _ in tally.malformed}
    assert others <= {row[1] for row in read_rows} | named
