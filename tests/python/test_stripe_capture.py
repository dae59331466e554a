"""Hold the capture of changes to its promises: what is caught, dated and kept."""

import csv
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from analyses.stripe_rebuild.__main__ import ask, month_ends
from orchestration.compiled_project import CompiledProject
from orchestration.landing import captured_changes
from orchestration.landing.land import land
from orchestration.sample_company.parameters import Parameters
from tests.python.conftest import Warehouse

REBUILT = "int_stripe_subscription_items_rebuilt"
YEAR = {"period_start": "2025-01-01 09:00:00", "period_end": "2026-01-01 09:00:00"}


def small_stripe(landing: Path, seen_on: str, *items: dict[str, Any]) -> Path:
    """Write a yearly subscription of 5 seats as a connector saw it late on a day."""
    tables: dict[str, list[dict[str, Any]]] = {
        "customer": [{"id": "c1", "currency": "usd", "created": "2025-01-01 09:00:00"}],
        "product": [{"id": "pr1", "name": "Platform"}],
        "price": [
            {"id": price, "product_id": "pr1", "nickname": price, "type": "recurring"}
            | {"currency": "usd", "recurring_interval": "year"}
            | {"recurring_interval_count": 1, "unit_amount": amount}
            | {"recurring_usage_type": "licensed"}
            for price, amount in (("team", 12000), ("pro", 24000))
        ],
        "subscription_history": [
            {"id": "s1", "customer_id": "c1", "status": "active"}
            | {"_fivetran_start": "2025-01-01 09:07:00"}
            | {"start_date": "2025-01-01 09:00:00", "created": "2025-01-01 09:00:00"}
            | {"current_period_start": YEAR["period_start"]}
            | {"current_period_end": YEAR["period_end"]}
        ],
        "invoice": [
            {"id": "in1", "customer_id": "c1", "subscription_id": "s1"}
            | {"status": "paid", "created": "2025-01-01 09:00:00"}
        ],
        "invoice_line_item": [
            {"id": "il1", "invoice_id": "in1", "subscription_id": "s1"}
            | {"subscription_item_id": "i1", "plan_id": "team", "quantity": 5}
            | {"amount": 60000, "currency": "usd", "type": "subscription"}
            | {"proration": "false", **YEAR}
        ],
        "subscription_item": [
            {"subscription_id": "s1", "created": "2025-01-01 09:00:00"}
            | {"_fivetran_synced": f"{seen_on} 23:30:00"}
            | item
            for item in items
        ],
    }
    for name, rows in tables.items():
        write_rows(landing, name, rows)
    return landing


def write_rows(landing: Path, name: str, rows: list[dict[str, Any]]) -> None:
    """Write one table of Stripe's."""
    path = landing / "stripe" / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def i1(quantity: int = 5, price: str = "team", **more: Any) -> dict[str, Any]:
    """Return the first item."""
    return {"id": "i1", "plan_id": price, "quantity": quantity} | more


def versions(book: Any) -> list[tuple[Any, ...]]:
    """List item, first day, end, price, quantity and evidence of what was rebuilt."""
    frame = book.query(
        f"""
        select item_id, valid_from, valid_to, plan, quantity, evidence
        from {REBUILT} order by item_id, valid_from
        """
    )
    return [
        (
            row.item_id,
            str(row.valid_from)[:10],
            None if pd.isna(row.valid_to) else str(row.valid_to)[:10],
            row.plan,
            int(row.quantity),
            row.evidence,
        )
        for row in frame.itertuples()
    ]


def run(
    warehouse: Warehouse, landing: Path, as_of: str, is_next: bool = True
) -> list[tuple[Any, ...]]:
    """Land, rebuild, and list what was rebuilt."""
    book = warehouse.build_landing(landing, REBUILT, as_of=as_of, is_next_run=is_next)
    return versions(book)


def test_a_change_between_two_runs_that_left_no_line_is_dated_by_the_run_that_saw_it(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    run(warehouse, small_stripe(tmp_path, "2025-03-31", i1(5)), "2025-03-31", False)
    run(warehouse, small_stripe(tmp_path, "2025-04-30", i1(8)), "2025-04-30")
    later = small_stripe(tmp_path, "2025-07-31", i1(8, "pro"))
    assert run(warehouse, later, "2025-07-31") == [
        ("i1", "2025-01-01", "2025-04-30", "team", 5, "invoice_line"),
        ("i1", "2025-04-30", "2025-07-31", "team", 8, "captured"),
        ("i1", "2025-07-31", None, "pro", 8, "captured"),
    ]
    assert run(warehouse, later, "2025-07-31", is_next=False) == [
        ("i1", "2025-01-01", "2025-07-31", "team", 5, "invoice_line"),
        ("i1", "2025-07-31", None, "pro", 8, "current_item"),
    ]


def test_the_instant_the_connector_wrote_the_row_is_better_than_the_runs(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    first = i1(5, _fivetran_synced="2025-03-01 02:00:00")
    run(warehouse, small_stripe(tmp_path, "", first), "2025-03-31", False)
    written = i1(8, _fivetran_synced="2025-04-11 02:00:00")
    assert run(warehouse, small_stripe(tmp_path, "", written), "2025-04-30") == [
        ("i1", "2025-01-01", "2025-04-11", "team", 5, "invoice_line"),
        ("i1", "2025-04-11", None, "team", 8, "captured"),
    ]


def test_an_item_that_went_and_one_that_came_without_a_line_are_captured(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    i2 = {"id": "i2", "plan_id": "pro", "quantity": 5}
    i2 |= {"created": "2025-05-10 09:00:00"}
    run(warehouse, small_stripe(tmp_path, "2025-03-31", i1()), "2025-03-31", False)
    run(warehouse, small_stripe(tmp_path, "2025-05-31", i2), "2025-05-31")
    i3 = i2 | {"id": "i3", "created": "2025-06-20 09:00:00"}
    later = small_stripe(tmp_path, "2025-06-30", i3)
    assert run(warehouse, later, "2025-06-30") == [
        ("i1", "2025-01-01", "2025-05-31", "team", 5, "invoice_line"),
        ("i2", "2025-05-10", "2025-06-30", "pro", 5, "captured"),
        ("i3", "2025-06-20", None, "pro", 5, "current_item"),
    ]


def test_an_item_that_came_back_was_never_gone(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    i2 = {"id": "i2", "plan_id": "pro", "quantity": 1}
    run(warehouse, small_stripe(tmp_path, "2025-03-31", i1(), i2), "2025-03-31", False)
    half = small_stripe(tmp_path, "2025-04-30", i2)
    assert ("i1", "2025-01-01", "2025-04-30", "team", 5, "invoice_line") in run(
        warehouse, half, "2025-04-30"
    )
    whole = small_stripe(tmp_path, "2025-05-31", i1(), i2)
    assert ("i1", "2025-01-01", None, "team", 5, "invoice_line") in run(
        warehouse, whole, "2025-05-31"
    )


class Log:
    """Land into a state folder of its own and read what was captured."""

    def __init__(self, root: Path) -> None:
        self.landing, self.landed = root / "landing", root / "state" / "landed"
        self.log = root / "state" / "captured" / "stripe" / "subscription_item"

    def land(self, seen_on: str, as_of: str, *items: dict[str, Any]) -> None:
        small_stripe(self.landing, seen_on, *items)
        land(self.landing, self.landed, as_of, "USD", tell=lambda _line: None)

    def rows(self, path: Path) -> list[tuple[Any, ...]]:
        query = f"""
            select id, cast(quantity as int), cast(_seen_at as varchar)[:10], _is_gone
            from read_parquet('{path}') order by _capture, id
        """
        return duckdb.sql(query).fetchall()

    def logged(self) -> list[tuple[Any, ...]]:
        return self.rows(self.log / "[0-9]*.parquet")

    def known(self) -> list[tuple[Any, ...]]:
        """Read what dbt is given: the log as known at the run's clock."""
        return self.rows(self.landed / "stripe_captured" / "subscription_item.parquet")

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.log.iterdir())}


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """Start with two runs: five seats in March, eight in April."""
    log = Log(tmp_path)
    log.land("2025-03-31", "2025-03-31", i1(5))
    log.land("2025-04-30", "2025-04-30", i1(8))
    return log


MARCH = ("i1", 5, "2025-03-31", False)
APRIL = ("i1", 8, "2025-04-30", False)


def test_rerunning_the_same_landing_appends_nothing(log: Log) -> None:
    before = log.files()
    log.land("2025-04-30", "2025-04-30", i1(8))
    assert log.files() == before
    assert log.logged() == log.known() == [MARCH, APRIL]


def test_an_earlier_day_knows_what_was_captured_by_then_and_harms_nothing(
    log: Log,
) -> None:
    before = log.files()
    log.land("2025-04-30", "2025-04-10", i1(9))
    assert log.known() == [MARCH]
    assert log.files() == before
    log.land("2025-05-31", "2025-05-31", i1(9))
    assert log.known() == [MARCH, APRIL, ("i1", 9, "2025-05-31", False)]


def test_a_first_run_as_of_a_day_long_before_the_snapshot_captures_nothing(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path)
    log.land("2025-04-30", "2025-01-31", i1(8))
    assert log.known() == []
    log.land("2025-04-30", "2025-04-30", i1(8))
    assert log.known() == [APRIL]


def test_a_clock_far_ahead_dates_nothing_in_the_future(log: Log) -> None:
    log.land("2025-05-31", "2035-01-01", i1(9))
    log.land("2025-06-30", "2025-06-30", i1(10))
    assert log.known() == [
        *(MARCH, APRIL),
        ("i1", 9, "2025-05-31", False),
        ("i1", 10, "2025-06-30", False),
    ]


def test_a_row_that_went_is_dated_by_the_run_though_nothing_was_synced_since(
    log: Log,
) -> None:
    i2 = i1(5) | {"id": "i2"}
    log.land("2025-04-30", "2025-05-10", i1(8), i2)
    log.land("2025-04-30", "2025-05-20", i1(8))
    assert log.known()[-1] == ("i2", 5, "2025-05-20", True)


def test_a_discount_that_was_taken_off_keeps_its_past(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = small_stripe(tmp_path, "2025-03-31", i1())
    write_rows(
        landing, "coupon", [{"id": "k", "duration": "forever", "percent_off": 20}]
    )
    discounts = [
        {"id": f"d{n}", "subscription_id": subscription, "coupon_id": "k"}
        | {"start": "2025-01-01 09:00:00", "end": ""}
        for n, subscription in ((1, "s1"), (2, "other"))
    ]
    write_rows(landing, "subscription_discount", discounts)
    run(warehouse, landing, "2025-03-31", False)
    small_stripe(tmp_path, "2025-04-30", i1())
    write_rows(landing, "subscription_discount", discounts[1:])
    book = warehouse.build_landing(
        landing, REBUILT, as_of="2025-04-30", is_next_run=True
    )
    rows = book.query(f"select discount_percent, discount_to from {REBUILT}")
    assert [(int(row[0]), str(row[1])[:10]) for row in rows.to_numpy()] == [
        (20, "2025-04-30")
    ]


def test_collection_paused_is_a_pause(warehouse: Warehouse, tmp_path: Path) -> None:
    landing = small_stripe(tmp_path, "2025-06-30", i1())
    path = landing / "stripe" / "subscription_history.csv"
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    later = {"_fivetran_start": "2025-03-10 09:00:00"}
    again = {"_fivetran_start": "2025-05-10 09:00:00"}
    paused = [rows[0] | later | {"pause_collection_behavior": "void"}, rows[0] | again]
    columns = {"pause_collection_behavior": ""}
    write_rows(
        landing, "subscription_history", [columns | row for row in (*rows, *paused)]
    )
    book = warehouse.build_landing(landing, REBUILT, as_of="2025-06-30")
    told = book.query(f"select status, valid_from from {REBUILT} order by valid_from")
    assert [(row[0], str(row[1])[:10]) for row in told.to_numpy()] == [
        ("active", "2025-01-01"),
        ("paused", "2025-03-10"),
        ("active", "2025-05-10"),
    ]


def test_a_table_that_did_not_come_tells_of_no_item_that_went(log: Log) -> None:
    path = log.landing / "stripe" / "subscription_item.csv"
    path.unlink()
    land(log.landing, log.landed, "2025-05-31", "USD", tell=lambda _line: None)
    assert log.known() == [MARCH, APRIL]
    path.write_text("id,subscription_id\n,\n", encoding="utf-8")
    land(log.landing, log.landed, "2025-06-30", "USD", tell=lambda _line: None)
    assert log.known() == [MARCH, APRIL]


@pytest.mark.parametrize("survives", ["nothing", "the part"])
def test_a_run_killed_while_it_captures_is_completed_by_the_next(
    log: Log, monkeypatch: pytest.MonkeyPatch, survives: str
) -> None:
    def killed(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    name = "rename_durably" if survives == "nothing" else "_note"
    before = log.logged()
    with monkeypatch.context() as patched:
        patched.setattr(captured_changes, name, killed)
        with pytest.raises(KeyboardInterrupt):
            log.land("2025-05-31", "2025-05-31", i1(9))
    may = ("i1", 9, "2025-05-31", False)
    assert log.logged() == (before if survives == "nothing" else [*before, may])
    log.land("2025-05-31", "2025-05-31", i1(9))
    assert log.logged() == log.known() == [MARCH, APRIL, may]


def test_an_item_no_run_saw_ends_when_the_first_looked_however_often_it_runs(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    i2 = {"id": "i2", "plan_id": "team", "quantity": 5}
    expected = ("i1", "2025-01-01", "2025-03-31", "team", 5, "invoice_line")
    run(warehouse, small_stripe(tmp_path, "2025-03-31", i2), "2025-03-31", False)
    for day in ("2025-04-30", "2025-05-31"):
        assert expected in run(warehouse, small_stripe(tmp_path, day, i2), day)


def test_two_publish_folders_share_no_capture(log: Log, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    other.land("2025-05-31", "2025-05-31", i1(9))
    assert other.known() == [("i1", 9, "2025-05-31", False)]
    assert log.logged() == [MARCH, APRIL]


LAST = Parameters().last_day


def test_what_left_a_record_is_dated_to_the_day(compiled: CompiledProject) -> None:
    verdict = ask(compiled, 5, Parameters(unrecorded_change_share=0.0), [LAST], 120)
    judged = verdict.judged
    # What changes while no bill is written shows on the next bill, and costs nothing.
    late = judged.loc[judged["days_off"] != 0]
    assert set(late["kind"]) <= {"price"} and len(judged) > 300
    assert verdict.grid.share_equal() == 1.0


def test_captures_find_what_left_no_line_between_two_runs(
    compiled: CompiledProject,
) -> None:
    silent = Parameters(silent_change_share=0.8)
    runs = month_ends(LAST)
    once = ask(compiled, 5, silent, [LAST], 60)
    monthly = ask(compiled, 5, silent, runs, 60)
    since = pd.Timestamp(runs[0])
    assert once.grid.share_equal(since) < monthly.grid.share_equal(since) - 0.05
    judged = monthly.judged.loc[monthly.judged["changed_on"] > since]
    unrecorded = judged.loc[judged["kind"].str.endswith("no record")]
    assert len(unrecorded) > 10
    # Never later than the first run that saw it.
    gaps = pd.Series(runs).diff().max().days
    assert unrecorded["days_off"].max() <= gaps
    assert "captured" in set(monthly.rebuilt["evidence"])
