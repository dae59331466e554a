"""Play support tickets, from opening to closing, as Zendesk keeps them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from orchestration.sample_company.accounts import person_names
from orchestration.sample_company.calendar_days import instants
from orchestration.sample_company.identities import Identities, organization_id
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.states import States
from orchestration.sample_company.usage import Service

AGENTS = 8
TOPICS = np.array(
    ["bug", "how_to", "billing", "integration", "performance", "access"], dtype=object
)
PRIORITIES = np.array(["urgent", "high", "normal", "low", None], dtype=object)
HOUR, DAY = 3600, 86_400
NO_TIME = np.iinfo("int64").max


@dataclass(frozen=True, slots=True)
class Support:
    """Hold the Zendesk tables and the solved tickets which surveys ask about.

    `solved` has `number`, `solved_seconds` (since the first day), `response_hours`.
    """

    tables: dict[str, pd.DataFrame]
    solved: pd.DataFrame


def play_tickets(
    accounts: pd.DataFrame,
    states: States,
    service: Service,
    seed: int,
    parameters: Parameters,
) -> pd.DataFrame:
    """Draw tickets with their times in seconds since the first day.

    Friction of the week before brings tickets; slowness delays their answers.
    """
    p = parameters
    rng = np.random.default_rng([seed, 7])
    days = service.seats.shape[1]
    weeks = states.friction.shape[1]
    seats = service.seats[:, np.minimum(np.arange(weeks) * 7 + 3, days - 1)]
    before = np.concatenate(
        [np.zeros((len(accounts), 1)), states.friction[:, :-1]], axis=1
    )
    age = np.arange(weeks)[None, :] - (accounts["start"].to_numpy() // 7)[:, None]
    rate = 0.045 * seats**0.65 * (1 + 2.6 * before) * np.where(age < 8, 1.6, 1.0)
    counts = rng.poisson(rate)
    number, week = np.nonzero(counts)
    repeat = counts[number, week]
    number, week = np.repeat(number, repeat), np.repeat(week, repeat)
    size = len(number)
    day = week * 7 + rng.choice(7, size, p=np.array([22, 20, 19, 18, 14, 4, 3]) / 100)
    slow = states.slowness[number, week]
    priority = rng.choice(5, size, p=[0.05, 0.20, 0.50, 0.20, 0.05])
    urgency = np.array([0.35, 0.7, 1.0, 1.4, 1.0])[priority]
    response = np.exp(rng.normal(np.log(3.0), 0.8, size) + 2.0 * slow) * urgency
    work = np.exp(rng.normal(np.log(18.0), 1.0, size) + 1.0 * slow) * urgency
    opened = day * DAY + rng.integers(7 * HOUR, 19 * HOUR, size)
    tickets = pd.DataFrame(
        {
            "number": number,
            "opened": opened,
            "answered": opened + np.round(response * HOUR).astype("int64") + 60,
            "solved": opened + np.round((response + work) * HOUR).astype("int64") + 600,
            "response_hours": response,
            "priority": PRIORITIES[priority],
            "is_answered": rng.random(size) >= 0.06,
            "is_noted": rng.random(size) < 0.4,
            "is_replied": rng.random(size) < 0.5,
            "is_reopened": rng.random(size) < 0.06 + 0.15 * slow,
            "is_escalated": (rng.random(size) < 0.08) & (priority > 0),
            "reopened_after": rng.integers(4 * HOUR, 3 * DAY, size),
            "solved_again_after": rng.integers(4 * HOUR, 3 * DAY, size),
            "requester": rng.integers(0, 3, size),
            "agent": rng.integers(0, AGENTS, size),
            "topic": TOPICS[
                np.where(
                    rng.random(size) < before[number, week],
                    rng.choice([0, 4], size),
                    rng.choice(6, size, p=[0.2, 0.34, 0.14, 0.14, 0.08, 0.1]),
                )
            ],
            "channel": rng.choice(["web", "email", "api"], size, p=[0.5, 0.4, 0.1]),
            "rating": rng.random(size),
            "rating_noise": rng.random(size),
            "is_orphan": rng.random(size) < 0.008,
            "is_late": rng.random(size) < 0.02,
        }
    )
    in_service = (day < days) & (service.seats[number, np.minimum(day, days - 1)] > 0)
    tickets = tickets.loc[
        in_service & (opened < ((p.last_day - p.first_day).days + 1) * DAY)
    ]
    tickets = tickets.sort_values(["opened", "number"], ignore_index=True)
    return tickets.assign(id=10_001 + np.arange(len(tickets)))


def requester_id(number: pd.Series, requester: pd.Series) -> pd.Series:
    """Number the Zendesk end users of an account, three each."""
    return 1_000_000 + number * 10 + requester


def agent_id(agent: pd.Series) -> pd.Series:
    """Number our Zendesk agents."""
    return 9_000 + agent


def long_form(parts: list[pd.DataFrame], end: int) -> pd.DataFrame:
    """Stack happenings, dropping those after the end of the data."""
    stacked = pd.concat(parts, ignore_index=True)
    return stacked.loc[stacked["seconds"] < end].reset_index(drop=True)


def happenings(
    tickets: pd.DataFrame, seconds: pd.Series, **columns: object
) -> pd.DataFrame:
    """Make one row per ticket at `seconds` with constant or aligned columns."""
    return pd.DataFrame(
        {"ticket_id": tickets["id"], "seconds": seconds.astype("int64")}
    ).assign(**columns)


def status_changes(tickets: pd.DataFrame, end: int) -> pd.DataFrame:
    """List the status and priority changes of all tickets, in order."""
    t, agent = tickets, agent_id(tickets["agent"])
    asker = requester_id(t["number"], t["requester"])
    again = t["solved"] + t["reopened_after"]
    final = t["solved"].where(~t["is_reopened"], again + t["solved_again_after"])

    def status(
        rows: pd.Series | slice, seconds: pd.Series, value: str, by: pd.Series
    ) -> pd.DataFrame:
        chosen = t.loc[rows]
        return happenings(
            chosen,
            seconds.loc[chosen.index],
            field_name="status",
            value=value,
            user_id=by.loc[chosen.index],
        )

    everything = t.index == t.index
    parts = [
        status(everything, t["opened"], "new", asker),
        status(t["is_answered"], t["answered"] - 30, "open", agent),
        status(
            t["is_replied"] & t["is_answered"], t["answered"] + 30, "pending", agent
        ),
        status(everything, t["solved"], "solved", agent),
        status(t["is_reopened"], again, "open", asker),
        status(t["is_reopened"], final, "solved", agent),
        status(everything, final + 4 * DAY, "closed", agent),
    ]
    has_priority = t["priority"].notna()
    first = t.loc[has_priority]
    before = first["priority"].where(~first["is_escalated"], "low")
    parts.append(
        happenings(
            first,
            first["opened"] + 5,
            field_name="priority",
            value=before,
            user_id=asker.loc[first.index],
        )
    )
    raised = t.loc[has_priority & t["is_escalated"]]
    parts.append(
        happenings(
            raised,
            raised["answered"],
            field_name="priority",
            value=raised["priority"],
            user_id=agent.loc[raised.index],
        )
    )
    return long_form(parts, end).sort_values(
        ["ticket_id", "seconds", "field_name", "value"], ignore_index=True
    )


def comments(tickets: pd.DataFrame, end: int) -> pd.DataFrame:
    """List comments: the question, private notes, the first public answer and more."""
    t, agent = tickets, agent_id(tickets["agent"])
    asker = requester_id(t["number"], t["requester"])
    quick = t["opened"] + (t["answered"] - t["opened"]) // 4

    def said(
        rows: pd.Series, seconds: pd.Series, by: pd.Series, public: bool
    ) -> pd.DataFrame:
        chosen = t.loc[rows]
        return happenings(
            chosen,
            seconds.loc[chosen.index],
            user_id=by.loc[chosen.index],
            public=public,
        )

    answered = t["is_answered"]
    again = t["solved"] + t["reopened_after"]
    parts = [
        said(pd.Series(True, t.index), t["opened"], asker, True),
        said(t["is_noted"], quick, agent, False),
        said(answered, t["answered"], agent, True),
        said(
            answered & t["is_replied"], (t["answered"] + t["solved"]) // 2, asker, True
        ),
        said(answered & t["is_replied"], t["solved"] - 60, agent, True),
        said(t["is_reopened"], again, asker, True),
    ]
    stacked = long_form(parts, end).sort_values(
        ["seconds", "ticket_id", "user_id"], ignore_index=True
    )
    return stacked.assign(id=5_000_000 + np.arange(len(stacked)))


def land_support(
    tickets: pd.DataFrame,
    accounts: pd.DataFrame,
    identities: Identities,
    seed: int,
    parameters: Parameters,
) -> Support:
    """Make every Zendesk table as of the end of the data."""
    rng = np.random.default_rng([seed, 8])
    days = (parameters.last_day - parameters.first_day).days + 1
    end = days * DAY
    synced = instants(pd.Series([days - 1]), 23 * HOUR + 1800).iloc[0]
    changes, spoken = status_changes(tickets, end), comments(tickets, end)
    newest = changes.groupby(["ticket_id", "field_name"])["value"].last().unstack()
    newest = newest.reindex(tickets["id"]).reset_index(drop=True)
    updated = changes.groupby("ticket_id")["seconds"].max().reindex(tickets["id"])
    opened = instants(tickets["opened"] * 0, tickets["opened"].to_numpy())
    is_solved = newest["status"].isin(["solved", "closed"])
    organization = pd.Series(organization_id(0) + tickets["number"]).astype("Int64")
    late = pd.to_timedelta(np.where(tickets["is_late"], 3 * DAY, HOUR), unit="s")
    tables = {
        "ticket": pd.DataFrame(
            {
                "id": tickets["id"],
                "organization_id": organization.mask(tickets["is_orphan"]),
                "requester_id": requester_id(tickets["number"], tickets["requester"]),
                "assignee_id": agent_id(tickets["agent"]),
                "subject": "About " + tickets["topic"].str.replace("_", " "),
                "type": np.where(tickets["topic"] == "bug", "problem", "question"),
                "priority": newest["priority"],
                "status": newest["status"],
                "created_at": opened,
                "updated_at": instants(tickets["opened"] * 0, updated.to_numpy()),
                "via_channel": tickets["channel"],
                "_fivetran_synced": (opened + late).clip(upper=synced),
            }
        ),
        "ticket_field_history": changes.assign(
            updated=instants(changes["seconds"] * 0, changes["seconds"].to_numpy()),
            _fivetran_synced=synced,
        ),
        "ticket_comment": spoken.assign(
            created=instants(spoken["seconds"] * 0, spoken["seconds"].to_numpy()),
            _fivetran_synced=synced,
        ),
        "ticket_tag": pd.DataFrame(
            {
                "ticket_id": tickets["id"],
                "tag": tickets["topic"],
                "_fivetran_synced": synced,
            }
        ),
    }
    rated = tickets.loc[is_solved & (tickets["rating"] < 0.55)].reset_index(drop=True)
    is_bad = rated["rating_noise"] < 0.08 + 0.25 * np.log1p(
        rated["response_hours"] / 12
    )
    score = np.where(rated["rating"] > 0.25, "offered", np.where(is_bad, "bad", "good"))
    rated_at = np.minimum(rated["solved"] + 2 * HOUR, end - 1).to_numpy()
    tables["satisfaction_rating"] = pd.DataFrame(
        {
            "id": 7_000_000 + rated["id"],
            "ticket_id": rated["id"],
            "requester_id": requester_id(rated["number"], rated["requester"]),
            "score": score,
            "created_at": instants(rated["opened"] * 0, rated_at),
            "_fivetran_synced": synced,
        }
    )
    solved = pd.DataFrame(
        {
            "number": tickets["number"],
            "solved_seconds": tickets["solved"],
            "response_hours": tickets["response_hours"],
        }
    ).loc[is_solved & (tickets["solved"] < end - DAY)]
    tables |= people_tables(accounts, identities, rng, synced)
    return Support(tables, solved.reset_index(drop=True))


def people_tables(
    accounts: pd.DataFrame,
    identities: Identities,
    rng: np.random.Generator,
    synced: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """Make organizations, their domains and the Zendesk users."""
    payers = accounts.loc[accounts["is_payer"]].reset_index(drop=True)
    number = payers["number"]
    created = instants(payers["start"], 9 * HOUR)
    organization = pd.DataFrame(
        {
            "id": organization_id(0) + number,
            "name": payers["name"],
            "external_id": number.map(identities.organization_external_id),
            "created_at": created,
            "updated_at": created,
            "_fivetran_synced": synced,
        }
    )
    domain = number.map(identities.organization_domain)
    domains = pd.DataFrame(
        {
            "organization_id": organization["id"],
            "index": 0,
            "domain_name": domain,
            "_fivetran_synced": synced,
        }
    ).loc[domain.notna()]
    repeated = payers.loc[payers.index.repeat(3)].reset_index(drop=True)
    requester = pd.Series(np.tile(np.arange(3), len(payers)))
    ids = requester_id(repeated["number"], requester)
    users = pd.DataFrame(
        {
            "id": ids,
            "name": person_names(rng, len(ids)),
            "email": [
                f"user{k}@{domain}"
                for k, domain in zip(requester, repeated["domain"], strict=True)
            ],
            "role": "end-user",
            "organization_id": organization_id(0) + repeated["number"],
            "created_at": instants(repeated["start"], 9 * HOUR),
            "_fivetran_synced": synced,
        }
    )
    agents = pd.DataFrame(
        {
            "id": 9_000 + np.arange(AGENTS),
            "name": person_names(rng, AGENTS),
            "email": [f"agent{k}@vendor.example" for k in range(AGENTS)],
            "role": "agent",
            "organization_id": pd.Series([None] * AGENTS, dtype="Int64"),
            "created_at": instants(pd.Series([-30] * AGENTS)),
            "_fivetran_synced": synced,
        }
    )
    users["organization_id"] = users["organization_id"].astype("Int64")
    return {
        "organization": organization,
        "domain_name": domains,
        "user": pd.concat([users, agents], ignore_index=True),
    }
