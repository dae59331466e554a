"""The validation marts and their page, from a book whose use falls before it leaves."""

import re
from datetime import date, timedelta
from itertools import takewhile
from operator import le
from pathlib import Path
from random import Random

import duckdb
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from orchestration.report.report import write_report
from tests.python.books import Tables, item
from tests.python.conftest import Book, Warehouse

MARTS = (
    "fct_customer_health_months",
    "fct_health_outcomes",
    "fct_health_validation",
    "fct_health_comparisons",
    "fct_health_calibration",
    "fct_health_warnings",
    "fct_health_lead_times",
    "fct_health_floors",
)
FIRST, AS_OF = date(2024, 1, 1), date(2025, 6, 30)
# Leavers stop working so long before they go; their people log in to the end.
DECLINE_DAYS = 110
WORK = ("report_created", "dashboard_viewed", "workflow_automated", "data_imported")


def declining_book() -> Tables:
    """Return 70 customers, of whom 30 leave after their use has fallen."""
    random = Random(5)
    items, events, answers = [], [], []
    for number in range(70):
        account_id = f"a{number:02d}"
        left_on = None
        if number % 7 < 3:
            left_on = date(2024, 7, 1) + timedelta(days=random.randrange(200))
        items.append(item(f"i{number}", account_id, FIRST, left_on, quantity=3))
        ends_on = left_on or AS_OF
        day = FIRST + timedelta(days=number % 7)
        while day < ends_on:
            names = ["logged_in"]
            if left_on is None or day < left_on - timedelta(days=DECLINE_DAYS):
                names += random.sample(WORK, 3)
            events += [
                {
                    "event_id": f"{account_id}-{day}-{name}-{user}",
                    "account_id": account_id,
                    "user_id": f"{account_id}-u{user}",
                    "event_name": name,
                    "occurred_at": f"{day} 10:00:00",
                    "received_at": f"{day} 10:01:00",
                }
                for name in names
                for user in (1, 2)
            ]
            day += timedelta(days=7)
        for asked, answered_on in enumerate(pd.date_range(FIRST, ends_on, freq="90D")):
            answers.append(
                {
                    "response_id": f"{account_id}-{asked}",
                    "account_id": account_id,
                    "kind": "nps",
                    "score": random.randint(6, 9),
                    "responded_at": f"{answered_on.date()} 09:00:00",
                }
            )
    return {
        "subscription_items": items,
        "events": events,
        "survey_responses": answers,
    }


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    built = warehouse.build(declining_book(), *MARTS, as_of=str(AS_OF))
    kept = duckdb.connect(config={"threads": 1})
    for name in (*MARTS, "fct_account_health_days"):
        rows = built.con.table(name).to_arrow_table()  # noqa: F841
        kept.execute(f"create table {name} as from rows")
    assert built.broken_laws() == []
    # The warehouse's folder serves the next book; these rows stay.
    return Book(kept, built.landing, built.compiled, built.nodes, built.landed)


def test_falling_use_is_seen_and_logins_are_exposed(book: Book) -> None:
    row = book.query(
        "select validation.*, comparisons.auc_gain_low, comparisons.foil_auc"
        " from fct_health_validation as validation"
        " inner join fct_health_comparisons as comparisons"
        " on validation.scorer = comparisons.scorer"
        " and comparisons.foil = 'login_only' and comparisons.period = 'all'"
        " and comparisons.segment_dimension = 'all'"
        " where validation.scorer = 'health_score' and validation.period = 'all'"
        " and validation.segment_dimension = 'all'"
    ).iloc[0]
    assert row.lost_customer_count == 30
    assert row.auc_low > 0.5 and row.auc_gain_low > 0
    assert row.auc > 0.7 and abs(row.foil_auc - 0.5) < 0.1
    assert "login_only" in row.verdict_reason.split("not shown")[0]


def test_shares_lost_are_counted_and_bounded_as_statsmodels_does(book: Book) -> None:
    outcomes = book.table("fct_health_outcomes")
    bins = book.table("fct_health_calibration")
    bands = bins[(bins["bin_kind"] == "band") & (bins["segment_dimension"] == "all")]
    scored = outcomes[outcomes["health_band"].notna()]
    assert len(bands) > 3
    for row in bands.itertuples():
        rows = scored[
            (scored["scorer"] == row.scorer) & (scored["health_band"] == row.bin)
        ]
        assert row.observation_count == len(rows)
        assert row.customer_count == rows["ultimate_parent_id"].nunique()
        assert row.loss_rate == pytest.approx(rows["is_followed_by_loss"].mean())
    for row in bins.itertuples():
        low, high = proportion_confint(
            row.loss_rate * row.customer_count, row.customer_count, method="wilson"
        )
        assert (row.loss_low_rate, row.loss_high_rate) == pytest.approx(
            (low, high), abs=1e-12
        )


def test_lead_times_are_what_a_walk_through_the_days_finds(book: Book) -> None:
    days = book.table("fct_account_health_days").set_index("ultimate_parent_id")
    warnings = book.table("fct_health_warnings")
    assert len(warnings) == 30
    below, red, told = [], [], []
    for row in warnings.itertuples():
        mine = days.loc[row.ultimate_parent_id].set_index("health_on")["health_band"]
        before = mine[(mine.index < row.event_on)].sort_index(ascending=False)
        for bands, runs, found in (
            (("yellow", "red"), below, row.below_green_lead_days),
            (("red",), red, row.red_lead_days),
        ):
            # Nobody looks back further than the window of the mart.
            run = len(list(takewhile(lambda band: band in bands, before[:365])))  # noqa: B023
            assert (0 if pd.isna(found) else found) == run
            runs.append(run)
        then = before.iloc[59:90]
        then = then[then != "unknown"]
        told.append(bool(then.isin(["red", "yellow"]).mean() > 0.5))
        assert row.is_below_green_60_to_90 == told[-1]
    leads = book.query(
        "select * from fct_health_lead_times where segment_dimension = 'all'"
    ).set_index("warning")
    for warning, runs in (("below_green", below), ("red", red)):
        lead, days_before = leads.loc[warning], pd.Series(runs)
        assert lead.never_warned_count == runs.count(0)
        assert lead.lead_days_median == pytest.approx(days_before.median())
        assert lead.lead_days_p25 == pytest.approx(days_before.quantile(0.25))
        assert lead.lead_days_p75 == pytest.approx(days_before.quantile(0.75))
        assert lead.warned_60_days_rate == pytest.approx((days_before >= 60).mean())
    assert leads.loc["below_green"].below_green_60_to_90_rate == pytest.approx(
        sum(told) / 30
    )
    assert sum(red) > 0 and all(map(le, red, below))


def section_of(page: Path, anchor: str) -> str:
    text = re.sub(r"<(script|svg).*?</\1>", "", page.read_text("utf-8"), flags=re.S)
    body = re.search(rf'<section id="{anchor}">(.*?)</section>', text, flags=re.S)
    assert body is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body[1]))


def write_page(book: Book, folder: Path) -> Path:
    with duckdb.connect(folder / "marts.duckdb") as con:
        for name in MARTS:
            rows = book.con.table(name).to_arrow_table()  # noqa: F841
            con.execute(f"create table {name} as from rows")
    write_report(folder / "marts.duckdb", folder / "report.html")
    return folder / "report.html"


def test_the_page_tells_the_verdict_in_words(book: Book, tmp_path: Path) -> None:
    said = section_of(write_page(book, tmp_path), "health-validation")
    assert "30 customers gave notice or left 31 to 120 days after one" in said
    assert "chance is 50%" in said and "Beats: " in said
    for words in ("logins alone", "the whole book", "Never warned", "should be"):
        assert words.lower() in said.lower()
    assert "nan" not in said.lower() and "None" not in said


def test_a_page_of_a_young_book_says_when_there_will_be_something(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    tables = {"subscription_items": [item("i", "a", "2025-01-01")]}
    young = warehouse.build(tables, *MARTS, as_of="2025-05-31")
    assert young.broken_laws() == []
    assert young.table("fct_health_validation").empty
    said = section_of(write_page(young, tmp_path), "health-validation")
    assert "No health outcomes yet" in said


def test_a_book_that_lost_hardly_anybody_gets_no_verdict(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    items = [item(f"i{n}", f"a{n}", "2024-01-01") for n in range(5)]
    items[0]["valid_to"] = "2024-09-10"
    few = warehouse.build({"subscription_items": items}, *MARTS, as_of=str(AS_OF))
    assert few.broken_laws() == []
    row = few.query(
        "select * from fct_health_validation where period = 'all'"
        " and scorer = 'health_score' and segment_dimension = 'all'"
    ).iloc[0]
    assert row.verdict == "too_few_losses" and pd.isna(row.auc)
    said = section_of(write_page(few, tmp_path), "health-validation")
    assert "too few to say" in said
