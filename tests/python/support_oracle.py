"""Measure support and sentiment of one day, from what happened before its end.

Naive on purpose: every ticket is replayed for every day, nothing is shared with SQL.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from tests.python.random_support import SEATS, Answer, Facts, Ticket

WINDOW, SENTIMENT_WINDOW = 90, 180
OVERDUE_HOURS, WAITING_HOURS = 72, 24
LEVELS = {"urgent": 1, "high": 2, "normal": 3, "low": 4}


@dataclass
class Seen:
    """Hold a ticket as it is known at the end of a day."""

    ticket: Ticket
    level: int | None
    is_solved: bool
    solved: list[datetime]
    undone: list[datetime]
    answered_at: datetime | None


def whole_minutes(earlier: datetime, later: datetime) -> int:
    """Count minutes with the seconds of both cut off."""
    span = later.replace(second=0) - earlier.replace(second=0)
    return int(span.total_seconds()) // 60


def see(ticket: Ticket, end: datetime) -> Seen:
    """Replay a ticket up to an instant."""
    if ticket.source == "files":
        solved_at, answered_at = ticket.solved_at, ticket.first_response_at
        is_solved = solved_at is not None and solved_at < end
        again = ticket.reopened_count if is_solved else 0
        return Seen(
            ticket,
            LEVELS.get(ticket.severity or ""),
            is_solved,
            [solved_at] * (1 + again) if is_solved else [],
            [solved_at] * again,
            answered_at if answered_at and answered_at < end else None,
        )
    is_solved, solved, undone = False, [], []
    level = None if ticket.has_history else LEVELS.get(ticket.severity or "")
    for at, name, value in ticket.turns:
        if at >= end:
            continue
        if name == "priority":
            level = LEVELS.get(value)
        elif value in ("solved", "closed") and not is_solved:
            is_solved = True
            solved.append(at)
        elif value not in ("solved", "closed") and is_solved:
            is_solved = False
            undone.append(at)
    answers = [
        at
        for at, who, public in ticket.comments
        if who == "agent" and public and at < end
    ]
    answered_at = min(answers, default=None)
    return Seen(ticket, level, is_solved, solved, undone, answered_at)


def seats_on(account_id: str, day: date) -> int:
    """Return the seats of a day."""
    return [seats for start, seats in SEATS[account_id] if start <= day][-1]


def is_recent(at: datetime, day: date, window: int = WINDOW) -> bool:
    """Tell whether an instant lies in the window that ends with a day."""
    return 0 <= (day - at.date()).days < window


def _hours(done: list[int], running: list[int], speaks_from: int) -> float | None:
    if not done and sum(running) < speaks_from * 60:
        return None
    return (sum(done) + sum(running)) / max(len(done), 1) / 60


def support_measures(facts: Facts, account_id: str, day: date) -> dict[str, object]:
    """Return the support measures of an account on a day."""
    end = datetime.combine(day + timedelta(days=1), datetime.min.time())
    known = [see(ticket, end) for ticket in facts.tickets if ticket.opened_at < end]
    tells_solutions = {one.ticket.source for one in known if one.solved}
    tells_answers = {one.ticket.source for one in known if one.answered_at}
    mine = [one for one in known if one.ticket.account_id == account_id]
    ages = {id(one): whole_minutes(one.ticket.opened_at, end) for one in mine}
    opened = [one for one in mine if is_recent(one.ticket.opened_at, day)]
    ranked = [one.level for one in opened if one.level]
    severe = [level for level in ranked if level <= 2]
    unsolved = [one for one in mine if not one.is_solved]
    running = [one for one in unsolved if one.ticket.source in tells_solutions]
    waiting = [
        one
        for one in unsolved
        if not one.solved and not one.answered_at and one.ticket.source in tells_answers
    ]
    solutions = [at for one in mine for at in one.solved if is_recent(at, day)]
    undone = [
        at
        for one in mine
        for at, _ in zip(one.solved, one.undone, strict=False)
        if is_recent(at, day)
    ]
    solve_minutes = [
        whole_minutes(one.ticket.opened_at, one.solved[-1])
        for one in mine
        if one.is_solved and is_recent(one.solved[-1], day)
    ]
    answer_minutes = [
        whole_minutes(one.ticket.opened_at, one.answered_at)
        for one in mine
        if one.answered_at and is_recent(one.answered_at, day)
    ]
    per_10_seats = 10 / seats_on(account_id, day)
    return {
        "tickets_per_10_seats": len(opened) * per_10_seats if opened else None,
        "severe_tickets_per_10_seats": len(severe) * per_10_seats if ranked else None,
        "reopened_rate": len(undone) / len(solutions) if solutions else None,
        "hours_to_first_response": _hours(
            answer_minutes, [ages[id(one)] for one in waiting], WAITING_HOURS
        ),
        "hours_to_solve": _hours(
            solve_minutes, [ages[id(one)] for one in running], OVERDUE_HOURS
        ),
        "ticket_count": len(opened),
        "severe_ticket_count": len(severe),
        "solution_count": len(solutions),
        "open_ticket_count": len(running),
        "is_severity_1_open": any(one.level == 1 for one in unsolved),
    }


def _answers(facts: Facts) -> list[Answer]:
    """Return the answers, ratings of tickets among them."""
    rated = [
        Answer(ticket.ticket_id, ticket.account_id, "csat", 5 if good else 1, at)
        for ticket in facts.tickets
        for at, score in ticket.ratings
        if (good := score.startswith("good")) or score.startswith("bad")
    ]
    return [*facts.answers, *rated]


def sentiment_measures(facts: Facts, account_id: str, day: date) -> dict[str, object]:
    """Return the sentiment measures of an account on a day."""
    before = day - timedelta(days=SENTIMENT_WINDOW)
    measures: dict[str, object] = {}
    for kind in ("nps", "csat"):
        mine = [
            one
            for one in _answers(facts)
            if one.account_id == account_id and one.kind == kind
        ]
        now, earlier = (
            [
                one.score
                for one in mine
                if is_recent(one.responded_at, last, SENTIMENT_WINDOW)
            ]
            for last in (day, before)
        )
        measures |= {
            f"{kind}_level": fmean(now) if now else None,
            f"{kind}_trend": fmean(now) - fmean(earlier) if now and earlier else None,
            f"{kind}_answer_count": len(now),
            f"earlier_{kind}_answer_count": len(earlier),
        }
    return measures
