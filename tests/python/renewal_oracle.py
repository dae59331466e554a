"""An independent, naive reading of what fct_renewals promises: day by day, and slow.

Nothing here looks at the SQL. Every day is read from the rows as landed, amounts stay
fractions until the end, and what settles on one day is shared out one by one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd

from tests.python.revenue_oracle import (
    DAY,
    GRACE_DAYS,
    PAYING,
    RevenueOracle,
    day_of,
    item_mrr,
    rounded,
)

Row = Mapping[str, Any]
COLUMNS = [
    *("account_id", "contract_end_on", "outcome", "term_starts_on"),
    *("renewal_decision_on", "notice_on", "measured_on", "settled_on", "renewed_on"),
    *("term_days", "available_mrr", "won_mrr", "late_mrr", "lost_mrr", "open_mrr"),
    *("uplift_mrr", "is_multi_year", "is_provisional"),
]


@dataclass(frozen=True)
class Line:
    """What one row pays on one day."""

    row: int
    key: tuple[str, str]
    product: str
    currency: str
    mrr: Decimal
    contract_end_on: date | None
    notice_on: date | None


@dataclass
class RenewalOracle(RevenueOracle):
    """The renewals that a book should read as."""

    last_complete_on: date | None = None

    def lines_on(self, account_id: str, day: date) -> list[Line]:
        """List what an account pays on a day, as known at AS_OF."""
        return self._days[account_id].get(day, [])

    @cached_property
    def _days(self) -> dict[str, dict[date, list[Line]]]:
        days: dict[str, Any] = defaultdict(lambda: defaultdict(list))
        for number, row in enumerate(self.items):
            is_paid = (row.get("status") or "active") in PAYING
            start = day_of(row["valid_from"])
            if not is_paid or row.get("usage_based") or start > self.as_of:
                continue
            ends_on = day_of(row.get("contract_end_on"))
            stop = day_of(row.get("valid_to"))
            begins = day_of(row.get("discount_from")) or date.min
            ends = day_of(row.get("discount_to")) or date.max
            recurring = (row.get("discount_kind") or "recurring") == "recurring"
            # What is known to run on is read up to the contract's end, no further.
            last = max(self.as_of, ends_on or self.as_of)
            amounts = {flag: item_mrr(row, flag) for flag in (True, False)}
            key = (row.get("subscription_id") or row["item_id"], row["product"])
            day = start
            while day <= last and (stop is None or day < stop):
                is_discounted = recurring and begins <= day < ends
                was_discounted = recurring and begins <= day - DAY < ends
                if day > self.as_of and is_discounted != was_discounted:
                    # A discount that begins or ends after AS_OF has not happened.
                    break
                mrr = amounts[is_discounted]
                if mrr > 0:
                    account = self.survivor(row["account_id"])
                    days[account][day].append(
                        Line(
                            number,
                            key,
                            row["product"],
                            row.get("currency") or self.reporting_currency,
                            mrr,
                            ends_on if ends_on and start <= ends_on else None,
                            day_of(row.get("notice_on")),
                        )
                    )
                day += DAY
        return days

    def worth(self, line: Line, day: date) -> Fraction:
        """Value a line at a day's rate, or its currency's first; unrounded."""
        if line.currency != self.reporting_currency:
            day = max(day, self._rates[line.currency][0][0])
        return Fraction(line.mrr) * self.rate(line.currency, day)

    def renewals(self) -> pd.DataFrame:
        """Return one row per account and contract end."""
        rows: list[dict[str, Any]] = []
        for account_id in sorted(self._days):
            contracts = self._contracts(account_id)
            by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
            for contract in contracts:
                by_day[contract["settles_on"]].append(contract)
            for settles_on, settling in by_day.items():
                rows += self._settled(account_id, settles_on, settling)
        return pd.DataFrame(rows, columns=COLUMNS)

    def _contracts(self, account_id: str) -> list[dict[str, Any]]:
        """Date every contract of an account, by contract end."""
        days = self._days[account_id]
        carried = {
            (line.contract_end_on, day): line
            for day, lines in days.items()
            for line in lines
            if line.contract_end_on and day <= line.contract_end_on
        }
        ends = sorted({end for end, _ in carried})
        contracts: list[dict[str, Any]] = []
        for end in ends:
            covered = [
                (day, line)
                for day, lines in days.items()
                for line in lines
                if line.contract_end_on == end and day <= end
            ]
            if not any(n.notice_on is None or n.notice_on > d for d, n in covered):
                continue
            first = min(day for day, _ in covered)
            if first > self.as_of:
                continue
            starts = first
            if contracts and contracts[-1]["settles_on"] == first:
                starts = max(first, contracts[-1]["contract_end_on"])
            notice_days = max(
                int(self.items[line.row].get("notice_period_days") or 0)
                for _, line in covered
            )
            contracts.append(
                {
                    "contract_end_on": end,
                    "settles_on": max(day for day, _ in covered) + DAY,
                    "term_starts_on": starts,
                    "renewal_decision_on": end - timedelta(days=notice_days),
                }
            )
        return contracts

    def _settled(
        self, account_id: str, settles_on: date, settling: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Read what became of the contracts of an account that settle on one day."""
        is_open = settles_on > (self.last_complete_on or self.as_of)
        measured_on = min(settles_on - DAY, self.as_of)
        before = self.lines_on(account_id, measured_on)
        after = [] if is_open else self.lines_on(account_id, settles_on)
        ends = [contract["contract_end_on"] for contract in settling]

        def total(lines: Sequence[Line]) -> Fraction:
            return sum((self.worth(line, measured_on) for line in lines), Fraction(0))

        def kept(lines: Sequence[Line]) -> Fraction:
            """Sum what each line, by subscription and product, still pays after."""
            return sum(
                (
                    min(
                        total([line for line in lines if line.key == key]),
                        total([line for line in after if line.key == key]),
                    )
                    for key in {line.key for line in lines}
                ),
                Fraction(0),
            )

        others = [line for line in before if line.contract_end_on not in ends]
        due = {
            end: [line for line in before if line.contract_end_on == end]
            for end in ends
        }
        renewing = total(after) - kept(others)
        left = max(renewing, Fraction(0))
        won = {}
        for end in ends:
            won[end] = min(kept(due[end]), left)
            left -= won[end]
        for end in ends:
            more = min(total(due[end]) - won[end], left)
            won[end] += more
            left -= more
        uplift = left
        late, returned_on = self._returned(
            account_id, settles_on, measured_on, due, after
        )
        is_lapsed = not is_open and sum(won.values()) < sum(map(total, due.values()))
        pool = late if is_lapsed else Fraction(0)
        rows = []
        for contract in settling:
            end = contract["contract_end_on"]
            back = min(total(due[end]) - won[end], pool)
            pool -= back
            available = rounded(total(due[end]))
            at_once = rounded(won[end])
            renewed = rounded(won[end] + back)
            lost = Decimal(0) if is_open else available - renewed
            term_days = (end - contract["term_starts_on"]).days
            if is_open:
                outcome = "open"
            elif renewed == 0:
                outcome = "lost"
            elif lost:
                outcome = "partly_won"
            else:
                outcome = "late" if renewed > at_once else "won"
            notices = [
                line.notice_on
                for line in due[end]
                if line.notice_on and line.notice_on <= self.as_of
            ]
            renewed_on = settles_on if at_once else returned_on if renewed else None
            rows.append(
                {
                    "account_id": account_id,
                    "contract_end_on": end,
                    "outcome": outcome,
                    "term_starts_on": contract["term_starts_on"],
                    "renewal_decision_on": contract["renewal_decision_on"],
                    "notice_on": max(notices, default=None),
                    "measured_on": measured_on,
                    "settled_on": None if is_open else settles_on,
                    "renewed_on": renewed_on,
                    "term_days": term_days,
                    "available_mrr": available,
                    "won_mrr": at_once,
                    "late_mrr": renewed - at_once,
                    "lost_mrr": lost,
                    "open_mrr": available if is_open else Decimal(0),
                    "uplift_mrr": rounded(uplift),
                    "is_multi_year": term_days > 366,
                    "is_provisional": lost > 0
                    and settles_on + GRACE_DAYS * DAY > self.as_of,
                }
            )
            uplift = Fraction(0)
        return rows

    def _returned(
        self,
        account_id: str,
        settles_on: date,
        measured_on: date,
        due: dict[date, list[Line]],
        after: list[Line],
    ) -> tuple[Fraction, date | None]:
        """Return the most that came back within the grace, and its first day."""
        products = {line.product for lines in due.values() for line in lines}

        def paid(lines: Sequence[Line]) -> Fraction:
            return sum(
                (
                    self.worth(line, measured_on)
                    for line in lines
                    if line.product in products or not after
                ),
                Fraction(0),
            )

        most, first = Fraction(0), None
        day = settles_on + DAY
        while day <= min(settles_on + GRACE_DAYS * DAY, self.as_of):
            back = paid(self.lines_on(account_id, day)) - paid(after)
            if back > 0 and first is None:
                first = day
            most = max(most, back)
            day += DAY
        return most, first
