"""Hold support and sentiment to a naive oracle, blind to the future, and monotone."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from tests.python.conftest import Warehouse
from tests.python.random_support import (
    END,
    FIRST,
    Facts,
    Landing,
    Ticket,
    files_of,
    more_facts,
    with_another_future,
    write_support,
    zendesk_of,
)
from tests.python.support_oracle import sentiment_measures, support_measures

SUPPORT, SENTIMENT = "int_support_measures_derived", "int_sentiment_measures_derived"
BORN = datetime.combine(FIRST, datetime.min.time())
SUPPORT_MEASURES = [
    "tickets_per_10_seats",
    "severe_tickets_per_10_seats",
    "reopened_rate",
    "hours_to_first_response",
    "hours_to_solve",
]


@dataclass(frozen=True)
class Measured:
    """Both families, with a row per account and day."""

    support: pd.DataFrame
    sentiment: pd.DataFrame

    def families(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one frame per family."""
        return self.support, self.sentiment


def measure(
    warehouse: Warehouse,
    landing: Path,
    facts: Facts,
    *without: str,
    as_of: str = "2026-04-30",
    tries_laws: bool = False,
) -> Measured:
    """Land what happened, less some tables, and read both families.

    They are views on the landing, which the next book replaces: read at once.
    """

    def left(tables: Landing) -> Landing:
        return {name: rows for name, rows in tables.items() if name not in without}

    write_support(landing, left(files_of(facts)), left(zendesk_of(facts)))
    book = warehouse.build_landing(landing, SUPPORT, SENTIMENT, as_of=as_of)
    assert not tries_laws or book.broken_laws() == []
    support, sentiment = (
        book.con.sql(f"from {model}")
        .df()
        .set_index(["account_id", "health_on"])
        .sort_index()
        for model in (SUPPORT, SENTIMENT)
    )
    return Measured(support, sentiment)


def alike(one: pd.DataFrame, other: pd.DataFrame) -> None:
    """Assert that two frames agree to the last bit, missing values included."""
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def until(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    """Keep the days up to one."""
    days = pd.to_datetime(rows.index.get_level_values("health_on"))
    return rows.loc[days <= pd.Timestamp(day)]


def drawn(seed: int) -> tuple[Random, Facts]:
    """Return a source of chance and 16 months of what happened."""
    random = Random(seed)
    return random, more_facts(random, BORN, 120, "f")


@pytest.mark.parametrize("seed", [1, 2])
def test_measures_are_what_a_replay_of_every_ticket_says(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    random, facts = drawn(seed)
    read = measure(warehouse, tmp_path, facts, tries_laws=True)
    oracles = (support_measures, sentiment_measures)
    for rows, oracle in zip(read.families(), oracles, strict=True):
        asked = rows.loc[sorted(random.sample(list(rows.index), 150))]
        expected = pd.DataFrame(
            [oracle(facts, account_id, day.date()) for account_id, day in asked.index],
            index=asked.index,
        )
        seen = asked[expected.columns]
        expected = expected.astype(seen.dtypes.to_dict())
        pd.testing.assert_frame_equal(seen, expected, rtol=1e-12)
        assert seen.nunique().min() > 1


@pytest.mark.parametrize("seed", [3, 4])
def test_nothing_that_happened_after_a_day_moves_it(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    random, facts = drawn(seed)
    day = FIRST + timedelta(days=random.randrange(100, 480))
    cut = datetime.combine(day + timedelta(days=1), datetime.min.time())
    whole = measure(warehouse, tmp_path, facts).families()
    other = with_another_future(random, facts, cut)
    others = measure(warehouse, tmp_path, other).families()
    earlier = measure(warehouse, tmp_path, facts, as_of=str(day)).families()
    for rows, other_rows, earlier_rows in zip(whole, others, earlier, strict=True):
        alike(until(rows, day), until(other_rows, day))
        alike(until(rows, day), earlier_rows)
        assert not rows.equals(other_rows)


@pytest.fixture(scope="module")
def zendesk_alone() -> Facts:
    """Return tickets of Zendesk without ratings, and answers of the files."""
    _, told = drawn(5)
    tickets = [one for one in told.tickets if one.source == "zendesk"]
    return Facts(tuple(replace(one, ratings=()) for one in tickets), told.answers)


def test_measures_of_a_source_that_is_gone_are_missing_and_others_as_they_were(
    warehouse: Warehouse, tmp_path: Path, zendesk_alone: Facts
) -> None:
    def left(*without: str) -> Measured:
        return measure(warehouse, tmp_path, zendesk_alone, *without)

    whole = left()
    assert whole.support[SUPPORT_MEASURES].notna().any().all()
    assert whole.sentiment[["nps_trend", "csat_trend"]].notna().any().all()
    silent = left("survey_responses")
    alike(whole.support, silent.support)
    assert silent.sentiment.filter(regex="(level|trend)$").isna().all(axis=None)

    unheard = left("ticket_comment")
    alike(whole.sentiment, unheard.sentiment)
    response = [name for name in whole.support if "first_response" in name]
    alike(whole.support.drop(columns=response), unheard.support.drop(columns=response))
    assert unheard.support[response].isna().all(axis=None)

    quiet = left("ticket")
    alike(whole.sentiment, quiet.sentiment)
    assert quiet.support[SUPPORT_MEASURES].isna().all(axis=None)
    assert not quiet.support["is_severity_1_open"].any()


def rises(after: pd.DataFrame, before: pd.DataFrame, column: str) -> pd.Series:
    """Return by how much a measure rose, where it is known in both."""
    return (after[column] - before[column]).dropna()


def told_otherwise(facts: Facts, ticket: Ticket, **more: object) -> Facts:
    """Return the facts with one ticket told otherwise."""
    tickets = [replace(one, **more) if one is ticket else one for one in facts.tickets]
    return replace(facts, tickets=tuple(tickets))


def worsened(random: Random, facts: Facts) -> dict[str, tuple[Facts, datetime]]:
    """Make support worse in one way each; and say when what got slower had happened.

    The first solution and answer of a source stay: they are what makes it heard at all.
    """
    files = [one for one in facts.tickets if one.source == "files"]
    first = min(one.solved_at for one in files if one.solved_at)
    heard = min(one.first_response_at for one in files if one.first_response_at)
    one = random.choice(
        [
            one
            for one in files
            if one.severity in ("normal", "low")
            and (one.solved_at or first) > first
            and (one.first_response_at or heard) > heard
        ]
    )
    later = one.solved_at + timedelta(days=11)
    answered = one.first_response_at + timedelta(days=3)
    lasting = random.choice(
        [
            one
            for one in facts.tickets
            if one.has_history and one.turns and one.turns[-1][2] == "solved"
        ]
    )
    again = (lasting.turns[-1][0] + timedelta(hours=30), "status", "open")
    undone = told_otherwise(facts, lasting, turns=(*lasting.turns, again))
    more = Ticket("files", "more", one.account_id, one.opened_at)
    one_more = replace(facts, tickets=(*facts.tickets, more))
    return {
        "solved_later": (told_otherwise(facts, one, solved_at=later), one.solved_at),
        "never_solved": (told_otherwise(facts, one, solved_at=None), one.solved_at),
        "answered_later": (
            told_otherwise(facts, one, first_response_at=answered),
            one.first_response_at,
        ),
        "more_severe": (told_otherwise(facts, one, severity="urgent"), END),
        "reopened": (undone, END),
        "one_more": (one_more, END),
    }


SLOWER = ["hours_to_solve", "hours_to_first_response"]
READ = {
    "solved_later": SLOWER,
    "never_solved": SLOWER,
    "answered_later": ["hours_to_first_response"],
    "more_severe": ["severe_tickets_per_10_seats"],
    "reopened": ["reopened_rate", "hours_to_solve"],
    "one_more": ["tickets_per_10_seats", *SLOWER],
}


def test_worse_support_never_reads_better(warehouse: Warehouse, tmp_path: Path) -> None:
    random, facts = drawn(6)
    before = measure(warehouse, tmp_path, facts).support
    for name, (worse, happened_at) in worsened(random, facts).items():
        # What is slower also leaves the window later: compared while both are in it.
        day = min(happened_at + timedelta(days=89), END).date()
        after = until(measure(warehouse, tmp_path, worse).support, day)
        for column in READ[name]:
            rise = rises(after, until(before, day), column)
            assert rise.min() >= -1e-9, (name, column)
            assert rise.max() > 0 or column not in READ[name][:1], (name, column)
        was_open = until(before, day)["is_severity_1_open"]
        assert not (was_open & ~after["is_severity_1_open"]).any(), name


def test_a_worse_answer_never_reads_better(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    random, facts = drawn(7)
    rows = measure(warehouse, tmp_path, facts).sentiment
    for kind, worst in (("nps", 0), ("csat", 1)):
        one = random.choice(
            [one for one in facts.answers if one.kind == kind and one.score > worst]
        )
        told = tuple(
            replace(other, score=worst) if other is one else other
            for other in facts.answers
        )
        worse = replace(facts, answers=told)
        after = measure(warehouse, tmp_path, worse).sentiment
        # Once it is an earlier answer, a trend from it is steeper.
        day = one.responded_at.date() + timedelta(days=179)
        for column, last in ((f"{kind}_level", END.date()), (f"{kind}_trend", day)):
            falls = rises(until(after, last), until(rows, last), column)
            assert falls.max() <= 1e-12
            assert column.endswith("trend") or falls.min() < 0
