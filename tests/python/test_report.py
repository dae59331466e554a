"""The report: opens offline, tells the marts' numbers, copes with what is missing."""

import json
import re
from pathlib import Path

import duckdb
import pytest
import vl_convert

from orchestration.report.plain_words import money, percent, points
from orchestration.report.report import write_report
from tests.python.fake_warehouse import COLUMNS, write_empty_warehouse, write_warehouse


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_warehouse(tmp_path_factory.mktemp("marts") / "marts.duckdb")
    with duckdb.connect(path) as con:
        con.execute(
            "create table published_set as select date '2026-06-30' as as_of_on,"
            " timestamp '2026-07-01 04:00:00' as built_at, 'EUR' as reporting_currency,"
            " 'Ham & <Eggs>' as company_name, 'set-1' as set_id"
        )
    return path


@pytest.fixture(scope="module")
def page(marts: Path) -> str:
    target = marts.with_name("report.html")
    write_report(marts, target)
    return target.read_text(encoding="utf-8")


def without_scripts(page: str) -> str:
    return re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def ask(marts: Path, query: str) -> tuple:
    with duckdb.connect(marts, read_only=True) as con:
        return con.execute(query).fetchall()[0]


def test_the_page_loads_nothing_from_a_network(page):
    assert not re.findall(r"""<script[^>]*\ssrc\s*=""", page)
    assert not re.findall(r"<(?:link|img|iframe)\b", without_scripts(page))
    assert not re.findall(r"""(?:href|src)\s*=\s*["']?https?:""", without_scripts(page))
    assert "@import" not in page
    assert page.count("window.vegaEmbed=") == 1


def test_each_chart_is_a_picture_first_and_a_specification_beside(page):
    names = re.findall(r'data-specification="([^"]+)"', page)
    assert names == [
        "retention-trend",
        "retention-short-windows",
        "mrr-movements",
        "retention-policies",
        "health-over-time",
        "health-by-tier",
    ]
    assert without_scripts(page).count("<svg") == len(names)
    for name in names:
        found = re.search(rf'id="{name}">(.*?)</script>', page, flags=re.DOTALL)
        assert found is not None
        assert "vega-lite" in json.loads(found[1])["$schema"]


def test_no_id_is_used_twice(page):
    ids = re.findall(r'\bid="([^"]+)"', re.sub(r"<svg.*?</svg>", "", page, flags=re.S))
    assert len(ids) == len(set(ids))


def test_the_headline_numbers_are_those_of_the_marts(page, marts):
    nrr, grr, logos = ask(
        marts,
        "select nrr_rate, grr_rate, logo_retention_rate from fct_retention"
        " where is_headline order by period_end_on desc limit 1",
    )
    mrr, paying = ask(
        marts,
        "select cast(sum(closing_mrr) as double), count_if(closing_mrr > 0)"
        " from fct_account_mrr_months where mrr_month = date '2026-06-01'",
    )
    for text in (percent(nrr), percent(grr), percent(logos), money(mrr, "EUR")):
        assert f'<div class="value">{text}</div>' in page
    assert f'<div class="value">{paying}</div>' in page


def test_the_page_names_the_company_the_day_and_the_run_safely(page):
    assert "<h1>Ham &amp; &lt;Eggs&gt;</h1>" in page
    assert "as of 30 June 2026, money in EUR" in page
    assert "Built 2026-07-01 04:00 UTC, set set-1." in page


def test_the_page_tells_plainly_what_was_not_there(page):
    assert "Landed: files/accounts, files/events and files/subscription_items." in page
    assert "Broken: files/tickets (tickets.csv: column opened_at is missing)." in page
    assert "Stale: files/events." in page
    assert "Not landed: files/survey_responses and all of rates." in page
    assert "Of 49,588 rows in, 37 rows (0.1%) were quarantined." in page
    assert "unknown account in files/events: 31 rows" in page
    assert ">account not landed</td>" in page
    assert "hubspot" not in without_scripts(page)


def test_tables_show_each_tier_and_mark_the_one_headline_policy(page):
    text = without_scripts(page)
    for tier in ("enterprise", "mid market", "smb"):
        assert f">{tier}</td>" in text
    policies = re.search(r'<section id="policies">.*?</section>', text, flags=re.DOTALL)
    assert policies is not None
    marked = re.findall(
        r'<tr class="marked">\s*<td[^>]*>(.*?)</td>\s*<td[^>]*>(.*?)</td>', policies[0]
    )
    assert marked == [("late renewal grace", "parent")]
    # A row per policy and grain, and why they differ in five steps.
    assert policies[0].count("<tr") == 1 + 12 + 1 + 5


def test_every_section_says_what_to_land_when_all_marts_are_empty(tmp_path):
    marts = write_empty_warehouse(tmp_path / "marts.duckdb")
    write_report(marts, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    sections = page.count("<section")
    assert sections == 16
    assert page.count('class="absent"') == sections
    assert len(re.findall(r"No [\w\s-]+: land ", page)) >= sections
    assert "vegaEmbed" not in page


@pytest.mark.parametrize("mart", COLUMNS)
def test_one_mart_that_is_missing_spoils_only_its_own_section(
    marts, tmp_path, monkeypatch, mart
):
    # Drawing is slow and proven above; here the words matter.
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", lambda specification: "<svg/>")
    path = tmp_path / "marts.duckdb"
    path.write_bytes(marts.read_bytes())
    with duckdb.connect(path) as con:
        con.execute("drop view stg_files__accounts")
        con.execute(f"drop table {mart}")
    write_report(path, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # Seven pages are of marts that this warehouse has not: test_report_account,
    # test_report_revenue_sections, test_report_time_to_value and
    # test_health_validation_marts.
    assert page.count('class="absent"') <= 7 + 3
    assert page.count("<section") == 16


def test_marts_may_lack_the_columns_that_only_explain(tmp_path, monkeypatch):
    monkeypatch.setattr(vl_convert, "vegalite_to_svg", lambda specification: "<svg/>")
    marts = write_warehouse(tmp_path / "marts.duckdb", size=30)
    with duckdb.connect(marts) as con:
        for mart, column in (
            ("fct_board_metrics", "unit"),
            ("fct_board_metrics", "definition"),
            ("fct_freshness", "used_for"),
            ("fct_freshness", "is_missing"),
        ):
            con.execute(f"alter table {mart} drop column {column}")
    write_report(marts, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "Not landed: files/survey_responses, all of hubspot and all of rates." in page
    )


def test_a_file_that_was_never_published_takes_its_day_from_its_marts(tmp_path):
    marts = write_warehouse(tmp_path / "marts.duckdb", size=30)
    write_report(marts, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<h1>Customer success</h1>" in page
    assert "as of 30 June 2026" in page


def test_the_same_marts_give_the_same_page(marts, page, tmp_path):
    write_report(marts, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_numbers_read_the_way_people_say_them():
    assert money(1_234_567.8, "USD") == "USD 1.23M"
    assert money(-45_600, "USD") == "−USD 45.6K"
    assert money(999.6, "USD") == "USD 1,000"
    assert money(None, "USD") == "–"
    assert percent(0.97349) == "97.3%"
    assert percent(0.0001) == "<0.1%"
    assert percent(0.0) == "0.0%"
    assert points(-0.0123) == "down 1.2 points"
    assert points(0.0001) == "unchanged"
