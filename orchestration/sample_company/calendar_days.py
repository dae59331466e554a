"""Count days and months from the first day of the sample company."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

FIRST_DAY = date(2024, 1, 1)


def to_date(day: int) -> date:
    """Turn a day number (0 is the first day) into its date."""
    return FIRST_DAY + timedelta(days=int(day))


@lru_cache(maxsize=200_000)
def months_after(day: int, months: int) -> int:
    """Move `day` by whole months, keeping its day of month where it exists."""
    start = to_date(day)
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    last = monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(start.day, last)) - FIRST_DAY).days


def sixteenth_between(first: int, last: int) -> int | None:
    """Find the 16th of a month strictly between two day numbers."""
    start = to_date(first)
    for months in (0, 1):
        index = start.year * 12 + start.month - 1 + months
        day = (date(index // 12, index % 12 + 1, 16) - FIRST_DAY).days
        if first < day < last:
            return day
    return None


def instants(days: np.ndarray | pd.Series, seconds: np.ndarray | int = 0) -> pd.Series:
    """Turn day numbers (missing allowed) and seconds of day into UTC instants."""
    base = np.datetime64(FIRST_DAY, "s")
    numbers = pd.to_numeric(pd.Series(days).reset_index(drop=True)).astype("float64")
    whole = numbers.fillna(0).to_numpy() * 86_400 + np.asarray(seconds, "float64")
    stamps = base + np.round(whole).astype("timedelta64[s]")
    return pd.Series(stamps.astype("datetime64[us]")).mask(numbers.isna())
