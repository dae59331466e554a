"""Recompute relationship, billing and renewal measures of one day from raw rows."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pandas as pd

FIRST = date(2024, 1, 1)
AS_OF = date(2025, 1, 31)
DAYS = (AS_OF - FIRST).days
STAKEHOLDER_DAYS = PAYMENT_DAYS = LOSS_DAYS = 90
CHAMPION_PRESENT = 365
PERSONAS = {"champion", "executive", "admin", "user"}
NEVER = date.max

Row = dict[str, Any]
Book = dict[str, list[Row]]


def day_of(random: Random, first: date = FIRST, last: date = AS_OF) -> date:
    """Draw a day."""
    return first + timedelta(days=random.randint(0, (last - first).days))


def instant(random: Random, day: date) -> datetime:
    """Draw an instant of a day."""
    return datetime(day.year, day.month, day.day, random.randrange(24), 30)


def random_items(random: Random, account_id: str) -> list[Row]:
    """Make the versions of one or two lines, in US dollars, some cancelled."""
    rows = []
    for number in range(random.randint(1, 2)):
        interval = random.choice(["month", "year"])
        starts = sorted({day_of(random) for _ in range(random.randint(1, 3))})
        ends = random.choice([None, None, day_of(random, starts[-1])])
        if ends == starts[-1]:
            ends = None
        notice = None
        if ends is not None and random.random() < 0.7:
            notice = ends - timedelta(days=random.randint(0, 25))
        for position, start in enumerate(starts):
            is_last = position == len(starts) - 1
            term_end = None
            if interval == "year":
                term_end = start + timedelta(days=random.randint(20, 365))
            row = {
                "item_id": f"{account_id}-{number}",
                "account_id": account_id,
                "product": "platform" if number == 0 else "analytics",
                "valid_from": start,
                "valid_to": ends if is_last else starts[position + 1],
                "quantity": random.randint(1, 9),
                "unit_amount": 12 * random.randint(1, 20),
                "billing_interval": interval,
                "notice_on": None,
                "contract_end_on": term_end,
                "notice_period_days": random.choice([None, 0, 15]),
            }
            if is_last and notice is not None and notice >= start:
                row["notice_on"] = notice
                if interval == "month":
                    row["contract_end_on"] = ends
            rows.append(row)
    return rows


def random_facts(seed: int, accounts: int = 7) -> Book:
    """Make a book of accounts, their lines, people, answers, events and payments."""
    random = Random(seed)
    book: Book = defaultdict(list)
    for number in range(accounts):
        account_id = f"a{number}"
        book["accounts"].append({"account_id": account_id})
        book["subscription_items"] += random_items(random, account_id)
        people = [f"c{number}-{k}" for k in range(random.choice([0, 2, 5]))]
        for contact_id in people:
            joined = random.choice([None, day_of(random)])
            left = random.choice([None, day_of(random, joined or FIRST)])
            book["contacts"].append(
                {
                    "contact_id": contact_id,
                    "account_id": account_id,
                    "email": f"{contact_id}@mail.example",
                    "role": random.choice(["Champion", "champion", "user", None, "x"]),
                    "joined_on": joined,
                    "left_on": left,
                }
            )
        for k in range(random.randint(0, 8)):
            day = day_of(random)
            book["survey_responses"].append(
                {
                    "response_id": f"r{number}-{k}",
                    "account_id": random.choice([account_id, account_id, "a0"]),
                    "contact_id": random.choice([*people, None, "nobody"]),
                    "kind": random.choice(["nps", "csat", "exit"]),
                    "score": 4,
                    "responded_at": instant(random, day),
                }
            )
        for k in range(random.randint(0, 12)):
            day = day_of(random)
            person = random.choice([*people, "stranger"])
            book["events"].append(
                {
                    "event_id": f"e{number}-{k}",
                    "account_id": account_id,
                    "user_id": random.choice([person, f"{person}@mail.example"]),
                    "event_name": random.choice(["report_created", "logged_in"]),
                    "occurred_at": instant(random, day),
                    "received_at": instant(random, day)
                    + timedelta(days=random.choice([0, 1, 40])),
                }
            )
        for k in range(random.choice([0, 6, 20])):
            book["payments"].append(
                {
                    "payment_id": f"p{number}-{k}",
                    "account_id": account_id,
                    "attempted_at": instant(random, day_of(random)),
                    "status": random.choice(["succeeded", "failed", "pending"]),
                    "invoice_id": random.choice([None, "i1", "i2", "i3"]),
                }
            )
    # Tables without a row would be absent files: every entity has one.
    book["payments"].append(payment("px", "a0", AS_OF, "succeeded"))
    return dict(book)


def payment(payment_id: str, account_id: str, day: date, status: str) -> Row:
    """Make one payment attempt without an invoice."""
    return {
        "payment_id": payment_id,
        "account_id": account_id,
        "attempted_at": datetime(day.year, day.month, day.day, 23, 45),
        "status": status,
        "invoice_id": None,
    }


def acts(book: Book, account_id: str) -> list[tuple[Row, date, date]]:
    """List what contacts of an account did: who, when, and known when."""
    people = {
        key: row
        for row in book.get("contacts", [])
        if row["account_id"] == account_id
        for key in (row["contact_id"], row["email"])
    }
    done = []
    for row in book.get("survey_responses", []):
        if row["account_id"] == account_id and row["kind"] != "exit":
            day = row["responded_at"].date()
            done.append((row["contact_id"], day, day))
    for row in book.get("events", []):
        if row["account_id"] == account_id and row["event_name"] != "logged_in":
            day = row["occurred_at"].date()
            done.append((row["user_id"], day, max(day, row["received_at"].date())))
    return [
        (people[who], day, max(known, people[who]["joined_on"] or known))
        for who, day, known in done
        if who in people
    ]


def relationship(book: Book, account_id: str, day: date) -> dict[str, float | None]:
    """Recompute the relationship measures of an account on a day."""
    everybody = [
        known
        for account in book["accounts"]
        for contact, _, known in acts(book, account["account_id"])
        if known <= day and known < (contact["left_on"] or NEVER)
    ]
    contacts = [
        c
        for c in book.get("contacts", [])
        if c["account_id"] == account_id and (c["joined_on"] or FIRST) <= day
    ]
    named = [c for c in contacts if (c["role"] or "").lower() in PERSONAS]
    active = [
        contact
        for contact, done, known in acts(book, account_id)
        if known <= day < done + timedelta(days=STAKEHOLDER_DAYS)
        and (contact["left_on"] or NEVER) > day
    ]
    champions = [c for c in named if c["role"].lower() == "champion"]
    gone = [c["left_on"] for c in champions if c["left_on"] and c["left_on"] <= day]
    since = None
    if len(gone) < len(champions):
        since = CHAMPION_PRESENT
    elif gone:
        since = min((day - max(gone)).days, CHAMPION_PRESENT - 1)
    roles = {(c["role"] or "").lower() for c in active} & PERSONAS
    return {
        "active_stakeholders": len({c["contact_id"] for c in active})
        if contacts and everybody
        else None,
        "stakeholder_personas": len(roles) if named and everybody else None,
        "days_since_champion_left": since,
        "active_stakeholders_freshness_days": (day - max(everybody)).days
        if contacts and everybody
        else None,
    }


def mrr_on(book: Book, account_id: str, day: date) -> Decimal:
    """Add up what an account pays per month on a day."""
    return sum(
        (
            Decimal(row["unit_amount"] * row["quantity"])
            / (12 if row["billing_interval"] == "year" else 1)
            for row in paying(book, account_id, day)
        ),
        Decimal(0),
    )


def paying(book: Book, account_id: str, day: date) -> list[Row]:
    """List the versions an account pays for on a day."""
    return [
        row
        for row in book["subscription_items"]
        if row["account_id"] == account_id
        and row["valid_from"] <= day < (row["valid_to"] or NEVER)
    ]


def billing(book: Book, account_id: str, day: date) -> dict[str, float | None]:
    """Recompute the billing measures of an account on a day."""
    tries = [
        row
        for row in book.get("payments", [])
        if row["account_id"] == account_id
        and row["status"] != "pending"
        and row["attempted_at"].date() <= day
    ]
    opened = day - timedelta(days=PAYMENT_DAYS)
    seen = [row for row in tries if row["attempted_at"].date() > opened]
    failed = [
        row
        for row in seen
        if row["status"] == "failed"
        and not any(
            other["status"] == "succeeded"
            and other["attempted_at"] >= row["attempted_at"]
            and row["invoice_id"] in (None, other["invoice_id"])
            for other in tries
        )
    ]
    paid_on = min(
        row["valid_from"]
        for row in book["subscription_items"]
        if row["account_id"] == account_id
    )
    lost = Decimal(0)
    for back in range(LOSS_DAYS):
        later = day - timedelta(days=back)
        after = mrr_on(book, account_id, later)
        before = mrr_on(book, account_id, later - timedelta(days=1))
        if 0 < after < before:
            lost += before - after
    is_told = lost > 0 or (day - paid_on).days >= LOSS_DAYS
    mrr = mrr_on(book, account_id, day)
    return {
        "failed_payments": len(failed) if seen else None,
        "mrr_lost_rate": float(lost / (lost + mrr)) if is_told else None,
        "failed_payments_freshness_days": (
            day - max(row["attempted_at"] for row in seen).date()
        ).days
        if seen
        else None,
    }


def end_known_on(book: Book, row: Row) -> date:
    """Return the day from which a version's end is known: the end before it, or a term.

    Whoever lands today's end on an old row tells nothing of what was known then.
    """
    told: dict[date, date] = {}
    for other in book["subscription_items"]:
        key = ("account_id", "item_id", "product")
        if [other[name] for name in key] == [row[name] for name in key]:
            end = other["contract_end_on"]
            if end is not None:
                told[end] = min(told.get(end, NEVER), other["valid_from"])
    end = row["contract_end_on"]
    former = max((e for e in told if (told[e], e) < (told[end], end)), default=None)
    if former is None or former >= end:
        months = {"month": 1, "year": 12}[row["billing_interval"]]
        former = (pd.Timestamp(end) - pd.DateOffset(months=months)).date()
    return max(row["valid_from"], former)


def renewal(book: Book, account_id: str, day: date) -> dict[str, float | bool | None]:
    """Recompute the renewal measures of an account on a day."""
    lines = paying(book, account_id, day)
    decisions, ends, is_open = [], [], []
    for row in lines:
        end, notice = row["contract_end_on"], row["notice_on"]
        is_monthly = row["billing_interval"] == "month"
        if end is None:
            is_open.append(is_monthly)
            continue
        period = timedelta(days=row["notice_period_days"] or 0)
        is_told_by_notice = (
            notice is not None
            and row["billing_interval"] == "month"
            and end - notice <= timedelta(days=31) + period
        )
        known_on = end_known_on(book, row)
        if is_told_by_notice:
            known_on = max(known_on, notice)
        is_open.append(is_monthly and day < known_on)
        if day < known_on:
            continue
        ends.append((end - day).days)
        decisions.append((end - period - day).days)
    paid_on = min(
        row["valid_from"]
        for row in book["subscription_items"]
        if row["account_id"] == account_id
    )
    # By the month and without an end, it may leave each month: month_to_month_days.
    by_the_month = 30 if is_open and all(is_open) else None
    return {
        "days_to_renewal": min((n for n in decisions if n >= 0), default=by_the_month),
        "days_to_contract_end": min((n for n in ends if n >= 0), default=None),
        "tenure_days": (day - paid_on).days,
        "is_notice_given": all(
            row["notice_on"] is not None and row["notice_on"] <= day for row in lines
        ),
    }
