"""An independent, naive reading of SPEC §4.1 and §4.2: day by day, exact, and slow.

Nothing here looks at the SQL. Every item is exploded into days, amounts are fractions
rounded half away from zero to six decimals where SPEC says so, and balances are summed.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import pandas as pd

Row = Mapping[str, Any]
PERIODS_PER_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4, "year": 1}
PAYING = {"active", "past_due"}
DAY = timedelta(days=1)
GRACE_DAYS = 45
MOVEMENTS = (
    *("new", "expansion", "contraction", "churn"),
    *("reactivation", "pause", "resume", "fx"),
)


def day_of(value: object) -> date | None:
    """Read a day from a date, ISO text or nothing."""
    if value is None or value == "" or value is pd.NaT:
        return None
    return value if type(value) is date else date.fromisoformat(str(value)[:10])


def settled(items: Sequence[Row], as_of: date) -> list[Row]:
    """Return what amendments, trials and one-off prices leave of the rows to be paid.

    What is told anew on one key was never said. The others are written over one another
    in the order in which they were amended, day by day: a row takes its days, and the
    rest of each row that it begins within.
    """
    held: dict[tuple[str, str], dict[date, Row]] = defaultdict(dict)
    told = sorted(items, key=lambda row: str(row.get("modified_at") or ""))
    names = ("account_id", "item_id", "valid_from")
    latest = {tuple(str(row[name]) for name in names): row for row in told}
    recurring = [row for row in latest.values() if row["billing_interval"] != "once"]
    for row in sorted(recurring, key=told.index):
        days = held[row["account_id"], row["item_id"]]
        start, end = day_of(row["valid_from"]), day_of(row.get("valid_to")) or date.max
        for day, other in list(days.items()):
            began, ends = day_of(other["valid_from"]), day_of(other.get("valid_to"))
            if began < start < (ends or date.max) and day >= start:
                del days[day]
        day = start
        while day < end and day <= max(as_of, start):
            days[day] = row
            day += DAY
    rows = []
    for row in recurring:
        days = held[row["account_id"], row["item_id"]]
        left = [day for day, other in days.items() if other is row]
        if not left:
            continue
        last = max(left)
        end = row.get("valid_to") if last >= as_of else last + DAY
        paid = {"valid_from": min(left), "valid_to": end}
        if row.get("quantity_unit") == "usage":
            paid["usage_based"] = True
        if trial := day_of(row.get("trial_ends_on")):
            over = max(trial, min(left))
            if day_of(end) is not None:
                over = min(over, day_of(end))
            trying = {"valid_to": over, "status": "trialing"}
            if over > min(left):
                rows.append({**row, **paid, **trying})
            if over == day_of(end):
                continue
            paid["valid_from"] = over
            if row.get("status") == "trialing":
                paid["status"] = "active"
        rows.append({**row, **paid})
    return rows


def rounded(value: Fraction) -> Decimal:
    """Round to six decimals, half away from zero."""
    micros = abs(value) * 1_000_000
    whole = (2 * micros.numerator + micros.denominator) // (2 * micros.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-6)


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_before(end: date, months: int) -> date:
    """Return the month end that lies so many months before a month end."""
    index = end.year * 12 + end.month - 1 - months
    return month_end(date(index // 12, index % 12 + 1, 1))


def month_ends(first: date, last: date) -> Iterator[date]:
    """Yield every month end from `first` to the month of `last`."""
    end = month_end(first)
    while end <= month_end(last):
        yield end
        end = month_end(end + DAY)


def item_mrr(row: Row, discounted: bool) -> Decimal:
    """Return what one item pays a month while it pays, with or without its discount."""
    amount = Fraction(str(row.get("quantity") or 1)) * Fraction(str(row["unit_amount"]))
    if row.get("quantity") is not None and Fraction(str(row["quantity"])) == 0:
        amount = Fraction(0)
    if discounted:
        amount *= 1 - Fraction(str(row.get("discount_percent") or 0)) / 100
        amount = max(
            amount - Fraction(str(row.get("discount_amount") or 0)), Fraction(0)
        )
    years = Fraction(PERIODS_PER_YEAR[row["billing_interval"]], 12)
    return rounded(amount * years / int(row.get("interval_count") or 1))


def shared(
    deltas: Mapping[str, tuple[Decimal, Decimal]],
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return what of each currency's change is a transfer, natively and reported.

    As much falls as rises: the lesser of both sides, of which a side's currencies bear
    their parts in turn, each rounded with all before it.
    """
    sides = [
        {c: (n, r) for c, (n, r) in sorted(deltas.items()) if r * sign > 0}
        for sign in (-1, 1)
    ]
    sums = [abs(sum((r for _, r in side.values()), Decimal(0))) for side in sides]
    transfers = {}
    for sign, side, whole in zip((-1, 1), sides, sums, strict=True):
        seen, borne = Decimal(0), Decimal(0)
        for currency, (native, reported) in side.items():
            seen += abs(reported)
            due = rounded(Fraction(min(sums)) * Fraction(seen) / Fraction(whole))
            part, borne = due - borne, due
            own = Fraction(native) * Fraction(part) / Fraction(abs(reported))
            if part:
                transfers[currency] = rounded(own), sign * part
    return transfers


@dataclass
class Line:
    """What one subscription pays and has paused of one product, day by day."""

    paid: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    paused: dict[date, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    ended_on: set[date] = field(default_factory=set)

    def rise(self, amounts: dict[date, Decimal], day: date) -> Decimal:
        """Return by how much an amount is more than the day before."""
        return amounts.get(day, Decimal(0)) - amounts.get(day - DAY, Decimal(0))


@dataclass
class RevenueOracle:
    """What a book of business should read as, from its rows as landed."""

    items: Sequence[Row]
    as_of: date
    accounts: Sequence[Row] = ()
    account_history: Sequence[Row] = ()
    exchange_rates: Sequence[Row] = ()
    reporting_currency: str = "USD"
    _rates: dict[str, list[tuple[date, Fraction]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Settle the items, and sort the rates to the reporting currency by day."""
        self.items = settled(self.items, self.as_of)
        for row in self.exchange_rates:
            if row["to_currency"] == self.reporting_currency:
                since = day_of(row["valid_from"])
                entry = (since, Fraction(str(row["rate"])))
                self._rates.setdefault(row["currency"], []).append(entry)
        for entries in self._rates.values():
            entries.sort()

    def survivor(self, account_id: str) -> str:
        """Follow merges to the account under which all history is read."""
        while self._merged.get(account_id):
            account_id = self._merged[account_id]
        return account_id

    @cached_property
    def _merged(self) -> dict[str, str | None]:
        return {a["account_id"]: a.get("merged_into_account_id") for a in self.accounts}

    @cached_property
    def _owners(self) -> dict[str, str | None]:
        return {a["account_id"]: a.get("parent_account_id") for a in self.accounts}

    def rate(self, currency: str, day: date) -> Fraction:
        """Return the rate in force on a day; a currency to itself is 1."""
        if currency == self.reporting_currency:
            return Fraction(1)
        return [rate for since, rate in self._rates[currency] if since <= day][-1]

    def converted(self, amount: Decimal, currency: str, day: date) -> Decimal:
        """Convert a native amount at a day's rate, rounded once."""
        if currency == self.reporting_currency:
            return amount
        return rounded(Fraction(amount) * self.rate(currency, day))

    @cached_property
    def native(self) -> dict[str, dict[str, dict[date, Decimal]]]:
        """Return MRR by account, currency and day, up to AS_OF."""
        days: dict[str, Any] = defaultdict(lambda: defaultdict(dict))
        for row in self.items:
            if row.get("usage_based") in (True, "true"):
                continue
            if (row.get("status") or "active") not in PAYING:
                continue
            account = days[self.survivor(row["account_id"])]
            balance = account[row.get("currency") or self.reporting_currency]
            mrr = {
                discounted: item_mrr(row, discounted) for discounted in (True, False)
            }
            for day, discounted in self._days_of(row):
                balance[day] = balance.get(day, Decimal(0)) + mrr[discounted]
        return days

    def _days_of(self, row: Row) -> Iterator[tuple[date, bool]]:
        """Yield each day of an item up to AS_OF, and whether its discount runs."""
        start, end = day_of(row["valid_from"]), day_of(row.get("valid_to"))
        begins = day_of(row.get("discount_from")) or date.min
        ends = day_of(row.get("discount_to")) or date.max
        recurring = (row.get("discount_kind") or "recurring") == "recurring"
        day = start
        while day <= self.as_of and (end is None or day < end):
            yield day, recurring and begins <= day < ends
            day += DAY

    @cached_property
    def _lines(self) -> dict[str, dict[tuple[str, str], dict[tuple[str, str], Line]]]:
        """Return lines by account, then currency and product, then subscription.

        A subscription is known by its id within the account that it was landed of.
        """
        lines: dict[str, Any] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(Line))
        )
        for row in self.items:
            currency = row.get("currency") or self.reporting_currency
            product = row.get("product") or "unknown"
            line = lines[self.survivor(row["account_id"])][currency, product][
                row["account_id"], row.get("subscription_id") or row["item_id"]
            ]
            status = row.get("status") or "active"
            held = {True: line.paid, False: line.paused}.get(
                status in PAYING if status in (*PAYING, "paused") else None
            )
            if row.get("usage_based") in (True, "true"):
                held = None
            is_discounted = any(
                row.get(name) for name in ("discount_percent", "discount_amount")
            )
            last = None
            for day, discounted in self._days_of(row):
                if held is not None:
                    held[day] += item_mrr(row, discounted)
                if is_discounted and last not in (None, discounted):
                    line.ended_on.add(day)
                last = discounted
            if end := day_of(row.get("valid_to")):
                line.ended_on.add(end)
        return lines

    def _pause_days(self, account_id: str) -> Iterator[tuple[date, bool, bool]]:
        """Yield each day, whether all that went is paused, and if a pause holds any.

        A pause holds what it took, until that is paid again or cancelled. What is
        paused and was never paid for is in no pause, unless it came in the place of
        what another subscription of the product gave up on that day.
        """
        products = self._lines[account_id]
        held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        known: set[int] = set()
        days = {
            day
            for lines in products.values()
            for line in lines.values()
            for day in (*line.paid, *line.paused)
        }
        day = min(days)
        while day <= self.as_of:
            is_all_paused = True
            for key, subscriptions in products.items():
                lines = list(subscriptions.values())
                moved = sum((line.rise(line.paid, day) for line in lines), Decimal(0))
                gives_up = any(
                    line.rise(amounts, day) < 0
                    for line in lines
                    for amounts in (line.paid, line.paused)
                )
                paused = Decimal(0)
                for line in lines:
                    has_paid = line.paid.get(day - DAY, Decimal(0)) > 0
                    pauses = line.rise(line.paused, day) > 0
                    began = pauses and day not in line.ended_on
                    if has_paid or (began and gives_up):
                        known.add(id(line))
                    if id(line) in known:
                        paused += line.rise(line.paused, day)
                taken = min(max(-moved, Decimal(0)), max(paused, Decimal(0)))
                is_all_paused &= taken == max(-moved, Decimal(0))
                left = held[key] + taken - max(-paused, Decimal(0))
                held[key] = max(left, Decimal(0))
            yield day, is_all_paused, any(held.values())
            day += DAY

    @cached_property
    def turns(self) -> dict[str, dict[date, str]]:
        """Return, by account and day, how it began, stopped or came back."""
        turns: dict[str, dict[date, str]] = defaultdict(dict)
        for account_id in self.first_paid_on:
            before, was_held, last = Decimal(0), False, None
            for day, is_all_paused, is_held in self._pause_days(account_id):
                after = sum(
                    (days.get(day, 0) for days in self.native[account_id].values()),
                    Decimal(0),
                )
                turn = None
                if before == 0 and after > 0:
                    is_resumed = last == "pause" and was_held
                    back = "resume" if is_resumed else "reactivation"
                    turn = back if last else "new"
                elif before > 0 and after == 0:
                    turn = "pause" if is_all_paused else "churn"
                if turn:
                    turns[account_id][day] = last = turn
                before, was_held = after, is_held
        return turns

    @cached_property
    def held_days(self) -> dict[str, set[date]]:
        """Return the days at whose end a pause still holds something it took."""
        return {
            account_id: {day for day, _, held in self._pause_days(account_id) if held}
            for account_id in self.first_paid_on
        }

    def balance(self, account_id: str, day: date, rate_day: date) -> Decimal:
        """Return MRR at the end of a day, each currency converted and rounded once."""
        return sum(
            (
                self.converted(days[day], currency, rate_day)
                for currency, days in self.native[account_id].items()
                if day in days
            ),
            Decimal(0),
        )

    @cached_property
    def first_paid_on(self) -> dict[str, date]:
        """Return the first day on which each account pays; only those that ever do."""
        paid = {
            account_id: [
                day for days in native.values() for day, mrr in days.items() if mrr > 0
            ]
            for account_id, native in sorted(self.native.items())
        }
        return {account_id: min(days) for account_id, days in paid.items() if days}

    def movements(self) -> pd.DataFrame:
        """Return one row per account, currency, day: what the day did to the account.

        Without fx, and without sub-reasons; days that leave each currency as it was
        have no row.
        """
        rows = []
        for account_id, day in self.first_paid_on.items():
            while day <= self.as_of:
                turn = self.turns[account_id].get(day)
                deltas = self._deltas(account_id, day)
                moved = sum((reported for _, reported in deltas.values()), Decimal(0))
                change = "expansion" if moved >= 0 else "contraction"
                transfers = {} if turn else shared(deltas)
                for currency, (native, reported) in deltas.items():
                    gone_native, gone = transfers.get(currency, (Decimal(0),) * 2)
                    for movement, *amounts in (
                        ("currency_transfer", gone, gone_native),
                        (turn or change, reported - gone, native - gone_native),
                    ):
                        if any(amounts):
                            keys = (account_id, currency, day, movement)
                            rows.append((*keys, *amounts))
                day += DAY
        columns = ["account_id", "currency", "effective_on", "movement"]
        return pd.DataFrame(rows, columns=[*columns, "mrr_delta", "mrr_delta_native"])

    def _deltas(self, account_id: str, day: date) -> dict[str, tuple[Decimal, Decimal]]:
        """Return what a day changed by currency, natively and in reported money."""
        deltas = {}
        for currency, days in sorted(self.native[account_id].items()):
            delta = days.get(day, Decimal(0)) - days.get(day - DAY, Decimal(0))
            if delta:
                deltas[currency] = delta, self.converted(delta, currency, day)
        return deltas

    def account_months(self) -> pd.DataFrame:
        """Return one row per account and month, as fct_account_mrr_months has it."""
        moved: dict[tuple[str, date, str], Decimal] = defaultdict(Decimal)
        for row in self.movements().to_dict("records"):
            end = month_end(row["effective_on"])
            moved[row["account_id"], end, row["movement"]] += row["mrr_delta"]
        rows = []
        for account_id, first in self.first_paid_on.items():
            opening = Decimal(0)
            for end in month_ends(first, self.as_of):
                last = min(end, self.as_of)
                closing = self.balance(account_id, last, last)
                by_movement = {m: moved[account_id, end, m] for m in MOVEMENTS[:-1]}
                known = sum(by_movement.values(), Decimal(0))
                by_movement["fx"] = closing - opening - known
                if opening or closing or any(by_movement.values()):
                    rows.append(
                        {"account_id": account_id, "mrr_month": end.replace(day=1)}
                        | {"opening_mrr": opening}
                        | {f"{name}_mrr": mrr for name, mrr in by_movement.items()}
                        | {"closing_mrr": closing}
                        | {"is_final": self.as_of >= end + GRACE_DAYS * DAY}
                    )
                opening = closing
        columns = ["account_id", "mrr_month", "opening_mrr"]
        columns += [f"{name}_mrr" for name in MOVEMENTS]
        return pd.DataFrame(rows, columns=[*columns, "closing_mrr", "is_final"])

    def parent_on(self, account_id: str, day: date) -> str | None:
        """Return the account that owns this one on a day."""
        versions = [
            row
            for row in self.account_history
            if row["account_id"] == account_id
            and (day_of(row["valid_from"]) or date.min) <= day
            and day < (day_of(row.get("valid_to")) or date.max)
        ]
        owner = self._owners.get(account_id)
        parent = versions[0].get("parent_account_id") if versions else owner
        return self.survivor(parent) if parent else None

    def ultimate_parent(self, account_id: str, day: date) -> str:
        """Follow the chain of owners on a day to its top."""
        while parent := self.parent_on(account_id, day):
            account_id = parent
        return account_id
