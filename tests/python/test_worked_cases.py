"""Worked cases of others (FIELD §5, §3) through the files contract, at SPEC's figures.

All cases stand in one landing: each has accounts of its own, told apart by a prefix,
and a desired outcome of its own, so that fct_retention has a segment per case.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.python.books import item
from tests.python.conftest import Book, Warehouse

Row = dict[str, Any]
AS_OF = "2026-03-31"
RATES = [
    {"currency": c, "to_currency": "USD", "valid_from": day, "rate": rate}
    for c, day, rate in (
        ("EUR", "2023-01-01", "2"),
        ("EUR", "2024-01-15", "3"),
        ("EUR", "2024-02-10", "1"),
        ("GBP", "2023-01-01", "5"),
        ("GBP", "2024-02-01", "2"),
        ("CHF", "2020-01-01", "1.5"),
    )
]


@dataclass(frozen=True)
class Case:
    """A case: what was sold, and what SPEC says the marts must read."""

    name: str
    items: tuple[Row, ...]
    closing: dict[str, str] = field(default_factory=dict)
    movements: tuple[tuple[str, str, str, str], ...] | None = None
    # (period end, window months) -> (nrr, grr, logo retention), None where no row.
    retention: dict[tuple[str, int], tuple[float, float, float] | None] = field(
        default_factory=dict
    )


def sub(account: str, start: str, end: str | None = None, **more: Any) -> Row:
    """Return an item which is a subscription of its own."""
    number = more.pop("n", 1)
    return item(f"{account}-{number}", account, start, end, **more)


CASES = (
    # --- Polar ---
    Case(
        "polar 4.1: a yearly plan counts a twelfth beside monthly ones",
        (
            sub("a", "2024-01-01"),
            sub("a", "2024-06-01", n=2),
            sub("a", "2024-01-01", n=3, unit_amount=1000, billing_interval="year"),
        ),
        closing={"2024-01": "183.333333", "2024-06": "283.333333"}
        | {"2023-12": "0", "2024-12": "283.333333"},
        movements=(
            ("2024-01-01", "new", "first_paid", "183.333333"),
            # A second subscription of the same product is expansion, not new.
            ("2024-06-01", "expansion", "cross_sell", "100"),
        ),
    ),
    Case(
        "polar 4.1: midnight in Paris is the day before in UTC",
        (sub("a", "2024-01-01T00:00:00+01:00"),),
        closing={"2023-12": "100", "2024-01": "100"},
    ),
    Case(
        # Theirs: start and end in one bucket vanish. SPEC: the ledger is by day.
        "polar 4.2: cancelled inside its first month closes at 0 and is in the ledger",
        (sub("a", "2024-01-01", "2024-01-15"),),
        closing={"2024-01": "0", "2024-02": "0"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-01-15", "churn", "service_ended", "-100"),
        ),
        retention={("2024-01-31", 1): None, ("2024-02-29", 1): None},
    ),
    Case(
        "polar 4.3: a due cancellation counts until service ends",
        (sub("a", "2024-01-01", "2024-03-15", notice_on="2024-01-20"),),
        closing={"2024-01": "100", "2024-02": "100", "2024-03": "0"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-15", "churn", "service_ended", "-100"),
        ),
    ),
    Case(
        "polar 4.4: MRR holds what will end until it ends",
        (sub("a", "2024-01-01"), sub("a", "2024-02-01", "2024-03-01", n=2)),
        closing={"2024-01": "100", "2024-02": "200", "2024-03": "100"},
    ),
    Case(
        "polar 4.5: trials are not MRR and their conversion is new",
        (
            sub("a", "2024-01-01"),
            sub("b", "2024-01-01", "2024-03-01", status="trialing"),
            sub("b", "2024-03-01"),
            sub("c", "2024-01-01", "2024-02-20", status="trialing"),
        ),
        closing={"2024-01": "100", "2024-02": "100", "2024-03": "200"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "new", "first_paid", "100"),
        ),
    ),
    Case(
        "polar 4.6: half off for ever halves MRR",
        (sub("a", "2024-01-01", discount_percent=50),),
        closing={"2024-01": "50", "2025-12": "50"},
    ),
    Case(
        "polar 4.7: every interval and count is normalised to a month",
        (
            sub("q", "2024-01-01", "2024-02-01", unit_amount=300, interval_count=3),
            sub(
                *("y", "2024-02-01", "2024-03-01"),
                **{
                    "unit_amount": 2400,
                    "billing_interval": "year",
                    "interval_count": 2,
                },
            ),
            sub(
                *("w", "2024-03-01", "2024-04-01"),
                **{"unit_amount": 50, "billing_interval": "week", "interval_count": 2},
            ),
            # Theirs, in the same repository: 43.49, by 30.44 / 7. SPEC: 52 / 12.
            sub(
                "v", "2024-04-01", "2024-05-01", unit_amount=10, billing_interval="week"
            ),
            sub("d", "2024-05-01", "2024-06-01", unit_amount=1, billing_interval="day"),
            sub(
                *("t", "2024-06-01", "2024-07-01"),
                **{"unit_amount": 10, "billing_interval": "quarter"},
            ),
        ),
        closing={"2024-01": "100", "2024-02": "100", "2024-03": "108.333333"}
        | {"2024-04": "43.333333", "2024-05": "30.416667", "2024-06": "3.333333"},
    ),
    Case(
        "polar 4.8: a monthly and a yearly customer are 183.33 together",
        (
            sub("a", "2024-01-01"),
            sub("b", "2024-01-01", unit_amount=1000, billing_interval="year"),
        ),
        closing={"2024-01": "183.333333"},
    ),
    Case(
        # Theirs: the mean rate of the month's payments. SPEC: the month end's rate.
        "polar 4.9: a month end is valued at its own day's rate, the rest is fx",
        (
            sub("a", "2024-01-01", currency="EUR"),
            sub("b", "2024-01-01", currency="GBP"),
        ),
        closing={"2024-01": "800", "2024-02": "300"},
        movements=(
            ("2024-01-01", "new", "first_paid", "200"),
            ("2024-01-01", "new", "first_paid", "500"),
            ("2024-01-31", "fx", "rate_change", "100"),
            ("2024-02-29", "fx", "rate_change", "-200"),
            ("2024-02-29", "fx", "rate_change", "-300"),
        ),
        # Reported 300 / 800; in constant currency nothing moved (asserted below).
        retention={("2024-02-29", 1): (1.0, 1.0, 1.0)},
    ),
    Case(
        "polar 4.10: churn is booked when service ends, not when it is cancelled",
        (
            sub("a", "2024-01-01"),
            sub("b", "2024-01-01", "2024-03-01", notice_on="2024-02-15"),
        ),
        closing={"2024-01": "200", "2024-02": "200", "2024-03": "100"},
        retention={
            ("2024-02-29", 1): (1.0, 1.0, 1.0),
            ("2024-03-31", 1): (0.5, 0.5, 0.5),
        },
    ),
    Case(
        # Theirs is a rolling 30 days. SPEC has windows of whole months.
        "polar 4.11: one of five is lost in each window that its end lies in",
        (
            *(sub(name, "2024-01-01") for name in "abcd"),
            sub("e", "2024-01-01", "2024-03-01", notice_on="2024-02-01"),
        ),
        retention={
            ("2024-02-29", 1): (1.0, 1.0, 1.0),
            ("2024-03-31", 1): (0.8, 0.8, 0.8),
            ("2024-04-30", 1): (1.0, 1.0, 1.0),
            ("2024-04-30", 3): (0.8, 0.8, 0.8),
            ("2025-01-31", 12): (0.8, 0.8, 0.8),
            ("2025-02-28", 12): (0.8, 0.8, 0.8),
            ("2025-03-31", 12): (1.0, 1.0, 1.0),
            # Nobody paid at the end of 2023, so there is no rate for 2024.
            ("2024-12-31", 12): None,
        },
    ),
    Case(
        "polar 4.15: what counts, and for how much",
        (
            sub("y", "2024-01-01", unit_amount=12000, billing_interval="year"),
            sub("q", "2024-02-01", unit_amount=9000, interval_count=3),
            # Theirs: 4349.
            sub("w", "2024-03-01", unit_amount=1000, billing_interval="week"),
            sub("s", "2024-04-01", unit_amount=2900, quantity=5),
            # Theirs counts a trial as expected revenue. SPEC: a trial is no MRR.
            sub("t", "2024-05-01", unit_amount=2900, status="trialing"),
            sub("p", "2024-05-01", unit_amount=2900, status="paused"),
            sub("u", "2024-05-01", unit_amount=2900, status="unpaid"),
            sub("f", "2024-05-01", unit_amount=2900, status="free"),
            sub("z", "2024-05-01", unit_amount=0),
            sub("m", "2024-05-01", unit_amount=2900, usage_based=True),
        ),
        closing={"2024-01": "1000", "2024-02": "4000", "2024-03": "8333.333333"}
        | {"2024-04": "22833.333333", "2024-05": "22833.333333"},
    ),
    # --- ChartMogul ---
    Case(
        "chartmogul: one customer is new, grows, shrinks, churns and comes back",
        (
            item("g", "a", "2023-01-10", "2024-01-10", 500, "year", quantity=4),
            item("s", "a", "2023-01-15", "2023-03-01", 30, quantity=2, plan="silver"),
            item("h", "a", "2024-06-01", None, 50, quantity=3),
        ),
        movements=(
            ("2023-01-10", "new", "first_paid", "166.666667"),
            ("2023-01-15", "expansion", "cross_sell", "60"),
            ("2023-03-01", "contraction", "cross_sell", "-60"),
            ("2024-01-10", "churn", "service_ended", "-166.666667"),
            ("2024-06-01", "reactivation", "returned", "150"),
        ),
    ),
    Case(
        # Their net churn nets reactivation in; here there is none.
        "chartmogul: 10 churned, 10 contracted, 10 expanded of 100",
        (
            sub("a", "2024-01-01", "2024-02-10", unit_amount=10),
            sub("b", "2024-01-01", "2024-02-10", unit_amount=40),
            sub("b", "2024-02-10", unit_amount=30),
            sub("c", "2024-01-01", "2024-02-10", unit_amount=50),
            sub("c", "2024-02-10", unit_amount=60),
        ),
        retention={("2024-02-29", 1): (0.9, 0.8, 2 / 3)},
    ),
    Case(
        "chartmogul: 100 to 95 keeps 95 per cent",
        (
            sub("a", "2024-01-01", "2024-02-10"),
            sub("a", "2024-02-10", unit_amount=95),
        ),
        retention={("2024-02-29", 1): (0.95, 0.95, 1.0)},
    ),
    Case(
        "chartmogul: 100 to 120, of which 10 is a new customer, is 110 per cent",
        (
            sub("a", "2024-01-01", "2024-02-10"),
            sub("a", "2024-02-10", unit_amount=110),
            sub("b", "2024-02-10", unit_amount=10),
        ),
        closing={"2024-02": "120"},
        retention={("2024-02-29", 1): (1.1, 1.0, 1.0)},
    ),
    Case(
        "chartmogul: 90 for three months is 30",
        (sub("a", "2024-01-01", unit_amount=90, interval_count=3),),
        closing={"2024-01": "30"},
    ),
    Case(
        "chartmogul: a seat added in mid-month is worth its full price from that day",
        (
            sub("a", "2016-03-01", "2016-03-16", unit_amount=50, quantity=1),
            sub("a", "2016-03-16", unit_amount=50, quantity=2),
        ),
        closing={"2016-03": "100", "2016-04": "100"},
        movements=(
            ("2016-03-01", "new", "first_paid", "50"),
            ("2016-03-16", "expansion", "seats", "50"),
        ),
    ),
    # --- Stripe ---
    Case(
        "stripe: 100 at 100 a month and 50 at 600 a year are 12,500",
        (
            sub("a", "2024-01-01", quantity=100),
            sub(
                *("b", "2024-01-01"),
                **{"quantity": 50, "unit_amount": 600, "billing_interval": "year"},
            ),
        ),
        closing={"2024-01": "12500"},
    ),
    Case(
        "stripe: past due counts, unpaid is churn",
        (
            sub("a", "2024-01-01", "2024-02-01"),
            sub("a", "2024-02-01", "2024-03-01", status="past_due"),
            sub("a", "2024-03-01", status="unpaid"),
        ),
        closing={"2024-02": "100", "2024-03": "0"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "churn", "unpaid", "-100"),
        ),
    ),
    Case(
        # Theirs: a repeating coupon leaves MRR as it is. SPEC: it counts while it runs.
        "stripe: forever and repeating coupons count while they run, once never",
        (
            sub("f", "2024-01-01", discount_percent=50),
            sub(
                *("r", "2024-01-01"),
                **{"discount_percent": 50, "discount_to": "2024-03-01"},
            ),
            sub("o", "2024-01-01", discount_percent=50, discount_kind="once"),
        ),
        closing={"2024-01": "200", "2024-02": "200", "2024-03": "250"},
    ),
    Case(
        "stripe: 1200 a year is 100, a trial 0, unpaid 0",
        (
            sub("a", "2024-01-01", unit_amount=1200, billing_interval="year"),
            sub("b", "2024-01-01", status="trialing"),
            sub("c", "2024-01-01", status="unpaid"),
        ),
        closing={"2024-01": "100"},
    ),
    Case(
        "stripe: a plan change from 10 to 20 is 10, whatever proration was invoiced",
        (
            sub("a", "2024-01-01", "2024-01-16", unit_amount=10, plan="small"),
            sub("a", "2024-01-16", unit_amount=20, plan="large"),
        ),
        closing={"2024-01": "20"},
        movements=(
            ("2024-01-01", "new", "first_paid", "10"),
            ("2024-01-16", "expansion", "tier", "10"),
        ),
    ),
    Case(
        # Theirs: 1 / (4 + 1 new) churned. SPEC: those that paid at the start.
        "stripe: a new customer does not dilute churn",
        (
            *(sub(name, "2024-01-01") for name in "abc"),
            sub("d", "2024-01-01", "2024-02-10"),
            sub("e", "2024-02-05"),
        ),
        retention={("2024-02-29", 1): (0.75, 0.75, 0.75)},
    ),
    # --- Recurly ---
    Case(
        "recurly: 100 to 80 is a contraction of 20",
        (
            sub("a", "2024-01-01", "2024-02-01"),
            sub("a", "2024-02-01", unit_amount=80),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-01", "contraction", "price", "-20"),
        ),
    ),
    Case(
        "recurly: opened on 29 March counts in full on 31 March",
        (sub("a", "2024-03-29"),),
        closing={"2024-02": "0", "2024-03": "100"},
    ),
    Case(
        # Theirs: half a month's 5.
        "recurly: a 10 dollar seat added in mid-June is 10 of June's MRR",
        (
            sub("a", "2024-06-01", "2024-06-15", unit_amount=10),
            sub("a", "2024-06-15", unit_amount=10, quantity=2),
        ),
        closing={"2024-06": "20"},
    ),
    Case(
        # Theirs: a pause is a cancellation and a new subscription.
        "recurly: a pause is no churn, and what follows is resumed",
        (
            sub("a", "2024-01-01", "2024-02-10"),
            sub("a", "2024-02-10", "2024-04-10", status="paused"),
            sub("a", "2024-04-10"),
        ),
        closing={"2024-02": "0", "2024-03": "0", "2024-04": "100"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-10", "pause", "paused", "-100"),
            ("2024-04-10", "resume", "resumed", "100"),
        ),
        # Point to point, a paused account counts as churned.
        retention={("2024-02-29", 1): (0.0, 0.0, 0.0), ("2024-04-30", 3): (1, 1, 1)},
    ),
    Case(
        "metered items, paused or not, never make a churn a pause",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-01-01", n=2, status="paused", usage_based=True),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "churn", "service_ended", "-100"),
        ),
    ),
    # --- A pause is what the money is in, and a resume what comes out of it. ---
    Case(
        "what is paused beside and was never paid for makes neither pause nor resume",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-01-01", n=2, status="paused"),
            sub("a", "2024-06-01", n=3),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "churn", "service_ended", "-100"),
            ("2024-06-01", "reactivation", "returned", "100"),
        ),
    ),
    Case(
        "of two one pauses and one ends: a churn, and the return a late renewal",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-03-01", "2024-04-10", status="paused"),
            sub("a", "2024-04-10"),
            sub("a", "2024-01-01", "2024-03-01", n=2, unit_amount=40),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "140"),
            ("2024-03-01", "churn", "late_renewal", "-140"),
            ("2024-04-10", "reactivation", "late_renewal", "100"),
        ),
    ),
    Case(
        "a trial that ends in a pause holds nothing of what another line stopped",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-02-01", "2024-03-01", n=2, status="trialing"),
            sub("a", "2024-03-01", "2024-06-01", n=2, status="paused"),
            sub("a", "2024-06-01", n=2),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "churn", "service_ended", "-100"),
            ("2024-06-01", "reactivation", "returned", "100"),
        ),
    ),
    Case(
        "paused, cancelled at zero, then back is a reactivation",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-03-01", "2024-04-01", status="paused"),
            sub("a", "2024-01-01", n=2, status="paused", unit_amount=500),
            sub("a", "2024-04-10", n=3, unit_amount=130),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "pause", "paused", "-100"),
            ("2024-04-10", "reactivation", "returned", "130"),
        ),
    ),
    Case(
        "of what a pause took, part is cancelled and part comes back: a resume",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-03-01", "2024-04-01", status="paused"),
            sub("a", "2024-01-01", "2024-03-01", n=2, unit_amount=40),
            sub("a", "2024-03-01", "2024-05-01", n=2, unit_amount=40, status="paused"),
            sub("a", "2024-05-01", n=2, unit_amount=40),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "140"),
            ("2024-03-01", "pause", "paused", "-140"),
            ("2024-05-01", "resume", "resumed", "40"),
        ),
    ),
    Case(
        "a pause goes on in another billing system, and is resumed there",
        (
            sub("a", "2024-01-01", "2024-03-01"),
            sub("a", "2024-03-01", "2024-04-01", n=2, status="paused"),
            sub("a", "2024-04-01", "2024-05-01", n=3, status="paused"),
            sub("a", "2024-05-01", n=4, unit_amount=90),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-01", "pause", "paused", "-100"),
            ("2024-05-01", "resume", "resumed", "90"),
        ),
    ),
    Case(
        "one of two pauses and comes back dearer; what began paused is sold",
        (
            sub("a", "2024-01-01", n=9),
            sub("a", "2024-01-01", "2024-03-01", product="x"),
            sub("a", "2024-03-01", "2024-04-01", product="x", status="paused"),
            sub("a", "2024-04-01", product="x", unit_amount=130),
            sub("a", "2024-01-01", "2024-05-01", n=2, product="y", status="paused"),
            sub("a", "2024-05-01", n=2, product="y", unit_amount=7),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "200"),
            ("2024-03-01", "contraction", "paused", "-100"),
            ("2024-04-01", "expansion", "resumed", "100"),
            ("2024-04-01", "expansion", "price", "30"),
            ("2024-05-01", "expansion", "cross_sell", "7"),
        ),
    ),
    # --- Zuora ---
    Case(
        "zuora: gross 50 less ten per cent is net 45; replaced by 65 less 20 is 52",
        (
            sub("a", "2023-01-01", "2023-04-01", unit_amount=50, discount_percent=10),
            sub("a", "2023-04-01", "2024-01-01", unit_amount=65, discount_percent=20),
        ),
        closing={"2023-03": "45", "2023-04": "52", "2024-01": "0"},
    ),
    Case(
        "zuora: amendments of a charge are segments of 100, 120 and 0",
        (
            sub("a", "2025-01-01", "2025-06-01", contract_end_on="2025-12-31"),
            sub("a", "2025-06-01", "2025-10-01", unit_amount=120),
        ),
        closing={"2025-05": "100", "2025-06": "120", "2025-09": "120", "2025-10": "0"},
    ),
    # --- Chargebee, Llama, ChurnZero ---
    Case(
        # Theirs: min(5000, 6000) / 5000 = 100 % on totals.
        "chargebee: GRR caps each customer, expansion does not hide a churn",
        (
            sub("a", "2024-01-01", "2024-02-10", unit_amount=2000),
            sub("b", "2024-01-01", "2024-02-10", unit_amount=3000),
            sub("b", "2024-02-10", unit_amount=6000),
        ),
        retention={("2024-02-29", 1): (1.2, 0.6, 0.5)},
    ),
    Case(
        # Their prose counts new customers as expansion; their inputs give 98.4 %.
        "llama: 5000 + 250 - 80 - 250 is 98.4 per cent, new business stays out",
        (
            sub("a", "2024-01-01", "2024-02-10", unit_amount=250),
            sub("b", "2024-01-01", "2024-02-10", unit_amount=1000),
            sub("b", "2024-02-10", unit_amount=920),
            sub("c", "2024-01-01", "2024-02-10", unit_amount=3750),
            sub("c", "2024-02-10", unit_amount=4000),
            sub("d", "2024-02-12", unit_amount=1250),
        ),
        retention={("2024-02-29", 1): (0.984, 0.934, 2 / 3)},
    ),
    Case(
        "churnzero: 27000 up to 35000 and less 5000 keeps 111 per cent",
        (
            sub("a", "2024-01-01", "2024-02-10", unit_amount=22000),
            sub("a", "2024-02-10", unit_amount=30000),
            sub("b", "2024-01-01", "2024-02-10", unit_amount=5000),
        ),
        retention={("2024-02-29", 1): (30000 / 27000, 22000 / 27000, 0.5)},
    ),
    # --- Lago ---
    Case(
        "lago: the roll-forward of four months is exact",
        (
            sub("a", "2023-11-02", "2023-11-20", unit_amount="13148"),
            sub("b", "2023-11-02", "2023-12-15", unit_amount="64163.21"),
            sub("c", "2023-11-02", "2024-01-15", unit_amount="29694.02"),
            sub("d", "2023-11-02", "2024-02-15", unit_amount="3000"),
            sub("e", "2023-11-02", unit_amount="140160.23"),
            sub("f", "2023-12-20", unit_amount="61717.91"),
            sub("g", "2024-01-20", unit_amount="43341.34"),
            sub("h", "2024-02-20", unit_amount="13063.40"),
        ),
        closing={"2023-11": "237017.46", "2023-12": "234572.16"}
        | {"2024-01": "248219.48", "2024-02": "258282.88"},
    ),
    # --- Defects found in the anchors (FIELD §3) ---
    Case(
        "dbt_stripe: 0 to 100 after a gap is reactivation, not expansion",
        (
            sub("a", "2024-01-01", "2024-02-01"),
            sub("a", "2024-06-01", n=2),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-01", "churn", "service_ended", "-100"),
            ("2024-06-01", "reactivation", "returned", "100"),
        ),
    ),
    Case(
        "dbt_zuora: 100 to 0 is churn with a row of its own, not contraction",
        (sub("a", "2024-01-01", "2024-02-10"),),
        closing={"2024-02": "0"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-10", "churn", "service_ended", "-100"),
        ),
    ),
    Case(
        "dbt_stripe: an item whose first month is free and then 100 is new",
        (
            sub("a", "2024-01-01", "2024-02-01", unit_amount=0),
            sub("a", "2024-02-01"),
        ),
        movements=(("2024-02-01", "new", "first_paid", "100"),),
    ),
    Case(
        "mrr-playbook: no end date keeps the customer to the run's month",
        (sub("a", "2018-01-01"),),
        closing={"2018-01": "100", "2021-07": "100", "2026-03": "100"},
    ),
    Case(
        "mrr-playbook: overlapping subscriptions are one row a month",
        (
            sub("a", "2024-01-01", "2024-04-01"),
            sub("a", "2024-02-15", "2024-06-01", n=2),
        ),
        closing={"2024-02": "200", "2024-03": "200", "2024-04": "100", "2024-06": "0"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-15", "expansion", "cross_sell", "100"),
            ("2024-04-01", "contraction", "cross_sell", "-100"),
            ("2024-06-01", "churn", "service_ended", "-100"),
        ),
    ),
    Case(
        "mrr-playbook: from 15 January to 15 March keeps January and not March",
        (sub("a", "2024-01-15", "2024-03-15"),),
        closing={"2024-01": "100", "2024-02": "100", "2024-03": "0"},
    ),
    # --- SPEC's own edges ---
    Case(
        "a gap of 45 days is a late renewal on both sides",
        (
            sub("a", "2024-01-01", "2024-02-01"),
            sub("a", "2024-03-17"),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-01", "churn", "late_renewal", "-100"),
            ("2024-03-17", "reactivation", "late_renewal", "100"),
        ),
        # raw and constant currency know no grace.
        retention={("2024-02-29", 1): (0.0, 0.0, 0.0), ("2024-03-31", 3): None},
    ),
    Case(
        "a gap of 46 days is not",
        (
            sub("a", "2024-01-01", "2024-02-01"),
            sub("a", "2024-03-18"),
        ),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-01", "churn", "service_ended", "-100"),
            ("2024-03-18", "reactivation", "returned", "100"),
        ),
    ),
    Case(
        "who left and came back counts with what it pays at the end",
        (
            sub("a", "2024-01-01", "2024-02-10"),
            sub("a", "2024-04-10", unit_amount=70),
            sub("b", "2024-01-01"),
        ),
        retention={("2024-04-30", 3): (0.85, 0.85, 1.0)},
    ),
    Case(
        "a renewal, a plan swap and a new billing system on the same day move nothing",
        (
            item("r1", "r", "2024-01-01", "2025-01-01", 1200, "year", plan="gold"),
            item("r2", "r", "2025-01-01", None, 1200, "year", plan="gold"),
            item("s1", "s", "2024-01-01", "2024-06-10", plan="a", product="x"),
            item("s2", "s", "2024-06-10", None, plan="b", product="y"),
            item("m1", "m", "2024-01-01", "2024-06-10", subscription_id="old"),
            item("m2", "m", "2024-06-10", None, subscription_id="new"),
        ),
        movements=(("2024-01-01", "new", "first_paid", "100"),) * 3,
    ),
    Case(
        "a discount that runs out is an expansion called discount_expired",
        (sub("a", "2024-01-01", discount_amount=30, discount_to="2024-03-10"),),
        movements=(
            ("2024-01-01", "new", "first_paid", "70"),
            ("2024-03-10", "expansion", "discount_expired", "30"),
        ),
    ),
    Case(
        "a discount that is added is a contraction called discount_added",
        (sub("a", "2024-01-01", discount_amount=30, discount_from="2024-03-10"),),
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-03-10", "contraction", "discount_added", "-30"),
        ),
    ),
    Case(
        "percent comes off first, then the amount per item, and never below 0",
        (
            sub(
                *("a", "2024-01-01"),
                **{"quantity": 2, "discount_percent": 50, "discount_amount": 30},
            ),
            sub("b", "2024-02-01", unit_amount=10, discount_amount=30),
        ),
        closing={"2024-01": "70", "2024-02": "70"},
    ),
    Case(
        "half a millionth rounds up, once, after multiplying",
        (
            # 0.000003 x 2 / 12 = 0.0000005
            sub(
                *("a", "2024-01-01"),
                **{
                    "unit_amount": "0.000003",
                    "quantity": 2,
                    "billing_interval": "year",
                },
            ),
            # 0.1 x 52 / 12 / 1 = 0.4333333...
            sub("b", "2024-02-01", unit_amount="0.1", billing_interval="week"),
        ),
        closing={"2024-01": "0.000001", "2024-02": "0.433334"},
    ),
    Case(
        "a second currency is an expansion in rows of its own",
        (sub("a", "2024-01-01"), sub("a", "2024-02-01", n=2, currency="CHF")),
        closing={"2024-02": "250"},
        movements=(
            ("2024-01-01", "new", "first_paid", "100"),
            ("2024-02-01", "expansion", "cross_sell", "150"),
        ),
    ),
)
NAMES = [case.name for case in CASES]


def _prefix(number: int) -> str:
    return f"case{number:02d}-"


def _landing() -> dict[str, list[Row]]:
    items, accounts = [], {}
    for number, case in enumerate(CASES):
        for row in case.items:
            prefixed = {
                key: f"{_prefix(number)}{row[key]}"
                for key in ("item_id", "account_id", "subscription_id")
                if key in row
            }
            items.append(row | prefixed)
            account_id = prefixed["account_id"]
            accounts[account_id] = {
                "account_id": account_id,
                "desired_outcome": _prefix(number),
            }
    tables = {"subscription_items": items, "accounts": list(accounts.values())}
    return tables | {"exchange_rates": RATES}


@pytest.fixture(scope="module")
def book(warehouse: Warehouse) -> Book:
    return warehouse.build(_landing(), as_of=AS_OF)


def test_nothing_of_the_cases_is_quarantined_and_every_law_holds(book: Book) -> None:
    assert book.landing.quarantined == []
    assert book.query(
        "select item_id, quarantine_rule from int_subscription_items_checked "
        "where quarantine_rule is not null"
    ).empty
    assert book.broken_laws() == []


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
def test_case(book: Book, number: int) -> None:
    case, prefix = CASES[number], _prefix(number)
    for month, expected in case.closing.items():
        closing = book.query(
            f"""
            select coalesce(sum(closing_mrr), 0) as mrr from fct_account_mrr_months
            where account_id like '{prefix}%' and mrr_month = date '{month}-01'
            """
        )
        assert closing["mrr"][0] == Decimal(expected), month
    if case.movements is not None:
        moved = book.query(
            f"""
            select effective_on, movement, sub_reason, mrr_delta
            from fct_mrr_movements where account_id like '{prefix}%'
            """
        )
        expected_rows = [
            (date.fromisoformat(day), movement, reason, Decimal(delta))
            for day, movement, reason, delta in case.movements
        ]
        assert sorted(moved.itertuples(index=False, name=None)) == sorted(expected_rows)
    for (end, window), expected in case.retention.items():
        rates = book.query(
            f"""
            select nrr_rate, grr_rate, logo_retention_rate from fct_retention
            where segment_dimension = 'desired_outcome' and segment_value = '{prefix}'
                and grain = 'account' and policy = 'constant_currency'
                and period_end_on = '{end}' and window_months = {window}
            """
        )
        if expected is None:
            assert rates.empty, (end, window)
        else:
            row = tuple(rates.iloc[0])
            assert row == pytest.approx(expected, abs=1e-12), (end, window)


def test_reported_currency_falls_where_constant_currency_stands(book: Book) -> None:
    """Polar 4.9: 300 / 800 as reported, with nothing sold or lost."""
    number = next(n for n, name in enumerate(NAMES) if name.startswith("polar 4.9"))
    rates = book.query(
        f"""
        select nrr_rate from fct_retention
        where segment_dimension = 'desired_outcome' and policy = 'raw'
            and segment_value = '{_prefix(number)}' and grain = 'account'
            and period_end_on = '2024-02-29' and window_months = 1
        """
    )
    assert list(rates["nrr_rate"]) == [0.375]


def test_the_open_month_knows_nothing_after_the_runs_day(warehouse: Warehouse) -> None:
    """Polar 4.12, and dbt_stripe #143: no phantom future months."""
    tables = {"subscription_items": [sub("a", "2024-02-01"), sub("b", "2024-02-15")]}
    book = warehouse.build(tables, as_of="2024-02-11")
    months = book.query(
        "select account_id, mrr_month, closing_mrr, is_final "
        "from fct_account_mrr_months"
    )
    assert list(months.itertuples(index=False, name=None)) == [
        ("a", date(2024, 2, 1), Decimal(100), False)
    ]
    assert book.table("fct_retention").empty


def test_an_open_gap_is_lost_and_provisional_until_the_grace_is_over(
    warehouse: Warehouse,
) -> None:
    tables = {"subscription_items": [sub("a", "2024-01-01", "2024-03-01")]}
    for as_of, expected in (("2024-03-01", True), ("2024-03-31", True)):
        book = warehouse.build(tables, "fct_mrr_movements", as_of=as_of)
        churn = book.query("from fct_mrr_movements where movement = 'churn'")
        assert list(churn["is_provisional"]) == [expected], as_of
    book = warehouse.build(tables, "fct_mrr_movements", as_of="2024-04-16")
    churn = book.query("from fct_mrr_movements where movement = 'churn'")
    assert list(churn["is_provisional"]) == [False]


def test_a_month_is_final_45_days_after_its_end(warehouse: Warehouse) -> None:
    tables = {"subscription_items": [sub("a", "2024-01-01")]}
    for as_of, expected in (("2024-03-15", [False]), ("2024-03-16", [True])):
        book = warehouse.build(tables, as_of=as_of)
        january = book.query(
            "from fct_account_mrr_months where mrr_month = '2024-01-01'"
        )
        assert list(january["is_final"]) == expected, as_of


def test_a_merge_and_a_new_parent_move_no_money(warehouse: Warehouse) -> None:
    tables = {
        "subscription_items": [
            sub("old", "2024-01-01", "2024-02-10"),
            sub("kept", "2024-02-10"),
            sub("child", "2024-01-01", unit_amount=40),
            sub("owner", "2024-01-01", unit_amount=60),
        ],
        "accounts": [
            {"account_id": "kept"},
            {"account_id": "old", "merged_into_account_id": "kept"},
            {"account_id": "owner"},
            {"account_id": "child", "parent_account_id": "owner"},
        ],
        "account_history": [
            {"account_id": "child", "valid_from": "2020-01-01"}
            | {"valid_to": "2024-02-15", "parent_account_id": None},
            {"account_id": "child", "valid_from": "2024-02-15"}
            | {"valid_to": None, "parent_account_id": "owner"},
        ],
    }
    book = warehouse.build(tables, as_of="2024-03-31")
    moved = book.query("select account_id, movement from fct_mrr_movements")
    assert sorted(moved.itertuples(index=False, name=None)) == [
        ("child", "new"),
        ("kept", "new"),
        ("owner", "new"),
    ]
    counts = book.query(
        """
        select period_end_on, opening_accounts, nrr_rate from fct_retention
        where grain = 'parent' and window_months = 1 and segment_dimension = 'all'
            and policy = 'raw'
        order by period_end_on
        """
    )
    # The child's window of February opened before it was bought.
    assert list(counts["opening_accounts"]) == [3, 2]
    assert list(counts["nrr_rate"]) == [1.0, 1.0]


def test_a_movement_is_converted_once_however_many_sub_reasons_it_has(
    warehouse: Warehouse,
) -> None:
    """47.6448 EUR at 1.23456789 is 58.820740; parts rounded alone sum to 1 less."""
    rate = {"currency": "EUR", "to_currency": "USD", "valid_from": "2020-01-01"}
    seats = {"currency": "EUR", "unit_amount": "10.01", "quantity": 3}
    more = {"currency": "EUR", "unit_amount": "11.13", "quantity": 7}
    tables = {
        "subscription_items": [
            sub("a", "2024-01-01", "2024-02-01", discount_percent=7, **seats),
            sub("a", "2024-02-01", discount_percent=3, **more),
        ],
        "exchange_rates": [rate | {"rate": "1.23456789"}],
    }
    book = warehouse.build(tables, as_of="2024-02-29")
    moved = book.query(
        """
        select movement, count(*) as parts, sum(mrr_delta) as mrr_delta
        from fct_mrr_movements group by movement order by movement
        """
    )
    assert list(moved.itertuples(index=False, name=None)) == [
        ("expansion", 3, Decimal("58.820740")),
        # The rate never moved, so there is no fx.
        ("new", 1, Decimal("34.478889")),
    ]


def test_a_merge_that_only_the_history_tells_moves_no_money(
    warehouse: Warehouse,
) -> None:
    tables = {
        "subscription_items": [
            sub("old", "2024-01-01", "2024-02-10"),
            sub("kept", "2024-02-10"),
        ],
        "accounts": [{"account_id": "old"}, {"account_id": "kept"}],
        "account_history": [
            {"account_id": "old", "valid_from": "2020-01-01", "valid_to": "2024-02-10"},
            {"account_id": "old", "valid_from": "2024-02-10"}
            | {"merged_into_account_id": "kept"},
        ],
    }
    book = warehouse.build(tables, as_of="2024-03-31")
    moved = book.query("select account_id, movement from fct_mrr_movements")
    assert list(moved.itertuples(index=False, name=None)) == [("kept", "new")]


def test_a_month_is_not_complete_before_its_last_day_is_over(
    warehouse: Warehouse,
) -> None:
    tables = {"subscription_items": [sub("a", "2024-01-01")]}
    book = warehouse.build(tables, as_of="2024-03-31T12:00:00")
    ends = book.query("select max(period_end_on) as last_end from fct_retention")
    assert ends["last_end"][0] == date(2024, 2, 29)


def test_smsb_a_ledger_reads_lower_than_two_points_where_somebody_recovered(
    warehouse: Warehouse,
) -> None:
    """SMSB: (start - contraction - churn) / start. Point to point forgives the dip."""
    tables = {
        "subscription_items": [
            sub("a", "2024-01-01", "2024-02-10"),
            sub("a", "2024-02-10", "2024-02-20", unit_amount=40),
            sub("a", "2024-02-20"),
            sub("b", "2024-01-01", "2024-02-15"),
            sub("c", "2024-01-01"),
            sub("c", "2024-02-12", n=2, unit_amount=30),
        ]
    }
    book = warehouse.build(tables, as_of="2024-02-29")
    assert rates_by_policy(book, "2024-02-29") == {
        # (100 + 0 + 130) / 300 and (100 + 0 + 100) / 300
        "constant_currency": pytest.approx((230 / 300, 200 / 300)),
        # 300 - 60 - 100 = 140, and 60 + 30 won.
        "ledger": pytest.approx((230 / 300, 140 / 300)),
        "ledger_with_reactivation": pytest.approx((230 / 300, 140 / 300)),
    }


def test_chartmogul_nets_in_who_comes_back_from_outside_and_we_do_not(
    warehouse: Warehouse,
) -> None:
    """Theirs: net churn = (churn + contraction - expansion - reactivation) / start.

    100 at the start, 20 lost and won back inside the window, 50 back from before it:
    their net churn is (20 - 20 - 50) / 100 = -50 %. Ours counts the 20 in the policy
    that says so, and the 50 never: who was not there at the start is not in S.
    """
    tables = {
        "subscription_items": [
            sub("stays", "2024-01-01", unit_amount=80),
            sub("returns", "2024-01-01", "2024-02-05", unit_amount=20),
            sub("returns", "2024-04-01", n=2, unit_amount=20),
            sub("outside", "2023-01-01", "2023-06-01", unit_amount=50),
            sub("outside", "2024-02-10", n=2, unit_amount=50),
        ]
    }
    book = warehouse.build(tables, as_of="2024-04-30")
    assert rates_by_policy(book, "2024-04-30", 3) == {
        "constant_currency": pytest.approx((1.0, 1.0)),
        "ledger": pytest.approx((0.8, 0.8)),
        "ledger_with_reactivation": pytest.approx((1.0, 0.8)),
    }


def test_chargify_the_signed_movements_of_a_month_are_its_net_growth(
    warehouse: Warehouse,
) -> None:
    """Losses are negative, so growth is a plain sum; new business is beside it."""
    tables = {
        "subscription_items": [
            sub("lost", "2024-01-01", "2024-02-05", unit_amount=70),
            sub("less", "2024-01-01", "2024-02-05"),
            sub("less", "2024-02-05", unit_amount=85),
            sub("more", "2024-01-01", "2024-02-05"),
            sub("more", "2024-02-05", unit_amount=140),
            sub("back", "2023-01-01", "2023-06-01"),
            sub("back", "2024-02-05", unit_amount=25),
            sub("new", "2024-02-05", unit_amount=500),
        ]
    }
    book = warehouse.build(tables, "fct_account_mrr_months", as_of="2024-02-29")
    moved = book.query(
        """
        select cast(sum(churn_mrr) as integer), cast(sum(contraction_mrr) as integer),
            cast(sum(expansion_mrr) as integer), cast(sum(reactivation_mrr) as integer),
            cast(sum(new_mrr) as integer), cast(sum(opening_mrr) as integer),
            cast(sum(closing_mrr) as integer)
        from fct_account_mrr_months where mrr_month = '2024-02-01'
        """
    )
    assert tuple(moved.iloc[0]) == (-70, -15, 40, 25, 500, 270, 750)


def rates_by_policy(
    book: Book, end: str, months: int = 1
) -> dict[str, tuple[float, float]]:
    """Return NRR and GRR of a window at account grain, by policy without grace."""
    found = book.query(
        f"""
        select policy, nrr_rate, grr_rate from fct_retention
        where segment_dimension = 'all' and grain = 'account'
            and period_end_on = '{end}' and window_months = {months}
            and policy in ('constant_currency', 'ledger', 'ledger_with_reactivation')
        """
    )
    return {row.policy: (row.nrr_rate, row.grr_rate) for row in found.itertuples()}


def test_an_item_that_changes_its_currency_keeps_its_history(
    warehouse: Warehouse,
) -> None:
    """The same four rows under one item id as under two: the currency is a version."""
    rates = [
        {"currency": currency, "to_currency": "USD", "valid_from": "2020-01-01"}
        | {"rate": rate}
        for currency, rate in (("EUR", "1.12"), ("GBP", "1.3"))
    ]
    read = []
    for second in ("hop", "hop-2"):
        items = [
            item("hop", "hop", "2023-01-01", "2024-03-01", currency="EUR"),
            item(second, "hop", "2024-03-01", currency="GBP"),
            item("eur", "eur", "2023-01-01", currency="EUR"),
            item("usd", "usd", "2023-01-01", currency="USD"),
        ]
        tables = {"subscription_items": items, "exchange_rates": rates}
        book = warehouse.build(
            tables,
            *("fct_mrr_movements", "fct_currency_mrr_months", "fct_expansion_shares"),
            as_of="2024-06-30",
        )
        assert book.broken_laws() == []
        moved = book.query(
            "select movement, currency, cast(mrr_delta as double) as mrr"
            " from fct_mrr_movements where account_id = 'hop'"
            " and effective_on = '2024-03-01' order by all"
        )
        read.append(list(moved.itertuples(index=False, name=None)))
    assert read[0] == read[1]
    assert read[0] == [
        ("currency_transfer", "EUR", -112.0),
        ("currency_transfer", "GBP", 112.0),
        ("expansion", "GBP", 18.0),
    ]
