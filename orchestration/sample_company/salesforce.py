"""Land the customer relationship: accounts, people, opportunities and touchpoints."""

from itertools import pairwise
from random import Random

import numpy as np
import pandas as pd

from orchestration.sample_company.accounts import Company, person_names
from orchestration.sample_company.calendar_days import instants
from orchestration.sample_company.identities import Identities
from orchestration.sample_company.parameters import OUTCOMES, Parameters
from orchestration.sample_company.prices import TERM_MONTHS
from orchestration.sample_company.states import NEVER, States
from orchestration.sample_company.subscriptions import Subscription, Version
from orchestration.sample_company.tables import FOREVER
from orchestration.sample_company.usage import Service

TRACKED = (
    "parent_id",
    "master_record_id",
    "owner_id",
    "billing_country",
    "is_deleted",
    "desired_outcome_c",
    "strategic_c",
    "growth_potential_c",
)
HISTORY_SECONDS = 9 * 3600
USD_PER = {"usd": 1.0, "eur": 1.08, "gbp": 1.27}


def account_id_of(number: int) -> str | None:
    """Name the account of a number; below zero there is none."""
    return f"001{number:012d}AAA" if number >= 0 else None


def account_history(
    company: Company, identities: Identities, seed: int, last: int
) -> pd.DataFrame:
    """Play the changes of account records as versions, one row per change.

    Outcomes, owners and growth change for some, one child gets another parent where
    there are two, and merged-away duplicates end deleted with their survivor as master.
    """
    versions = []
    duplicates = {row["number"]: row for row in identities.merged.to_dict("records")}
    owners = sorted(company.accounts["owner_id"].unique())
    accounts = company.accounts.to_dict("records")
    children = [a for a in accounts if a["parent"] >= 0]
    parents = sorted({a["parent"] for a in children})
    oldest = sorted(children, key=lambda account: account["created"])
    moved = oldest[0]["number"] if len(parents) > 1 else None
    for account in accounts:
        random = Random(f"{seed}-history-{account['number']}")
        state = {
            "id": account["account_id"],
            "parent_id": account_id_of(account["parent"]),
            "master_record_id": None,
            "owner_id": account["owner_id"],
            "billing_country": account["country"],
            "is_deleted": False,
            "desired_outcome_c": account["outcome"]
            if account["is_outcome_recorded"]
            else None,
            "strategic_c": bool(account["strategic"]),
            "growth_potential_c": account["growth"],
            "day": account["created"],
        }
        changes = [
            (0.07, "desired_outcome_c", random.choice(OUTCOMES)),
            (0.18, "owner_id", random.choice(owners)),
            (0.06, "growth_potential_c", random.choice(["low", "medium", "high"])),
            (0.03, "strategic_c", not state["strategic_c"]),
        ]
        drawn = [
            (random.randint(max(account["start"], 0) + 20, last), column, value)
            for share, column, value in changes
            if random.random() < share and account["start"] + 20 < last
        ]
        if account["number"] == moved:
            other = next(p for p in parents if p != account["parent"])
            drawn.append((int(last * 0.75), "parent_id", account_id_of(other)))
        versions.append(dict(state))
        for day, column, value in sorted(drawn, key=lambda change: change[:2]):
            if state[column] != value and day > state["day"]:
                state |= {column: value, "day": day}
                versions.append(dict(state))
        if account["number"] in duplicates:
            duplicate = duplicates[account["number"]]
            twin = versions[-1] | {
                "id": duplicate["duplicate_id"],
                "day": account["created"] + 3,
                "parent_id": None,
            }
            versions.append(twin)
            versions.append(
                twin
                | {
                    "master_record_id": account["account_id"],
                    "is_deleted": True,
                    "day": duplicate["merged_day"],
                }
            )
    return pd.DataFrame(versions).sort_values(["id", "day"], ignore_index=True)


def contact_days(
    company: Company, states: States, service: Service, seed: int, last: int
) -> pd.DataFrame:
    """Make contacts: champion, executive, admin, users, and champions' successors.

    Nobody records a departure at an account which is no longer served.
    """
    is_served = service.seats > 0
    rows = []
    for account in company.accounts.to_dict("records"):
        number = account["number"]
        random = Random(f"{seed}-contacts-{number}")
        left = int(states.champion_left_week[number])
        replaced = int(states.champion_replaced_week[number])
        left_day = left * 7 + random.randint(0, 4) if left != NEVER else None
        created = account["created"]
        roles = ["champion", "admin", *["user"] * random.randint(1, 4)]
        if random.random() < 0.7:
            roles.append("executive")
        people = [(role, created + random.randint(0, 10), None) for role in roles]
        if left_day is not None and left_day <= last and is_served[number, left_day]:
            people[0] = ("champion", people[0][1], left_day)
            if replaced * 7 <= last and is_served[number, replaced * 7]:
                people.append(("champion", replaced * 7, None))
        if random.random() < 0.10 and account["start"] + 40 < last:
            role, joined, _ = people[2]
            people[2] = (role, joined, random.randint(account["start"] + 40, last))
        for position, (role, joined, gone) in enumerate(people):
            rows.append(
                {
                    "id": f"003{number * 20 + position:012d}AAC",
                    "number": number,
                    "account_id": account["account_id"],
                    "domain": account["domain"],
                    "role": role,
                    "joined": joined,
                    "left": gone,
                }
            )
    return pd.DataFrame(rows)


def opportunity_rows(
    company: Company, subscriptions: list[Subscription], seed: int, last: int
) -> list[dict]:
    """List new business, yearly renewals and expansions, won, lost or open."""
    accounts = {a["number"]: a for a in company.accounts.to_dict("records")}
    sellers = company.staff.loc[
        company.staff["title"] == "Account Executive", "id"
    ].tolist()
    first = {s.account: s.subscription_id for s in reversed(subscriptions)}
    rows = []
    for s in subscriptions:
        account = accounts[s.account]
        random = Random(f"{seed}-opportunities-{s.subscription_id}")
        deals = deals_of(s, random, last)
        if first[s.account] == s.subscription_id:
            won = s.kind != "trial_ended"
            amount = yearly(s, s.main.versions[0])
            deals.insert(0, ("New Business", amount, account["created"], s.anchor, won))
        for kind, amount, created, closed, won in deals:
            is_open = won is None or closed > last
            stage = "Closed Won" if won else "Closed Lost"
            rows.append(
                {
                    "account_id": account["account_id"],
                    "name": f"{account['name']} {kind.lower()}",
                    "type": kind,
                    "amount": round(amount, 2),
                    "stage_name": "Negotiation" if is_open else stage,
                    "is_won": bool(won) and not is_open,
                    "is_closed": not is_open,
                    "close_day": closed,
                    "created_day": created,
                    "owner_id": random.choice(sellers),
                }
            )
    return [row for row in rows if row["created_day"] <= last]


def yearly(subscription: Subscription, version: Version) -> float:
    """Value one item version per year in US dollars."""
    months = TERM_MONTHS[subscription.term]
    factor = 12 / months * USD_PER[subscription.currency]
    return version.quantity * version.price.cents / 100 * factor


def deals_of(
    subscription: Subscription, random: Random, last: int
) -> list[tuple[str, float, int, int, bool | None]]:
    """List expansions won and not won, and yearly renewals, of one contract.

    A deal is its type, amount, created day, close day, and whether it was won.
    """
    s = subscription
    deals: list[tuple[str, float, int, int, bool | None]] = []
    for before, after in pairwise(s.main.versions):
        delta = yearly(s, after) - yearly(s, before)
        if delta > 0 and after.record != "renewal":
            created = after.valid_from - random.randint(7, 45)
            deals.append(("Expansion", delta, created, after.valid_from, True))
    if random.random() < 0.35 and s.start + 90 < last:
        created = random.randint(s.start + 60, last)
        closed = created + random.randint(20, 60)
        amount = 0.2 * yearly(s, s.main.versions[0])
        if s.end is None or created < s.end:
            won = False if closed <= last else None
            deals.append(("Expansion", amount, created, closed, won))
    index = 1
    while s.term == "year" and s.period(index) - 90 <= last:
        due = s.period(index)
        is_lost = s.end == due and s.kind == "churn"
        is_late = s.end == due and s.kind == "late_renewal"
        amount = yearly(s, s.main.versions[-1])
        won = not is_lost if due <= last else None
        deals.append(("Renewal", amount, due - 90, due + 14 * is_late, won))
        if s.end is not None and s.end <= due:
            break
        index += 1
    return deals


def task_frame(
    company: Company,
    contacts: pd.DataFrame,
    service: Service,
    seed: int,
) -> pd.DataFrame:
    """Draw touchpoints per served week: more for large and strategic accounts."""
    rng = np.random.default_rng([seed, 9])
    accounts = company.accounts
    days = service.seats.shape[1]
    mondays = np.arange(0, days, 7)
    seats = service.seats[:, mondays]
    is_large = (accounts["strategic"] | (accounts["seats"] > 30)).to_numpy()
    rate = np.where(
        is_large, 0.42, np.where(accounts["seats"].to_numpy() > 10, 0.14, 0.03)
    )
    counts = rng.poisson(rate[:, None] * (seats > 0))
    position, week = np.nonzero(counts)
    repeat = counts[position, week]
    position, week = np.repeat(position, repeat), np.repeat(week, repeat)
    size = len(position)
    day = week * 7 + rng.integers(0, 5, size)
    people = contacts.groupby("number")["id"].agg(list).to_dict()
    choice = rng.integers(0, 1_000, size)
    who = [
        people[number][pick % len(people[number])]
        for number, pick in zip(position.tolist(), choice.tolist(), strict=True)
    ]
    kind = rng.choice(["Email", "Call", "Meeting"], size, p=[0.5, 0.3, 0.2])
    frame = pd.DataFrame(
        {
            "account_id": accounts["account_id"].to_numpy()[position],
            "who_id": who,
            "owner_id": accounts["owner_id"].to_numpy()[position],
            "subject": rng.choice(
                ["Check-in", "Business review", "Onboarding", "Renewal", "Training"],
                size,
            ),
            "type": kind,
            "day": day,
            "status": np.where(rng.random(size) < 0.93, "Completed", "Not Started"),
            "is_deleted": rng.random(size) < 0.005,
        }
    ).loc[day < days]
    frame = frame.sort_values(["day", "account_id", "who_id", "type", "subject"])
    return frame.assign(
        id=[f"00T{number:012d}AAD" for number in range(len(frame))]
    ).reset_index(drop=True)


def land_salesforce(
    company: Company,
    contacts: pd.DataFrame,
    states: States,
    subscriptions: list[Subscription],
    service: Service,
    identities: Identities,
    seed: int,
    parameters: Parameters,
) -> dict[str, pd.DataFrame]:
    """Make every Salesforce table as of the end of the data."""
    last = (parameters.last_day - parameters.first_day).days
    rng = np.random.default_rng([seed, 10])
    synced = instants(pd.Series([last]), 23 * 3600 + 1800).iloc[0]
    history = account_history(company, identities, seed, last)
    started = instants(history["day"], HISTORY_SECONDS)
    following = started.groupby(history["id"]).shift(-1)
    versions = history.assign(
        _fivetran_start=started,
        _fivetran_end=(following - pd.Timedelta(milliseconds=1))
        .astype("datetime64[us]")
        .fillna(pd.Timestamp(FOREVER).as_unit("us")),
        _fivetran_active=following.isna(),
        _fivetran_synced=synced,
    )
    current = versions.loc[versions["_fivetran_active"]].reset_index(drop=True)
    first_day = history.groupby("id")["day"].min()
    number = current["id"].str.slice(3, 15).astype("int64") % 900_000_000
    fixed = company.accounts.set_index("number").loc[number].reset_index()
    is_duplicate = current["master_record_id"].notna()
    old_workspace = current["id"].map(
        identities.merged.set_index("duplicate_id")["duplicate_workspace"]
    )
    account = current.assign(
        name=fixed["name"].where(~is_duplicate, fixed["name"] + " (old)"),
        industry=fixed["industry"],
        number_of_employees=fixed["employees"],
        created_date=instants(current["id"].map(first_day), HISTORY_SECONDS),
        website="https://www." + fixed["domain"],
        product_workspace_id_c=fixed["workspace"].where(~is_duplicate, old_workspace),
        _fivetran_synced=synced,
    )
    names = person_names(rng, len(contacts))
    contact = pd.DataFrame(
        {
            "id": contacts["id"],
            "account_id": contacts["account_id"],
            "name": names,
            "email": [
                f"{name.lower().replace(' ', '.')}.{key[9:15]}@{domain}"
                for name, key, domain in zip(
                    names, contacts["id"], contacts["domain"], strict=True
                )
            ],
            "title": contacts["role"].map(
                {
                    "champion": "Head of Operations",
                    "executive": "Chief Operating Officer",
                    "admin": "Systems Administrator",
                    "user": "Analyst",
                }
            ),
            "role_c": contacts["role"],
            "no_longer_at_company_c": contacts["left"].notna(),
            "created_date": instants(contacts["joined"], HISTORY_SECONDS),
            "left_on_c": instants(contacts["left"]),
            "is_deleted": False,
            "_fivetran_synced": synced,
        }
    )
    opportunities = pd.DataFrame(opportunity_rows(company, subscriptions, seed, last))
    opportunities = opportunities.sort_values(
        ["created_day", "account_id", "type", "close_day"], ignore_index=True
    )
    opportunity = opportunities.assign(
        id=[f"006{k:012d}AAE" for k in range(len(opportunities))],
        close_date=instants(opportunities["close_day"]),
        created_date=instants(opportunities["created_day"], HISTORY_SECONDS),
        is_deleted=False,
        _fivetran_synced=synced,
    )
    tasks = task_frame(company, contacts, service, seed)
    task = tasks.assign(
        activity_date=instants(tasks["day"]),
        created_date=instants(tasks["day"], HISTORY_SECONDS),
        _fivetran_synced=synced,
    )
    return {
        "account": account,
        "account_history": versions,
        "contact": contact,
        "user": company.staff.assign(_fivetran_synced=synced),
        "opportunity": opportunity,
        "task": task,
    }
