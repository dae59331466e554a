"""Write one HTML page about a marts file, for people who would rather look."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from orchestration.report.account_section import account_section
from orchestration.report.cohorts_section import cohorts_section
from orchestration.report.data_sections import (
    freshness_section,
    quality_section,
    read_freshness,
    read_quality,
    tell_inputs,
)
from orchestration.report.health_sections import (
    health_section,
    read_book,
    read_shares,
    red_accounts_section,
)
from orchestration.report.health_validation_section import health_validation_section
from orchestration.report.known_changes_section import (
    restatements_section,
    scheduled_section,
)
from orchestration.report.mart_frames import MartFrames, SetFacts, open_marts
from orchestration.report.page_parts import Card, Section
from orchestration.report.plain_words import count, money, percent, points
from orchestration.report.policy_section import policy_section
from orchestration.report.renewals_section import renewals_section
from orchestration.report.retention_sections import (
    read_headline_rows,
    retention_section,
    tier_section,
)
from orchestration.report.revenue_sections import (
    board_section,
    movements_section,
    read_mrr_months,
)
from orchestration.report.time_to_value_section import (
    Arrivals,
    median_card,
    read_arrivals,
    time_to_value_section,
)

TEMPLATE = "report.html.j2"
RETENTION_CARDS = {
    "nrr_rate": "NRR, 12 months",
    "grr_rate": "GRR, 12 months",
    "logo_retention_rate": "Logo retention, 12 months",
}


def _retention_cards(headline: pd.DataFrame) -> list[Card]:
    if headline.empty:
        return [
            Card(label, "–", "no retention data") for label in RETENTION_CARDS.values()
        ]
    last = headline.iloc[-1]
    year_ago = last.period_end_on - pd.offsets.MonthEnd(12)
    earlier = headline[headline["period_end_on"] == year_ago]
    until = f"to {last.period_end_on.day} {last.period_end_on:%b %Y}"
    return [
        Card(
            label,
            percent(last[rate]),
            until
            if earlier.empty
            else f"{until}, {points(last[rate] - earlier.iloc[0][rate])} on the year",
        )
        for rate, label in RETENTION_CARDS.items()
    ]


def _revenue_cards(months: pd.DataFrame, currency: str) -> list[Card]:
    if months.empty:
        return [
            Card("MRR", "–", "no revenue data"),
            Card("Paying accounts", "–", "no revenue data"),
        ]
    last = months.iloc[-1]
    year_ago = months[months["mrr_month"] == last.mrr_month - pd.DateOffset(years=1)]
    notes = ("", "")
    if not year_ago.empty and year_ago.iloc[0].closing:
        growth = last.closing / year_ago.iloc[0].closing - 1
        gained = int(last.paying_accounts - year_ago.iloc[0].paying_accounts)
        notes = (f"{growth:+.1%} on the year", f"{gained:+,} on the year")
    return [
        Card("MRR", money(last.closing, currency), notes[0].replace("-", "−")),
        Card(
            "Paying accounts", count(last.paying_accounts), notes[1].replace("-", "−")
        ),
    ]


def _health_card(book: pd.DataFrame) -> Card:
    label = "Accounts by health"
    if book.empty:
        return Card(label, "–", "no health data", is_wide=True)
    shares = read_shares(book)
    return Card(label, f"{percent(shares[0][1])} green", shares=shares, is_wide=True)


def _sections(
    marts: MartFrames, facts: SetFacts, arrivals: Arrivals | None
) -> list[Section]:
    as_of_on = None if facts.as_of_on is None else pd.Timestamp(facts.as_of_on)
    return [
        retention_section(marts, facts.currency),
        movements_section(marts, as_of_on, facts.currency),
        tier_section(marts, facts.currency),
        policy_section(marts),
        cohorts_section(marts),
        renewals_section(marts, facts.currency),
        scheduled_section(marts, facts.currency),
        restatements_section(marts, facts.currency),
        health_section(marts, facts.currency),
        red_accounts_section(marts, facts.currency),
        account_section(marts, facts.currency),
        health_validation_section(marts, facts.currency),
        time_to_value_section(arrivals, facts.currency),
        board_section(marts, facts.currency),
    ]


def _said_day(value: date | None) -> str:
    return "an unknown day" if value is None else f"{value.day} {value:%B %Y}"


def _write_page(target: Path, facts: SetFacts, **parts: Any) -> None:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(TEMPLATE).render(
        facts=facts,
        as_of=_said_day(facts.as_of_on),
        has_figures=any(section.figures for section in parts["sections"]),
        chart_library=vl_convert.javascript_bundle(),
        **parts,
    )
    target.write_text(page, encoding="utf-8")


def write_report(marts: Path, target: Path) -> None:
    """Write the page to `target`; it needs no network and copes with absent marts."""
    with open_marts(marts) as frames:
        facts = frames.facts()
        arrivals = read_arrivals(frames)
        cards = [
            *_retention_cards(read_headline_rows(frames)),
            *_revenue_cards(read_mrr_months(frames), facts.currency),
            median_card(arrivals),
            _health_card(read_book(frames)),
        ]
        freshness, quality = read_freshness(frames), read_quality(frames)
        sections = [
            *_sections(frames, facts, arrivals),
            freshness_section(freshness),
            quality_section(quality),
        ]
    _write_page(
        target,
        facts,
        cards=cards,
        inputs=tell_inputs(freshness, quality),
        sections=sections,
    )


def write_account_page(marts: Path, target: Path, account_id: str) -> None:
    """Write the page that explains one account's score.

    Raises:
        KeyError: the account was never scored.
    """
    with open_marts(marts) as frames:
        facts = frames.facts()
        section = account_section(frames, facts.currency, account_id)
    _write_page(target, facts, cards=[], inputs=[], sections=[section])
