"""Decide the instant up to which the warehouse believes what it was given."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pandas as pd

# A day of AS_OF, or an instant: nothing else is understood, so nothing is misread.
AS_OF_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
AS_OF_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]([01]\d|2[0-3]):\d{2}(:\d{2}(\.\d{1,6})?)?"
    r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?"
)
AS_OF_FORMS = (
    "YYYY-MM-DD (the end of that day, UTC) or YYYY-MM-DDTHH:MM[:SS], UTC unless an"
    " offset such as Z or +02:00 is given"
)
# The days with rows that tell what is usual of a feed, and how many it takes.
USUAL_DAYS = 90
MIN_DAYS = 20
USUAL_GAP_PERCENTILE = 95
FAST_GAP_DAYS = 3
ALIVE_SHARE = 0.05
# Two stray days are no life: of the last so many days more than a third of those that
# are usual have rows.
ALIVE_WITHIN_DAYS = 7
ALIVE_DAYS_SHARE = 1 / 3
MIN_ALIVE_DAYS = 2
# Where nothing happens for longer, one stretch of days ends; one of so many is whole.
SILENT_DAYS = 31
WHOLE_STRETCH_DAYS = 90
# Starts of items that lie so close belong to one book; wider where none lie so close.
START_GAPS_DAYS = (31, 92, 366)


class ClockError(Exception):
    """An AS_OF that cannot be understood, or no data to take one from."""


@dataclass(frozen=True)
class Clock:
    """The run's day: everything after `as_of_at` is unknown.

    `told` says in words where it comes from; empty where somebody gave it.
    `is_by_feeds`: the fast feeds tell it, so that a day far behind it is told by none.
    """

    as_of_at: datetime
    told: str = ""
    is_by_feeds: bool = False

    @property
    def as_of_on(self) -> date:
        """Return the UTC day that `as_of_at` falls on."""
        return self.as_of_at.date()

    def days_ahead_of(self, evident: "Clock") -> int:
        """Count the days after the last that the fast feeds tell; 0 without such."""
        if not evident.is_by_feeds:
            return 0
        return max((self.as_of_on - evident.as_of_on).days, 0)

    @property
    def last_complete_on(self) -> date:
        """Return the last UTC day that `as_of_at` has seen the end of."""
        if self.as_of_at == end_of(self.as_of_on):
            return self.as_of_on
        return self.as_of_on - timedelta(days=1)


@dataclass(frozen=True)
class Feed:
    """The rows of a log by UTC day, the days ascending."""

    name: str
    rows_by_day: "pd.Series[int]"


def end_of(day: date) -> datetime:
    """Return the last microsecond of a UTC day, without a zone."""
    return datetime.combine(day, time.max)


def parse_as_of(as_of: str) -> datetime:
    """Parse AS_OF: a day (its end) or a timestamp (UTC unless it has an offset).

    Raises:
        ClockError: it is written in another form, or is no day of the calendar.
    """
    try:
        if AS_OF_DAY.fullmatch(as_of):
            return end_of(date.fromisoformat(as_of))
        if not AS_OF_INSTANT.fullmatch(as_of):
            raise ValueError(as_of)
        instant = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise ClockError(
            f"AS_OF={as_of!r} is not an ISO day or timestamp: {AS_OF_FORMS}"
        ) from error
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC).replace(tzinfo=None)
    return instant


def read_clock(as_of: str | None, feeds: list[Feed], starts: list[date]) -> Clock:
    """Return the run's clock: AS_OF where it is given, else the day of the evidence.

    That is the latest day on which at least half of the fast feeds are alive, in the
    latest whole stretch of their days; without a fast feed, the newest of `starts` (of
    items, else of whatever happened) that lies close behind another.

    Raises:
        ClockError: AS_OF is in no known form, or is absent and nothing has happened.
    """
    if as_of:
        return Clock(parse_as_of(as_of))
    fast = [pulse for feed in feeds if (pulse := _pulse(feed)) is not None]
    day_of_feeds = _day_of_feeds(fast)
    if day_of_feeds:
        day = day_of_feeds
        names = ", ".join(pulse.feed.name for pulse in fast)
        told = (
            f"the last day that is alive in at least half of the fast feeds ({names})"
        )
    elif starts:
        day, told = _day_of_starts(starts, "start of an item")
    elif happened := [day for feed in feeds for day in feed.rows_by_day.index]:
        day, told = _day_of_starts(happened, "day of few happenings")
    else:
        raise ClockError("nothing has happened in the landing folder: give AS_OF")
    if starts and (max(starts) - day).days > SILENT_DAYS:
        newest = f"the newest start of an item is {max(starts)}"
        told += f"; {newest}: give AS_OF if that is the day"
    return Clock(end_of(day), told, is_by_feeds=day_of_feeds is not None)


@dataclass(frozen=True)
class _Pulse:
    """A fast feed: the days between its rows, its rows and days of late, as usual."""

    feed: Feed
    gap_days: int
    usual_rows: float
    usual_days: float

    def is_alive(self, day: date) -> bool:
        """Tell whether the feed still tells something of a day."""
        rows = _rows_until(self.feed, day, self.gap_days).sum()
        days = len(_rows_until(self.feed, day, ALIVE_WITHIN_DAYS))
        is_usual = rows > 0 and rows >= ALIVE_SHARE * self.usual_rows
        is_regular = days > ALIVE_DAYS_SHARE * self.usual_days
        return is_usual and is_regular and days >= MIN_ALIVE_DAYS


def _rows_until(feed: Feed, day: date, days: int) -> "pd.Series[int]":
    """Return the rows of the last so many days, that day included."""
    return feed.rows_by_day.loc[day - timedelta(days=days - 1) : day]


def _whole_stretch(days: Iterable[date]) -> list[date]:
    """Return the latest stretch of days that is whole, else the one of most days.

    A stretch ends where a silence begins.
    """
    stretches: list[list[date]] = []
    for day in sorted(set(days)):
        if not stretches or (day - stretches[-1][-1]).days > SILENT_DAYS:
            stretches.append([])
        stretches[-1].append(day)
    latest = stretches[::-1]
    whole = [stretch for stretch in latest if len(stretch) >= WHOLE_STRETCH_DAYS]
    return whole[0] if whole else max(latest, key=len, default=[])


def _pulse(feed: Feed) -> _Pulse | None:
    """Measure a feed over its last days with rows; None where it is not fast."""
    recent = _whole_stretch(feed.rows_by_day.index)[-USUAL_DAYS:]
    if len(recent) < MIN_DAYS:
        return None
    ordinals = np.array([day.toordinal() for day in recent])
    gap = float(np.percentile(np.diff(ordinals), USUAL_GAP_PERCENTILE))
    if gap > FAST_GAP_DAYS:
        return None
    gap_days = int(np.ceil(gap))
    rows = [_rows_until(feed, day, gap_days).sum() for day in recent]
    days = [len(_rows_until(feed, day, ALIVE_WITHIN_DAYS)) for day in recent]
    return _Pulse(feed, gap_days, float(np.median(rows)), float(np.median(days)))


def _day_of_feeds(fast: list[_Pulse]) -> date | None:
    """Return the latest day on which a feed that is alive has rows, and half are."""
    days = {day for pulse in fast for day in pulse.feed.rows_by_day.index}
    for day in reversed(_whole_stretch(days)):
        alive = [pulse for pulse in fast if pulse.is_alive(day)]
        speaks = any(day in pulse.feed.rows_by_day.index for pulse in alive)
        if speaks and 2 * len(alive) >= len(fast):
            return day
    return None


def _day_of_starts(starts: list[date], what: str) -> tuple[date, str]:
    """Return the newest day close behind another, else the oldest; and tell which."""
    days = sorted(set(starts))
    if len(days) == 1:
        return days[0], f"the only {what}"
    for gap in START_GAPS_DAYS:
        for earlier, later in zip(days[-2::-1], days[:0:-1], strict=True):
            if (later - earlier).days <= gap:
                return later, f"the newest {what} within {gap} days of another"
    return days[0], f"the oldest {what}: no two lie within {gap} days"
