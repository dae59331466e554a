"""Play every contract, month by month, into true subscription item versions."""

from dataclasses import dataclass, field, replace
from random import Random

import pandas as pd

from orchestration.sample_company.calendar_days import (
    months_after,
    sixteenth_between,
    to_date,
)
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.prices import (
    NOTICE_DAYS,
    PLANS,
    TERM_INTERVAL,
    TERM_MONTHS,
    Price,
    metered_price,
    price_of,
)
from orchestration.sample_company.states import CAUSES, States

FRAME_COLUMNS = ("account_id", "currency", "start", "seats", "plan", "term")


@dataclass(slots=True)
class Version:
    """Hold one item version; `record` says how its start can be known.

    Records: `start`, `renewal` (next invoice), `proration` (dated lines), `history`
    (captured quantity, no line), `none` (first seen on the next invoice).
    """

    valid_from: int
    valid_to: int | None
    price: Price
    quantity: int
    record: str


@dataclass(slots=True)
class Item:
    """Hold one subscription item and its versions in time order."""

    item_id: str
    versions: list[Version]


@dataclass(slots=True)
class Discount:
    """Hold one coupon on a subscription; `kind` is the Stripe duration."""

    coupon_id: str
    percent: float | None
    amount_cents: int | None
    kind: str
    valid_from: int
    valid_to: int | None


@dataclass(slots=True)
class Subscription:
    """Hold one contract: days are numbers since the first day, `None` for never."""

    subscription_id: str
    account: int
    currency: str
    term: str
    start: int
    anchor: int
    second: int
    items: list[Item]
    phases: list[tuple[int, str]]
    end: int | None = None
    captured: int | None = None
    notice: int | None = None
    revoked: tuple[int, int, int] | None = None
    kind: str = "running"
    cause: str | None = None
    discount: Discount | None = None
    failures: dict[int, tuple[int, bool]] = field(default_factory=dict)
    pauses: list[tuple[int, int]] = field(default_factory=list)
    has_fee: bool = False

    @property
    def is_second(self) -> bool:
        """Tell whether this contract only sells an add-on beside the platform's."""
        return self.main.versions[0].price.product != "Platform"

    @property
    def main(self) -> Item:
        """Return the first item: the platform, but for a second subscription."""
        return self.items[0]

    def period(self, index: int) -> int:
        """Return the first day of billing period `index`."""
        return months_after(self.anchor, index * TERM_MONTHS[self.term])


@dataclass(frozen=True, slots=True)
class Needs:
    """Hold what contract decisions of one account read from its latent state."""

    hazard: list[float]
    causes: list[list[float]]
    value: list[float]
    wanted: list[float]


class ContractPlay:
    """Play the contracts of one account with its own random stream."""

    def __init__(
        self, account: dict, needs: Needs, seed: int, parameters: Parameters
    ) -> None:
        """Remember the account, its needs and its random stream."""
        self.account = account
        self.needs = needs
        self.parameters = parameters
        self.random = Random(f"{seed}-contract-{account['number']}")
        self.last = (parameters.last_day - parameters.first_day).days
        self.subscriptions: list[Subscription] = []
        self.migrates_on = (
            self.random.randint(300, 660)
            if self.random.random() < parameters.migration_share
            else None
        )

    def chance(self, probability: float) -> bool:
        """Draw one happening of the given probability."""
        return self.random.random() < probability

    def week(self, day: int) -> int:
        """Return the week number of a day, held inside the window."""
        return max(0, min(day // 7, len(self.needs.hazard) - 1))

    def play(self) -> list[Subscription]:
        """Play contract after contract until the account is gone or the data end."""
        p = self.parameters
        day, seats = self.account["start"], self.account["seats"]
        plan, is_trial = PLANS[self.account["plan"]], self.chance(p.trial_share)
        has_add_on, winback, edition = False, False, None
        carried: Discount | None = None
        while day <= self.last:
            subscription = self.opened(
                day, seats, plan, edition, is_trial, has_add_on, winback
            )
            if carried is not None:
                subscription.discount = carried
            self.subscriptions.append(subscription)
            self.run(subscription)
            if subscription.end is None or subscription.end > self.last:
                break
            final = subscription.main.versions[-1]
            seats, plan = final.quantity, final.price.plan
            has_add_on = any(
                item.versions[-1].price.plan == "Analytics"
                and item.versions[-1].valid_to in (None, subscription.end)
                for item in subscription.items
            )
            is_trial, winback, edition, carried = False, False, None, None
            if subscription.kind == "late_renewal":
                day = subscription.end + self.random.randint(5, 40)
                carried = carried_over(subscription.discount, day)
            elif subscription.kind == "migration":
                day, edition = subscription.end, edition_of(final.price)
                carried = carried_over(subscription.discount, day)
            elif subscription.kind in ("churn", "unpaid") and self.chance(
                p.reactivation_share
            ):
                day = subscription.end + self.random.randint(60, 260)
                seats, has_add_on, winback = max(3, int(seats * 0.8)), False, True
            else:
                break
        if self.chance(p.second_subscription_share):
            self.add_second()
        return self.subscriptions

    def add_second(self) -> None:
        """Sell Analytics on a monthly contract beside one that runs on."""
        first = self.subscriptions[-1]
        begin, number = first.anchor + 70, self.account["number"]
        if first.end is not None or len(first.items) > 1 or begin + 90 > self.last:
            return
        start = self.random.randint(begin, self.last - 60)
        price = price_of("Analytics", first.currency, "month", to_date(start).year)
        quantity = first.main.versions[0].quantity
        second = Subscription(
            subscription_id=f"sub_{number:06d}50",
            account=number,
            currency=first.currency,
            term="month",
            start=start,
            anchor=start,
            second=first.second,
            items=[
                Item(
                    f"si_{number:06d}5000",
                    [Version(start, None, price, quantity, "start")],
                )
            ],
            phases=[(start, "active")],
        )
        if self.chance(0.4):
            end = second.period(self.random.randint(2, 9))
            if end <= self.last:
                second.notice, second.end = end - self.random.randint(2, 25), end
                second.kind = "add_on_ended"
                self.close(second)
        self.subscriptions.append(second)

    def opened(
        self,
        day: int,
        seats: int,
        plan: str,
        edition: int | None,
        is_trial: bool,
        has_add_on: bool,
        winback: bool,
    ) -> Subscription:
        """Open a subscription on `day` with its items and perhaps a coupon."""
        p, account = self.parameters, self.account
        number = len(self.subscriptions)
        subscription_id = f"sub_{account['number']:06d}{number:02d}"
        currency, term = account["currency"], account["term"]
        edition = edition or to_date(day).year
        subscription = Subscription(
            subscription_id=subscription_id,
            account=account["number"],
            currency=currency,
            term=term,
            start=day,
            anchor=day + 14 if is_trial else day,
            second=self.random.randint(8 * 3600, 19 * 3600),
            items=[
                Item(
                    f"si_{subscription_id[4:]}00",
                    [
                        Version(
                            day,
                            None,
                            price_of(plan, currency, term, edition),
                            seats,
                            "start",
                        )
                    ],
                )
            ],
            phases=[(day, "trialing"), (day + 14, "active")]
            if is_trial
            else [(day, "active")],
            has_fee=number == 0 and plan == "Enterprise" and self.chance(0.5),
        )
        if has_add_on:
            price = price_of("Analytics", currency, term, edition)
            subscription.items.append(
                Item(
                    f"si_{subscription_id[4:]}01",
                    [Version(day, None, price, seats, "start")],
                )
            )
        is_metered = account["number"] % 1000 < 1000 * p.metered_share
        if term == "month" and is_metered:
            subscription.items.append(
                Item(
                    f"si_{subscription_id[4:]}09",
                    [Version(day, None, metered_price(currency), 1, "start")],
                )
            )
        if winback or (number == 0 and self.chance(p.coupon_share)):
            subscription.discount = self.coupon(subscription, winback, has_add_on)
        if is_trial and not self.chance(p.trial_conversion_share):
            subscription.kind, subscription.end = "trial_ended", day + 14
            subscription.captured = subscription.end
            subscription.phases = [(day, "trialing")]
        return subscription

    def coupon(
        self, subscription: Subscription, winback: bool, has_add_on: bool
    ) -> Discount:
        """Choose a coupon which starts with the subscription."""
        first = subscription.anchor
        kinds = [
            ("launch10", 10.0, None, "forever", None),
            ("early20", 20.0, None, "repeating", 3),
            ("growth15", 15.0, None, "repeating", 6),
            ("first50", 50.0, None, "once", None),
            (f"off30_{subscription.currency}", None, 3000, "forever", None),
            (f"off40_{subscription.currency}", None, 4000, "repeating", 6),
        ]
        choice = 1 if winback else self.random.choice([0, 1, 2, 2, 3, 4, 5])
        if has_add_on and choice >= 4:
            choice = 0
        coupon_id, percent, amount, kind, months = kinds[choice]
        end = None if months is None else months_after(first, months)
        if kind == "once":
            end = subscription.period(1)
        return Discount(coupon_id, percent, amount, kind, first, end)

    def run(self, subscription: Subscription) -> None:
        """Play the months of one subscription until it ends or the data end."""
        if subscription.end is not None:
            self.close(subscription)
            return
        months = TERM_MONTHS[subscription.term]
        failing_until = -1
        for index in range(40):
            first = months_after(subscription.anchor, index)
            following = months_after(subscription.anchor, index + 1)
            if first > self.last:
                break
            is_boundary = index % months == 0
            if is_boundary and index > 0:
                if self.ends_at(subscription, first):
                    break
                self.renew(subscription, first, index)
            if subscription.pauses and first < subscription.pauses[-1][1]:
                continue
            if is_boundary and first >= failing_until and index > 0:
                failing_until = self.maybe_fail(subscription, first)
                if subscription.end is not None:
                    break
            if subscription.notice is not None or first < failing_until:
                continue
            if self.maybe_pause(subscription, index):
                continue
            if not self.maybe_leave(subscription, index, first, following):
                self.maybe_grow(subscription, first, following)
        self.close(subscription)

    def ends_at(self, subscription: Subscription, day: int) -> bool:
        """End the subscription on a period boundary where that is due."""
        p = self.parameters
        if subscription.notice is not None:
            subscription.end = day
            subscription.kind = "churn"
        elif subscription.term != "month" and self.chance(p.late_renewal_share):
            subscription.end, subscription.kind = day, "late_renewal"
        elif self.migrates_on is not None and day >= self.migrates_on:
            subscription.end, subscription.kind = day, "migration"
            self.migrates_on = None
        return subscription.end is not None

    def renew(self, subscription: Subscription, day: int, index: int) -> None:
        """Apply price uplift, lost seats and lost plans at a period start."""
        p, week = self.parameters, self.week(day)
        main = subscription.main.versions[-1]
        price, quantity = main.price, main.quantity
        wanted, value = self.needs.wanted[week], self.needs.value[week]
        yearly = subscription.term == "year"
        factor = 2.0 if yearly else 1.0
        if wanted / quantity < p.seat_slack_threshold and self.chance(
            min(1.0, p.seat_contraction_probability * factor)
        ):
            quantity = max(3, int(wanted * 1.1), int(quantity * 0.6))
        downgrade = p.downgrade_probability * (8 if yearly else 3)
        if value < 0.38 and price.plan != "Starter" and self.chance(downgrade):
            plan = PLANS[PLANS.index(price.plan) - 1]
            price = price_of(
                plan, subscription.currency, subscription.term, edition_of(price)
            )
        if index % 12 == 0 and self.chance(p.uplift_probability):
            edition = min(to_date(day).year, 2025)
            price = price_of(
                price.plan, subscription.currency, subscription.term, edition
            )
            for item in subscription.items[1:]:
                last = item.versions[-1]
                if last.price.plan == "Analytics" and last.valid_to is None:
                    new = price_of(
                        "Analytics", subscription.currency, subscription.term, edition
                    )
                    change(item, day, new, last.quantity, "renewal")
        change(subscription.main, day, price, quantity, "renewal")
        for item in subscription.items[1:]:
            last = item.versions[-1]
            is_held = last.price.plan == "Analytics" and last.valid_to is None
            if is_held and value < 0.4 and self.chance(0.10 * factor):
                last.valid_to = day
        if subscription.discount is None and index % 12 == 0 and self.chance(0.05):
            subscription.discount = Discount(
                "loyal10", 10.0, None, "repeating", day, months_after(day, 6)
            )

    def maybe_fail(self, subscription: Subscription, day: int) -> int:
        """Let a payment fail: past due, then paid, or unpaid and cancelled."""
        p = self.parameters
        if not self.chance(p.payment_failure_probability):
            return day
        recovers = not self.chance(p.never_recovered_share)
        if recovers:
            paid = day + self.random.randint(3, 14)
            subscription.phases += [(day, "past_due"), (paid, "active")]
            if self.chance(0.15):
                unpaid = day + 15
                paid = unpaid + self.random.randint(4, 12)
                subscription.phases[-1] = (unpaid, "unpaid")
                subscription.phases.append((paid, "active"))
            subscription.failures[day] = (paid, True)
            return paid
        subscription.phases += [(day, "past_due"), (day + 15, "unpaid")]
        subscription.end, subscription.kind = day + 28, "unpaid"
        subscription.cause = "payment_failed"
        subscription.failures[day] = (day + 28, False)
        return day + 28

    def maybe_pause(self, subscription: Subscription, index: int) -> bool:
        """Pause a monthly subscription from this period start for some months."""
        p = self.parameters
        if (
            subscription.term != "month"
            or index < 3
            or subscription.pauses
            or not self.chance(p.pause_probability)
        ):
            return False
        first = months_after(subscription.anchor, index)
        last = months_after(subscription.anchor, index + self.random.randint(1, 3))
        subscription.pauses.append((first, last))
        subscription.phases += [(first, "paused"), (last, "active")]
        return True

    def maybe_leave(
        self, subscription: Subscription, index: int, first: int, following: int
    ) -> bool:
        """Draw a notice within this month from the weekly hazard."""
        p, months = self.parameters, TERM_MONTHS[subscription.term]
        left_in_term = months - index % months
        if subscription.term == "year" and left_in_term > p.year_decision_months:
            return False
        factor = {
            "month": 1.0,
            "quarter": p.quarter_hazard_factor,
            "year": p.year_hazard_factor,
        }[subscription.term]
        latest = following - (10 if subscription.term == "year" else 1)
        for day in range(first + 1, min(latest, self.last), 7):
            week = self.week(day)
            if self.chance(min(0.6, self.needs.hazard[week] * factor)):
                notice = min(day + self.random.randint(0, 5), latest, self.last)
                end = subscription.period(index // months + 1)
                if subscription.revoked is None and self.chance(p.revoked_notice_share):
                    revoked = min(notice + self.random.randint(3, 9), end - 1)
                    subscription.revoked = (notice, revoked, end)
                    return True
                weights = self.needs.causes[week]
                strongest = max(range(len(CAUSES)), key=weights.__getitem__)
                subscription.notice, subscription.end = notice, None
                subscription.cause = (
                    CAUSES[strongest] if weights[strongest] > 0.2 else "other"
                )
                return True
        return False

    def maybe_grow(
        self, subscription: Subscription, first: int, following: int
    ) -> None:
        """Add seats under pressure, move up a plan, or buy the add-on."""
        p, week = self.parameters, self.week(first + 14)
        main = subscription.main.versions[-1]
        value = self.needs.value[week]
        pressure = self.needs.wanted[week] / main.quantity
        day, record = self.change_day(subscription, first, following)
        if day > self.last or day <= main.valid_from:
            return
        if pressure > p.seat_pressure_threshold and self.chance(
            p.seat_expansion_probability
        ):
            more = max(1, round(main.quantity * self.random.uniform(0.10, 0.30)))
            if self.chance(p.unrecorded_change_share) and record == "proration":
                hidden = subscription.term == "month" and self.chance(0.3)
                record = "none" if hidden else "history"
            change(subscription.main, day, main.price, main.quantity + more, record)
        elif (
            value > 0.55
            and main.price.plan != "Enterprise"
            and self.chance(p.upgrade_probability)
        ):
            plan = PLANS[PLANS.index(main.price.plan) + 1]
            price = price_of(
                plan, subscription.currency, subscription.term, edition_of(main.price)
            )
            change(subscription.main, day, price, main.quantity, record)
        elif value > 0.5 and self.chance(p.add_on_probability):
            is_single = not any(
                item.versions[-1].price.plan == "Analytics"
                for item in subscription.items
            )
            has_amount_off = (
                subscription.discount is not None
                and subscription.discount.amount_cents is not None
            )
            if is_single and not has_amount_off:
                price = price_of(
                    "Analytics",
                    subscription.currency,
                    subscription.term,
                    edition_of(main.price),
                )
                subscription.items.append(
                    Item(
                        f"si_{subscription.subscription_id[4:]}01",
                        [Version(day, None, price, main.quantity, record)],
                    )
                )
        elif (
            pressure < 0.5
            and subscription.term == "month"
            and self.chance(p.seat_contraction_probability * 0.3)
        ):
            quantity = max(3, int(main.quantity * 0.8))
            change(subscription.main, day, main.price, quantity, record)

    def change_day(
        self, subscription: Subscription, first: int, following: int
    ) -> tuple[int, str]:
        """Choose the day of a mid-term change, often the 16th."""
        sixteenth = sixteenth_between(first, following)
        if sixteenth is not None and self.chance(0.45):
            return sixteenth, "proration"
        return self.random.randint(first + 1, following - 1), "proration"

    def close(self, subscription: Subscription) -> None:
        """End items and phases with the subscription, and say when it was seen."""
        p = self.parameters
        if subscription.end is None:
            if subscription.notice is not None:
                index = 0
                while subscription.period(index) <= subscription.notice:
                    index += 1
                subscription.end = subscription.period(index)
                subscription.kind = "scheduled"
            return
        end = subscription.end
        subscription.captured = end
        if subscription.kind == "churn" and self.chance(p.backdated_share):
            captured = end + self.random.randint(6, 25)
            if captured <= self.last:
                subscription.captured, subscription.notice = captured, None
        subscription.phases = [phase for phase in subscription.phases if phase[0] < end]
        for item in subscription.items:
            item.versions = [v for v in item.versions if v.valid_from < end]
            if item.versions and item.versions[-1].valid_to is None:
                item.versions[-1].valid_to = end
        subscription.items = [item for item in subscription.items if item.versions]


def carried_over(discount: Discount | None, day: int) -> Discount | None:
    """Move a coupon which still runs to the subscription that follows."""
    if discount is None or discount.kind == "once":
        return None
    if discount.valid_to is not None and discount.valid_to <= day:
        return None
    return replace(discount, valid_from=day)


def edition_of(price: Price) -> int:
    """Read the yearly edition from a price id."""
    return int(price.price_id[-4:])


def change(item: Item, day: int, price: Price, quantity: int, record: str) -> None:
    """Close the open version of `item` and start the next, if anything differs."""
    last = item.versions[-1]
    if (last.price, last.quantity) == (price, quantity) or last.valid_to is not None:
        return
    if last.valid_from == day:
        last.price, last.quantity = price, quantity
        return
    last.valid_to = day
    item.versions.append(Version(day, None, price, quantity, record))


def play_contracts(
    accounts: pd.DataFrame, states: States, seed: int, parameters: Parameters
) -> list[Subscription]:
    """Play the contracts of all paying accounts, in account order."""
    subscriptions: list[Subscription] = []
    columns = ["number", "is_payer", *FRAME_COLUMNS]
    for position, account in enumerate(accounts[columns].to_dict("records")):
        if not account["is_payer"]:
            continue
        needs = Needs(
            hazard=states.hazard[position].tolist(),
            causes=states.causes[position].tolist(),
            value=states.value[position].tolist(),
            wanted=states.wanted_users[position].tolist(),
        )
        subscriptions += ContractPlay(account, needs, seed, parameters).play()
    return subscriptions


def phase_intervals(
    subscription: Subscription,
) -> list[tuple[int, int | None, str]]:
    """List the status intervals of a subscription, the last perhaps open."""
    starts = [*subscription.phases]
    end = subscription.end if subscription.kind != "scheduled" else None
    bounds = [day for day, _ in starts[1:]] + [end]
    return [
        (day, until, status)
        for (day, status), until in zip(starts, bounds, strict=True)
        if until is None or until > day
    ]


def true_items(
    subscriptions: list[Subscription], account_ids: dict[int, str], last: int
) -> pd.DataFrame:
    """Cut item versions by status and term, in the shape of the files contract."""
    rows = []
    for subscription in subscriptions:
        terms = term_starts(subscription, last)
        for item in subscription.items:
            for version in item.versions:
                rows += version_rows(
                    subscription, item, version, terms, account_ids, last
                )
    frame = pd.DataFrame(rows)
    for column in (
        "valid_from",
        "valid_to",
        "discount_from",
        "discount_to",
        "notice_on",
        "contract_end_on",
    ):
        frame[column] = pd.to_datetime(
            [None if pd.isna(day) else to_date(day) for day in frame[column]]
        )
    return frame.sort_values(["item_id", "valid_from"], ignore_index=True)


def term_starts(subscription: Subscription, last: int) -> list[int]:
    """List the starts of contract terms; a monthly contract has none."""
    if subscription.term == "month":
        return []
    starts, index = [], 0
    while subscription.period(index) <= last:
        starts.append(subscription.period(index))
        index += 1
    return [*starts, subscription.period(index)]


def version_rows(
    subscription: Subscription,
    item: Item,
    version: Version,
    terms: list[int],
    account_ids: dict[int, str],
    last: int,
) -> list[dict]:
    """Cut one version where the status or the contract term changes.

    A monthly contract has an end only once notice was given, and is cut there: an end
    on a row which began before would tell of the notice early.
    """
    notice = subscription.notice
    is_open_ended = not terms
    turns = [notice] if is_open_ended and notice is not None else terms
    rows = []
    for begin, until, status in phase_intervals(subscription):
        first = max(begin, version.valid_from)
        ends = [day for day in (until, version.valid_to) if day is not None]
        end = min(ends) if ends else None
        if first > last or (end is not None and end <= first):
            continue
        inner = [t for t in turns if first < t <= last and (end is None or t < end)]
        cuts = [first, *inner]
        for start, stop in zip(cuts, [*inner, end], strict=True):
            contract_end = next((t for t in terms if t > start), None)
            if is_open_ended and notice is not None and start >= notice:
                contract_end = subscription.end
            is_noticed = notice is not None and (stop is None or stop > notice)
            rows.append(
                item_row(subscription, item, version, status)
                | {
                    "account_id": account_ids[subscription.account],
                    "valid_from": start,
                    "valid_to": None if stop is None or stop > last else stop,
                    "contract_end_on": contract_end,
                    "notice_on": notice if is_noticed else None,
                }
            )
    return rows


def item_row(
    subscription: Subscription, item: Item, version: Version, status: str
) -> dict:
    """Describe one version without its days."""
    interval, count = TERM_INTERVAL[subscription.term]
    row = {
        "item_id": item.item_id,
        "subscription_id": subscription.subscription_id,
        "product": version.price.product,
        "plan": version.price.plan,
        "quantity": version.quantity,
        "unit_amount": version.price.cents / 100,
        "currency": subscription.currency.upper(),
        "billing_interval": interval,
        "interval_count": count,
        "discount_percent": None,
        "discount_amount": None,
        "discount_kind": None,
        "discount_from": None,
        "discount_to": None,
        "status": status,
        "notice_period_days": NOTICE_DAYS[subscription.term],
        "usage_based": version.price.is_metered,
    }
    discount = subscription.discount
    if discount is None or version.price.is_metered:
        return row
    is_amount = discount.amount_cents is not None
    if is_amount and item is not subscription.main:
        return row
    return row | {
        "discount_percent": discount.percent,
        "discount_amount": discount.amount_cents / 100 if is_amount else None,
        "discount_kind": "once" if discount.kind == "once" else "recurring",
        "discount_from": discount.valid_from,
        "discount_to": discount.valid_to,
    }
