"""The page of one account says in words what its marts say in numbers."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from orchestration.report.account_section import account_section, find_account
from orchestration.report.mart_frames import MartFrames
from orchestration.report.report import write_account_page
from tests.python.books import item
from tests.python.conftest import Book, Warehouse

FIRST, LAST = date(2025, 1, 1), date(2025, 5, 31)
MARTS = (
    "fct_account_health_days",
    "fct_health_contributions",
    "dim_health_policy",
    "dim_accounts",
)


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    """Build a good account, its twin with a severe ticket, a poor and a silent one."""
    days = [FIRST + timedelta(days=number) for number in range(150)]
    names = ("report_created", "dashboard_viewed", "workflow_automated", "api_called")
    used = [
        (account, day, name)
        for account in ("good", "stuck")
        for day in days
        for name in names
    ]
    used += [("poor", day, "report_created") for day in days[::9]]
    accounts = ("good", "poor", "silent", "stuck")
    return warehouse.build(
        {
            "subscription_items": [
                item(name, name, FIRST, quantity=1, contract_end_on="2025-12-31")
                for name in accounts
            ],
            "events": [
                {
                    "event_id": f"{account}-{day}-{name}",
                    "account_id": account,
                    "user_id": f"{account}-1",
                    "event_name": name,
                    "occurred_at": f"{day} 09:00:00",
                }
                for account, day, name in used
            ],
            "tickets": [
                {
                    "ticket_id": "t",
                    "account_id": "stuck",
                    "opened_at": "2025-05-29 08:00:00",
                    "severity": "urgent",
                }
            ],
            "survey_responses": [
                {
                    "response_id": f"r-{account}",
                    "account_id": account,
                    "kind": "nps",
                    "score": score,
                    "responded_at": "2025-05-20 08:00:00",
                }
                for account, score in (("good", 10), ("poor", 3), ("stuck", 10))
            ],
        },
        *MARTS,
        as_of=f"{LAST}",
    )


def section_of(book: Book, account_id: str):
    return account_section(MartFrames(book.con, frozenset(MARTS)), "USD", account_id)


def test_the_points_of_the_page_add_up_to_the_score(book: Book) -> None:
    table = section_of(book, "good").tables[0]
    points = [row[5].replace("−", "-") for row in table.rows if row[1] != "missing"]
    score = book.query(
        "select health_score_before_exceptions as score from fct_account_health_days"
        f" where account_id = 'good' and health_on = '{LAST}'"
    )["score"][0]
    rounding = 0.05 * len(points)
    assert 50 + sum(map(float, points)) == pytest.approx(score, abs=rounding)


def test_a_cap_is_named_with_what_the_score_would_be(book: Book) -> None:
    words = section_of(book, "stuck").reading
    assert "A ticket of the worst severity is open: that caps the score" in words


def test_the_words_name_the_reasons_and_what_is_missing(book: Book) -> None:
    words = section_of(book, "poor").reading
    assert "What takes most from it" in words
    assert "nothing is known of" in words
    said = float(re.search(r"scores (\d+) of 100", words).group(1))
    score = book.query(
        "select health_score as score from fct_account_health_days"
        f" where account_id = 'poor' and health_on = '{LAST}'"
    )["score"][0]
    assert said == round(score)


def test_too_little_known_is_said_and_no_score_made_up(book: Book) -> None:
    section = section_of(book, "silent")
    assert "its health is unknown" in section.reading
    assert "scores" not in section.reading


def test_the_worst_account_is_shown_unless_another_is_asked_for(book: Book) -> None:
    marts = MartFrames(book.con, frozenset(MARTS))
    assert find_account(marts) == "poor"
    with pytest.raises(KeyError, match="nobody"):
        find_account(marts, "nobody")


def test_the_page_is_written_for_one_account(book: Book, tmp_path: Path) -> None:
    file = tmp_path / "marts.duckdb"
    book.con.execute(f"attach '{file}' as published")
    for mart in MARTS:
        book.con.execute(f"create table published.{mart} as from warehouse.{mart}")
    book.con.execute("detach published")
    write_account_page(file, tmp_path / "account.html", "good")
    page = (tmp_path / "account.html").read_text("utf-8")
    assert "One score explained" in page
    assert "good pays" in page
