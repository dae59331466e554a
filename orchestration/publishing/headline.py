"""Show the headline numbers of a published set in a terminal."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from orchestration.report.health_sections import read_book, read_shares
from orchestration.report.mart_frames import open_marts
from orchestration.report.plain_words import count, money, percent
from orchestration.report.retention_sections import read_headline_rows
from orchestration.report.revenue_sections import read_mrr_months

PERIODS_SHOWN = 12
HEADLINE_COLUMNS = [
    "period_end_on",
    "nrr_rate",
    "grr_rate",
    "logo_retention_rate",
    "opening_accounts",
    "opening_mrr",
    "retained_mrr",
]


def read_headline(marts: Path) -> pd.DataFrame:
    """Return the last twelve headline rows of fct_retention, the oldest first.

    Money is in the reporting currency, rates are 0–1; no rows if there are none yet.
    """
    with open_marts(marts) as frames:
        rows = read_headline_rows(frames)
    if rows.empty:
        return pd.DataFrame(columns=HEADLINE_COLUMNS)
    return rows[HEADLINE_COLUMNS].tail(PERIODS_SHOWN).reset_index(drop=True)


def read_summary(marts: Path) -> dict[str, str]:
    """Return what else a reader asks first, as label and ready text."""
    with open_marts(marts) as frames:
        facts = frames.facts()
        months = read_mrr_months(frames)
        book = read_book(frames)
    summary = {"As of": str(facts.as_of_on or "unknown")}
    if not months.empty:
        last = months.iloc[-1]
        summary["MRR"] = money(last.closing, facts.currency)
        summary["Paying accounts"] = count(last.paying_accounts)
    if not book.empty:
        shares = [f"{percent(share)} {band}" for band, share, _ in read_shares(book)]
        summary["Health"] = ", ".join(shares)
    return summary


def print_headline(marts: Path, console: Console | None = None) -> None:
    """Print retention by period and the latest summary, or say what is missing."""
    console = console or Console()
    headline = read_headline(marts)
    for label, text in read_summary(marts).items():
        console.print(f"[bold]{label}[/bold]: {text}", highlight=False)
    if headline.empty:
        console.print("No retention yet: it needs twelve months of subscription_items.")
        return
    table = Table(title="Retention, 12 months to each month end")
    for column in ("Period end", "NRR", "GRR", "Logos", "Customers", "Opening MRR"):
        table.add_column(column, justify="left" if column == "Period end" else "right")
    for row in headline.itertuples():
        table.add_row(
            f"{row.period_end_on:%Y-%m-%d}",
            percent(row.nrr_rate),
            percent(row.grr_rate),
            percent(row.logo_retention_rate),
            count(row.opening_accounts),
            f"{float(row.opening_mrr):,.0f}",
        )
    console.print(table)
