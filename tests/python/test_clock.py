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


def days_from(first: date, count: int, rows: int = 30) -> dict[date, int]:
    return {first + timedelta(days=back): rows for back in range(count)}


@given(
    ahead=st.integers(min_value=8, max_value=3000),
    rows=st.integers(min_value=1, max_value=500),
    days=st.integers(min_value=20, max_value=400),
    other=st.integers(min_value=0, max_value=2),
)
def test_two_stray_days_never_move_the_clock(
    ahead: int, rows: int, days: int, other: int
) -> None:
    strays = days_from(LAST + timedelta(days=ahead), 2, rows)
    feeds = [feed(days=days, rows=14, strays=strays)]
    feeds += [feed(f"other{n}", every=1 + n) for n in range(other)]
    assert day_of(*feeds) == LAST


def test_two_stray_days_of_years_ahead_move_nothing() -> None:
    strays = {date(2035, 1, 1): 1, date(2035, 1, 2): 1}
    events = feed(last=date(2025, 6, 30), days=120, rows=14, strays=strays)
    assert day_of(events) == date(2025, 6, 30)


@given(
    batches=st.lists(
        st.tuples(st.integers(32, 400), st.integers(1, 5), st.integers(1, 500)),
        min_size=1,
        max_size=12,
    ),
    every=st.integers(min_value=1, max_value=3),
    days=st.integers(min_value=90, max_value=600),
)
def test_small_batches_ahead_never_move_the_clock(
    batches: list[tuple[int, int, int]], every: int, days: int
) -> None:
    """However many they are, as long as each stands alone."""
    strays, last = {}, LAST
    for ahead, count, rows in batches:
        first = last + timedelta(days=ahead)
        strays |= days_from(first, count, rows)
        last = max(strays)
    assert day_of(feed(every=every, days=days, strays=strays)) == LAST


@given(
    ahead=st.integers(32, 3000),
    count=st.integers(1, 60),
    rows=st.integers(1, 500),
    other=st.integers(0, 2),
)
def test_demo_data_ahead_never_moves_the_clock(
    ahead: int, count: int, rows: int, other: int
) -> None:
    """Not for its many days, as long as they are fewer than the true ones."""
    strays = days_from(LAST + timedelta(days=ahead), count, rows)
    feeds = [feed(rows=14, days=120, strays=strays)]
    feeds += [feed(f"other{n}", every=1 + n) for n in range(other)]
    assert day_of(*feeds) == LAST


@given(
    began=st.integers(min_value=95, max_value=250),
    silent=st.integers(min_value=40, max_value=100),
    every=st.integers(min_value=1, max_value=3),
)
def test_the_day_behind_an_outage_is_the_last_one(
    began: int, silent: int, every: int
) -> None:
    without = frozenset(range(began, began + silent))
    feeds = [feed(days=365, without=without), feed("two", days=365, every=every)]
    assert day_of(feeds[0]) == LAST
    assert day_of(*feeds) >= LAST - timedelta(days=2)


def test_a_young_book_behind_a_short_outage_has_its_last_day() -> None:
    """A silence of at most a month cuts nothing, and who came back is alive."""
    assert day_of(feed(days=70, without=frozenset(range(10, 40)))) == LAST


@pytest.mark.parametrize("months", [2, 4, 9])
def test_a_feed_that_died_beside_slow_ones_is_told(months: int) -> None:
    """The only fast feed tells the day; the starts since then say that it may lie."""
    died_on = LAST - timedelta(days=30 * months)
    slow = feed("files.tickets", every=7, days=400)
    starts = [LAST - timedelta(days=9 * back) for back in range(90)]
    clock = read_clock(None, [feed(last=died_on), slow], starts)
    assert clock.as_of_on == died_on
    assert clock.told == (
        "the last day that is alive in at least half of the fast feeds (files.events);"
        " the newest start of an item is 2025-12-31: give AS_OF if that is the day"
    )


def test_a_day_close_to_the_newest_start_is_told_without_doubt() -> None:
    clock = read_clock(None, [feed()], [LAST, LAST + timedelta(days=31)])
    assert clock.as_of_on == LAST
    assert "AS_OF" not in clock.told


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
    assert clock.told == (
        "the newest start of an item within 31 days of another;"
        " the newest start of an item is 2035-01-01: give AS_OF if that is the day"
    )


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
    ("starts", "expected", "told"),
    [
        (["2024-01-01"], "2024-01-01", "the only start of an item"),
        (
            ["2024-01-01", "2024-03-01"],
            *("2024-03-01", "the newest start of an item within 92 days of another"),
        ),
        (
            ["2024-01-01", "2024-07-01"],
            *("2024-07-01", "the newest start of an item within 366 days of another"),
        ),
        (
            ["2024-01-01", "2035-01-01"],
            "2024-01-01",
            "the oldest start of an item: no two lie within 366 days;"
            " the newest start of an item is 2035-01-01: give AS_OF if that is the day",
        ),
        (
            ["2023-01-01", "2023-01-15", "2023-04-01", "2024-06-01", "2025-01-10"],
            "2023-01-15",
            "the newest start of an item within 31 days of another;"
            " the newest start of an item is 2025-01-10: give AS_OF if that is the day",
        ),
    ],
)
def test_the_day_of_a_book_with_few_starts(
    starts: list[str], expected: str, told: str
) -> None:
    clock = read_clock(None, [], [date.fromisoformat(day) for day in starts])
    assert (clock.as_of_on, clock.told) == (date.fromisoformat(expected), told)


def test_a_book_of_happenings_alone_has_the_newest_close_behind_another() -> None:
    clock = read_clock(None, [feed(every=9, strays={date(2035, 1, 1): 9})], [])
    assert clock.as_of_on == LAST
    assert clock.told == "the newest day of few happenings within 31 days of another"


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
        *("2025-12-31T24:00", "2025-12-31T10:00+23:00", "2025-12-31T10:00+14:30"),
    ],
)
def test_as_of_in_another_form_is_refused_with_the_forms(as_of: str) -> None:
    with pytest.raises(ClockError, match=r"not an ISO day .* YYYY-MM-DD"):
        parse_as_of(as_of)
