"""An independent, naive reading of SPEC §4.2: every policy, one customer at a time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

import pandas as pd

from tests.python.renewal_oracle import RenewalOracle
from tests.python.revenue_oracle import (
    DAY,
    GRACE_DAYS,
    RevenueOracle,
    month_ends,
    months_before,
    rounded,
)

ZERO = Decimal(0)
WINDOWS = (1, 3, 12)
BASES = ("raw", "constant_currency", "late_renewal_grace")
AMOUNTS = (
    *("opening_mrr", "retained_mrr", "expansion_mrr", "contraction_mrr"),
    *("churned_mrr", "reactivation_mrr", "paused_mrr"),
)
RETENTION_COLUMNS = [
    *("period_end_on", "window_months", "grain", "policy", *AMOUNTS),
    *("nrr_rate", "grr_rate", "logo_retention_rate", "opening_accounts"),
]
Balances = dict[str, dict[date, Decimal]]


@dataclass
class RetentionOracle:
    """What retention should read, from the day-by-day balances of a revenue oracle."""

    revenue: RevenueOracle
    _groups: dict[Any, dict[str, list[str]]] = field(default_factory=dict)

    @cached_property
    def graced(self) -> dict[str, Balances]:
        """Return native balances by account, currency and day, late renewals filled.

        A gap counts from the first unpaid day to the first day paid again. What a
        contract and its early successor both pay counts once.
        """
        filled = {}
        for account_id in self.revenue.first_paid_on:
            native = self.revenue.native[account_id]
            days = {currency: dict(balance) for currency, balance in native.items()}
            paid = sorted({d for b in native.values() for d, mrr in b.items() if mrr})
            for last, back in zip(paid, paid[1:], strict=False):
                lapsed = last + DAY
                if not 0 < (back - lapsed).days <= GRACE_DAYS:
                    continue
                turns = self.revenue.turns[account_id]
                if (turns[lapsed], turns[back]) != ("churn", "reactivation"):
                    continue
                for balance in days.values():
                    for day in _days(lapsed, back):
                        balance[day] = balance.get(last, ZERO)
            for currency, day, doubled in self._overlaps(account_id):
                days[currency][day] -= doubled
            filled[account_id] = days
        return filled

    @cached_property
    def _contracts(self) -> RenewalOracle:
        revenue = self.revenue
        return RenewalOracle(
            items=revenue.items,
            as_of=revenue.as_of,
            accounts=revenue.accounts,
            account_history=revenue.account_history,
            exchange_rates=revenue.exchange_rates,
            reporting_currency=revenue.reporting_currency,
        )

    def _overlaps(self, account_id: str) -> Iterable[tuple[str, date, Decimal]]:
        """Yield currency, day and native amount of what was paid twice on the day."""
        contracts = self._contracts
        successions = contracts.successions(account_id)
        begun = contracts.begun(account_id)
        for taken in successions:
            currency, key, first = taken.offer.line
            settlement = taken.settlement
            reserved = settlement.staying + sum(
                other.amount
                for other in settlement.early
                if other.offer.order < taken.offer.order
            )
            arrived = ZERO
            for day in _days(
                first, min(settlement.settles_on, self.revenue.as_of + DAY)
            ):
                arrived += contracts.arrived(account_id, day).get((currency, key), ZERO)
                old, new = ZERO, ZERO
                for line in contracts.lines_on(account_id, day):
                    if line.contract_end_on in settlement.due:
                        mrr = line.mrr
                        if line.currency != currency:
                            worth = contracts.worth(line, settlement.measured_on)
                            mrr = rounded(worth / taken.offer.rate)
                        old += mrr
                    elif (line.currency, line.key) == (currency, key):
                        start = begun[line.key, line.currency, line.contract_end_on]
                        new += line.mrr if start >= first else ZERO
                new -= sum(
                    other.native
                    for other in successions
                    if other.offer.line == taken.offer.line
                    and day < other.settlement.settles_on < settlement.settles_on
                )
                left = rounded(Fraction(old) - reserved / taken.offer.rate)
                yield currency, day, max(min(left, new, arrived), ZERO)

    def graced_balance(self, account_id: str, day: date, rate_day: date) -> Decimal:
        """Return MRR at the end of a day with late renewals filled."""
        return sum(
            (
                self.revenue.converted(days[day], currency, rate_day)
                for currency, days in self.graced[account_id].items()
                if day in days
            ),
            ZERO,
        )

    def members(self, grain: str, opening: date) -> dict[str, list[str]]:
        """Return the accounts of each customer as it stood at the opening."""
        if (grain, opening) not in self._groups:
            groups: dict[str, list[str]] = defaultdict(list)
            for account_id in self.revenue.first_paid_on:
                if grain == "parent":
                    key = self.revenue.ultimate_parent(account_id, opening)
                else:
                    key = account_id
                groups[key].append(account_id)
            self._groups[grain, opening] = groups
        return self._groups[grain, opening]

    def retention(self) -> pd.DataFrame:
        """Return a row per period end, window, grain and policy, for all customers."""
        paid = self.revenue.first_paid_on.values()
        rows = []
        for end in month_ends(min(paid, default=date.max), self.revenue.as_of):
            if end > self.revenue.as_of:
                continue
            for window in WINDOWS:
                for grain in ("account", "parent"):
                    keys = {"period_end_on": end, "window_months": window}
                    keys |= {"grain": grain}
                    for policy, row in self._policies(end, window, grain):
                        rows.append(keys | {"policy": policy} | row)
        return pd.DataFrame(rows, columns=RETENTION_COLUMNS)

    def _policies(
        self, end: date, window: int, grain: str
    ) -> Iterable[tuple[str, dict[str, Any]]]:
        opening = months_before(end, window)
        groups = self.members(grain, opening)
        for policy in BASES:
            rate_day = end if policy == "raw" else opening
            pairs = self._pairs(groups, policy, opening, opening, end, rate_day)
            if pairs:
                yield policy, _point_to_point(pairs)
        ledgers = {
            key: self._ledger(accounts, opening, end)
            for key, accounts in groups.items()
            if sum(self.graced_balance(a, opening, opening) for a in accounts) > 0
        }
        if ledgers:
            for policy in ("ledger", "ledger_with_reactivation"):
                yield policy, _ledger_row(list(ledgers.values()), policy)
            yield "chained_monthly", self._chain(opening, end, grain, ledgers)

    def _pairs(
        self,
        groups: dict[str, list[str]],
        policy: str,
        opening: date,
        opening_rate_day: date,
        end: date,
        end_rate_day: date,
    ) -> list[tuple[Decimal, Decimal]]:
        is_graced = policy == "late_renewal_grace"
        balance = self.graced_balance if is_graced else self.revenue.balance
        pairs = [
            (
                sum((balance(a, opening, opening_rate_day) for a in accounts), ZERO),
                sum((balance(a, end, end_rate_day) for a in accounts), ZERO),
            )
            for accounts in groups.values()
        ]
        return [pair for pair in pairs if pair[0] > 0]

    def _ledger(
        self, accounts: list[str], opening: date, end: date
    ) -> dict[str, Decimal]:
        """Walk a customer through a window, naming each day that moved it.

        A pause that nothing is left of, while nothing is paid, is a churn.
        """
        walked: dict[str, Decimal] = defaultdict(Decimal)
        before = sum((self.graced_balance(a, opening, opening) for a in accounts), ZERO)
        walked["opening"] = before
        left_by, pausing, took = "", [], ZERO
        for day in _days(opening + DAY, end + DAY):
            moved = [a for a in accounts if self._moves_on(a, day)]
            is_held = any(day in self.revenue.held_days[a] for a in pausing)
            is_back = any(self.graced_balance(a, day, opening) for a in moved)
            if before == 0 and left_by == "pause" and not is_held and not is_back:
                walked["pause"] -= took
                walked["churn"] += took
                walked["churns"] += 1
                left_by = "churn"
            if not moved:
                continue
            after = sum((self.graced_balance(a, day, opening) for a in accounts), ZERO)
            if before == 0 and after > 0:
                movement = "resume" if left_by == "pause" else "reactivation"
            elif before > 0 and after == 0:
                turns = {self.revenue.turns[a].get(day) for a in moved}
                left_by = movement = "pause" if turns == {"pause"} else "churn"
                pausing, took = moved, after - before
            else:
                movement = "expansion" if after > before else "contraction"
            walked[movement] += after - before
            walked[f"{movement}s"] += int(after != before)
            before = after
        return walked

    def _moves_on(self, account_id: str, day: date) -> bool:
        return any(
            days.get(day, ZERO) != days.get(day - DAY, ZERO)
            for days in self.graced[account_id].values()
        )

    def _chain(
        self, opening: date, end: date, grain: str, ledgers: dict[str, Any]
    ) -> dict[str, Any]:
        months = []
        for link_end in month_ends(opening + DAY, end):
            link_opening = months_before(link_end, 1)
            groups = self.members(grain, link_opening)
            pairs = self._pairs(
                *(groups, "late_renewal_grace", link_opening, opening),
                *(link_end, opening),
            )
            months.append(_point_to_point(pairs) if pairs else None)
        row: dict[str, Any] = dict.fromkeys(AMOUNTS)
        row["opening_mrr"] = sum((w["opening"] for w in ledgers.values()), ZERO)
        row["opening_accounts"] = len(ledgers)
        for rate in ("nrr_rate", "grr_rate", "logo_retention_rate"):
            known = [month[rate] for month in months if month]
            is_known = None not in months or 0 in known
            row[rate] = prod(known) if is_known else None
        return row


def _days(first: date, end: date) -> Iterable[date]:
    while first < end:
        yield first
        first += DAY


def _rate(numerator: Decimal | int, denominator: Decimal | int) -> float:
    return float(Fraction(numerator) / Fraction(denominator))


def _point_to_point(pairs: list[tuple[Decimal, Decimal]]) -> dict[str, Any]:
    opening = sum((start for start, _ in pairs), ZERO)
    retained = sum((finish for _, finish in pairs), ZERO)
    kept = sum((min(pair) for pair in pairs), ZERO)
    stayed = [pair for pair in pairs if pair[1] > 0]
    return {
        "opening_mrr": opening,
        "retained_mrr": retained,
        "expansion_mrr": sum((max(b - a, ZERO) for a, b in pairs), ZERO),
        "contraction_mrr": sum((min(b - a, ZERO) for a, b in stayed), ZERO),
        "churned_mrr": sum((-a for a, b in pairs if b == 0), ZERO),
        "reactivation_mrr": ZERO,
        "paused_mrr": ZERO,
        "nrr_rate": _rate(retained, opening),
        "grr_rate": _rate(kept, opening),
        "logo_retention_rate": len(stayed) / len(pairs),
        "opening_accounts": len(pairs),
    }


def _ledger_row(ledgers: list[dict[str, Decimal]], policy: str) -> dict[str, Any]:
    def total(movement: str) -> Decimal:
        return sum((walked[movement] for walked in ledgers), ZERO)

    counts_returns = policy == "ledger_with_reactivation"
    lost = [
        walked["churns"] > (walked["reactivations"] if counts_returns else 0)
        for walked in ledgers
    ]
    opening = total("opening")
    losses = total("contraction") + total("churn")
    returned = total("reactivation") if counts_returns else ZERO
    retained = opening + losses + total("expansion") + returned
    return {
        "opening_mrr": opening,
        "retained_mrr": retained,
        "expansion_mrr": total("expansion"),
        "contraction_mrr": total("contraction"),
        "churned_mrr": total("churn"),
        "reactivation_mrr": returned,
        "paused_mrr": total("pause") + total("resume"),
        "nrr_rate": _rate(retained, opening),
        "grr_rate": _rate(opening + losses, opening),
        "logo_retention_rate": 1 - sum(lost) / len(lost),
        "opening_accounts": len(ledgers),
    }
