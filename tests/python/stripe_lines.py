"""Play subscriptions as Stripe bills them, beside what each of them truly pays."""

from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
AS_OF = date(2026, 3, 31)
FIRST = date(2025, 1, 1)
# Months of a period, and what a seat costs for it, in cents.
PRICES = {
    "free": (1, 0),
    "free year": (12, 0),
    "month": (1, 1000),
    "month pro": (1, 2500),
    "quarter": (3, 2700),
    "quarter pro": (3, 6900),
    "year": (12, 9600),
    "year pro": (12, 24000),
}
BEHAVIOURS = ["create_prorations", "always_invoice", "none"]
CHANGES = ["seats", "seats", "price", "price", "switch", "switch", "reset", "add"]
CHANGES += ["drop", "void", "void kept", "gift"]


def after(day: date, months: int, anchor: int) -> date:
    """Return the day so many months later, on the anchor's day of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(anchor, monthrange(year, month)[1]))


def month_ends() -> list[date]:
    """List the last day of each month that is played."""
    days = [FIRST + timedelta(days=n) for n in range((AS_OF - FIRST).days + 1)]
    return [day for day in days if (day + timedelta(days=1)).day == 1]


@dataclass
class Item:
    """One item, as it is sold now."""

    key: str
    price: str
    seats: int

    @property
    def mrr(self) -> float:
        """Return what the item pays a month."""
        months, unit = PRICES[self.price]
        return self.seats * unit / 100 / months


@dataclass
class Told:
    """What an item pays from a day on, once a bill or a look tells it."""

    day: date
    item: str
    mrr: float
    is_known: bool


@dataclass
class Subscription:
    """Stripe's own bookkeeping of one subscription."""

    name: str
    random: Random
    items: list[Item]
    begin: date
    anchor: int
    end: date = field(init=False)
    pending: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    ended: date | None = None

    def at(self, day: date) -> datetime:
        """Return the instant of a day on which this subscription bills."""
        return datetime.combine(day, time(9, 0, self.anchor))

    def line(self, item: Item, start: date, amount: float, is_proration: bool) -> Row:
        """Return a line from a day until the end of the period."""
        return {
            "id": f"il {self.name} {self.random.getrandbits(60):x}",
            "subscription_id": self.name,
            "subscription_item_id": item.key,
            "plan_id": item.price,
            "quantity": item.seats,
            "amount": round(amount),
            "currency": "usd",
            "type": "subscription",
            "proration": str(is_proration).lower(),
            "period_start": self.at(start),
            "period_end": self.at(self.end),
        }

    def part(self, item: Item, day: date) -> float:
        """Return what the rest of the period costs from a day."""
        whole = (self.end - self.begin).days
        unit = PRICES[item.price][1]
        return item.seats * unit * (self.end - day).days / whole

    def credit(self, item: Item, day: date) -> Row:
        """Give back what is unused of an item."""
        return self.line(item, day, -self.part(item, day), True)

    def debit(self, item: Item, day: date) -> Row:
        """Charge an item for the rest of the period."""
        return self.line(item, day, self.part(item, day), True)

    def bill(self, day: date, lines: list[Row], status: str = "paid") -> None:
        """Write an invoice with its lines in any order."""
        key = f"in {self.name} {len(self.invoices)}"
        total = sum(line["amount"] for line in lines)
        self.invoices.append(
            {
                "id": key,
                "customer_id": f"c {self.name}",
                "subscription_id": self.name,
                "status": status,
                "created": self.at(day),
                "currency": "usd",
                "is_deleted": "false",
                "total": total,
                "amount_paid": max(total, 0) if status == "paid" else 0,
            }
        )
        self.random.shuffle(lines)
        self.lines += [line | {"invoice_id": key} for line in lines]

    def start_period(self, day: date, credits_given: list[Row]) -> None:
        """Charge every item for a whole period from a day."""
        months = PRICES[self.items[0].price][0]
        self.begin, self.end = day, after(day, months, self.anchor)
        charges = [
            self.line(item, day, item.seats * PRICES[item.price][1], False)
            for item in self.items
        ]
        # The charge of a reset may be stamped a second before or after its credit.
        shift = timedelta(seconds=self.random.choice([0, 0, 0, 1, -1]))
        if credits_given:
            for charge in charges:
                charge["period_start"] += shift
        self.bill_pending(day, credits_given + charges)
        for item in self.items:
            self.tell(day, item)

    def bill_pending(self, day: date, lines: list[Row]) -> None:
        """Write an invoice with what waited for one, which tells it."""
        self.bill(day, self.pending + lines)
        self.pending = []
        self.told = [replace(told, is_known=True) for told in self.told]

    def tell(self, day: date, item: Item, is_known: bool = True) -> None:
        """Note what an item pays from a day on."""
        mrr = item.mrr if item in self.items else 0
        self.told.append(Told(day, item.key, mrr, is_known))

    def mrr_on(self, day: date) -> float:
        """Return what is truly paid on a day, as far as anything tells it."""
        if self.ended and self.ended <= day:
            return 0
        known = [told for told in self.told if told.is_known and told.day <= day]
        return sum({told.item: told.mrr for told in known}.values())

    def change(self, kind: str, day: date) -> None:
        """Change what is sold on a day within the period."""
        random = self.random
        item = random.choice(self.items)
        months = PRICES[item.price][0]
        behaviour = random.choice(BEHAVIOURS)
        self.story.append(f"{day} {kind} {behaviour}")
        if kind in ("switch", "reset"):
            taken = (
                [] if behaviour == "none" else [self.credit(i, day) for i in self.items]
            )
            if kind == "switch":
                other = random.choice([p for p in PRICES if PRICES[p][0] != months])
                same = [p for p in PRICES if PRICES[p][0] == PRICES[other][0]]
                for each in self.items:
                    each.price = random.choice(same)
            else:
                item.seats = random.randint(1, 9)
            self.anchor = day.day
            self.start_period(day, taken)
            return
        if kind[:4] == "void":
            wanted = Item(item.key, item.price, item.seats + random.randint(1, 5))
            self.bill(day, [self.credit(item, day), self.debit(wanted, day)], "void")
            if kind == "void kept":
                item.seats = wanted.seats
            return
        if kind == "gift":
            if item.mrr:
                self.bill(day, [self.credit(item, day)])
            return
        if kind == "add":
            sold = random.choice([p for p in PRICES if PRICES[p][0] == months])
            added = Item(
                f"si {self.name} {len(self.story)}", sold, random.randint(1, 5)
            )
            self.items.append(added)
            item, lines = added, [self.debit(added, day)]
        elif kind == "drop":
            if len(self.items) == 1:
                return
            self.items.remove(item)
            lines = [self.credit(item, day)]
            behaviour = "always_invoice" if behaviour == "none" else behaviour
        else:
            lines = [self.credit(item, day)]
            if kind == "seats":
                item.seats = random.choice([n for n in range(10) if n != item.seats])
            else:
                item.price = random.choice(
                    [p for p in PRICES if PRICES[p][0] == months and p != item.price]
                )
            lines.append(self.debit(item, day))
        if behaviour == "none":
            return
        is_billed = behaviour == "always_invoice"
        self.tell(day, item, is_billed)
        if is_billed:
            self.bill(day, lines)
        else:
            self.pending += lines


def play(name: str, random: Random) -> Subscription:
    """Play one subscription until it ends or the run's day comes."""
    price = random.choice(list(PRICES))
    begin = FIRST + timedelta(days=random.randint(0, 120))
    items = [Item(f"si {name}", price, random.randint(1, 9))]
    played = Subscription(name, random, items, begin, begin.day)
    played.start_period(begin, [])
    day = begin
    ends_on = AS_OF - timedelta(days=random.randint(1, 200))
    is_ending = random.random() < 0.25
    while True:
        following = day + timedelta(days=random.randint(15, 150))
        while played.end <= min(following, AS_OF):
            played.start_period(played.end, [])
        if is_ending and following > ends_on:
            cancel(played, following)
            break
        if following > AS_OF:
            break
        day = following
        if played.begin < day < played.end:
            played.change(random.choice(CHANGES), day)
    sold = {told.item for told in played.told}
    for key in sold - {item.key for item in played.items}:
        played.told.append(Told(AS_OF, key, 0, True))
    for item in played.items:
        played.tell(AS_OF, item)
    return played


def cancel(played: Subscription, day: date) -> None:
    """End a subscription, with or without giving back what is unused."""
    day = min(day, AS_OF - timedelta(days=1))
    if played.random.random() < 0.5 and played.begin < day:
        given = [played.credit(item, day) for item in played.items]
        played.bill_pending(day, given)
    played.ended = day


def tables(
    seed: int, count: int = 40
) -> tuple[dict[str, list[Row]], list[Subscription]]:
    """Return the landed tables of a seed's subscriptions, each looked at once."""
    random = Random(seed)
    played = [play(f"s{seed}-{n}", random) for n in range(count)]
    look = datetime.combine(AS_OF, time(20))
    lines = [line for each in played for line in each.lines]
    random.shuffle(lines)
    prices = [
        {"id": key, "product_id": "pr", "nickname": key, "type": "recurring"}
        | {"currency": "usd", "unit_amount": unit, "recurring_interval": "month"}
        | {"recurring_interval_count": months, "recurring_usage_type": "licensed"}
        for key, (months, unit) in PRICES.items()
    ]
    return {
        "customer": [
            {"id": f"c {each.name}", "created": "2025-01-01 09:00:00"}
            for each in played
        ],
        "price": prices,
        "subscription_history": [
            {"id": each.name, "customer_id": f"c {each.name}"}
            | {"status": "canceled" if each.ended else "active"}
            | {"start_date": f"{each.told[0].day} 09:00:00"}
            | {"created": f"{each.told[0].day} 09:00:00"}
            | {"ended_at": f"{each.ended} 09:00:00" if each.ended else ""}
            | {"current_period_start": each.at(each.begin)}
            | {"current_period_end": each.at(each.end)}
            | {"_fivetran_start": f"{each.told[0].day} 09:07:00"}
            for each in played
        ],
        "subscription_item": [
            {"id": item.key, "subscription_id": each.name, "plan_id": item.price}
            | {"quantity": item.seats, "_fivetran_synced": look}
            | {"created": ""}
            for each in played
            for item in each.items
        ],
        "invoice": [row for each in played for row in each.invoices],
        "invoice_line_item": lines,
    }, played


def truth_of(played: list[Subscription]) -> dict[tuple[str, date], float]:
    """Return the true MRR of each subscription at each month end."""
    return {
        (each.name, day): each.mrr_on(day) for each in played for day in month_ends()
    }
