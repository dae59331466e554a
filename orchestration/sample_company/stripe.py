"""Land true contracts as Stripe and Fivetran would show them."""

import json
from bisect import bisect_right
from datetime import date
from random import Random

import pandas as pd

from orchestration.sample_company.calendar_days import instants, to_date
from orchestration.sample_company.identities import Identities, customer_id
from orchestration.sample_company.parameters import Parameters
from orchestration.sample_company.prices import (
    ONBOARDING_FEE_CENTS,
    PRODUCTS,
    price_rows,
)
from orchestration.sample_company.subscriptions import (
    Item,
    Subscription,
    Version,
    phase_intervals,
)
from orchestration.sample_company.tables import FOREVER

DAY_COLUMNS = {
    "subscription_history": (
        "start_date",
        "created",
        "current_period_start",
        "current_period_end",
        "cancel_at",
        "canceled_at",
        "ended_at",
        "trial_start",
        "trial_end",
        "_fivetran_start",
    ),
    "subscription_item": ("created", "current_period_start", "current_period_end"),
    "invoice": ("created", "period_start", "period_end", "due_date"),
    "invoice_line_item": ("period_start", "period_end", "created"),
    "subscription_discount": ("start", "end"),
    "charge": ("created",),
    "refund": ("created",),
    "customer": ("created",),
}
WRITTEN_ON = {
    "subscription_history": "_fivetran_start",
    "invoice": "created",
    "charge": "created",
    "refund": "created",
    "customer": "created",
}
CAPTURE_SECONDS = 420
COUPONS = (
    ("launch10", 10.0, None, None, "forever", None),
    ("early20", 20.0, None, None, "repeating", 3),
    ("growth15", 15.0, None, None, "repeating", 6),
    ("first50", 50.0, None, None, "once", None),
    ("loyal10", 10.0, None, None, "repeating", 6),
    *((f"off30_{c}", None, 3000, c, "forever", None) for c in ("usd", "eur", "gbp")),
    *((f"off40_{c}", None, 4000, c, "repeating", 6) for c in ("usd", "eur", "gbp")),
)


def land_stripe(
    subscriptions: list[Subscription],
    accounts: pd.DataFrame,
    identities: Identities,
    seed: int,
    parameters: Parameters,
    seen_on: date | None = None,
) -> dict[str, pd.DataFrame]:
    """Make every Stripe table, keyed by its name.

    With `seen_on` they are as a connector showed them at the end of that day.
    """
    last = (parameters.last_day - parameters.first_day).days
    day = last if seen_on is None else (seen_on - parameters.first_day).days
    rows: dict[str, list[dict]] = {name: [] for name in DAY_COLUMNS}
    for subscription in subscriptions:
        random = Random(f"{seed}-stripe-{subscription.subscription_id}")
        rows["subscription_history"] += history_rows(subscription, last)
        rows["subscription_item"] += item_rows(subscription, day)
        land_invoices(subscription, random, last, rows)
        rows["subscription_discount"] += discount_rows(subscription, day)
    rows["customer"] = customer_rows(subscriptions, accounts, identities, last)
    if day < last:
        hide_what_follows(rows, subscriptions, day)
    synced = instants(pd.Series([day]), 23 * 3600 + 1800).iloc[0]
    opened = instants(pd.Series([-30])).iloc[0]
    landed = {name: stamped(name, table, synced) for name, table in rows.items()}
    landed["product"] = pd.DataFrame(
        {"id": list(PRODUCTS), "name": list(PRODUCTS.values())}
    ).assign(active=True, created=opened, _fivetran_synced=synced)
    landed["price"] = pd.DataFrame(price_rows()).assign(
        created=opened, is_deleted=False, livemode=True, _fivetran_synced=synced
    )
    landed["coupon"] = pd.DataFrame(
        COUPONS,
        columns=[
            "id",
            "percent_off",
            "amount_off",
            "currency",
            "duration",
            "duration_in_months",
        ],
    ).assign(
        name=lambda frame: frame["id"].str.replace("_", " "),
        created=opened,
        valid=True,
        _fivetran_synced=synced,
    )
    return landed


def hide_what_follows(
    rows: dict[str, list[dict]], subscriptions: list[Subscription], day: int
) -> None:
    """Leave in `rows` what had been written by the end of `day`."""
    for name, column in WRITTEN_ON.items():
        rows[name] = [row for row in rows[name] if row[column] <= day]
    written = {invoice["id"] for invoice in rows["invoice"]}
    rows["invoice_line_item"] = [
        line for line in rows["invoice_line_item"] if line["invoice_id"] in written
    ]
    ended = {s.subscription_id: s.captured for s in subscriptions}
    for invoice in rows["invoice"]:
        captured = ended[invoice["subscription_id"]]
        if invoice["status"] == "void" and captured is not None and captured > day:
            invoice["status"] = "open"


def stamped(name: str, rows: list[dict], synced: pd.Timestamp) -> pd.DataFrame:
    """Turn day numbers into instants, at the time of day of the row."""
    frame = pd.DataFrame(rows)
    if frame.empty:
        # A small company may have had no refund; the table is landed all the same.
        return frame
    seconds = frame["second"].to_numpy()
    for column in DAY_COLUMNS[name]:
        if column in frame.columns:
            frame[column] = instants(frame[column], seconds)
    frame["_fivetran_synced"] = synced
    if name != "subscription_history":
        return frame
    capture = pd.Timedelta(seconds=CAPTURE_SECONDS)
    captured = frame["_fivetran_start"] + capture
    following = captured.groupby(frame["id"]).shift(-1)
    return frame.assign(
        _fivetran_start=captured,
        _fivetran_end=(following - pd.Timedelta(milliseconds=1))
        .astype("datetime64[us]")
        .fillna(pd.Timestamp(FOREVER).as_unit("us")),
        _fivetran_active=following.isna(),
    )


def version_at(item: Item, day: int) -> Version | None:
    """Find the version of `item` in force on `day`; the final one after its end."""
    position = bisect_right([v.valid_from for v in item.versions], day) - 1
    return item.versions[position] if position >= 0 else None


def billing_periods(subscription: Subscription, last: int) -> list[tuple[int, int]]:
    """List billing periods which had begun, a trial first, until the end was seen."""
    stop = last + 1
    if subscription.captured is not None:
        stop = min(stop, subscription.captured)
    periods = []
    if subscription.anchor > subscription.start:
        periods.append((subscription.start, subscription.anchor))
    index = 0
    while subscription.period(index) < stop:
        periods.append((subscription.period(index), subscription.period(index + 1)))
        index += 1
    return periods


def history_rows(subscription: Subscription, last: int) -> list[dict]:
    """List the captured versions of one subscription, in time order."""
    s = subscription
    phases = phase_intervals(s)
    periods = billing_periods(s, last)
    ended = s.captured if s.captured is not None and s.captured <= last else None
    notice_days = [] if s.notice is None else [s.notice]
    revoked_days = [] if s.revoked is None else list(s.revoked[:2])
    days = {begin for begin, _, _ in phases} | {begin for begin, _ in periods}
    days |= {v.valid_from for v in s.main.versions if v.record != "none"}
    days |= {*notice_days, *revoked_days} | ({ended} if ended is not None else set())
    until = last if ended is None else ended
    rows = []
    for day in sorted(day for day in days if day <= until):
        is_over = ended is not None and day >= ended
        known = [status for begin, _, status in phases if begin <= day]
        period = [p for p in periods if p[0] <= day][-1]
        quantity = next(
            v.quantity
            for v in reversed(s.main.versions)
            if v.valid_from <= day and is_captured(v, day, periods)
        )
        is_leaving = s.notice is not None and day >= s.notice
        is_wavering = s.revoked is not None and s.revoked[0] <= day < s.revoked[1]
        cancel_at = s.end if is_leaving else s.revoked[2] if is_wavering else None
        canceled_at = s.notice if is_leaving else s.revoked[0] if is_wavering else None
        rows.append(
            {
                "id": s.subscription_id,
                "second": s.second,
                "customer_id": customer_id(s.account),
                "status": "canceled" if is_over else known[-1],
                "quantity": quantity,
                "start_date": s.start,
                "created": s.start,
                "current_period_start": period[0],
                "current_period_end": period[1],
                "cancel_at": cancel_at,
                "cancel_at_period_end": cancel_at is not None,
                "canceled_at": canceled_at
                if canceled_at is not None or not is_over
                else ended,
                "ended_at": s.end if is_over else None,
                "trial_start": s.start if s.anchor > s.start else None,
                "trial_end": s.anchor if s.anchor > s.start else None,
                "livemode": True,
                "metadata": "{}",
                "_fivetran_start": day,
            }
        )
    return rows


def is_captured(version: Version, day: int, periods: list[tuple[int, int]]) -> bool:
    """Tell whether a version without record has been seen by `day`."""
    if version.record != "none":
        return True
    return any(version.valid_from < begin <= day for begin, _ in periods)


def item_rows(subscription: Subscription, last: int) -> list[dict]:
    """List the items a subscription holds now, or held when it ended."""
    if subscription.start > last:
        return []
    begin, end = billing_periods(subscription, last)[-1]
    final = subscription.end
    rows = []
    for item in subscription.items:
        version = version_at(item, last)
        if version is None:
            continue
        is_over = version.valid_to is not None and version.valid_to <= last
        if is_over and version.valid_to != final:
            continue
        rows.append(
            {
                "id": item.item_id,
                "second": subscription.second,
                "subscription_id": subscription.subscription_id,
                "plan_id": version.price.price_id,
                "quantity": None if version.price.is_metered else version.quantity,
                "created": item.versions[0].valid_from,
                "current_period_start": begin,
                "current_period_end": end,
                "metadata": "{}",
            }
        )
    return rows


def discount_rows(subscription: Subscription, last: int) -> list[dict]:
    """List the coupon of a subscription once it has begun."""
    discount = subscription.discount
    if discount is None or discount.valid_from > last:
        return []
    return [
        {
            "id": f"di_{subscription.subscription_id[4:]}",
            "second": subscription.second,
            "subscription_id": subscription.subscription_id,
            "customer_id": customer_id(subscription.account),
            "coupon_id": discount.coupon_id,
            "start": discount.valid_from,
            "end": discount.valid_to if discount.kind == "repeating" else None,
        }
    ]


def licensed_lines(
    subscription: Subscription, period: tuple[int, int], is_trial: bool
) -> list[dict]:
    """List the ordinary lines of the period: one per licensed item in force."""
    begin, end = period
    lines = []
    for item in subscription.items:
        version = version_at(item, begin)
        if version is None or version.price.is_metered:
            continue
        is_removed = version.valid_to is not None and version.valid_to <= begin
        if is_removed and version.valid_to != subscription.end:
            continue
        amount = 0 if is_trial else round(version.quantity * version.price.cents)
        label = "Trial period for" if is_trial else f"{version.quantity} ×"
        lines.append(
            {
                "subscription_item_id": item.item_id,
                "plan_id": version.price.price_id,
                "type": "subscription",
                "amount": amount,
                "proration": False,
                "quantity": version.quantity,
                "period_start": begin,
                "period_end": end,
                "description": f"{label} {version.price.plan}",
            }
        )
    return lines


def proration_lines(
    subscription: Subscription, item: Item, position: int, period: tuple[int, int]
) -> list[dict]:
    """List the credit for the old version and the charge for the new one."""
    begin, end = period
    version = item.versions[position]
    share = (end - version.valid_from) / (end - begin)
    pairs = [(version, 1, "Remaining time on")]
    if position > 0:
        pairs.insert(0, (item.versions[position - 1], -1, "Unused time on"))
    day = to_date(version.valid_from)
    return [
        {
            "subscription_item_id": item.item_id,
            "plan_id": priced.price.price_id,
            "type": "invoiceitem",
            "amount": sign * round(priced.quantity * priced.price.cents * share),
            "proration": True,
            "quantity": priced.quantity,
            "period_start": version.valid_from,
            "period_end": end,
            "description": (
                f"{label} {priced.quantity} × {priced.price.plan} after "
                f"{day.day} {day:%b %Y}"
            ),
        }
        for priced, sign, label in pairs
    ]


def land_invoices(
    subscription: Subscription,
    random: Random,
    last: int,
    rows: dict[str, list[dict]],
) -> None:
    """Append the invoices of one subscription, their lines, charges and refunds."""
    s = subscription
    periods = billing_periods(s, last)
    pending: list[dict] = []
    number = 0
    for index, period in enumerate(periods):
        begin, end = period
        is_trial = begin < s.anchor
        is_paused = any(first <= begin < until for first, until in s.pauses)
        if not is_paused:
            lines = licensed_lines(s, period, is_trial)
            if index > 0 and not is_trial:
                lines += metered_lines(s, periods[index - 1], random)
            if s.has_fee and begin == s.anchor:
                lines.append(fee_line(s, begin))
            reason = "subscription_create" if index == 0 else "subscription_cycle"
            number += 1
            add_invoice(
                s, number, begin, period, reason, pending + lines, random, last, rows
            )
            pending = []
        for changed in changes_within(s, period, last):
            following = index + 1 < len(periods) and not any(
                first <= end < until for first, until in s.pauses
            )
            is_voided_next = s.end is not None and end >= s.end
            if s.term == "month" and following and not is_voided_next:
                pending += changed
            else:
                number += 1
                day = changed[0]["period_start"]
                reason = "subscription_update"
                add_invoice(
                    s, number, day, (day, end), reason, changed, random, last, rows
                )


def changes_within(
    subscription: Subscription, period: tuple[int, int], last: int
) -> list[list[dict]]:
    """List the prorated changes inside a period, each as its lines, by day."""
    begin, end = period
    found = [
        (item.versions[position].valid_from, item, position)
        for item in subscription.items
        for position in range(len(item.versions))
        if item.versions[position].record == "proration"
        and begin < item.versions[position].valid_from < end
        and item.versions[position].valid_from <= last
    ]
    found.sort(key=lambda change: (change[0], change[1].item_id))
    return [
        proration_lines(subscription, item, position, period)
        for _, item, position in found
    ]


def metered_lines(
    subscription: Subscription, period: tuple[int, int], random: Random
) -> list[dict]:
    """List the metered use of the period just over."""
    begin, end = period
    lines = []
    for item in subscription.items:
        price = item.versions[0].price
        if not price.is_metered or begin < subscription.anchor:
            continue
        calls = int(random.lognormvariate(8.5, 0.6))
        lines.append(
            {
                "subscription_item_id": item.item_id,
                "plan_id": price.price_id,
                "type": "subscription",
                "amount": round(calls * price.cents),
                "proration": False,
                "quantity": calls,
                "period_start": begin,
                "period_end": end,
                "description": f"{calls} × API calls",
            }
        )
    return lines


def fee_line(subscription: Subscription, day: int) -> dict:
    """Make the one-off line of an onboarding fee."""
    return {
        "subscription_item_id": None,
        "plan_id": f"price_onboarding_{subscription.currency}",
        "type": "invoiceitem",
        "amount": ONBOARDING_FEE_CENTS,
        "proration": False,
        "quantity": 1,
        "period_start": day,
        "period_end": day,
        "description": "Onboarding fee",
    }


def coupon_cents(subscription: Subscription, day: int, subtotal: int) -> int:
    """Compute what the coupon takes off an invoice of `day`, in cents."""
    discount = subscription.discount
    if discount is None or day < discount.valid_from or subtotal <= 0:
        return 0
    if discount.valid_to is not None and day >= discount.valid_to:
        return 0
    if discount.percent is not None:
        return round(subtotal * discount.percent / 100)
    return min(subtotal, discount.amount_cents or 0)


def add_invoice(
    subscription: Subscription,
    number: int,
    day: int,
    period: tuple[int, int],
    reason: str,
    lines: list[dict],
    random: Random,
    last: int,
    rows: dict[str, list[dict]],
) -> None:
    """Append one invoice with its lines and what was paid of it."""
    s = subscription
    invoice_id = f"in_{s.subscription_id[4:]}{number:03d}"
    subtotal = sum(line["amount"] for line in lines)
    net = subtotal - coupon_cents(s, day, subtotal)
    tax = round(net * 0.2) if s.currency == "gbp" else 0
    total = net + tax
    due = max(total, 0)
    paid_on, recovers = s.failures.get(day, (day, True))
    is_void = s.end is not None and day >= s.end
    is_paid = recovers and paid_on <= last and not is_void
    status = (
        "void"
        if is_void
        else "paid"
        if is_paid
        else "uncollectible"
        if not recovers and paid_on <= last
        else "open"
    )
    attempts = 1 if day not in s.failures else min(4, 1 + (paid_on - day) // 4)
    rows["invoice"].append(
        {
            "id": invoice_id,
            "second": s.second,
            "customer_id": customer_id(s.account),
            "subscription_id": s.subscription_id,
            "status": status,
            "billing_reason": reason,
            "currency": s.currency,
            "created": day,
            "period_start": period[0],
            "period_end": period[1],
            "subtotal": subtotal,
            "tax": tax,
            "total": total,
            "amount_due": due,
            "amount_paid": due if is_paid else 0,
            "amount_remaining": 0 if is_paid or is_void else due,
            "attempt_count": 0 if is_void else attempts,
            "paid": is_paid,
            "due_date": None,
            "is_deleted": False,
            "livemode": True,
            "metadata": "{}",
            "number": f"INV-{s.subscription_id[4:]}-{number:03d}",
        }
    )
    for position, line in enumerate(lines):
        line_id = f"il_{invoice_id[3:]}{position:02d}"
        rows["invoice_line_item"].append(
            line
            | {
                "id": line_id,
                "second": s.second,
                "unique_id": line_id,
                "invoice_id": invoice_id,
                "subscription_id": s.subscription_id,
                "currency": s.currency,
                "livemode": True,
                "metadata": "{}",
                "discountable": not line["proration"],
            }
        )
    if due > 0 and not is_void:
        add_charges(s, invoice_id, day, due, is_paid, paid_on, random, last, rows)


def add_charges(
    subscription: Subscription,
    invoice_id: str,
    day: int,
    due: int,
    is_paid: bool,
    paid_on: int,
    random: Random,
    last: int,
    rows: dict[str, list[dict]],
) -> None:
    """Append failed attempts, the success if any, and now and then a refund."""
    attempts = [d for d in (day, day + 3, day + 7, day + 14) if d < paid_on]
    days = [(d, False) for d in attempts if d <= last]
    if is_paid:
        days.append((paid_on, True))
    for position, (when, is_success) in enumerate(days):
        charge_id = f"ch_{invoice_id[3:]}{position}"
        is_refunded = is_success and when + 5 <= last and random.random() < 0.008
        is_full = is_refunded and random.random() < 0.4
        refunded = due if is_full else due // 4 if is_refunded else 0
        rows["charge"].append(
            {
                "id": charge_id,
                "second": subscription.second,
                "customer_id": customer_id(subscription.account),
                "invoice_id": invoice_id,
                "amount": due,
                "amount_refunded": refunded,
                "currency": subscription.currency,
                "status": "succeeded" if is_success else "failed",
                "failure_code": None if is_success else "card_declined",
                "paid": is_success,
                "refunded": is_full,
                "created": when,
            }
        )
        if is_refunded:
            rows["refund"].append(
                {
                    "id": f"re_{charge_id[3:]}",
                    "second": subscription.second,
                    "charge_id": charge_id,
                    "amount": refunded,
                    "currency": subscription.currency,
                    "reason": "requested_by_customer",
                    "status": "succeeded",
                    "created": when + 5,
                }
            )


def customer_rows(
    subscriptions: list[Subscription],
    accounts: pd.DataFrame,
    identities: Identities,
    last: int,
) -> list[dict]:
    """List one customer per paying account; some do not say whose they are."""
    latest = {s.account: s for s in subscriptions}
    first = {s.account: s for s in reversed(subscriptions)}
    currencies = dict(zip(accounts["number"], accounts["currency"], strict=True))
    rows = []
    for number in sorted(first):
        account_id = identities.customer_metadata_id[number]
        known = [p for p in phase_intervals(latest[number]) if p[0] <= last]
        rows.append(
            {
                "id": customer_id(number),
                "second": first[number].second,
                "name": identities.customer_name[number],
                "email": identities.customer_email[number],
                "created": first[number].start,
                "currency": currencies[number],
                "delinquent": known[-1][2] in ("past_due", "unpaid"),
                "is_deleted": False,
                "livemode": True,
                "metadata": "{}"
                if account_id is None
                else json.dumps({"salesforce_account_id": account_id}),
            }
        )
    return rows
