"""The run's day is told by evidence: never by an end, a contract or one stray row."""

from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.landing.clock import ClockError, Feed, parse_as_of, read_clock

LAST = date(2025, 12, 31)


def feed(
    name: str = "files.events",
    last: date = LAST,
    days: int = 200,
    every: int = 1,
    rows: int = 20,
    strays: dict[date, int] | None = None,
    without: frozenset[int] = frozenset(),
) -> Feed:
    """Return a feed that has `rows` rows every so many days, the last on `last`."""
    regular = {
        last - timedelta(days=back): rows
        for back in range(0, days, every)
        if back not in without
    }
    return Feed(name, pd.Series(regular | (strays or {}), dtype="int64").sort_index())


def day_of(*feeds: Feed, starts: list[date] | None = None) -> date:
    return read_clock(None, list(feeds), starts or []).as_of_on


def test_the_day_is_the_last_one_with_usual_rows() -> None:
    assert day_of(feed()) == LAST


@pytest.mark.parametrize("ahead", [1, 2, 5, 40, 400, 4000])
@pytest.mark.parametrize("rows", [1, 2, 20])
def test_stray_days_ahead_move_nothing(ahead: int, rows: int) -> None:
    strays = {LAST + timedelta(days=ahead): rows if ahead > 6 else 0}
    strays = {day: count for day, count in strays.items() if count}
    assert day_of(feed(rows=200, strays=strays)) == LAST


@given(
    ahead=st.integers(min_value=8, max_value=3000),
    rows=st.integers(min_value=1, max_value=500),
    every=st.integers(min_value=1, max_value=3),
    other=st.integers(min_value=0, max_value=2),
)
def test_one_stray_day_never_moves_the_clock(
    ahead: int, rows: int, every: int, other: int
) -> None:
    """However many rows it has, and whether or not other feeds speak."""
    strays = {LAST + timedelta(days=ahead): rows}
    feeds = [feed(every=every, days=300, strays=strays)]
    feeds += [feed(f"other{n}", every=1 + n) for n in range(other)]
    assert day_of(*feeds) <= LAST
    assert day_of(*feeds) >= LAST - timedelta(days=2)


def test_one_feed_of_three_that_runs_ahead_moves_nothing() -> None:
    ahead = feed("ahead", last=LAST + timedelta(days=30))
    assert day_of(ahead, feed("one"), feed("two")) == LAST


def test_a_feed_that_went_silent_does_not_hold_the_day_back() -> None:
    silent = feed("silent", last=LAST - timedelta(days=60))
    assert day_of(feed("alive"), silent) == LAST


def test_a_day_of_few_late_rows_is_not_over_yet() -> None:
    """Less than one row in twenty of a usual day: the day before is the last."""
    tail = {LAST + timedelta(days=1): 4}
    assert day_of(feed(rows=100, strays=tail)) == LAST


def test_weekends_are_no_silence() -> None:
    weekdays = feed(
        without=frozenset(
            back for back in range(200) if (LAST - timedelta(days=back)).weekday() > 4
        )
    )
    assert day_of(weekdays) == LAST


def test_without_a_fast_feed_it_is_the_newest_start_close_behind_another() -> None:
    starts = [date(2025, 3, 1), date(2025, 4, 1), date(2025, 4, 20), date(2035, 1, 1)]
    clock = read_clock(None, [feed(every=9, days=900)], starts)
    assert clock.as_of_on == date(2025, 4, 20)
    assert "newest start of an item" in clock.told


@given(
    st.lists(st.integers(0, 31), min_size=1, max_size=30),
    st.integers(32, 5000),
)
def test_one_start_far_ahead_is_never_the_day(gaps: list[int], ahead: int) -> None:
    days = [date(2020, 1, 1) + timedelta(days=int(n)) for n in np.cumsum([0, *gaps])]
    stray = max(days) + timedelta(days=ahead)
    if len(set(days)) > 1:
        assert day_of(starts=[*days, stray]) == max(days)


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([date(2024, 1, 1)], date(2024, 1, 1)),
        ([date(2024, 1, 1), date(2024, 7, 1)], date(2024, 7, 1)),
        ([date(2024, 1, 1), date(2035, 1, 1)], date(2024, 1, 1)),
    ],
)
def test_the_day_of_a_book_with_few_starts(starts: list[date], expected: date) -> None:
    assert day_of(starts=starts) == expected


def test_nothing_to_go_by_asks_for_as_of() -> None:
    with pytest.raises(ClockError, match="give AS_OF"):
        read_clock(None, [], [])


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2025-12-31", datetime(2025, 12, 31, 23, 59, 59, 999999)),
        ("2025-12-31T12:30", datetime(2025, 12, 31, 12, 30)),
        ("2025-12-31T12:30:00", datetime(2025, 12, 31, 12, 30)),
        ("2025-12-31T23:30:00-02:00", datetime(2026, 1, 1, 1, 30)),
        ("2025-12-31 12:00:00Z", datetime(2025, 12, 31, 12)),
        ("2025-12-31 12:00:00.25", datetime(2025, 12, 31, 12, 0, 0, 250000)),
    ],
)
def test_as_of_is_a_days_end_or_a_utc_instant(as_of: str, expected: datetime) -> None:
    assert parse_as_of(as_of) == expected


@pytest.mark.parametrize(
    "as_of",
    [
        *("31.12.2025", "2025-13-01", "2025-02-30", "today", "2025-12", "20251231"),
        *("2025-W01-1", "2025-365", "2025-12-31T", "20251231T120000", "2025-12-31T12"),
        *("2025-12-31T25:00", " 2025-12-31", "2025-12-31T12:00:00+0200", "1767139200"),
    ],
)
def test_as_of_in_another_form_is_refused_with_the_forms(as_of: str) -> None:
    with pytest.raises(ClockError, match=r"not an ISO day .* YYYY-MM-DD"):
        parse_as_of(as_of)
