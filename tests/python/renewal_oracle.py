"""An independent, naive reading of what fct_renewals promises: day by day, and slow.

Nothing here looks at the SQL. Every day is read from the rows as landed, amounts stay
fractions until the end, and what settles on one day is shared out one by one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    *("uplift_mrr", "is_early", "is_multi_year", "is_provisional"),
]
EARLY_DAYS = 90
SLACK_DAYS = 3


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
class Offer:
    """What a line that began before a settlement could renew of it."""

    line: tuple[Any, ...]
    settles_on: date
    started_on: date
    is_own_product: bool
    told_end_on: date | None
    native: Decimal
    rate: Fraction

    @property
    def order(self) -> tuple[Any, ...]:
        """First come, first served; then by name."""
        currency, (subscription, product), _ = self.line
        return (self.started_on, currency, subscription, product)


@dataclass
class Settlement:
    """The contracts of an account that settle on one day, and what they won on it."""

    settles_on: date
    measured_on: date
    is_open: bool
    contracts: list[dict[str, Any]]
    others: list[Line]
    due: dict[date, list[Line]]
    after: list[Line]
    won: dict[date, Fraction]
    left: Fraction
    kin: dict[date, Fraction]
    staying: Fraction
    lacking: Fraction
    early: list["Succession"] = field(default_factory=list)


@dataclass
class Succession:
    """What a line renewed before the end of what it renewed, and has left for it."""

    offer: Offer
    settlement: Settlement
    amount: Fraction
    native: Decimal
    beyond: Fraction = Fraction(0)


@dataclass
class RenewalOracle(RevenueOracle):
    """The renewals that a book should read as."""

    last_complete_on: date | None = None
    _read: dict[str, list[Settlement]] = field(default_factory=dict)

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
            settlements = self._settlements(account_id)
            for settlement in settlements:
                rows += self._judged(account_id, settlement)
        return pd.DataFrame(rows, columns=COLUMNS)

    def successions(self, account_id: str) -> list[Succession]:
        """List what renewed contracts of an account early, open ones too."""
        settlements = self._settlements(account_id)
        return [taken for settlement in settlements for taken in settlement.early]

    def _settlements(self, account_id: str) -> list[Settlement]:
        """Measure the days on which contracts of an account settle, once."""
        if account_id not in self._read:
            by_day: dict[date, list[dict[str, Any]]] = defaultdict(list)
            for contract in self._contracts(account_id):
                by_day[contract["settles_on"]].append(contract)
            settlements = [
                self._measured(account_id, settles_on, settling)
                for settles_on, settling in sorted(by_day.items())
            ]
            self._succeed(account_id, settlements)
            self._read[account_id] = settlements
        return self._read[account_id]

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
            settles_on = max(day for day, _ in covered) + DAY
            ceases_on = settles_on
            if settles_on > self.as_of or settles_on > end:
                ceases_on = self._ceases_on(account_id, end)
                settles_on = min(end + DAY, ceases_on)
            if end < ceases_on <= end + SLACK_DAYS * DAY:
                settles_on = ceases_on
            contracts.append(
                {
                    "contract_end_on": end,
                    "settles_on": settles_on,
                    "term_starts_on": starts,
                    "renewal_decision_on": end - timedelta(days=notice_days),
                }
            )
        return contracts

    def _total(self, lines: Sequence[Line], day: date) -> Fraction:
        return sum((self.worth(line, day) for line in lines), Fraction(0))

    def _kept(
        self, lines: Sequence[Line], after: Sequence[Line], day: date
    ) -> Fraction:
        """Sum what each line, by subscription and product, still pays after."""
        return sum(
            (
                min(
                    self._total([line for line in lines if line.key == key], day),
                    self._total([line for line in after if line.key == key], day),
                )
                for key in {line.key for line in lines}
            ),
            Fraction(0),
        )

    def _measured(
        self, account_id: str, settles_on: date, settling: list[dict[str, Any]]
    ) -> Settlement:
        """Read what contracts that settle on one day won on the day itself."""
        is_open = settles_on > (self.last_complete_on or self.as_of)
        day = min(settles_on - DAY, self.as_of)
        before = self.lines_on(account_id, day)
        after = [] if is_open else self.lines_on(account_id, settles_on)
        ends = [contract["contract_end_on"] for contract in settling]
        others = [line for line in before if line.contract_end_on not in ends]
        due = {
            end: [line for line in before if line.contract_end_on == end]
            for end in ends
        }
        gained = max(
            self._total(after, day) - self._kept(others, after, day), Fraction(0)
        )
        won, left = self._share(due, after, gained, day)
        # What no due product brought, and no contract, comes after early successors.
        products = {line.product for lines in due.values() for line in lines}
        contracted = {
            line.key for line in [*others, *after] if line.contract_end_on is not None
        }
        strangers = {
            line.key
            for line in [*others, *after]
            if line.product not in products and line.key not in contracted
        }
        strange = [line for line in after if line.key in strangers]
        unrelated = self._total(strange, day) - self._kept(
            [line for line in others if line.key in strangers], strange, day
        )
        kin, _ = self._share(due, after, gained - unrelated, day)
        staying = sum(kin.values(), Fraction(0))
        lines = [line for lines in due.values() for line in lines]
        if is_open:
            # Only what is told to stop by then is known to need a successor.
            staying += self._total(
                [line for line in lines if self._stops_on(line.row) > settles_on], day
            )
        lacking = self._total(lines, day) - staying
        return Settlement(
            *(settles_on, day, is_open, settling, others, due, after, won, left),
            *(kin, staying, lacking),
        )

    def begun(self, account_id: str) -> dict[tuple[Any, ...], date]:
        """Find the first day of each line of an account, by the end that it carries."""
        begun: dict[tuple[Any, ...], date] = {}
        for day in sorted(self._days[account_id]):
            for line in self.lines_on(account_id, day):
                begun.setdefault((line.key, line.currency, line.contract_end_on), day)
        return begun

    def arrived(self, account_id: str, day: date) -> dict[tuple[Any, ...], Decimal]:
        """Say what each line brought on a day, so far as nothing else fell."""
        moved: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
        for line in self.lines_on(account_id, day):
            moved[line.currency, line.key] += line.mrr
        for line in self.lines_on(account_id, day - DAY):
            moved[line.currency, line.key] -= line.mrr
        arrived = {}
        for currency in {currency for currency, _ in moved}:
            ours = {key: mrr for (of, key), mrr in moved.items() if of == currency}
            room = sum(ours.values(), Decimal(0))
            order = sorted(ours, key=lambda key: (-ours[key], key[1], key[0]))
            for key in order:
                arrived[currency, key] = max(min(ours[key], room), Decimal(0))
                room -= max(ours[key], Decimal(0))
        return arrived

    def _succeed(self, account_id: str, settlements: list[Settlement]) -> None:
        """Let settlements take by their order what early lines have left, kin first."""
        begun = self.begun(account_id)
        offers = [
            offer
            for settlement in settlements
            if settlement.lacking > 0
            for offer in self._offers(account_id, settlement, begun)
        ]
        money: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
        for offer in offers:
            money[offer.line] = max(money[offer.line], offer.native)
        needs = {s.settles_on: s.lacking for s in settlements}
        last: dict[tuple[Any, ...], Succession] = {}
        beyond: dict[tuple[Any, ...], Fraction] = {}
        for is_own in (True, False):
            for settlement in settlements:
                settles_on = settlement.settles_on
                turn = [
                    offer
                    for offer in offers
                    if (offer.settles_on, offer.is_own_product) == (settles_on, is_own)
                ]
                if turn and not is_own:
                    extra = sum(settlement.won.values()) - sum(settlement.kin.values())
                    needs[settles_on] = max(needs[settles_on] - extra, Fraction(0))
                for offer in sorted(
                    turn,
                    key=lambda o: (
                        o.started_on,
                        -Fraction(o.native) * o.rate,
                        o.order,
                    ),
                ):
                    bid = min(offer.native, money[offer.line])
                    amount = min(Fraction(bid) * offer.rate, needs[settles_on])
                    if amount <= 0:
                        continue
                    native = min(bid, rounded(amount / offer.rate))
                    needs[settles_on] -= amount
                    money[offer.line] -= native
                    taken = Succession(offer, settlement, amount, native)
                    settlement.early.append(taken)
                    last[offer.line] = taken
                    beyond[offer.line] = Fraction(bid) * offer.rate - amount
        for line, taken in last.items():
            taken.beyond = beyond[line]

    def _offers(
        self,
        account_id: str,
        settlement: Settlement,
        begun: dict[tuple[Any, ...], date],
    ) -> list[Offer]:
        """List the lines that could renew what did not go on at a settlement."""
        settles_on, eve = settlement.settles_on, settlement.measured_on
        due_lines = [line for lines in settlement.due.values() for line in lines]
        products = {line.product for line in due_lines}
        due_since = min(
            begun[line.key, line.currency, line.contract_end_on] for line in due_lines
        )
        lines: dict[tuple[Any, ...], dict[str, Any]] = {}
        for (key, currency, end), started_on in begun.items():
            if end in settlement.due:
                continue
            if (
                not max(due_since + DAY, settles_on - EARLY_DAYS * DAY)
                <= started_on
                < settles_on
            ):
                continue
            first = self.lines_on(account_id, eve)

            def paid(
                lines: Sequence[Line],
                key: tuple[str, str] = key,
                currency: str = currency,
                end: date | None = end,
            ) -> Decimal:
                return sum(
                    (
                        line.mrr
                        for line in lines
                        if (line.key, line.currency, line.contract_end_on)
                        == (key, currency, end)
                    ),
                    Decimal(0),
                )

            after = self._known_on(account_id, settles_on)
            found = lines.setdefault(
                (key, currency, started_on),
                {"before": Decimal(0), "after": Decimal(0), "ends": []},
            )
            found["before"] += paid(first)
            found["after"] += paid(after)
            if paid(first) and end:
                found["ends"].append(end)
        offers = []
        for (key, currency, started_on), found in lines.items():
            ends = found["ends"]
            is_own = key[1] in products
            if not (max(ends) >= settles_on if ends else is_own):
                continue
            arrived = Decimal(0)
            day = started_on
            while day < settles_on and day <= self.as_of:
                arrived += self.arrived(account_id, day).get(
                    (currency, key), Decimal(0)
                )
                day += DAY
            native = min(found["before"], found["after"], arrived)
            if native > 0:
                rate_day = eve
                if currency != self.reporting_currency:
                    rate_day = max(eve, self._rates[currency][0][0])
                offers.append(
                    Offer(
                        *((currency, key, started_on), settles_on, started_on, is_own),
                        *(max(ends, default=None), native),
                        self.rate(currency, rate_day),
                    )
                )
        return offers

    def _known_on(self, account_id: str, day: date) -> list[Line]:
        """List what is known at AS_OF to pay on a day, be it ahead."""
        if day <= self.as_of:
            return self.lines_on(account_id, day)
        return [
            line
            for line in self.lines_on(account_id, self.as_of)
            if self._stops_on(line.row) > day
        ]

    def _stops_on(self, number: int) -> date:
        """Return the day from which on an item is known to pay no more."""
        item = self.items[number]
        return max(
            stop
            for row in self.items
            if row["item_id"] == item["item_id"]
            and self.survivor(row["account_id"]) == self.survivor(item["account_id"])
            for _, stop in self._spans(row)
        )

    def _spans(self, row: Row) -> list[tuple[date, date]]:
        """Cut a row where its discount begins and ends, and list what of it pays."""
        if (row.get("status") or "active") not in PAYING or row.get("usage_based"):
            return []
        start = day_of(row["valid_from"])
        end = day_of(row.get("valid_to")) or date.max
        begins = day_of(row.get("discount_from")) or date.min
        ends = day_of(row.get("discount_to")) or date.max
        recurring = (row.get("discount_kind") or "recurring") == "recurring"
        cuts = sorted({start, end, *(min(max(d, start), end) for d in (begins, ends))})
        return [
            (first, last)
            for first, last in zip(cuts, cuts[1:], strict=False)
            if item_mrr(row, recurring and begins <= first < ends) > 0
        ]

    def _ceases_on(self, account_id: str, end: date) -> date:
        """Return the day from which on nothing under a contract end is known to pay."""
        return max(
            stop
            for row in self.items
            if self.survivor(row["account_id"]) == account_id
            and day_of(row.get("contract_end_on")) == end
            for first, stop in self._spans(row)
            if first <= end
        )

    def _judged(self, account_id: str, settlement: Settlement) -> list[dict[str, Any]]:
        """Read what became of the contracts of an account that settle on one day."""
        settles_on, measured_on = settlement.settles_on, settlement.measured_on
        is_open, due = settlement.is_open, settlement.due
        early = [] if is_open else settlement.early
        early_pool = sum((taken.amount for taken in early), Fraction(0))
        beyond = sum((taken.beyond for taken in early), Fraction(0))
        # An early successor comes before what only came on the day, and is no kin.
        strange = sum(settlement.won.values()) - sum(settlement.kin.values())
        pool = early_pool + strange
        lent = sum(
            (
                taken.amount
                for taken in self.successions(account_id)
                if taken.offer.started_on == settles_on and not taken.settlement.is_open
            ),
            Fraction(0),
        )
        uplift = max(settlement.left - lent, beyond, Fraction(0))
        late, returned_on = self._returned(account_id, settlement)
        due_total = sum(
            (self._total(lines, measured_on) for lines in due.values()), Fraction(0)
        )
        if is_open or sum(settlement.won.values()) + early_pool >= due_total:
            late, returned_on = Fraction(0), None
        rows = []
        for contract in settlement.contracts:
            end = contract["contract_end_on"]
            total = self._total(due[end], measured_on)
            at_once = settlement.kin[end]
            before = min(total - at_once, max(early_pool, Fraction(0)))
            early_pool -= total - at_once
            more = min(total - at_once, max(pool, Fraction(0)))
            back = min(total - at_once - more, max(pool + late - more, Fraction(0)))
            pool -= total - at_once
            available = rounded(total)
            won = rounded(at_once + more)
            renewed = rounded(at_once + more + back)
            lost = Decimal(0) if is_open else available - renewed
            starts_on = contract["term_starts_on"]
            covered = [
                min(former["contract_end_on"], former["settles_on"])
                for taken in self.successions(account_id)
                if taken.offer.told_end_on == end
                for former in taken.settlement.contracts
            ]
            if is_open:
                outcome = "open"
            elif renewed == 0:
                outcome = "lost"
            elif lost:
                outcome = "partly_won"
            else:
                outcome = "late" if renewed > won else "won"
            notices = [
                line.notice_on
                for line in due[end]
                if line.notice_on and line.notice_on <= self.as_of
            ]
            began = min((t.offer.started_on for t in early), default=None)
            won_on = began if before > 0 else settles_on
            rows.append(
                {
                    "account_id": account_id,
                    "contract_end_on": end,
                    "outcome": outcome,
                    "term_starts_on": starts_on,
                    "renewal_decision_on": contract["renewal_decision_on"],
                    "notice_on": max(notices, default=None),
                    "measured_on": measured_on,
                    "settled_on": None if is_open else settles_on,
                    "renewed_on": won_on if won else returned_on if renewed else None,
                    "term_days": (end - starts_on).days,
                    "available_mrr": available,
                    "won_mrr": won,
                    "late_mrr": renewed - won,
                    "lost_mrr": lost,
                    "open_mrr": available if is_open else Decimal(0),
                    "uplift_mrr": rounded(uplift),
                    "is_early": won > 0 and (before > 0 or settles_on < end),
                    "is_multi_year": (end - max([starts_on, *covered])).days > 366,
                    "is_provisional": lost > 0
                    and settles_on + GRACE_DAYS * DAY > self.as_of,
                }
            )
            uplift = Fraction(0)
        return rows

    def _returned(
        self, account_id: str, settlement: Settlement
    ) -> tuple[Fraction, date | None]:
        """Return the most that came back within the grace, and its first day.

        What renews another contract early came for that; what it has left may return
        for one that nothing renewed.
        """
        settles_on, measured_on = settlement.settles_on, settlement.measured_on
        after = settlement.after
        products = {line.product for lines in settlement.due.values() for line in lines}
        nothing_won = not sum(settlement.won.values()) and not settlement.early
        begun = self.begun(account_id)
        busy: dict[tuple[Any, ...], Fraction] = defaultdict(Fraction)
        for taken in self.successions(account_id):
            if taken.offer.started_on > settles_on:
                busy[taken.offer.line] += taken.beyond

        def paid(lines: Sequence[Line]) -> Fraction:
            total = Fraction(0)
            for line in lines:
                if line.product not in products and after:
                    continue
                start = begun[line.key, line.currency, line.contract_end_on]
                worth = self.worth(line, measured_on)
                if (line.currency, line.key, start) in busy:
                    is_first = day_of(self.items[line.row]["valid_from"]) == start
                    left = busy[line.currency, line.key, start]
                    worth = min(worth, left) if nothing_won and is_first else 0
                total += worth
            return total

        most, first = Fraction(0), None
        day = settles_on + DAY
        while day <= min(settles_on + GRACE_DAYS * DAY, self.as_of):
            back = paid(self.lines_on(account_id, day)) - paid(after)
            if back > 0 and first is None:
                first = day
            most = max(most, back)
            day += DAY
        return most, first

    def _share(
        self,
        due: dict[date, list[Line]],
        after: Sequence[Line],
        left: Fraction,
        day: date,
    ) -> tuple[dict[date, Fraction], Fraction]:
        """Share what renews: first the same lines, then what replaced them."""
        left = max(left, Fraction(0))
        won = {}
        for end, lines in due.items():
            won[end] = min(self._kept(lines, after, day), left)
            left -= won[end]
        for end, lines in due.items():
            more = min(self._total(lines, day) - won[end], left)
            won[end] += more
            left -= more
        return won, left
