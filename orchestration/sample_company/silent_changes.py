"""Change items as `proration_behavior: none` does: without a line to tell of it."""

from collections.abc import Callable
from random import Random

from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.prices import PLANS, price_of
from orchestration.sample_company.subscriptions import (
    Item,
    Subscription,
    Version,
    edition_of,
)

QUIET_DAYS = 5


def change_silently(
    subscriptions: list[Subscription], seed: int, parameters: Parameters
) -> None:
    """Give a share of subscriptions one more change that no invoice line records."""
    last = (parameters.last_day - parameters.first_day).days
    for subscription in subscriptions:
        random = Random(f"{seed}-silent-{subscription.subscription_id}")
        if random.random() >= parameters.silent_change_share:
            continue
        version = subscription.main.versions[-1]
        if version.valid_to not in (None, subscription.end):
            continue
        begin = version.valid_from + QUIET_DAYS
        until = min(last, last if subscription.end is None else subscription.end)
        if until - QUIET_DAYS > begin:
            day = random.randint(begin, until - QUIET_DAYS)
            random.choice(CHANGES)(subscription, day, random)


def _follow(item: Item, day: int, following: Version) -> None:
    last = item.versions[-1]
    following.valid_to, last.valid_to = last.valid_to, day
    item.versions.append(following)


def resize(subscription: Subscription, day: int, random: Random) -> None:
    """Change the quantity by a quarter or so, up or down."""
    last = subscription.main.versions[-1]
    share = random.uniform(0.15, 0.35) * random.choice((1, -1))
    quantity = max(1, last.quantity + round(last.quantity * share) or 1)
    if quantity == last.quantity:
        quantity += 1
    _follow(subscription.main, day, Version(day, None, last.price, quantity, "none"))


def swap_price(subscription: Subscription, day: int, random: Random) -> None:
    """Move the platform to the plan above or below; an add-on changes its quantity."""
    last = subscription.main.versions[-1]
    if last.price.plan not in PLANS:
        resize(subscription, day, random)
        return
    position = PLANS.index(last.price.plan)
    plan = PLANS[position - 1 if position else 1]
    price = price_of(
        plan, subscription.currency, subscription.term, edition_of(last.price)
    )
    _follow(subscription.main, day, Version(day, None, price, last.quantity, "none"))


def remove_and_add(subscription: Subscription, day: int, random: Random) -> None:
    """Remove the first item and add the same again, under another id."""
    last = subscription.main.versions[-1]
    end, last.valid_to = last.valid_to, day
    again = Version(day, end, last.price, last.quantity, "none")
    again.quantity += random.choice((-1, 1, 2))
    subscription.items.append(Item(f"si_{subscription.subscription_id[4:]}70", [again]))


CHANGES: tuple[Callable[[Subscription, int, Random], None], ...] = (
    resize,
    swap_price,
    remove_and_add,
)
