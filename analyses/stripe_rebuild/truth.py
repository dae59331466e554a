"""What was true: priced item versions, and the changes between them by kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from orchestration.sample_company.replays import PlayedBilling
from orchestration.sample_company.subscriptions import Subscription

MONTHS = {"month": 1, "year": 12}
SERVED = ("active", "past_due")
STATUS_KINDS = {
    ("trialing", "active"): "trial to paid",
    ("active", "paused"): "pause",
    ("paused", "active"): "resume",
    ("active", "past_due"): "past due",
    ("past_due", "unpaid"): "unpaid",
    ("past_due", "active"): "paid after all",
    ("unpaid", "active"): "paid after all",
}
END_KINDS = {
    "unpaid": "cancelled unpaid",
    "migration": "billing migration",
    "late_renewal": "lapse",
    "trial_ended": "trial not converted",
}


@dataclass(frozen=True)
class Change:
    """One true change of one item: what became what, and on which day."""

    item_id: str
    subscription_id: str
    changed_on: pd.Timestamp
    kind: str
    attribute: str
    becomes: Any


def true_versions(billing: PlayedBilling) -> pd.DataFrame:
    """Price the true item versions, cut where their discount begins or ends."""
    frame = billing.true_items()
    frame = frame.loc[~frame["usage_based"]].copy()
    for column in ("discount_percent", "discount_amount"):
        frame[column] = frame[column].astype("float64").fillna(0.0)
    frame["has_discount"] = (frame["discount_kind"] == "recurring") & (
        frame["discount_percent"] + frame["discount_amount"] > 0
    )
    rows = [phase for row in frame.to_dict("records") for phase in _phases(row)]
    return pd.DataFrame(rows).sort_values(["item_id", "valid_from"], ignore_index=True)


def _phases(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    begin = row["valid_from"]
    end = row["valid_to"] if pd.notna(row["valid_to"]) else pd.Timestamp.max
    cuts = [begin, end]
    if row["has_discount"]:
        bounds = (row["discount_from"], row["discount_to"])
        cuts += [day for day in bounds if pd.notna(day) and begin < day < end]
    cuts.sort()
    months = MONTHS[row["billing_interval"]] * row["interval_count"]
    for start, stop in zip(cuts, cuts[1:], strict=False):
        is_off = row["has_discount"] and (
            start >= row["discount_from"]
            and (pd.isna(row["discount_to"]) or start < row["discount_to"])
        )
        percent = row["discount_percent"] if is_off else 0.0
        amount = row["discount_amount"] if is_off else 0.0
        gross = row["quantity"] * row["unit_amount"]
        net = max(gross * (1 - percent / 100) - amount, 0.0) / months
        yield {
            "account_id": row["account_id"],
            "subscription_id": row["subscription_id"],
            "item_id": row["item_id"],
            "valid_from": start,
            "valid_to": None if stop == pd.Timestamp.max else stop,
            "plan": row["plan"],
            "quantity": float(row["quantity"]),
            "status": row["status"],
            "discount": (percent, amount),
            "unit_mrr": row["unit_amount"] / months,
            "mrr": net if row["status"] in SERVED else 0.0,
        }


def true_changes(billing: PlayedBilling, versions: pd.DataFrame) -> list[Change]:
    """List what changed, item by item, with its kind and the record it left."""
    subscriptions = {s.subscription_id: s for s in billing.subscriptions}
    last_day = pd.Timestamp(billing.parameters.last_day)
    changes: list[Change] = []
    for _, group in versions.groupby("item_id"):
        rows = group.to_dict("records")
        subscription = subscriptions[rows[0]["subscription_id"]]
        changes += _item_changes(rows, subscription, last_day, billing)
    return changes


def _item_changes(
    rows: list[dict[str, Any]],
    subscription: Subscription,
    last_day: pd.Timestamp,
    billing: PlayedBilling,
) -> Iterator[Change]:
    first_day = pd.Timestamp(billing.parameters.first_day)
    days = {
        first_day + pd.Timedelta(days=version.valid_from): version.record
        for item in subscription.items
        if item.item_id == rows[0]["item_id"]
        for version in item.versions
    }

    def change(row: dict[str, Any], kind: str, attribute: str, becomes: Any) -> Change:
        key = (row["item_id"], row["subscription_id"], row["valid_from"])
        return Change(*key, kind, attribute, becomes)

    begin = first_day + pd.Timedelta(days=subscription.start)
    before = rows[0]
    mark = _mark(days, before["valid_from"])
    kind = "start" if before["valid_from"] == begin else f"item added{mark}"
    yield change(before, kind, "present", True)
    for row in rows[1:]:
        mark = _mark(days, row["valid_from"])
        if row["quantity"] != before["quantity"]:
            way = "up" if row["quantity"] > before["quantity"] else "down"
            yield change(row, f"seats {way}{mark}", "quantity", row["quantity"])
        if row["plan"] != before["plan"]:
            yield change(row, f"plan swap{mark}", "plan", row["plan"])
        elif row["unit_mrr"] != before["unit_mrr"]:
            yield change(row, f"price{mark}", "unit_mrr", row["unit_mrr"])
        if row["status"] != before["status"]:
            pair = (before["status"], row["status"])
            yield change(row, STATUS_KINDS[pair], "status", row["status"])
        if row["discount"] != before["discount"]:
            kind = "discount start" if any(row["discount"]) else "discount end"
            yield change(row, kind, "discount", row["discount"])
        before = row
    ended = before["valid_to"]
    if ended is not None and ended <= last_day:
        after = before | {"valid_from": ended}
        yield change(after, _end_kind(subscription, ended, first_day), "present", False)


def _mark(days: dict[pd.Timestamp, str], day: pd.Timestamp) -> str:
    """Name the record that a change left, where it is not the usual one."""
    return {"history": ", no line", "none": ", no record"}.get(days.get(day, ""), "")


def _end_kind(
    subscription: Subscription, ended: pd.Timestamp, first_day: pd.Timestamp
) -> str:
    if subscription.end is None:
        return "item removed"
    end = first_day + pd.Timedelta(days=subscription.end)
    if ended != end:
        return "item removed"
    if subscription.captured != subscription.end:
        return "cancelled, backdated"
    return END_KINDS.get(subscription.kind, "cancelled at period end")
