"""Decide how each system names an account, and where it does so badly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, slots=True)
class Identities:
    """Hold per account (by number) what each source system says it is.

    `merged` has one row per merged-away Salesforce account: `number`, `duplicate_id`,
    `merged_day`, `duplicate_workspace` (missing for some).
    """

    merged: pd.DataFrame
    customer_metadata_id: dict[int, str | None]
    customer_email: dict[int, str]
    customer_name: dict[int, str]
    organization_external_id: dict[int, str | None]
    organization_domain: dict[int, str | None]
    truth: pd.DataFrame


def make_identities(accounts: pd.DataFrame, seed: int, days: int) -> Identities:
    """Plant merged accounts and missing keys among the paying accounts."""
    rng = np.random.default_rng([seed, 4])
    count = len(accounts)
    early = accounts.loc[accounts["is_payer"] & (accounts["start"] < days // 2)]
    order = rng.permutation(early["number"].to_numpy()).tolist()

    def take(least: int, per: int) -> list[int]:
        size = min(max(least, count // per), len(order))
        return [order.pop() for _ in range(size)]

    merged_numbers, no_metadata = take(2, 150), take(3, 100)
    no_external, no_organization = take(3, 75), take(2, 150)
    merged = pd.DataFrame(
        {
            "number": merged_numbers,
            "duplicate_id": [f"001{900_000_000 + n:012d}AAA" for n in merged_numbers],
            "merged_day": rng.integers(days // 2, days - 40, len(merged_numbers)),
            "duplicate_workspace": [
                f"ws_{900_000 + n}" if k % 2 == 0 else None
                for k, n in enumerate(merged_numbers)
            ],
        }
    )
    duplicate = dict(zip(merged["number"], merged["duplicate_id"], strict=True))
    records = accounts.to_dict("records")
    metadata = {
        r["number"]: None
        if r["number"] in no_metadata
        else duplicate.get(r["number"], r["account_id"])
        for r in records
    }
    email = {r["number"]: f"billing@{r['domain']}" for r in records}
    name = {r["number"]: r["name"] for r in records}
    nameless = no_metadata[:1]
    email |= dict.fromkeys(nameless, "someone@freemail.example")
    name |= dict.fromkeys(nameless, "Card holder")
    external = {
        r["number"]: None
        if r["number"] in (*no_external, *no_organization)
        else r["account_id"]
        for r in records
    }
    for number in merged_numbers[1::2]:
        external[number] = duplicate[number]
    domain = {
        r["number"]: None if r["number"] in no_organization else r["domain"]
        for r in records
    }
    rows = []
    for r in records:
        number, account_id = r["number"], r["account_id"]
        if not r["is_payer"]:
            continue
        customer_rule = (
            "none"
            if number in nameless
            else "email_domain"
            if number in no_metadata
            else "metadata_of_merged"
            if number in duplicate
            else "metadata"
        )
        organization_rule = (
            "none"
            if number in no_organization
            else "domain"
            if number in no_external
            else "external_id"
        )
        rows += [
            ("stripe", customer_id(number), account_id, customer_rule),
            (
                "zendesk",
                str(organization_id(number)),
                account_id,
                organization_rule,
            ),
            ("segment", r["workspace"], account_id, "workspace"),
        ]
    for row in merged.to_dict("records"):
        survivor = records[row["number"]]["account_id"]
        rows.append(("salesforce", row["duplicate_id"], survivor, "master_record"))
        if row["duplicate_workspace"] is not None:
            rows.append(
                (
                    "segment",
                    row["duplicate_workspace"],
                    survivor,
                    "workspace_of_merged",
                )
            )
    truth = pd.DataFrame(
        rows, columns=["system", "source_id", "account_id", "match_rule"]
    ).sort_values(["system", "source_id"], ignore_index=True)
    return Identities(
        merged=merged,
        customer_metadata_id=metadata,
        customer_email=email,
        customer_name=name,
        organization_external_id=external,
        organization_domain=domain,
        truth=truth,
    )


def customer_id(number: int) -> str:
    """Name the Stripe customer of an account."""
    return f"cus_{number:06d}"


def organization_id(number: int) -> int:
    """Number the Zendesk organization of an account."""
    return 370_000_000_000 + number
