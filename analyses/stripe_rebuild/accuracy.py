"""Compare rebuilt item versions with true ones: days of MRR, and days of change."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyses.stripe_rebuild.truth import Change

# A change is judged by the days that follow it, until the next or for so long.
DAYS_JUDGED = 60
SAME_MRR = 0.005


@dataclass(frozen=True)
class Grid:
    """MRR by account and day, true and rebuilt."""

    accounts: list[str]
    first_day: pd.Timestamp
    true: np.ndarray
    rebuilt: np.ndarray

    @property
    def paying(self) -> np.ndarray:
        """Mark the account-days on which either has MRR."""
        return (self.true > SAME_MRR) | (self.rebuilt > SAME_MRR)

    @property
    def equal(self) -> np.ndarray:
        """Mark the account-days on which both have the same MRR."""
        return np.abs(self.true - self.rebuilt) < SAME_MRR

    def share_equal(self, since: pd.Timestamp | None = None) -> float:
        """Return the share of paying account-days that are rebuilt exactly."""
        first = 0 if since is None else (since - self.first_day).days
        return float(self.equal[:, first:][self.paying[:, first:]].mean())


def daily_mrr(
    versions: pd.DataFrame, accounts: list[str], first_day: pd.Timestamp, days: int
) -> np.ndarray:
    """Sum item versions to one row per account and one column per day."""
    position = {account: index for index, account in enumerate(accounts)}
    steps = np.zeros((len(accounts), days + 1))
    starts = (pd.to_datetime(versions["valid_from"]) - first_day).dt.days
    ends = (pd.to_datetime(versions["valid_to"]) - first_day).dt.days.fillna(days)
    rows = zip(
        versions["account_id"], starts, ends.astype(int), versions["mrr"], strict=True
    )
    for account, start, end, mrr in rows:
        steps[position[account], min(start, days)] += mrr
        steps[position[account], min(end, days)] -= mrr
    return steps.cumsum(axis=1)[:, :days]


def compare(true: pd.DataFrame, rebuilt: pd.DataFrame, last_day: pd.Timestamp) -> Grid:
    """Lay both over the same accounts and days, accounts as they truly are."""
    owners = true.drop_duplicates("subscription_id").set_index("subscription_id")
    accounts = sorted(true["account_id"].unique())
    first_day = true["valid_from"].min()
    days = (last_day - first_day).days + 1
    named = rebuilt.assign(
        account_id=rebuilt["subscription_id"].map(owners["account_id"])
    )
    return Grid(
        accounts,
        first_day,
        daily_mrr(true, accounts, first_day, days),
        daily_mrr(named, accounts, first_day, days),
    )


def days_dated(rebuilt: pd.DataFrame) -> dict[tuple[str, str], list[tuple]]:
    """List, by item and attribute, the days on which it became what."""
    found: dict[tuple[str, str], list[tuple]] = {}
    for item_id, group in rebuilt.groupby("item_id"):
        before: dict = {"present": False}
        ended = None
        for row in group.to_dict("records"):
            if before["present"] and ended != row["valid_from"]:
                found.setdefault((item_id, "present"), []).append((ended, False))
                before = {"present": False}
            state = _state(row)
            for attribute, value in state.items():
                if before.get(attribute) != value:
                    day = (row["valid_from"], value)
                    found.setdefault((item_id, attribute), []).append(day)
            before, ended = state, row["valid_to"]
        if before["present"] and pd.notna(ended):
            found.setdefault((item_id, "present"), []).append((ended, False))
    return found


def _state(row: dict) -> dict:
    terms = row["discount_terms"] or "0|0"
    percent, amount = (float(term) for term in terms.split("|"))
    return {
        "present": True,
        "quantity": float(row["quantity"]),
        "plan": row["plan"],
        "unit_mrr": round(row["unit_mrr"], 6),
        "status": row["status"],
        "discount": (percent, amount),
    }


def dated_off(changes: list[Change], rebuilt: pd.DataFrame) -> pd.DataFrame:
    """Return one row per true change, with the days by which its date is off.

    That is null where the item never became so.
    """
    dated = days_dated(rebuilt)
    rows = []
    for change in changes:
        becomes = change.becomes
        if change.attribute == "unit_mrr":
            becomes = round(becomes, 6)
        days = [
            abs((pd.Timestamp(day) - change.changed_on).days)
            for day, value in dated.get((change.item_id, change.attribute), [])
            if value == becomes
        ]
        rows.append(
            {
                "kind": change.kind,
                "subscription_id": change.subscription_id,
                "item_id": change.item_id,
                "changed_on": change.changed_on,
                "days_off": min(days) if days else np.nan,
            }
        )
    return pd.DataFrame(rows)


def judge(
    changes: list[Change], true: pd.DataFrame, rebuilt: pd.DataFrame, grid: Grid
) -> pd.DataFrame:
    """Judge each change by its date and by the days after it."""
    return _days_after(dated_off(changes, rebuilt), true, grid)


def _days_after(judged: pd.DataFrame, true: pd.DataFrame, grid: Grid) -> pd.DataFrame:
    """Add to each change the days that follow it on its account, and those equal."""
    owners = true.drop_duplicates("subscription_id").set_index("subscription_id")
    judged = judged.assign(
        account_id=judged["subscription_id"].map(owners["account_id"]),
        day=(judged["changed_on"] - grid.first_day).dt.days,
    )
    last = grid.true.shape[1]
    position = {account: index for index, account in enumerate(grid.accounts)}
    equal, counted = [], []
    for row in judged.itertuples():
        own = judged.loc[judged["account_id"] == row.account_id, "day"]
        following = own[own > row.day].min()
        until = min(
            row.day + DAYS_JUDGED, last, last if pd.isna(following) else following
        )
        days = grid.equal[position[row.account_id], row.day : int(until)]
        equal.append(int(days.sum()))
        counted.append(len(days))
    return judged.assign(days_equal=equal, days_counted=counted)


def by_kind(judged: pd.DataFrame) -> pd.DataFrame:
    """Sum up by kind of change."""
    table = (
        judged.assign(is_exact=judged["days_off"] == 0)
        .groupby("kind")
        .agg(
            changes=("kind", "size"),
            exact=("is_exact", "mean"),
            median_days_off=("days_off", "median"),
            worst_days_off=("days_off", "max"),
            not_found=("days_off", lambda off: int(off.isna().sum())),
            days_equal=("days_equal", "sum"),
            days_counted=("days_counted", "sum"),
        )
    )
    table["days_right"] = table["days_equal"] / table["days_counted"]
    return table.drop(columns=["days_equal", "days_counted"]).sort_index()
