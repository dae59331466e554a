"""What was published as final is never forgotten: the log of closed months."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from shutil import rmtree
from typing import Any

import pandas as pd
import pytest

from orchestration.month_closes import (
    CloseError,
    hand_over,
    list_closes,
    propose,
    settle,
)
from orchestration.publishing.durable_files import point_link
from tests.python.books import Tables, item
from tests.python.conftest import Book, Warehouse

MODELS = ("fct_account_mrr_months", "fct_mrr_restatements")
MEASURES = (
    *("opening", "new", "expansion", "contraction", "churn"),
    *("reactivation", "pause", "resume", "fx", "closing"),
)
# 45 days of grace: March is final on 15 May, April on 14 June.
FIRST, SECOND, THIRD = "2025-05-20", "2025-06-30", "2025-08-15"


def rates(*of_february: str) -> list[dict[str, Any]]:
    return [
        {"currency": "EUR", "to_currency": "USD", "valid_from": day, "rate": rate}
        for day, rate in (
            ("2024-01-01", "1.1"),
            ("2025-02-01", *(of_february or ("1.2",))),
            ("2025-03-01", "1.25"),
        )
    ]


def items(*others: dict[str, Any], without: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return the book as first told, with rows of the same item replaced or added."""
    told = [
        item("steady", "steady", "2024-10-01"),
        item("late_news", "late_news", "2024-10-01"),
        item("repriced", "repriced", "2024-11-01"),
        item("bought", "bought", "2024-12-01", unit_amount=40),
        item("buyer", "buyer", "2025-01-10", unit_amount=60),
        item("euro", "euro", "2024-12-01", currency="EUR"),
        item("euro_gone", "euro_gone", "2024-12-01", currency="EUR"),
        item("mistake", "mistake", "2025-01-15", "2025-03-05"),
        item("known_before", "known_before", "2025-01-20"),
    ]
    known = {row["item_id"] for row in others} | set(without)
    return [row for row in told if row["item_id"] not in known] + list(others)


TOLD = {"subscription_items": items(), "exchange_rates": rates()}
CORRECTED = {
    "subscription_items": items(
        item("late_news", "late_news", "2024-10-01", "2025-02-10"),
        item("repriced", "repriced", "2024-11-01", unit_amount=120),
        item("euro_gone", "euro_gone", "2024-12-01", "2025-02-10", currency="EUR"),
        item("older", "known_before", "2024-06-01", "2024-08-01", unit_amount=30),
        without=["mistake"],
    ),
    "exchange_rates": rates("1.3"),
    "accounts": [{"account_id": "bought", "merged_into_account_id": "buyer"}],
}


@dataclass(frozen=True)
class Company:
    """One state folder, and the runs that come by."""

    warehouse: Warehouse
    state: Path

    @property
    def log(self) -> Path:
        return self.state / "closes"

    def build(self, tables: Tables, as_of: str, currency: str = "USD") -> Book:
        return self.warehouse.build(
            tables, *MODELS, as_of=as_of, reporting_currency=currency
        )

    def publish(self, book: Book, set_id: str, is_killed: bool = False) -> None:
        """Do to the log what publishing does; killed, it stops at the switch."""
        propose(book.con, self.log, set_id)
        if not is_killed:
            point_link(self.state / "published" / "current", f"sets/{set_id}")
            settle(self.log, self.state / "published")

    def run(self, tables: Tables, as_of: str, currency: str = "USD") -> Book:
        book = self.build(tables, as_of, currency)
        assert book.broken_laws() == []
        self.publish(book, f"set-{len(list_closes(self.log)) + 1}")
        return book

    def content(self) -> dict[str, bytes]:
        """Return every byte of the log."""
        files = sorted(path for path in self.log.rglob("*") if path.is_file())
        return {str(path.relative_to(self.log)): path.read_bytes() for path in files}


@pytest.fixture
def company(warehouse: Warehouse, tmp_path: Path) -> Company:
    (tmp_path / "published").mkdir()
    return Company(replace(warehouse, folder=tmp_path), tmp_path)


def restated(book: Book, account: str, *measures: str) -> list[tuple[Any, ...]]:
    """List (month, measure, cause, published, corrected) of an account."""
    listed = ", ".join(f"'{measure}'" for measure in measures or MEASURES)
    rows = book.con.execute(
        "select strftime(mrr_month, '%Y-%m'), measure, cause,"
        " cast(published_mrr as double), cast(corrected_mrr as double)"
        f" from fct_mrr_restatements where account_id = '{account}'"
        f" and measure in ({listed}) order by all"
    ).fetchall()
    return rows


def test_the_first_run_publishes_and_restates_nothing(company: Company) -> None:
    book = company.run(TOLD, FIRST)
    assert book.table("fct_mrr_restatements").empty
    assert len(list_closes(company.log)) == 1


def test_each_change_of_a_closed_month_is_named_with_its_cause(
    company: Company,
) -> None:
    company.run(TOLD, FIRST)
    book = company.run(CORRECTED, SECOND)

    assert restated(book, "steady") == []
    assert restated(book, "late_news") == [
        ("2025-02", "churn", "backdated", 0, -100),
        ("2025-02", "closing", "backdated", 100, 0),
        ("2025-03", "closing", "backdated", 100, 0),
        ("2025-03", "opening", "backdated", 100, 0),
    ]
    assert restated(book, "repriced", "new") == [
        ("2024-11", "new", "amended", 100, 120)
    ]
    assert restated(book, "repriced", "closing") == [
        (f"{month}", "closing", "amended", 100, 120)
        for month in ("2024-11", "2024-12", "2025-01", "2025-02", "2025-03")
    ]
    assert restated(book, "mistake", "new", "churn") == [
        ("2025-01", "new", "withdrawn", 100, 0),
        ("2025-03", "churn", "withdrawn", -100, 0),
    ]
    # The rate of February was 1.2 and is 1.3: the month's fx and the next one's change.
    assert restated(book, "euro") == [
        ("2025-02", "closing", "exchange_rate", 120, 130),
        ("2025-02", "fx", "exchange_rate", 10, 20),
        ("2025-03", "fx", "exchange_rate", 5, -5),
        ("2025-03", "opening", "exchange_rate", 120, 130),
    ]
    # Gone on 10 February at 1.3: what rates did to the balance is restated with it.
    assert restated(book, "euro_gone", "churn", "fx") == [
        ("2025-02", "churn", "backdated", 0, -130),
        ("2025-02", "fx", "revalued", 10, 20),
        ("2025-03", "fx", "revalued", 5, 0),
    ]
    assert restated(book, "known_before", "new", "churn", "reactivation") == [
        ("2024-06", "new", "backdated", 0, 30),
        ("2024-08", "churn", "backdated", 0, -30),
        ("2025-01", "new", "reclassified", 100, 0),
        ("2025-01", "reactivation", "reclassified", 0, 100),
    ]


def test_a_merge_moves_history_and_renames_what_was_new(company: Company) -> None:
    company.run(TOLD, FIRST)
    book = company.run(CORRECTED, SECOND)
    assert restated(book, "bought", "new", "closing") == [
        ("2024-12", "closing", "account_merged", 40, 0),
        ("2024-12", "new", "account_merged", 40, 0),
        ("2025-01", "closing", "account_merged", 40, 0),
        ("2025-02", "closing", "account_merged", 40, 0),
        ("2025-03", "closing", "account_merged", 40, 0),
    ]
    assert restated(book, "buyer", "new", "expansion", "closing") == [
        ("2024-12", "closing", "account_merged", 0, 40),
        ("2024-12", "new", "account_merged", 0, 40),
        ("2025-01", "closing", "account_merged", 60, 100),
        ("2025-01", "expansion", "account_merged", 0, 60),
        ("2025-01", "new", "account_merged", 60, 0),
        ("2025-02", "closing", "account_merged", 60, 100),
        ("2025-03", "closing", "account_merged", 60, 100),
    ]
    undone = {k: v for k, v in CORRECTED.items() if k != "accounts"}
    book = company.run(undone, THIRD)
    last = book.query(
        "select cause, count(*) from fct_mrr_restatements where close_number = 3"
        " and account_id in ('bought', 'buyer') group by cause"
    )
    assert set(last["cause"]) == {"account_merged"}
    assert restated(book, "bought", "new")[-1][-1] == 40


def published_figures(book: Book) -> pd.DataFrame:
    """Return the months as published: account, month, measure, amount."""
    months = book.query("select * from fct_account_mrr_months where is_final")
    wide = months.rename(columns={f"{m}_mrr": m for m in MEASURES})
    long = wide.melt(["account_id", "mrr_month"], [*MEASURES], "measure", "amount")
    return long[long["amount"] != 0].set_index(["account_id", "mrr_month", "measure"])


def test_published_plus_restated_is_the_ledger_of_today(company: Company) -> None:
    first = published_figures(company.run(TOLD, FIRST))["amount"]
    book = company.run(CORRECTED, SECOND)
    now = published_figures(book)["amount"]
    changes = book.table("fct_mrr_restatements")
    figure = ["account_id", "mrr_month", "measure"]
    moved = changes.groupby(figure)["restated_mrr"].sum()
    closed = now[now.index.get_level_values("mrr_month") <= first.index.levels[1].max()]
    explained = first.add(moved, fill_value=Decimal(0))
    pd.testing.assert_series_equal(
        explained[explained != 0].sort_index(), closed.sort_index(), check_names=False
    )
    told = changes.groupby(figure)["published_mrr"]
    assert (told.nunique() == 1).all()
    figures = told.first()
    assert (figures == first.reindex(figures.index, fill_value=Decimal(0))).all()


def test_the_log_only_grows_and_a_row_of_it_never_changes(company: Company) -> None:
    company.run(TOLD, FIRST)
    log = company.content()
    second = company.run(CORRECTED, SECOND).table("fct_mrr_restatements")
    assert {name: company.content()[name] for name in log} == log
    third = company.run(TOLD, THIRD).table("fct_mrr_restatements")
    kept = third[third["close_number"] == 2].reset_index(drop=True)
    keys = ["account_id", "currency", "mrr_month", "measure", "cause"]
    pd.testing.assert_frame_equal(
        kept.sort_values(keys, ignore_index=True),
        second.sort_values(keys, ignore_index=True),
    )
    # Told as at first, every figure is back where it was published.
    now = published_figures(company.build(TOLD, THIRD))["amount"]
    corrected = third[third["close_number"] == 3].set_index(
        ["account_id", "mrr_month", "measure"]
    )["corrected_mrr"]
    last = corrected.groupby(level=[0, 1, 2]).first()
    assert (last == now.reindex(last.index, fill_value=Decimal(0))).all()


def test_the_same_input_again_adds_nothing(company: Company) -> None:
    company.run(TOLD, FIRST)
    company.run(CORRECTED, SECOND)
    log = company.content()
    again = company.run(CORRECTED, SECOND)
    assert company.content() == log
    company.run(CORRECTED, "2025-07-01")
    assert company.content() == log
    assert set(again.table("fct_mrr_restatements")["close_number"]) == {2}


def test_an_earlier_day_knows_what_was_known_then_and_harms_nothing(
    company: Company,
) -> None:
    company.run(TOLD, FIRST)
    company.run(CORRECTED, SECOND)
    log = company.content()
    earlier = company.run(TOLD, "2025-05-25")
    assert earlier.table("fct_mrr_restatements").empty
    before = company.run(TOLD, "2025-03-31")
    assert before.table("fct_mrr_restatements").empty
    assert company.content() == log
    later = company.run(CORRECTED, SECOND)
    assert set(later.table("fct_mrr_restatements")["close_number"]) == {2}
    assert company.content() == log


def test_another_reporting_currency_has_a_log_of_its_own(company: Company) -> None:
    more = rates() + [
        {"currency": "USD", "to_currency": "EUR", "valid_from": "2024-01-01"}
        | {"rate": "0.9"}
    ]
    company.run(TOLD | {"exchange_rates": more}, FIRST)
    euros = company.run(TOLD | {"exchange_rates": more}, SECOND, currency="EUR")
    assert euros.table("fct_mrr_restatements").empty
    dollars = company.run(CORRECTED, THIRD)
    assert set(dollars.table("fct_mrr_restatements")["close_number"]) == {3}


def test_a_set_that_nobody_saw_leaves_no_close(company: Company) -> None:
    book = company.build(TOLD, FIRST)
    company.publish(book, "killed", is_killed=True)
    settle(company.log, company.state / "published")
    assert company.content() == {}


def lose(close: Path) -> str:
    rmtree(close)
    return f"{close.name} is missing"


def cut(close: Path) -> str:
    path = close / "entries.parquet"
    path.write_bytes(path.read_bytes()[:20])
    return "entries.parquet cannot be read"


def empty(close: Path) -> str:
    (close / "close.parquet").unlink()
    return "close.parquet cannot be read"


@pytest.mark.parametrize("harm", [lose, cut, empty])
def test_a_log_that_is_not_whole_is_refused_with_what_to_do(
    company: Company, harm: Callable[[Path], str]
) -> None:
    company.run(TOLD, FIRST)
    company.run(CORRECTED, FIRST)
    assert len(list_closes(company.log)) == 2
    expected = harm(list_closes(company.log)[0])
    with pytest.raises(CloseError, match="Restore the log from a backup") as refused:
        hand_over(company.log, company.state / "run")
    assert expected in str(refused.value)


def test_a_close_never_meets_the_folder_of_another(company: Company) -> None:
    company.run(TOLD, FIRST)
    company.run(CORRECTED, FIRST)
    rmtree(list_closes(company.log)[0])
    (company.log / ".pending-late").mkdir()
    point_link(company.state / "published" / "current", "sets/late")
    settle(company.log, company.state / "published")
    names = [close.name for close in list_closes(company.log)]
    assert names == ["close-00002", "close-00003"]


def test_a_set_that_was_seen_enters_the_log_whatever_killed_its_run(
    company: Company,
) -> None:
    """Killed between the switch and the log: the next run's input may be another."""
    book = company.build(TOLD, FIRST)
    company.publish(book, "seen", is_killed=True)
    point_link(company.state / "published" / "current", "sets/seen")
    settle(company.log, company.state / "published")
    assert len(list_closes(company.log)) == 1
    corrected = company.run(CORRECTED, FIRST)
    assert restated(corrected, "late_news", "churn") == [
        ("2025-02", "churn", "backdated", 0, -100)
    ]
