"""Random tickets and answers, as the files and Zendesk tell them."""

import csv
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.python.books import as_text, item, write_book

Row = dict[str, Any]
Landing = dict[str, list[Row]]
FIRST, LAST = date(2025, 1, 1), date(2026, 4, 30)
ACCOUNTS = ("a", "b", "c")
END = datetime(2026, 5, 1)
# Seats from a day on; the second product is smaller, so it seats nobody else.
SEATS = {
    "a": ((FIRST, 10), (date(2025, 9, 1), 25)),
    "b": ((FIRST, 4),),
    "c": ((date(2025, 6, 1), 120),),
}
PRIORITIES = ("urgent", "high", "normal", "low", "puzzling")


@dataclass(frozen=True)
class Ticket:
    """Hold what happened to one ticket; each source tells its own part of it."""

    source: str
    ticket_id: str
    account_id: str
    opened_at: datetime
    turns: tuple[tuple[datetime, str, str], ...] = ()
    comments: tuple[tuple[datetime, str, bool], ...] = ()
    ratings: tuple[tuple[datetime, str], ...] = ()
    has_history: bool = True
    first_response_at: datetime | None = None
    solved_at: datetime | None = None
    reopened_count: int = 0
    severity: str | None = None


@dataclass(frozen=True)
class Answer:
    """Hold one answer to a survey."""

    response_id: str
    account_id: str
    kind: str
    score: float | None
    responded_at: datetime


@dataclass(frozen=True)
class Facts:
    """Hold all that happened."""

    tickets: tuple[Ticket, ...] = ()
    answers: tuple[Answer, ...] = field(default=())


def moment(random: Random, after: datetime, until: datetime = END) -> datetime:
    """Draw an instant after another, to the second."""
    seconds = int((until - after).total_seconds())
    return after + timedelta(seconds=random.randrange(1, max(2, seconds)))


def soon(random: Random, after: datetime) -> datetime:
    """Draw an instant minutes, hours or weeks later."""
    hours = random.choice((0.3, 2, 9, 40, 300, 2000)) * random.uniform(0.5, 1.5)
    return after + timedelta(seconds=int(hours * 3600))


def _zendesk_future(random: Random, ticket: Ticket, after: datetime) -> Ticket:
    """Let more happen to a ticket of Zendesk, from some instant on."""
    turns, at = list(ticket.turns), after
    if random.random() < 0.8:
        first = max(after, ticket.opened_at) + timedelta(seconds=random.randrange(9))
        if first > after or not turns:
            turns.append((first, "priority", random.choice(PRIORITIES)))
    for _ in range(random.choice((0, 1, 1, 2, 3, 5))):
        at = soon(random, at)
        value = random.choice(("solved", "solved", "open", "pending", "closed"))
        turns.append((at, "status", value))
        if random.random() < 0.3:
            turns.append((soon(random, at), "priority", random.choice(PRIORITIES)))
    comments, at = list(ticket.comments), after
    for _ in range(random.choice((0, 1, 2, 3))):
        at = soon(random, at)
        who = random.choice(("agent", "agent", "asker"))
        comments.append((at, who, random.random() < 0.7))
    ratings = ticket.ratings
    if random.random() < 0.4:
        score = random.choice(("good", "bad with comment", "offered"))
        ratings = (*ratings, (soon(random, after), score))
    known = {(at, name): value for at, name, value in turns if at < END}
    return replace(
        ticket,
        turns=tuple(sorted((at, name, known[at, name]) for at, name in known)),
        comments=tuple(comment for comment in comments if comment[0] < END),
        ratings=tuple(rating for rating in ratings if rating[0] < END),
    )


def _files_future(random: Random, ticket: Ticket, after: datetime) -> Ticket:
    """Let a ticket of the files be answered and solved, from some instant on."""
    answered, solved = ticket.first_response_at, ticket.solved_at
    if answered is None and random.random() < 0.7:
        answered = soon(random, after)
    again = ticket.reopened_count
    if solved is None:
        again = random.choice((0, 0, 1, 3))
        solved = soon(random, after) if random.random() < 0.7 else None
    return replace(
        ticket,
        first_response_at=answered if answered and answered < END else None,
        solved_at=solved if solved and solved < END else None,
        reopened_count=again,
    )


def _opened(random: Random, name: str, after: datetime) -> Ticket:
    source = random.choice(("files", "zendesk", "zendesk"))
    opened_at = moment(random, after)
    ticket = Ticket(source, name, random.choice(ACCOUNTS), opened_at)
    if source == "files":
        severity = random.choice((None, *PRIORITIES))
        return _files_future(random, replace(ticket, severity=severity), opened_at)
    if random.random() < 0.15:
        # A connector without this ticket's history: the status as last known.
        turns = (
            (soon(random, opened_at), "status", random.choice(("solved", "open"))),
        )
        turns = turns if turns[0][0] < END else ()
        severity = random.choice(PRIORITIES)
        return replace(ticket, has_history=False, turns=turns, severity=severity)
    turns = ((opened_at, "status", "new"),)
    return _zendesk_future(random, replace(ticket, turns=turns), opened_at)


def more_facts(random: Random, after: datetime, count: int, mark: str) -> Facts:
    """Draw tickets and answers after an instant."""
    answers = [
        Answer(
            f"{mark}{number}",
            random.choice(ACCOUNTS),
            kind := random.choice(("nps", "csat", "exit")),
            {
                "nps": random.randint(0, 10),
                "csat": random.randint(2, 10) / 2,
                "exit": None,
            }[kind],
            moment(random, after),
        )
        for number in range(count)
    ]
    # Numbers, as Zendesk has them; the files may use the same ones.
    first = {"f": 1000, "g": 5000}[mark]
    tickets = [_opened(random, str(first + n), after) for n in range(count)]
    return Facts(tuple(tickets), tuple(answers))


def with_another_future(random: Random, facts: Facts, after: datetime) -> Facts:
    """Forget all that happened at or after an instant, and let other things happen."""
    tickets = []
    for ticket in facts.tickets:
        if ticket.opened_at >= after:
            continue
        if ticket.source == "files":
            answered, solved = ticket.first_response_at, ticket.solved_at
            ticket = replace(
                ticket,
                first_response_at=answered if answered and answered < after else None,
                solved_at=solved if solved and solved < after else None,
            )
            tickets.append(_files_future(random, ticket, after))
        elif ticket.has_history:
            ticket = replace(
                ticket,
                turns=tuple(turn for turn in ticket.turns if turn[0] < after),
                comments=tuple(said for said in ticket.comments if said[0] < after),
                ratings=tuple(rated for rated in ticket.ratings if rated[0] < after),
            )
            tickets.append(_zendesk_future(random, ticket, after))
        elif ticket.turns and ticket.turns[0][0] >= after:
            tickets.append(replace(ticket, turns=()))
        else:
            tickets.append(ticket)
    answers = tuple(one for one in facts.answers if one.responded_at < after)
    other = more_facts(random, after, random.randrange(40), "g")
    return Facts((*tickets, *other.tickets), (*answers, *other.answers))


def files_of(facts: Facts) -> Landing:
    """Return what the files tell, revenue and accounts included."""
    items = []
    for account_id, steps in SEATS.items():
        ends = [step[0] for step in steps[1:]] + [None]
        for number, ((start, seats), end) in enumerate(zip(steps, ends, strict=True)):
            name = f"{account_id}{number}"
            items.append(item(name, account_id, start, end, quantity=seats))
            extra = {"product": "extra", "quantity": 2}
            items.append(item(f"{name}x", account_id, start, end, **extra))
    tickets = [
        {
            "ticket_id": ticket.ticket_id,
            "account_id": ticket.account_id,
            "opened_at": ticket.opened_at,
            "first_response_at": ticket.first_response_at,
            "solved_at": ticket.solved_at,
            "reopened_count": ticket.reopened_count,
            "severity": ticket.severity,
        }
        for ticket in facts.tickets
        if ticket.source == "files"
    ]
    return {
        "accounts": [{"account_id": name, "account_name": name} for name in ACCOUNTS],
        "subscription_items": items,
        "tickets": tickets,
        "survey_responses": [vars(answer) for answer in facts.answers],
    }


def zendesk_of(facts: Facts) -> Landing:
    """Return what Zendesk tells, each ticket itself as last known."""
    tickets = [ticket for ticket in facts.tickets if ticket.source == "zendesk"]
    told: Landing = {
        "organization": [
            {"id": number, "external_id": name} for number, name in enumerate(ACCOUNTS)
        ],
        "user": [
            {"id": "agent", "organization_id": None, "role": "agent"},
            {"id": "asker", "organization_id": None, "role": "end-user"},
        ],
        "ticket": [],
        "ticket_field_history": [],
        "ticket_comment": [],
        "satisfaction_rating": [],
    }
    for ticket in tickets:
        last = {name: value for _, name, value in ticket.turns}
        told["ticket"].append(
            {
                "id": ticket.ticket_id,
                "organization_id": ACCOUNTS.index(ticket.account_id),
                "requester_id": "asker",
                "priority": last.get("priority", ticket.severity),
                "status": last.get("status", "new"),
                "created_at": ticket.opened_at,
                "updated_at": max([at for at, *_ in ticket.turns] + [ticket.opened_at]),
            }
        )
        if ticket.has_history:
            told["ticket_field_history"] += [
                {"ticket_id": ticket.ticket_id}
                | {"field_name": name, "updated": at, "value": value}
                for at, name, value in ticket.turns
            ]
        told["ticket_comment"] += [
            {"id": f"{ticket.ticket_id}-{number}", "ticket_id": ticket.ticket_id}
            | {"user_id": who, "created": at, "public": is_public}
            for number, (at, who, is_public) in enumerate(ticket.comments)
        ]
        told["satisfaction_rating"] += [
            {"id": f"{ticket.ticket_id}-{number}", "ticket_id": ticket.ticket_id}
            | {"requester_id": "asker", "score": score, "created_at": at}
            for number, (at, score) in enumerate(ticket.ratings)
        ]
    return told


def write_support(landing: Path, files: Landing, zendesk: Landing) -> Path:
    """Write a landing; a table without rows is not landed."""
    write_book(landing, {name: rows for name, rows in files.items() if rows})
    for name, rows in zendesk.items():
        if rows:
            path = landing / "zendesk" / f"{name}.csv"
            path.parent.mkdir(exist_ok=True)
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]))
                writer.writeheader()
                for row in rows:
                    writer.writerow({key: as_text(row[key]) for key in row})
    return landing
