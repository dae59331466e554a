"""Bring a stranger's book: map the RavenStack CSVs onto the files contract.

Usage: python analyses/ravenstack/map_ravenstack.py FOLDER_WITH_THE_CSVS LANDING
RavenStack is a synthetic SaaS company by River @ Rivalytics. Its rows are taken as
they are: what contradicts itself is for the warehouse to quarantine and count.
"""

import sys
from pathlib import Path

import pandas as pd


def map_accounts(accounts: pd.DataFrame) -> pd.DataFrame:
    """Take the CRM's columns; it knows no parents, owners or outcomes."""
    return accounts[["account_id", "account_name", "country", "industry"]].assign(
        created_at=accounts["signup_date"]
    )


def map_subscription_items(subscriptions: pd.DataFrame) -> pd.DataFrame:
    """Make each subscription one item, priced per seat and billing interval.

    `end_date` is read as the first day without service. The trial flag is a status.
    """
    is_annual = subscriptions["billing_frequency"].eq("annual")
    billed = subscriptions["mrr_amount"].where(~is_annual, subscriptions["arr_amount"])
    return subscriptions[["subscription_id", "account_id"]].assign(
        item_id=subscriptions["subscription_id"],
        product="ravenstack",
        plan=subscriptions["plan_tier"],
        valid_from=subscriptions["start_date"],
        valid_to=subscriptions["end_date"],
        quantity=subscriptions["seats"],
        unit_amount=(billed / subscriptions["seats"]).round(6),
        currency="USD",
        billing_interval=is_annual.map({True: "year", False: "month"}),
        status=subscriptions["is_trial"].map({True: "trialing", False: "active"}),
    )


def map_events(usage: pd.DataFrame, subscriptions: pd.DataFrame) -> pd.DataFrame:
    """Make each usage row one event of the account that holds the subscription."""
    owners = subscriptions.set_index("subscription_id")["account_id"]
    return pd.DataFrame(
        {
            "event_id": usage["usage_id"],
            "account_id": usage["subscription_id"].map(owners),
            "event_name": usage["feature_name"],
            "occurred_at": usage["usage_date"],
            "properties": usage[["usage_count", "error_count"]].apply(
                lambda row: row.to_json(), axis="columns"
            ),
        }
    )


def map_tickets(tickets: pd.DataFrame) -> pd.DataFrame:
    """Take the tickets; the first response is minutes after the submission."""
    waited = pd.to_timedelta(tickets["first_response_time_minutes"], unit="min")
    return tickets[["ticket_id", "account_id"]].assign(
        opened_at=tickets["submitted_at"],
        first_response_at=pd.to_datetime(tickets["submitted_at"]) + waited,
        solved_at=tickets["closed_at"],
        severity=tickets["priority"],
    )


def map_survey_responses(
    tickets: pd.DataFrame, churn_events: pd.DataFrame
) -> pd.DataFrame:
    """Read satisfaction after a ticket as CSAT, and a churn event as an exit answer."""
    rated = tickets.dropna(subset="satisfaction_score")
    csat = pd.DataFrame(
        {
            "response_id": "csat-" + rated["ticket_id"],
            "account_id": rated["account_id"],
            "kind": "csat",
            "score": rated["satisfaction_score"],
            "responded_at": rated["closed_at"],
        }
    )
    exits = pd.DataFrame(
        {
            "response_id": "exit-" + churn_events["churn_event_id"],
            "account_id": churn_events["account_id"],
            "kind": "exit",
            "answer": churn_events["reason_code"],
            "responded_at": churn_events["churn_date"],
        }
    )
    return pd.concat([csat, exits], ignore_index=True)


def map_ravenstack(folder: Path, landing: Path) -> None:
    """Read RavenStack's five CSVs and write five entities of the files contract."""

    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(folder / f"ravenstack_{name}.csv")

    subscriptions, tickets = read("subscriptions"), read("support_tickets")
    entities = {
        "accounts": map_accounts(read("accounts")),
        "subscription_items": map_subscription_items(subscriptions),
        "events": map_events(read("feature_usage"), subscriptions),
        "tickets": map_tickets(tickets),
        "survey_responses": map_survey_responses(tickets, read("churn_events")),
    }
    target = landing / "files"
    target.mkdir(parents=True, exist_ok=True)
    for name, rows in entities.items():
        rows.to_csv(target / f"{name}.csv", index=False)


if __name__ == "__main__":
    map_ravenstack(Path(sys.argv[1]), Path(sys.argv[2]))
