"""Tie the sample company together: land raw data, and keep the truth apart."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.sample_company.accounts import make_company
from orchestration.sample_company.calendar_days import instants
from orchestration.sample_company.identities import make_identities
from orchestration.sample_company.parameters import MILESTONES, Parameters
from orchestration.sample_company.salesforce import contact_days, land_salesforce
from orchestration.sample_company.silent_changes import change_silently
from orchestration.sample_company.states import States, play_states
from orchestration.sample_company.stripe import land_stripe
from orchestration.sample_company.subscriptions import (
    Subscription,
    play_contracts,
    true_items,
)
from orchestration.sample_company.support import land_support, play_tickets
from orchestration.sample_company.surveys import land_responses
from orchestration.sample_company.tables import write_table
from orchestration.sample_company.usage import (
    Service,
    land_tracks,
    play_events,
    service_of,
    value_reached,
)


def write_sample_company(
    landing: Path,
    truth: Path,
    accounts: int = 300,
    seed: int = 7,
    parameters: Parameters | None = None,
) -> dict[str, int]:
    """Write the landing tables and, apart from them, the truth; return row counts.

    `accounts` counts accounts which are not merged away, payers or not. Events of more
    than `parameters.accounts_per_file` accounts are written as a folder of files.
    """
    if truth.resolve().is_relative_to(landing.resolve()):
        raise ValueError(f"the truth must not be written under the landing: {truth}")
    p = parameters or Parameters()
    days = (p.last_day - p.first_day).days + 1
    company = make_company(accounts, seed, p)
    frame = company.accounts
    states = play_states(frame, seed, p)
    subscriptions = play_contracts(frame, states, seed, p)
    change_silently(subscriptions, seed, p)
    service = service_of(subscriptions, accounts, days)
    identities = make_identities(frame, seed, days)
    contacts = contact_days(company, states, service, seed, days - 1)
    support = land_support(
        play_tickets(frame, states, service, seed, p), frame, identities, seed, p
    )
    merged_ids = identities.merged.iloc[:1].set_index("number")["duplicate_id"]
    crm_ids = dict(zip(frame["number"], frame["account_id"], strict=True))
    landed = {
        "salesforce": land_salesforce(
            company, contacts, states, subscriptions, service, identities, seed, p
        ),
        "stripe": land_stripe(subscriptions, frame, identities, seed, p),
        "zendesk": support.tables,
        "surveys": {
            "responses": land_responses(
                contacts,
                states,
                service,
                support.solved,
                subscriptions,
                crm_ids | merged_ids.to_dict(),
                seed,
                p,
            )
        },
    }
    counts = {
        f"{source}/{name}": write_table(
            landing / source / f"{name}.parquet", f"{source}/{name}", table
        )
        for source, tables in landed.items()
        for name, table in tables.items()
    }
    workspaces = workspace_frame(frame, identities.merged)
    mess: dict[str, int] = {}
    reached: dict[int, int] = {}
    counts["segment/tracks"] = 0
    for chunk, start in enumerate(range(0, accounts, p.accounts_per_file)):
        part = frame.iloc[start : start + p.accounts_per_file]
        events = play_events(part, states, service, seed, p)
        reached |= value_reached(events, part)
        tracks, found = land_tracks(events, workspaces, seed, p, chunk)
        mess = {name: mess.get(name, 0) + count for name, count in found.items()}
        is_single = accounts <= p.accounts_per_file
        file = "tracks.parquet" if is_single else f"tracks/part-{chunk:04d}.parquet"
        counts["segment/tracks"] += write_table(
            landing / "segment" / file, "segment/tracks", tracks
        )
    true = {
        "true_subscription_items": true_items(subscriptions, crm_ids, days - 1),
        "true_account_weeks": account_weeks(frame, states, service),
        "true_causes": pd.DataFrame([asdict(cause) for cause in p.causes()]),
        "true_milestones": pd.DataFrame([asdict(m) for m in MILESTONES]),
        "true_time_to_value": time_to_value(frame, subscriptions, reached, days - 1),
        "true_identities": identities.truth,
        "true_churns": true_churns(subscriptions, crm_ids, days - 1),
        "true_champion_departures": champion_departures(contacts),
        "true_mess": mess_frame(mess, subscriptions, identities.truth, days - 1),
    }
    counts |= {
        name: write_table(truth / f"{name}.parquet", name, table)
        for name, table in true.items()
    }
    return counts


def workspace_frame(accounts: pd.DataFrame, merged: pd.DataFrame) -> pd.DataFrame:
    """Give each account its workspace and, if merged, the one used before."""
    old = merged.set_index("number")
    number = accounts["number"]
    old_workspace = number.map(old["duplicate_workspace"])
    return pd.DataFrame(
        {
            "number": number,
            "workspace": accounts["workspace"],
            "old_workspace": old_workspace,
            "old_until": number.map(old["merged_day"])
            .where(old_workspace.notna(), -1)
            .astype("int64"),
        }
    )


def account_weeks(
    accounts: pd.DataFrame, states: States, service: Service
) -> pd.DataFrame:
    """List the latent state of each account and week in which it was served."""
    weeks = states.value.shape[1]
    mondays = np.arange(weeks) * 7
    number, week = np.nonzero(service.seats[:, mondays] > 0)
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"].to_numpy()[number],
            "week_on": instants(pd.Series(mondays[week])),
            "usage": states.usage[number, week],
            "value": states.value[number, week],
            "friction": states.friction[number, week],
            "support_slowness": states.slowness[number, week],
            "champion_present": states.champion_present[number, week],
            "is_onboarded": states.onboarded_week[number] <= week,
            "wanted_users": states.wanted_users[number, week],
            "hazard": states.hazard[number, week],
        }
    )


def time_to_value(
    accounts: pd.DataFrame,
    subscriptions: list[Subscription],
    reached: dict[int, int],
    last: int,
) -> pd.DataFrame:
    """List when each account began, first paid, reached value and finally left."""
    first: dict[int, Subscription] = {}
    final: dict[int, Subscription] = {}
    for subscription in subscriptions:
        if not subscription.is_second:
            first.setdefault(subscription.account, subscription)
            final[subscription.account] = subscription
    rows = [
        {
            "account_id": account["account_id"],
            "outcome": account["outcome"] if account["is_outcome_recorded"] else None,
            "clock_started_on": first[account["number"]].start,
            "first_paid_on": None
            if first[account["number"]].kind == "trial_ended"
            else first[account["number"]].anchor,
            "value_reached_on": reached.get(account["number"]),
            "left_on": left_day(final[account["number"]], last),
        }
        for account in accounts.to_dict("records")
        if account["number"] in first
    ]
    frame = pd.DataFrame(rows)
    for column in (
        "clock_started_on",
        "first_paid_on",
        "value_reached_on",
        "left_on",
    ):
        frame[column] = instants(frame[column])
    return frame


def left_day(subscription: Subscription, last: int) -> int | None:
    """Return the day service ended for good, if it has."""
    end = subscription.end
    return end if end is not None and end <= last else None


def true_churns(
    subscriptions: list[Subscription], account_ids: dict[int, str], last: int
) -> pd.DataFrame:
    """List who gave notice or was lost, when, when it was captured, and why."""
    rows = [
        {
            "account_id": account_ids[s.account],
            "subscription_id": s.subscription_id,
            "notice_on": s.notice,
            "ended_on": left_day(s, last),
            "captured_on": s.captured,
            "cause": s.cause,
        }
        for s in subscriptions
        if s.cause is not None
        and (s.notice is not None or left_day(s, last) is not None)
    ]
    columns = ["account_id", "subscription_id", "notice_on", "ended_on"]
    frame = pd.DataFrame(rows, columns=[*columns, "captured_on", "cause"])
    for column in ("notice_on", "ended_on", "captured_on"):
        frame[column] = instants(frame[column])
    return frame


def champion_departures(contacts: pd.DataFrame) -> pd.DataFrame:
    """List when champions left and when a successor came."""
    champions = contacts.loc[contacts["role"] == "champion"]
    left = champions.loc[champions["left"].notna()]
    successor = champions.loc[
        champions["left"].isna() & champions["number"].isin(left["number"])
    ].set_index("number")["joined"]
    return pd.DataFrame(
        {
            "account_id": left["account_id"].to_numpy(),
            "left_on": instants(left["left"]),
            "replaced_on": instants(left["number"].map(successor)),
        }
    )


def mess_frame(
    events: dict[str, int],
    subscriptions: list[Subscription],
    identities: pd.DataFrame,
    last: int,
) -> pd.DataFrame:
    """Count every planted kind of mess."""
    ended = [s for s in subscriptions if s.end is not None and s.end <= last]
    records = [v.record for s in subscriptions for i in s.items for v in i.versions]
    rules = identities["system"] + "_" + identities["match_rule"]
    counts = events | {
        "late_renewals": sum(s.kind == "late_renewal" for s in ended),
        "billing_migrations": sum(s.kind == "migration" for s in ended),
        "backdated_cancellations": sum(s.captured != s.end for s in ended),
        "unpaid_cancellations": sum(s.kind == "unpaid" for s in ended),
        "trials_not_converted": sum(s.kind == "trial_ended" for s in ended),
        "revoked_notices": sum(s.revoked is not None for s in subscriptions),
        "scheduled_churns": sum(s.kind == "scheduled" for s in subscriptions),
        "second_subscriptions": sum(s.is_second for s in subscriptions),
        "pauses": sum(len(s.pauses) for s in subscriptions),
        "payment_failures": sum(len(s.failures) for s in subscriptions),
        "coupons": sum(s.discount is not None for s in subscriptions),
        "changes_without_line": records.count("history"),
        "changes_without_any_record": records.count("none"),
        **rules.value_counts().sort_index().to_dict(),
    }
    return pd.DataFrame(
        {"mess": list(counts), "row_count": [int(n) for n in counts.values()]}
    )
