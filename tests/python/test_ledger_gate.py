"""No ledger is published that tells another past than the set that readers have."""

import errno
import json
import os
import shutil
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.landing import set_aside
from orchestration.landing.evidence import read_limits
from orchestration.landing.land import land
from orchestration.landing.set_aside import changed_since, go_back, keep_aside
from orchestration.publishing.durable_files import point_link
from orchestration.publishing.ledger_gate import (
    LedgerDoubtError,
    refuse_another_past,
)
from tests.python.books import Row, item, write_book
from tests.python.conftest import Warehouse

PUBLISHED_ON, NEXT = date(2025, 5, 31), date(2025, 6, 30)
ITEMS = [item(f"i{n}", f"a{n}", "2025-01-10", quantity=1 + n) for n in range(10)]


def changed(rows: list[Row], **values: Any) -> list[Row]:
    return [{**row, **values} for row in rows]


def since(day: str, rows: list[Row] = ITEMS, **values: Any) -> list[Row]:
    """Return items that have a new version from a day on."""
    return changed(rows, valid_to=day) + changed(rows, valid_from=day, **values)


def sold(count: int, days: int, quantity: int) -> list[Row]:
    """Return items of new accounts, begun one after the other from June 1 on."""
    starts = [date(2025, 6, 1) + timedelta(days * n // count) for n in range(count)]
    return [
        item(f"n{n}", f"b{n}", day, quantity=quantity) for n, day in enumerate(starts)
    ]


@pytest.fixture(scope="module")
def published(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    parquet = folder / "sets" / "one" / "parquet"
    parquet.mkdir(parents=True)
    marts = ("dim_accounts", "fct_mrr_movements", "fct_retention")
    book = warehouse.build(
        {"subscription_items": ITEMS}, *marts, as_of=PUBLISHED_ON.isoformat()
    )
    for mart in marts:
        book.con.sql(f"from {mart}").write_parquet(str(parquet / f"{mart}.parquet"))
    facts = {"as_of_on": PUBLISHED_ON.isoformat(), "reporting_currency": "USD"}
    text = json.dumps(facts)
    (parquet.parent / "manifest.json").write_text(text, encoding="utf-8")
    (folder / "current").symlink_to("sets/one")
    return folder


def asked(
    warehouse: Warehouse, published: Path, items: list[Row], as_of: date = NEXT
) -> str:
    """Return what the gate says of a book: nothing, or why it is refused."""
    book = warehouse.build(
        {"subscription_items": items},
        *("dim_accounts", "int_account_mrr_revalued", "fct_retention"),
        as_of=as_of.isoformat(),
    )
    try:
        refuse_another_past(book.con, published, as_of, "USD", read_limits())
    except LedgerDoubtError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (changed(ITEMS, discount_percent=100), "5,500.00 less"),
        (changed(ITEMS, valid_to="2025-06-15"), "pay nothing any more"),
        (changed(ITEMS, account_id="a0"), "differ"),
        (changed(ITEMS, unit_amount=1000), "49,500.00 more"),
        (changed(ITEMS, status="unpaid"), "less"),
        ([row | {"account_id": f"x{n}"} for n, row in enumerate(ITEMS)], "differ"),
        (since("2025-06-29", unit_amount=10000), "550,000.00 on 2025-06-30"),
        (since("2025-06-10", unit_amount=200), "11,000.00 on 2025-06-14"),
        (since("2025-06-10", unit_amount=50), "2,750.00 on 2025-06-14"),
        (since("2025-06-10", account_id="a0"), "9 accounts pay nothing any more"),
        (ITEMS + since("2025-06-10", ITEMS, item_id="again")[10:], "10 pay more"),
        (ITEMS + sold(10, 1, 1), "10 are new"),
        (ITEMS + sold(20, 1, 9), "20 are new"),
    ],
)
def test_another_past_is_refused_in_money(
    warehouse: Warehouse, published: Path, items: list[Row], told: str
) -> None:
    said = asked(warehouse, published, items)
    assert told in said
    assert "ACCEPT=ledger" in said


@pytest.mark.parametrize(
    "items",
    [
        ITEMS,
        ITEMS + sold(16, 30, 4),
        [*changed(ITEMS[:2], valid_to="2025-06-15"), *ITEMS[2:]],
        [*changed(ITEMS[:2], unit_amount=300), *ITEMS[2:]],
    ],
)
def test_what_a_company_may_do_passes(
    warehouse: Warehouse, published: Path, items: list[Row]
) -> None:
    assert asked(warehouse, published, items) == ""


OLD = [item(f"i{n}", f"a{n}", "2023-01-10", quantity=1 + n) for n in range(10)]


def parents(*groups: int) -> dict[str, list[Row]]:
    """Return a book of ten accounts, the first of each of the groups their parent."""
    of = [first for first, size in enumerate(groups) for _ in range(size)]
    accounts = [{"account_id": f"a{n}", "account_name": f"A {n}"} for n in range(10)]
    for n, parent in enumerate(of):
        accounts[n]["parent_account_id"] = f"a{parent}" if parent != n else ""
    return {"subscription_items": OLD, "accounts": accounts}


@pytest.mark.parametrize(
    ("book", "told"),
    [
        (parents(10), "of 10 customers as published, and as built now 100.0% of 1"),
        (parents(5, 5), "of 10 customers as published"),
        (parents(1, 1, 1, 1, 6), "of 10 customers as published"),
        (parents(1, 1, 1, 1, 1, 1, 1, 3), ""),
        (parents(*[1] * 10), ""),
    ],
)
def test_customers_that_are_others_now_are_refused_by_the_headline(
    warehouse: Warehouse, tmp_path: Path, book: dict[str, list[Row]], told: str
) -> None:
    """What each account pays is the same, and NRR by parent is not."""
    parquet = tmp_path / "sets" / "one" / "parquet"
    parquet.mkdir(parents=True)
    names = ("dim_accounts", "fct_mrr_movements", "fct_retention")
    built = warehouse.build(parents(*[1] * 10), *names, as_of=PUBLISHED_ON.isoformat())
    for name in names:
        built.con.sql(f"from {name}").write_parquet(str(parquet / f"{name}.parquet"))
    facts = {"as_of_on": PUBLISHED_ON.isoformat(), "reporting_currency": "USD"}
    text = json.dumps(facts)
    (parquet.parent / "manifest.json").write_text(text, encoding="utf-8")
    (tmp_path / "current").symlink_to("sets/one")
    other = warehouse.build(
        book, *names, "int_account_mrr_revalued", as_of=NEXT.isoformat()
    )
    said = ""
    try:
        refuse_another_past(other.con, tmp_path, NEXT, "USD", read_limits())
    except LedgerDoubtError as error:
        said = str(error)
    assert told in said
    assert bool(said) == bool(told)


@pytest.mark.parametrize("as_of", [date(2025, 5, 30), date(2025, 3, 31)])
def test_an_earlier_day_is_asked_about_itself(
    warehouse: Warehouse, published: Path, as_of: date
) -> None:
    """As of the day before the gate is no more open than as of today."""
    for other in (
        changed(ITEMS, unit_amount=1000),
        changed(ITEMS, account_id="a0"),
        ITEMS[:5],
    ):
        said = asked(warehouse, published, other, as_of)
        assert f"on {as_of} accounts paid 5,500.00 as published" in said
    for same in (ITEMS, ITEMS[:-1], since("2025-04-10", unit_amount=110)):
        assert asked(warehouse, published, same, as_of) == ""


def test_a_day_before_there_was_anything_had_nothing(
    warehouse: Warehouse, published: Path
) -> None:
    early = changed(ITEMS, valid_from="2024-01-10")
    assert "paid 0.00" in asked(warehouse, published, early, date(2024, 12, 31))
    assert asked(warehouse, published, ITEMS, date(2024, 12, 31)) == ""


def test_another_currency_is_not_compared(
    warehouse: Warehouse, published: Path
) -> None:
    book = warehouse.build(
        {"subscription_items": changed(ITEMS, unit_amount=1000)},
        *("dim_accounts", "int_account_mrr_revalued"),
        as_of=NEXT.isoformat(),
        reporting_currency="EUR",
    )
    refuse_another_past(book.con, published, NEXT, "EUR", read_limits())


class State:
    """A state with one memory, and a set that readers have."""

    def __init__(self, folder: Path) -> None:
        self.state, self.publish = folder / "state", folder / "published"
        self.evidence = self.state / "evidence" / "files"
        self.evidence.mkdir(parents=True)
        self.publish.mkdir()

    def learn(self, what: str) -> None:
        """Remember a delivery as a run does: the file is replaced, not written over."""
        self.evidence.mkdir(parents=True, exist_ok=True)
        other = self.evidence / ".partial"
        other.write_text(what, encoding="utf-8")
        other.replace(self.evidence / "items.json")
        (self.state / "captured").mkdir(exist_ok=True)

    def run(self, learnt: str) -> None:
        """Begin a run that learns; it ends as the test goes on."""
        keep_aside(self.state, self.publish)
        self.learn(learnt)

    def switch(self, set_id: str) -> None:
        """Give readers a set."""
        point_link(self.publish / "current", f"sets/{set_id}")

    @property
    def known(self) -> str:
        return (self.evidence / "items.json").read_text(encoding="utf-8")


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path)
    state.run("good")
    state.switch("one")
    return state


@pytest.mark.parametrize("died", range(4))
def test_a_refused_run_leaves_no_trace_nor_do_runs_that_died_before_it(
    state: State, died: int
) -> None:
    for n in range(died):
        state.run(f"bad {n}")
    state.run("bad")
    go_back(state.state)
    assert state.known == "good"


def test_what_a_published_run_learnt_is_gone_back_to(state: State) -> None:
    state.run("better")
    state.switch("two")
    state.run("bad")
    go_back(state.state)
    assert state.known == "better"


def test_a_run_that_died_is_not_forgotten_by_a_good_one(state: State) -> None:
    state.run("captured on the way")
    keep_aside(state.state, state.publish)
    assert state.known == "captured on the way"


@pytest.mark.parametrize("refusal", [errno.EXDEV, errno.EPERM, errno.ENOTSUP])
def test_a_publish_folder_on_another_disk_is_copied(
    state: State, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    def refused(*_arguments: Any, **_options: Any) -> None:
        raise OSError(refusal, "no links here")

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", refused)
        state.run("better")
        state.switch("two")
        state.run("bad")
    go_back(state.state)
    assert state.known == "better"


KILLED_AT = ("copytree", "rmtree", "rename_durably", "remove_whole", "flush_tree")


@pytest.mark.parametrize("step", KILLED_AT)
@pytest.mark.parametrize("nth", range(4))
def test_to_go_back_survives_a_kill_at_any_step(
    state: State, monkeypatch: pytest.MonkeyPatch, step: str, nth: int
) -> None:
    state.run("better")
    state.switch("two")
    module = shutil if hasattr(shutil, step) else set_aside
    left, real = [nth], getattr(module, step)

    def killed(*arguments: Any, **options: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*arguments, **options)

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(module, step, killed)
        state.run("bad")
        go_back(state.state)
    state.run("bad")
    go_back(state.state)
    assert state.known == "better"


def test_a_company_that_nobody_pays_any_more_is_published_again(
    warehouse: Warehouse, published: Path, tmp_path: Path
) -> None:
    parquet = tmp_path / "sets" / "one" / "parquet"
    parquet.mkdir(parents=True)
    with duckdb.connect() as con:
        con.sql(
            f"from '{published}/current/parquet/dim_accounts.parquet'"
            " where current_mrr < 0"
        ).write_parquet(str(parquet / "dim_accounts.parquet"))
    manifest = (published / "current" / "manifest.json").read_text(encoding="utf-8")
    (parquet.parent / "manifest.json").write_text(manifest, encoding="utf-8")
    (tmp_path / "current").symlink_to("sets/one")
    gone = changed(ITEMS, valid_to="2025-02-01")
    assert asked(warehouse, tmp_path, gone) == ""


def test_what_changed_since_the_last_run_is_named(tmp_path: Path) -> None:
    """By its rows: who writes the same file anew changed nothing."""
    landing, landed = tmp_path / "landing", tmp_path / "landed"
    accounts = [{"account_id": f"a{n}", "account_name": f"A {n}"} for n in range(10)]
    merged = changed(accounts[1:], merged_into_account_id="a0")
    marks = [{"event_id": "e", "account_id": "a1", "event_name": "seen"}]
    events = changed(marks, occurred_at="2025-05-01 10:00:00")
    good = {"subscription_items": ITEMS, "accounts": accounts, "events": events}
    for as_of in (PUBLISHED_ON, NEXT, date(2025, 5, 30)):
        write_book(landing, good)
        land(landing, landed, as_of.isoformat(), "USD", tell=lambda _: None)
        keep_aside(tmp_path, tmp_path)
        assert changed_since(tmp_path, landed) == []
        write_book(landing, good | {"accounts": accounts[:1] + merged})
        land(landing, landed, as_of.isoformat(), "USD", tell=lambda _: None)
        assert changed_since(tmp_path, landed) == ["files.accounts"]
        go_back(tmp_path)


def test_a_first_set_has_no_past(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        refuse_another_past(con, tmp_path, NEXT, "USD", read_limits())
