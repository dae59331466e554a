"""Say numbers and dates the way people read them."""

from datetime import date, datetime
from typing import Any

import pandas as pd

MISSING = "–"
THOUSAND = 1_000
MILLION = 1_000_000
LEAST_RATE = 0.0005


def _is_missing(value: Any) -> bool:
    return value is None or pd.isna(value)


def money(value: float | None, currency: str) -> str:
    """Return an amount in `currency` units with three or four figures that matter."""
    if _is_missing(value):
        return MISSING
    sign, size = ("−" if value < 0 else ""), abs(float(value))
    if round(size) >= MILLION:
        return f"{sign}{currency} {size / MILLION:,.2f}M"
    if round(size) >= 10 * THOUSAND:
        return f"{sign}{currency} {size / THOUSAND:,.1f}K"
    return f"{sign}{currency} {size:,.0f}"


def exact_money(value: float | None) -> str:
    """Return an amount in whole currency units, for columns of a table."""
    return MISSING if _is_missing(value) else f"{float(value):,.0f}".replace("-", "−")


def percent(rate: float | None) -> str:
    """Return a rate of 0–1 as a percentage with one decimal."""
    if _is_missing(rate):
        return MISSING
    return "<0.1%" if 0 < rate < LEAST_RATE else f"{rate * 100:.1f}%"


def count(value: float | None) -> str:
    """Return a whole number with thousands separated."""
    return MISSING if _is_missing(value) else f"{value:,.0f}"


def days(value: float | None) -> str:
    """Return a duration in whole days."""
    if _is_missing(value):
        return MISSING
    return "1 day" if round(value) == 1 else f"{round(value):,} days"


def day(value: date | datetime | None) -> str:
    """Return a date such as 30 June 2026."""
    return MISSING if _is_missing(value) else f"{value.day} {value:%B %Y}"


def iso_day(value: date | datetime | None) -> str:
    """Return a date such as 2026-06-30, for columns of a table."""
    return MISSING if _is_missing(value) else f"{value:%Y-%m-%d}"


def month(value: date | datetime | None) -> str:
    """Return a month such as June 2026."""
    return MISSING if _is_missing(value) else f"{value:%B %Y}"


def points(change: float) -> str:
    """Return the change of a rate as percentage points, with its direction."""
    if abs(change) < 0.0005:
        return "unchanged"
    return f"{'up' if change > 0 else 'down'} {abs(change) * 100:.1f} points"


def plural(number: int, singular: str) -> str:
    """Return a count with its noun: 1 row, 2 rows."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"


def listed(names: list[str]) -> str:
    """Return names as prose: a, b and c."""
    return (
        " and ".join([", ".join(names[:-1]), names[-1]])
        if len(names) > 1
        else "".join(names)
    )


def spaced(name: str) -> str:
    """Return a code name as words: late_renewal_grace becomes late renewal grace."""
    return str(name).replace("_", " ")
