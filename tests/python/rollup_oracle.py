"""An independent reading of the roll-up: account months, each placed and added."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from tests.python.revenue_oracle import (
    DAY,
    GRACE_DAYS,
    MOVEMENTS,
    RevenueOracle,
    Row,
    day_of,
    month_end,
    month_ends,
)

LOOKED_UP = ("tier", "engagement_model", "largest_product")
DIMENSIONS = (
    *("all", "parent", "desired_outcome", "owner", "country", "start_cohort"),
    "segment",
    *LOOKED_UP,
)
MOVED = [f"{name}_mrr" for name in MOVEMENTS]
MONEY = ["opening_mrr", "segment_transfer_mrr", *MOVED, "closing_mrr"]
ACCOUNTS = ["opening_accounts", "closing_accounts"]
ROLLUP_KEY = ["mrr_month", "segment_dimension", "segment_value"]
ROLLUP_COLUMNS = [*ROLLUP_KEY, *MONEY, *ACCOUNTS, "is_final"]


@dataclass
class RollupOracle:
    """What each segment opened with, took over, moved and closed at.

    `lookup` tells what this oracle does not derive itself: the value of a dimension of
    LOOKED_UP for an account on a day.
    """

    ledger: RevenueOracle
    lookup: Callable[[str, date, str], str]
    rows: dict[tuple[date, str, str], dict[str, Any]] = field(default_factory=dict)

    def attribute(self, account_id: str, day: date, name: str) -> str | None:
        """Return an attribute as landed: a version holds until the next begins."""
        account = next(
            row for row in self.ledger.accounts if row["account_id"] == account_id
        )
        versions = sorted(
            (day_of(row["valid_from"]), number, row)
            for number, row in enumerate(self.ledger.account_history)
            if row["account_id"] == account_id
        )
        if not versions:
            return account.get(name)
        begun = [row for since, _, row in versions if since <= day]
        version: Row = begun[-1] if begun else versions[0][2]
        landed = version.get(name)
        is_kept = name in ("country", "segment")
        return landed or account.get(name) if is_kept else landed

    def segment(self, account_id: str, day: date, dimension: str) -> str:
        """Return the segment of an account on a day."""
        match dimension:
            case "all":
                return "all"
            case "parent":
                return self.ledger.ultimate_parent(account_id, day)
            case "start_cohort":
                return f"{self.ledger.first_paid_on[account_id]:%Y-%m}"
            case "owner":
                return self.attribute(account_id, day, "owner_id") or "unknown"
            case "desired_outcome" | "country" | "segment":
                return self.attribute(account_id, day, dimension) or "unknown"
            case _:
                return self.lookup(account_id, day, dimension)

    def placed_on(self, account_id: str, end: date) -> date:
        """Return the day whose segments a month has: its opening, or the first paid."""
        opening = end.replace(day=1) - DAY
        return max(opening, self.ledger.first_paid_on[account_id])

    def _add(self, end: date, dimension: str, value: str, **amounts: Any) -> None:
        key = (end.replace(day=1), dimension, value)
        empty = dict.fromkeys(MONEY, Decimal(0)) | dict.fromkeys(ACCOUNTS, 0)
        row = self.rows.setdefault(key, empty)
        for name, amount in amounts.items():
            row[name] += amount

    def _add_month(
        self, end: date, dimension: str, value: str, last: str, month: Row
    ) -> None:
        """Add an account's month to its segment, and its opening to the last one."""
        opening = month["opening_mrr"]
        if opening:
            self._add(end, dimension, last, opening_mrr=opening, opening_accounts=1)
            self._add(end, dimension, last, segment_transfer_mrr=-opening)
            self._add(end, dimension, value, segment_transfer_mrr=opening)
        moved = {name: month[name] for name in [*MOVED, "closing_mrr"]}
        closing_accounts = int(month["closing_mrr"] > 0)
        self._add(end, dimension, value, closing_accounts=closing_accounts, **moved)

    def _currency_months(self) -> Iterator[tuple[date, str, Row]]:
        """Yield the months of each account in each currency, fx as the remainder."""
        moved: dict[tuple[str, str, date, str], Decimal] = defaultdict(Decimal)
        for row in self.ledger.movements().to_dict("records"):
            key = (row["account_id"], row["currency"], month_end(row["effective_on"]))
            moved[*key, row["movement"]] += row["mrr_delta"]
        for account_id, first in self.ledger.first_paid_on.items():
            for currency, days in self.ledger.native[account_id].items():
                opening = Decimal(0)
                for end in month_ends(first, self.ledger.as_of):
                    last = min(end, self.ledger.as_of)
                    native = days.get(last, Decimal(0))
                    closing = self.ledger.converted(native, currency, last)
                    month = {
                        f"{name}_mrr": moved[account_id, currency, end, name]
                        for name in MOVEMENTS[:-1]
                    }
                    transfer = moved[account_id, currency, end, "currency_transfer"]
                    month["segment_transfer_mrr"] = transfer
                    month["fx_mrr"] = closing - opening - sum(month.values())
                    month |= {"opening_mrr": opening, "closing_mrr": closing}
                    if any(month.values()):
                        yield end, currency, month
                    opening = closing

    def months(self) -> pd.DataFrame:
        """Return the rows of fct_mrr_months."""
        for month in self.ledger.account_months().to_dict("records"):
            end, account_id = month_end(month["mrr_month"]), month["account_id"]
            day = self.placed_on(account_id, end)
            # An account without an opening has no last month to come from.
            earlier = end.replace(day=1) - DAY
            last_day = self.placed_on(account_id, earlier)
            for dimension in DIMENSIONS:
                value = self.segment(account_id, day, dimension)
                last = self.segment(account_id, last_day, dimension)
                self._add_month(end, dimension, value, last, month)
        for end, currency, month in self._currency_months():
            self._add_month(end, "currency", currency, currency, month)
            transfer = month["segment_transfer_mrr"]
            self._add(end, "currency", currency, segment_transfer_mrr=transfer)
        rows = [
            dict(zip(ROLLUP_KEY, key, strict=True))
            | amounts
            | {"is_final": self.ledger.as_of >= month_end(key[0]) + GRACE_DAYS * DAY}
            for key, amounts in self.rows.items()
        ]
        return pd.DataFrame(rows, columns=ROLLUP_COLUMNS)
