"""Absence is not evidence: what a bad delivery says reaches no figure and no memory."""

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.health_memory import REMEMBERED, remember
from orchestration.landing.contract import Column, Table, read_contracts
from orchestration.landing.land import Landing, LandingError, land
from orchestration.landing.land_table import Load
from orchestration.landing.raw_files import find_files
from orchestration.month_closes import propose, settle
from orchestration.publishing.durable_files import point_link
from orchestration.sample_company.company import write_sample_company
from tests.python.books import Row, item, write_book
from tests.python.conftest import Book, CompiledProject, Warehouse

HEALTH_MARTS = tuple(mart for mart, _columns in REMEMBERED.values())
MARTS = (
    *("fct_mrr_movements", "fct_account_mrr_months", "fct_retention"),
    *("fct_mrr_restatements", "fct_freshness", "fct_data_quality", *HEALTH_MARTS),
)
FIRST, SECOND, THIRD = "2025-05-20", "2025-06-20", "2025-07-20"


def load_of(landing: Landing, name: str) -> Load:
    """Return the load of `source.table`."""
    return next(x for x in landing.loads if f"{x.source}.{x.entity}" == name)


# --- One table of a whole company at a time, whatever it is ---------------------------


def rewrite(path: Path, change: str) -> None:
    """Write a Parquet file anew, its rows changed by a query that reads `whole`."""
    other = path.with_suffix(".other")
    with duckdb.connect() as con:
        con.execute(f"create table whole as from '{path}'")
        con.execute(f"copy ({change}) to '{other}' (format parquet)")
    other.replace(path)


def lose_every_second(path: Path) -> None:
    rewrite(path, "select * from whole qualify row_number() over () % 2 = 0")


def lose_all(path: Path) -> None:
    rewrite(path, "select * from whole limit 0")


def garble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def remove(path: Path) -> None:
    path.unlink()


BAD: dict[str, Callable[[Path], None]] = {
    "absent": remove,
    "empty": lose_all,
    "halved": lose_every_second,
    "unreadable": garble,
}
STATES = [table for table in read_contracts() if table.kind == "state"]


@dataclass
class State:
    """The sample company in a landing folder, and a state to land it in."""

    landing: Path
    state: Path
    told: list[str] = field(default_factory=list)

    def land(self, *accept: str, as_of: str = "2025-12-31") -> Landing:
        landed = self.state / "landed"
        self.told = []
        return land(self.landing, landed, as_of, "USD", self.told.append, accept=accept)

    def rows(self, table: Table) -> list[tuple[Any, ...]]:
        parquet = self.state / "landed" / table.source / f"{table.name}.parquet"
        with duckdb.connect() as con:
            query = f"select * exclude (_file, _line) from '{parquet}' order by all"
            return con.execute(query).fetchall()

    def memory(self) -> dict[str, Any]:
        """Return all that one run hands on to the next, but how it is filed."""
        kept: dict[str, Any] = {}
        with duckdb.connect() as con:
            for path in sorted(self.state.rglob("*")):
                top = path.relative_to(self.state).parts[0]
                is_kept = top not in ("landed", "delivered") and top[0] != "."
                if not is_kept or not path.is_file():
                    continue
                name = str(path.relative_to(self.state))
                if path.suffix == ".parquet":
                    # What is believed is filed under a number that grows.
                    name = name.split(".")[0]
                    query = f"select count(*), sum(hash(r)) from '{path}' as r"
                    kept[name] = con.execute(query).fetchall()
                elif top == "evidence":
                    told = json.loads(path.read_text(encoding="utf-8"))
                    kept[name] = told["as_of_at"], told["is_cut"]
                else:
                    kept[name] = path.read_text(encoding="utf-8")
        return kept


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> State:
    folder = tmp_path_factory.mktemp("sample")
    write_sample_company(folder / "landing", folder / "truth", accounts=60, seed=3)
    return State(folder / "landing", folder / "state")


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_state_keeps_its_last_good_rows_and_leaves_no_trace(
    sample: State, kind: str
) -> None:
    """Every state of every connector: held, told first, forgotten when mended."""
    sample.land()
    before, good, spoiled = sample.memory(), {}, []
    for table in STATES:
        files = find_files(sample.landing, table.source, table.name)
        rows = sample.rows(table)
        if files and (kind != "halved" or len(rows) >= 6):
            good[f"{table.source}.{table.name}"] = (table, rows)
            spoiled += [file.path for file in files]
    assert len(good) >= (10 if kind == "halved" else 12)
    for path in spoiled:
        shutil.copy2(path, path.with_suffix(".good"))
        BAD[kind](path)
    landing = sample.land()
    status = "broken" if kind == "unreadable" else "held"
    for name, (table, rows) in good.items():
        assert load_of(landing, name).status == status, name
        assert sample.rows(table) == rows, name
    told = sample.told[: len(good)]
    assert sorted(line.split(":")[0].strip() for line in told) == sorted(good)
    assert sample.memory() == before
    for path in spoiled:
        path.with_suffix(".good").replace(path)
    landing = sample.land()
    assert {load_of(landing, name).status for name in good} == {"landed"}
    assert sample.memory() == before


def test_a_source_that_is_gone_altogether_keeps_all_its_tables(sample: State) -> None:
    sample.land()
    before = sample.memory()
    stripe = sample.landing / "stripe"
    stripe.rename(sample.landing / "aside")
    landing = sample.land()
    (sample.landing / "aside").rename(stripe)
    gone = {load.entity: load.status for load in landing.loads if load.file_count == 0}
    assert gone["subscription_item"] == gone["price"] == "held"
    assert gone["subscription_history"] == gone["invoice"] == "kept"
    assert sample.memory() == before


# --- A company in files: what it may do, and what nobody believes ---------------------

ITEMS = [
    item(f"i{n}", f"a{n}", f"2025-0{1 + n % 4}-1{n % 9}", quantity=1 + n)
    | {"currency": "USD", "contract_end_on": "2026-03-31"}
    for n in range(12)
]
NEW = [
    item(f"n{n}", f"b{n}", date(2025, 5, 21) + timedelta(2 * n), currency="USD")
    for n in range(12)
]


def changed(rows: list[Row], **values: Any) -> list[Row]:
    return [{**row, **values} for row in rows]


def later(rows: list[Row], days: int) -> list[Row]:
    return [
        {**row, "valid_from": date.fromisoformat(row["valid_from"]) + timedelta(days)}
        for row in rows
    ]


def amended(rows: list[Row], day: str, **values: Any) -> list[Row]:
    """Return items each of which has a new version from a day on."""
    return [
        row
        for old in rows
        for row in (old | {"valid_to": day}, old | {"valid_from": day} | values)
    ]


def again(rows: list[Row], day: str, **values: Any) -> list[Row]:
    """Return items, and each once more under a new id from a day on."""
    copies = [
        row | {"item_id": f"x{row['item_id']}", "valid_from": day} for row in rows
    ]
    return rows + changed(copies, **values)


# What begins on a day after the last delivery, and no company does within a few days.
JUMPS: dict[str, Callable[[str], list[Row]]] = {
    "in cents": lambda day: amended(ITEMS, day, unit_amount=10000),
    "three times the price": lambda day: amended(ITEMS, day, unit_amount=300),
    "in another currency": lambda day: amended(
        ITEMS, day, unit_amount=300, currency="EUR"
    ),
    "by the week": lambda day: amended(ITEMS, day, billing_interval="week"),
    "half the price": lambda day: amended(ITEMS, day, unit_amount=50),
    "for nothing": lambda day: amended(ITEMS, day, discount_percent=100),
    "some of them in cents": lambda day: [
        *amended(ITEMS[:3], day, unit_amount=10000),
        *ITEMS[3:],
    ],
    "twice": lambda day: again(ITEMS, day),
    "twice for others": lambda day: [
        row | {"account_id": f"x{row['account_id']}"}
        if row["item_id"][0] == "x"
        else row
        for row in again(ITEMS, day)
    ],
    "ended": lambda day: changed(ITEMS, valid_to=day),
    "twelve new accounts": lambda day: [
        *ITEMS,
        *[item(f"n{n}", f"b{n}", day, currency="USD", quantity=9) for n in range(12)],
    ],
}


REFUSED: dict[str, list[Row]] = {
    "empty": [],
    "halved": ITEMS[::2],
    "one third lost": ITEMS[4:],
    "doubled": ITEMS + [row | {"item_id": f"x{row['item_id']}"} for row in ITEMS],
    "prices doubled": changed(ITEMS, unit_amount=200),
    "prices in cents": changed(ITEMS, unit_amount=10000),
    "prices halved": changed(ITEMS, unit_amount=50),
    "other currency": changed(ITEMS, currency="EUR"),
    "future-dated": later(ITEMS, 365),
    "all ended long ago": changed(ITEMS, valid_to="2025-05-01"),
    "all ended today": changed(ITEMS, valid_to=SECOND),
    "all ended since": changed(ITEMS, valid_to="2025-06-01"),
    "all for nothing": changed(ITEMS, discount_percent=100),
    "a discount in cents": changed(ITEMS, discount_amount=5000),
    "all free": changed(ITEMS, status="free"),
    "by the year": changed(ITEMS, billing_interval="year"),
}
BELIEVED: dict[str, list[Row]] = {
    "the same": ITEMS,
    "in another order": ITEMS[::-1],
    "twice as many by new sales": ITEMS + NEW,
    "all gave notice": changed(ITEMS, notice_on="2025-06-01"),
    "a few ended today": [*changed(ITEMS[:3], valid_to=SECOND), *ITEMS[3:]],
    "a discount that is over": changed(
        ITEMS, discount_percent=100, discount_to="2025-04-30"
    ),
    "all end in a year": changed(ITEMS, valid_to="2026-06-01"),
    "an add-on for nothing today": again(ITEMS, SECOND, unit_amount=0),
    "an add-on for a little today": again(ITEMS, SECOND, unit_amount=20),
    "split in two today": amended(ITEMS, SECOND, unit_amount=50)
    + changed(
        ITEMS,
        **{"unit_amount": 50, "valid_from": SECOND, "product": "other"},
        item_id="x",
    ),
    "all raised today": amended(ITEMS, SECOND, unit_amount=140, currency="EUR"),
    "a few raised today": [
        *amended(ITEMS[:2], SECOND, unit_amount=10000),
        *ITEMS[2:],
    ],
    "two backdated": [*ITEMS[:-2], *later(ITEMS[-2:], -20)],
    "two gone": ITEMS[:-2],
    "one twice the price": [*ITEMS[:-1], *changed(ITEMS[-1:], unit_amount=200)],
}


@dataclass
class Files:
    """A landing of CSV files, and the state of its runs."""

    folder: Path
    told: list[str] = field(default_factory=list)

    def write(self, **tables: list[Row]) -> "Files":
        write_book(self.folder / "landing", tables)
        return self

    def land(self, as_of: str | None = FIRST, *accept: str) -> Landing:
        self.told = []
        landing, landed = self.folder / "landing", self.folder / "state" / "landed"
        return land(landing, landed, as_of, "USD", self.told.append, accept=accept)

    def column(self, table: str, name: str) -> list[Any]:
        parquet = self.folder / "state" / "landed" / "files" / f"{table}.parquet"
        with duckdb.connect() as con:
            rows = con.execute(f"select {name} from '{parquet}' order by 1").fetchall()
        return [value for (value,) in rows]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


SPOILT = {
    "date": "date '2025-06-01'",
    "timestamp": "timestamp '2025-06-01 10:00:00'",
    "boolean": "true",
    "string": "'zz'",
}


def spoilt_value(column: Column) -> str:
    """Return a value that a wrong join would write into each row of a column."""
    if column.values:
        return f"'{column.values[-1]}'"
    number = int(min(column.most, 7))
    return SPOILT.get(column.data_type, f"cast({number} as {column.data_type})")


OPTIONAL = [[c for c in table.columns if not c.required] for table in STATES]


@pytest.mark.parametrize("nth", range(max(map(len, OPTIONAL))))
def test_a_column_that_was_filled_by_mistake_may_be_emptied_again(
    sample: State, nth: int
) -> None:
    """The nth optional column of every state: where the bad file passed, so does the
    mended one, and what is believed is what was."""
    sample.land()
    kept = {k: v for k, v in sample.memory().items() if k.startswith("evidence")}
    spoilt = {}
    for table, columns in zip(STATES, OPTIONAL, strict=True):
        files = find_files(sample.landing, table.source, table.name)
        if (
            len(columns) > nth
            and len(files) == 1
            and files[0].path.suffix == ".parquet"
        ):
            name, path = columns[nth].name, files[0].path
            with duckdb.connect() as con:
                there = [c for c, *_ in con.sql(f"describe from '{path}'").fetchall()]
            shutil.copy2(path, path.with_suffix(".good"))
            value = spoilt_value(columns[nth])
            rest = f'* exclude ("{name}")' if name in there else "*"
            rewrite(path, f'select {rest}, {value} as "{name}" from whole')
            spoilt[f"{table.source}.{table.name}"] = path
    landing = sample.land()
    passed = {name for name in spoilt if load_of(landing, name).status == "landed"}
    for path in spoilt.values():
        path.with_suffix(".good").replace(path)
    mended = [load_of(sample.land(), name) for name in sorted(passed)]
    assert [load.message for load in mended if load.status != "landed"] == []
    after = {k: v for k, v in sample.memory().items() if k.startswith("evidence")}
    assert after == kept


def test_what_was_told_for_longer_is_not_emptied_unasked(files: Files) -> None:
    told = changed(ITEMS, notice_on="2025-05-01")
    files.write(subscription_items=ITEMS).land("2025-05-21")
    for day in ("2025-05-22", "2025-05-30"):
        files.write(subscription_items=told).land(day)
    files.write(subscription_items=ITEMS)
    load = load_of(files.land("2025-06-01"), "files.subscription_items")
    assert load.status == "held"
    assert "column notice_on, told in 100% of the rows before" in str(load.message)


RATES = [
    {
        **{"currency": currency, "to_currency": "USD", "rate": rate + month / 100},
        "valid_from": f"2025-0{month}-01",
    }
    for currency, rate in (("EUR", 1.1), ("GBP", 1.3))
    for month in range(1, 6)
]


@pytest.mark.parametrize(
    ("kind", "rates"),
    [
        ("inverted", [row | {"rate": round(1 / row["rate"], 6)} for row in RATES]),
        ("a fifth up", [row | {"rate": round(row["rate"] * 1.2, 6)} for row in RATES]),
        ("of another day", [row | {"rate": 1.2} for row in RATES]),
    ],
)
def test_rates_of_the_past_are_facts(files: Files, kind: str, rates: list[Row]) -> None:
    files.write(subscription_items=ITEMS, exchange_rates=RATES).land("2025-05-21")
    files.write(exchange_rates=rates)
    load = load_of(files.land("2025-05-28"), "files.exchange_rates")
    assert load.status == "held", kind
    assert "tell another past" in str(load.message)
    june = [row | {"valid_from": "2025-06-01"} for row in RATES[::5]]
    files.write(exchange_rates=[*RATES[1:], RATES[0] | {"rate": 1.12}, *june])
    load = load_of(files.land("2025-06-05"), "files.exchange_rates")
    assert load.status == "landed"


@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_company_does_in_a_day_is_held(files: Files, kind: str) -> None:
    files.write(subscription_items=ITEMS).land()
    columns = list(dict.fromkeys(key for row in ITEMS for key in row))
    files.write(subscription_items=REFUSED[kind])
    if not REFUSED[kind]:
        path = files.folder / "landing/files/subscription_items.csv"
        path.write_text(",".join(columns) + "\n", encoding="utf-8")
    landing = files.land(SECOND)
    load = load_of(landing, "files.subscription_items")
    assert load.status == "held", load
    assert load.message is not None
    assert "ACCEPT=files.subscription_items" in load.message
    assert FIRST in load.message
    assert files.column("subscription_items", "item_id") == sorted(
        row["item_id"] for row in ITEMS
    )
    accepted = load_of(
        files.land(SECOND, "files.subscription_items"), "files.subscription_items"
    )
    assert accepted.status == "landed"
    assert accepted.rows_landed == len(REFUSED[kind])
    again = load_of(files.land(SECOND), "files.subscription_items")
    assert (again.status, again.rows_landed) == ("landed", len(REFUSED[kind]))


@pytest.mark.parametrize("kind", BELIEVED)
def test_what_a_company_may_do_is_believed(files: Files, kind: str) -> None:
    files.write(subscription_items=ITEMS).land()
    files.write(subscription_items=BELIEVED[kind])
    load = load_of(files.land(SECOND), "files.subscription_items")
    assert (load.status, load.message) == ("landed", None)


@pytest.mark.parametrize(
    ("kind", "days"),
    [*[(kind, days) for kind in JUMPS for days in (1, 30)], ("twice", 400)],
)
def test_a_jump_since_the_last_delivery_is_held_however_long_it_takes(
    files: Files, kind: str, days: int
) -> None:
    """It is held on its day and on all that follow, and what is mended lands."""
    files.write(subscription_items=ITEMS).land(FIRST)
    first = date.fromisoformat(FIRST)
    began = first + timedelta(1 + days // 2)
    files.write(subscription_items=JUMPS[kind](began.isoformat()))
    for day in (first + timedelta(days), first + timedelta(days + 90)):
        load = load_of(files.land(day.isoformat()), "files.subscription_items")
        if day >= began:
            assert load.status == "held", load
            assert "ACCEPT=files.subscription_items" in str(load.message)
    files.write(subscription_items=ITEMS[:-1])
    landing = files.land((first + timedelta(days + 91)).isoformat())
    assert load_of(landing, "files.subscription_items").status == "landed"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.45, 0.49])
@pytest.mark.parametrize("is_past", [True, False])
def test_what_may_grow_may_shrink_back(
    files: Files, share: float, *, is_past: bool
) -> None:
    """A wrong delivery that passes does not keep the right one out."""
    many = [item(f"m{n}", f"m{n}", "2025-01-10", currency="USD") for n in range(100)]
    began = "2025-01-10" if is_past else SECOND
    grown = many + [row | {"valid_from": began} for row in again(many, began)[100:]]
    for rows, day in (
        (many, FIRST),
        (grown[: 100 + round(100 * share)], SECOND),
        (many, "2025-06-21"),
    ):
        files.write(subscription_items=rows)
        load = load_of(files.land(day), "files.subscription_items")
        assert (load.status, load.message) == ("landed", None)


@pytest.mark.parametrize("days", [7, 30, 365])
def test_a_long_gap_holds_nobody_who_grew_or_shrank_week_by_week(
    files: Files, days: int
) -> None:
    start, end = date(2024, 6, 1), date(2024, 6, 1) + timedelta(days)
    grown = [
        item(f"g{n}", f"g{n}", start + timedelta(3 * n - 36), currency="USD")
        for n in range(12 + days // 3)
    ]
    files.write(subscription_items=grown[:12]).land(start.isoformat())
    files.write(subscription_items=grown)
    load = load_of(files.land(end.isoformat()), "files.subscription_items")
    assert (load.status, load.message) == ("landed", None)
    # And one leaves every third day, until ten are left.
    later_on = end + timedelta(3 * (len(grown) - 10))
    left = [
        row | {"valid_to": end + timedelta(3 * n)} if n < len(grown) - 10 else row
        for n, row in enumerate(grown)
    ]
    files.write(subscription_items=left)
    load = load_of(files.land(later_on.isoformat()), "files.subscription_items")
    assert (load.status, load.message) == ("landed", None)


def test_a_jump_that_is_still_to_come_keeps_no_mended_file_out(files: Files) -> None:
    """What had not begun when it was believed may be withdrawn."""
    files.write(subscription_items=ITEMS).land(FIRST)
    files.write(subscription_items=JUMPS["in cents"]("2025-06-01")).land("2025-05-21")
    files.write(subscription_items=ITEMS)
    landing = files.land("2025-05-22")
    assert load_of(landing, "files.subscription_items").status == "landed"


# A value of each column of items that may be missing, told in the rows of TOLD.
TOLD = {
    "currency": "EUR",
    "valid_to": "2025-05-10",
    "quantity": 3,
    "interval_count": 2,
    "discount_percent": 10,
    "status": "past_due",
    "notice_on": "2025-05-01",
    "contract_end_on": "2026-03-31",
    "product": "Core",
    "usage_based": "false",
}
HARMLESS = ("usage_based",)


def renamed(rows: list[Row], old: str, new: str) -> list[Row]:
    return [{new if key == old else key: row[key] for key in row} for row in rows]


def dropped(rows: list[Row], name: str) -> list[Row]:
    return [{key: row[key] for key in row if key != name} for row in rows]


@pytest.mark.parametrize("how", ["renamed", "dropped", "emptied"])
@pytest.mark.parametrize("name", TOLD)
def test_a_column_that_told_something_and_is_gone_is_held_by_its_name(
    files: Files, name: str, how: str
) -> None:
    rows = dropped(ITEMS, name)
    told = [row | {name: TOLD[name]} if n % 2 else row for n, row in enumerate(rows)]
    bad = {
        "renamed": renamed(told, name, f"{name}_code"),
        "dropped": dropped(told, name),
        "emptied": changed(told, **{name: None}),
    }[how]
    files.write(subscription_items=told).land(FIRST)
    files.write(subscription_items=bad)
    load = load_of(files.land(SECOND), "files.subscription_items")
    if name in HARMLESS:
        # What is told is what is read where nothing is.
        assert load.status == "landed"
        return
    assert load.status == "held"
    assert f"column {name}, told in " in str(load.message)
    assert (f"renamed {name}_code?" in str(load.message)) == (how == "renamed")
    # Mended it lands; accepted it lands too, and is not asked about again.
    files.write(subscription_items=told)
    assert load_of(files.land(SECOND), "files.subscription_items").status == "landed"
    files.write(subscription_items=bad)
    accepted = files.land(SECOND, "files.subscription_items")
    assert load_of(accepted, "files.subscription_items").status == "landed"
    files.write(subscription_items=bad[::-1])
    assert load_of(files.land(SECOND), "files.subscription_items").status == "landed"


def test_a_column_of_few_values_may_go(files: Files) -> None:
    few = [*changed(ITEMS[:2], notice_on="2025-05-01"), *ITEMS[2:]]
    files.write(subscription_items=few).land(FIRST)
    files.write(subscription_items=ITEMS)
    load = load_of(files.land(SECOND), "files.subscription_items")
    assert (load.status, load.message) == ("landed", None)


def test_a_column_of_a_log_that_is_gone_is_told(files: Files) -> None:
    told = changed(EVENTS, user_id="u1")
    files.write(subscription_items=ITEMS, events=told[:5]).land()
    later_on = renamed(told[5:], "user_id", "user_ids")
    files.write(subscription_items=ITEMS, events=later_on)
    for _ in range(2):
        load = load_of(files.land(), "files.events")
        assert (load.status, load.rows_landed) == ("landed", 10)
        message = str(load.message)
        assert message.startswith("column user_id, told in ")
        assert message.endswith(" is gone (renamed user_ids?)")
    assert any("column user_id" in line for line in files.told)
    files.write(subscription_items=ITEMS, events=told)
    assert load_of(files.land(), "files.events").message is None


def test_a_column_of_a_connector_that_is_gone_is_held(sample: State) -> None:
    """A column of every state of the sample company that may be missing and is not."""
    sample.land()
    gone: dict[str, tuple[str, Path]] = {}
    for table in STATES:
        optional = [c for c in table.columns if not c.required and c.default is None]
        for file in find_files(sample.landing, table.source, table.name)[:1]:
            query = f"select {{}} from '{file.path}'"
            names = duckdb.execute(query.format("*") + " limit 0").description
            for name in sorted(
                {c.name for c in optional} & {name for name, *_ in names}
            ):
                told = duckdb.execute(query.format(f'count("{name}")')).fetchall()
                if told >= [(3,)]:
                    gone[f"{table.source}.{table.name}"] = (name, file.path)
    for name, path in gone.values():
        shutil.copy2(path, path.with_suffix(".good"))
        rewrite(path, f'select * exclude ("{name}") from whole')
    landing = sample.land()
    for _, path in gone.values():
        path.with_suffix(".good").replace(path)
    assert len(gone) >= 5
    for table_name, (name, _) in gone.items():
        load = load_of(landing, table_name)
        assert load.status == "held", (table_name, name)
        assert f"column {name}, told in" in str(load.message)


def test_a_file_cut_off_within_a_row_is_held(files: Files) -> None:
    noted = [{**row, "plan": f'made for "{row["item_id"]}", once'} for row in ITEMS]
    files.write(subscription_items=noted).land()
    path = files.folder / "landing/files/subscription_items.csv"
    whole = path.read_bytes()
    last = whole.rstrip().rindex(b"\n") + 1
    missing = len(whole.rstrip()) - last
    row = whole[last:].rstrip()
    held = 0
    for size in range(1, missing):
        path.write_bytes(whole[: last + size])
        load = load_of(files.land(SECOND), "files.subscription_items")
        # What is cut within its last cell reads as a whole row.
        if load.status == "held":
            assert f"cut off: line {len(ITEMS) + 1} ends" in str(load.message)
            assert load.rows_landed == len(ITEMS)
            held += 1
    assert held >= row.rindex(b",") - 1
    path.write_bytes(whole.rstrip())
    assert load_of(files.land(SECOND), "files.subscription_items").status == "landed"


def test_a_source_that_never_came_is_empty_and_whole(files: Files) -> None:
    landing = files.write(subscription_items=ITEMS).land()
    assert load_of(landing, "files.accounts").status == "absent"
    landing = files.land()
    assert load_of(landing, "files.accounts").status == "absent"


def test_a_small_book_may_lose_a_row_but_not_all_of_them(files: Files) -> None:
    files.write(subscription_items=ITEMS[:2]).land()
    files.write(subscription_items=ITEMS[:1])
    assert load_of(files.land(), "files.subscription_items").status == "landed"
    path = files.folder / "landing/files/subscription_items.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0]
    path.write_text(header + "\n", encoding="utf-8")
    assert load_of(files.land(), "files.subscription_items").status == "held"


def test_rates_into_another_currency_are_held(files: Files) -> None:
    rates = [
        {"currency": currency, "to_currency": "USD", "valid_from": f"2025-0{n}-01"}
        | {"rate": "1.1"}
        for currency in ("EUR", "GBP")
        for n in range(1, 5)
    ]
    files.write(subscription_items=ITEMS, exchange_rates=rates).land()
    turned = changed(rates, to_currency="SEK")
    files.write(subscription_items=ITEMS, exchange_rates=turned)
    assert load_of(files.land(), "files.exchange_rates").status == "held"
    cents = changed(rates, rate="110")
    files.write(subscription_items=ITEMS, exchange_rates=cents)
    assert load_of(files.land(), "files.exchange_rates").status == "held"


def test_only_names_of_the_contract_are_accepted(files: Files) -> None:
    files.write(subscription_items=ITEMS)
    with pytest.raises(LandingError, match=r"no such table; .*files\.accounts"):
        files.land(FIRST, "files.items")


def test_what_is_unreadable_cannot_be_accepted(files: Files) -> None:
    files.write(subscription_items=ITEMS).land()
    path = files.folder / "landing/files/subscription_items.csv"
    path.write_bytes(b"\xff\xfe not text")
    load = load_of(
        files.land(FIRST, "files.subscription_items"), "files.subscription_items"
    )
    assert (load.status, load.rows_landed) == ("broken", len(ITEMS))


def test_an_earlier_as_of_leaves_what_is_believed_alone(files: Files) -> None:
    files.write(subscription_items=ITEMS + NEW).land(THIRD)
    believed = sorted((files.folder / "state/evidence/files").iterdir())
    content = [path.read_bytes() for path in believed]
    files.write(subscription_items=(ITEMS + NEW)[:-1]).land(FIRST)
    assert sorted((files.folder / "state/evidence/files").iterdir()) == believed
    assert [path.read_bytes() for path in believed] == content


def test_a_slip_of_as_of_does_not_make_every_later_run_an_earlier_one(
    files: Files,
) -> None:
    """A clock that nothing landed comes near dates no memory."""
    files.write(subscription_items=ITEMS, events=EVENTS[:5]).land("2052-06-30")
    files.write(subscription_items=ITEMS + NEW, events=EVENTS[5:]).land(SECOND)
    files.write(subscription_items=ITEMS + NEW).land(THIRD)
    assert len(files.column("events", "event_id")) == len(EVENTS)
    files.write(subscription_items=ITEMS)
    load = load_of(files.land(THIRD), "files.subscription_items")
    assert (load.status, load.rows_landed) == ("held", 24)


def test_what_was_accepted_stays_whatever_day_was_believed_before(
    files: Files,
) -> None:
    future = later(ITEMS[:2], 3650)
    files.write(subscription_items=ITEMS + future).land(None)
    files.write(subscription_items=ITEMS, events=EVENTS).land(FIRST)
    files.write(subscription_items=ITEMS, events=EVENTS[:3]).land(FIRST, "files.events")
    assert load_of(files.land(FIRST), "files.events").rows_landed == 3
    files.write(subscription_items=ITEMS[:6])
    assert load_of(files.land(FIRST), "files.subscription_items").rows_landed == 12


@pytest.mark.parametrize("harm", ["parquet gone", "parquet cut", "json without rows"])
def test_a_memory_that_cannot_be_read_is_named_with_a_way_out(
    files: Files, harm: str
) -> None:
    files.write(subscription_items=ITEMS).land()
    folder = files.folder / "state/evidence/files"
    (parquet,) = folder.glob("subscription_items.*.parquet")
    memory = folder / "subscription_items.json"
    if harm == "parquet gone":
        parquet.unlink()
    elif harm == "parquet cut":
        content = parquet.read_bytes()[:50]
        parquet.unlink()
        parquet.write_bytes(content)
    else:
        memory.write_text("{}", encoding="utf-8")
    with pytest.raises(LandingError, match=r"subscription_items\.json.*backup"):
        files.land()
    memory.unlink()
    assert load_of(files.land(), "files.subscription_items").status == "landed"


# --- Logs ----------------------------------------------------------------------------


def event(number: int, at: str, **more: Any) -> Row:
    return {"event_id": f"e{number}", "account_id": "a1", "event_name": "seen"} | {
        "occurred_at": at,
        "received_at": at,
        **more,
    }


EVENTS = [event(n, f"2025-05-{n:02d} 10:00:00") for n in range(1, 11)]


def test_a_log_keeps_what_it_received_however_it_is_delivered(files: Files) -> None:
    files.write(subscription_items=ITEMS, events=EVENTS[:6]).land()
    files.write(subscription_items=ITEMS, events=EVENTS[4:])
    load = load_of(files.land(), "files.events")
    assert (load.rows_in, load.rows_landed, load.rows_recalled) == (6, 10, 4)
    files.write(subscription_items=ITEMS)
    load = load_of(files.land(), "files.events")
    assert (load.status, load.rows_in, load.rows_landed) == ("kept", 0, 10)
    assert len(files.column("events", "event_id")) == 10
    # The same files again: the same counts again.
    assert load_of(files.land(), "files.events") == load


def test_of_one_key_in_two_deliveries_the_newest_wins(files: Files) -> None:
    old = event(1, "2025-05-01 10:00:00", event_name="old")
    new = event(1, "2025-05-01 10:00:00", event_name="new")
    new["received_at"] = "2025-05-09 00:00:00"
    for first, second in ((old, new), (new, old)):
        shutil.rmtree(files.folder / "state", ignore_errors=True)
        files.write(subscription_items=ITEMS, events=[first]).land()
        files.write(subscription_items=ITEMS, events=[second])
        load = load_of(files.land(), "files.events")
        assert files.column("events", "event_name") == ["new"]
        # It is known since it first came.
        assert str(files.column("events", "received_at")[0]) == old["received_at"]
        landed = load.rows_landed - load.rows_recalled
        assert load.rows_in == landed + load.rows_superseded == 1


def test_a_row_from_the_future_is_believed_only_while_it_is_delivered(
    files: Files,
) -> None:
    future = event(99, "2031-01-01 10:00:00")
    files.write(subscription_items=ITEMS, events=[*EVENTS, future]).land()
    assert len(files.column("events", "event_id")) == 11
    files.write(subscription_items=ITEMS, events=EVENTS).land()
    assert len(files.column("events", "event_id")) == 10


def test_an_accepted_log_is_the_whole_truth(files: Files) -> None:
    files.write(subscription_items=ITEMS, events=EVENTS).land()
    files.write(subscription_items=ITEMS, events=EVENTS[:3])
    load = load_of(files.land(FIRST, "files.events"), "files.events")
    assert (load.rows_landed, load.rows_recalled) == (3, 0)
    assert load_of(files.land(), "files.events").rows_landed == 3


# --- Good, bad, good: every figure and every memory -----------------------------------


def book(items: list[Row], without: tuple[str, ...] = ()) -> dict[str, list[Row]]:
    """Return a company of twelve accounts that use what they buy."""
    uses = [
        event(
            1000 * n + day,
            f"{date(2025, 2, 1) + timedelta(days=day)} 09:00:00",
            account_id=f"a{n}",
            user_id=f"u{n}-{day % 2}",
            event_name=("report_created", "dashboard_viewed")[day % 2],
        )
        for n in range(0, 12, 3)
        for day in range(n, 170, 4)
    ]
    answers = [
        {"response_id": f"r{n}-{month}", "account_id": f"a{n}", "kind": "nps"}
        | {"score": (n + month) % 11, "responded_at": f"2025-0{month}-10 12:00:00"}
        for n in range(12)
        for month in range(2, 8)
    ]
    accounts = [
        {"account_id": f"a{n}", "account_name": f"A {n}", "owner_id": f"o{n % 2}"}
        for n in range(12)
    ]
    tables = {
        "subscription_items": items,
        "accounts": accounts,
        "events": uses,
        "survey_responses": answers,
    }
    return {name: rows for name, rows in tables.items() if name not in without}


@dataclass
class Company:
    """One state folder, and the runs that come by; each publishes."""

    warehouse: Warehouse
    state: Path
    runs: int = 0

    def run(self, tables: dict[str, list[Row]], as_of: str) -> Book:
        published = self.state / "published"
        settle(self.state / "closes", published)
        remember(self.state / "health", published)
        landing = self.state / "landing"
        if header := [name for name, rows in tables.items() if not rows]:
            rows = {name: rows for name, rows in book(ITEMS).items()}
            tables = tables | {name: rows[name][:1] for name in header}
        write_book(landing, tables)
        for name in header:
            path = landing / "files" / f"{name}.csv"
            with path.open(encoding="utf-8") as stream:
                columns = next(csv.reader(stream))
            path.write_text(",".join(columns) + "\n", encoding="utf-8")
        self.runs += 1
        done = self.warehouse.build_landing(
            landing, *MARTS, as_of=as_of, is_next_run=True
        )
        assert done.broken_laws() == []
        set_id = f"set-{self.runs}"
        parquet = published / "sets" / set_id / "parquet"
        parquet.mkdir(parents=True)
        for mart in HEALTH_MARTS:
            done.con.sql(f"from {mart}").write_parquet(str(parquet / f"{mart}.parquet"))
        ((is_whole,),) = done.con.execute(
            "select is_health_whole from stg_run__clock"
        ).fetchall()
        manifest = {"as_of_on": as_of, "is_health_provisional": not is_whole}
        text = json.dumps(manifest)
        (parquet.parent / "manifest.json").write_text(text, encoding="utf-8")
        propose(done.con, self.state / "closes", set_id)
        point_link(published / "current", f"sets/{set_id}")
        settle(self.state / "closes", published)
        return done

    def content(self, done: Book) -> dict[str, Any]:
        """Return every row of every mart, and of what is remembered."""
        marts = {
            mart: done.con.execute(f"select * from {mart} order by all").fetchall()
            for mart in MARTS
        }
        remember(self.state / "health", self.state / "published")
        memory = {}
        for name in ("closes", "captured", "health"):
            for path in sorted((self.state / name).rglob("*.parquet")):
                rows = done.con.sql(f"select * from '{path}' order by all")
                kept = [c for c in rows.columns if c != "set_id"]
                told = rows.project(", ".join(kept)).fetchall()
                memory[str(path.relative_to(self.state))] = told
        return marts | memory


@pytest.fixture(scope="module")
def companies(
    compiled: CompiledProject, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], Company]:
    silent: dict[str, str] = {}

    def make() -> Company:
        state = tmp_path_factory.mktemp("company")
        (state / "published").mkdir()
        return Company(replace(Warehouse(compiled, state), silent=silent), state)

    return make


@pytest.fixture(scope="module")
def untouched(companies: Callable[[], Company]) -> dict[str, Any]:
    """Return what a company has that nothing bad was ever delivered to."""
    company = companies()
    company.run(book(ITEMS), FIRST)
    return company.content(company.run(book(ITEMS), THIRD))


DELIVERIES: dict[str, dict[str, list[Row]]] = {
    "missing": book(ITEMS, without=("subscription_items",)),
    "accounts missing": book(ITEMS, without=("accounts",)),
    **{
        kind: book(REFUSED[kind])
        for kind in ("empty", "halved", "doubled", "other currency", "future-dated")
    },
}


@pytest.mark.parametrize("kind", DELIVERIES)
def test_good_bad_good_is_as_if_it_had_never_happened(
    companies: Callable[[], Company], untouched: dict[str, Any], kind: str
) -> None:
    company = companies()
    company.run(book(ITEMS), FIRST)
    bad = company.run(DELIVERIES[kind], SECOND)
    held = bad.query("select entity from fct_freshness where load_status = 'held'")
    assert len(held) == 1
    provisional = bad.query(
        "select min(health_on) as first_on, max(health_on) as last_on"
        " from fct_account_health_days where is_provisional"
    )
    assert str(provisional["last_on"][0])[:10] == SECOND
    assert str(provisional["first_on"][0])[:10] >= FIRST
    ((paying,),) = bad.con.execute(
        "select sum(closing_mrr) from fct_account_mrr_months"
        f" where mrr_month = '{SECOND[:7]}-01'"
    ).fetchall()
    assert paying == sum(100 * row["quantity"] for row in ITEMS)
    mended = company.content(company.run(book(ITEMS), THIRD))
    assert mended.keys() == untouched.keys()
    for name, rows in untouched.items():
        assert mended[name] == rows, name
