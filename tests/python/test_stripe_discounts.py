"""Coupons take off what Stripe takes off: either table, whoever has them, at once."""

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.python.conftest import Book, Warehouse
from tests.python.test_stripe_bills import MONTHLY
from tests.python.test_stripe_capture import write_rows

Row = dict[str, Any]
NOT_LANDED = "coupon of a discount was not landed: it takes nothing off"
OTHER = "coupon is in another currency than its subscription: it takes nothing off"
COUPONS = [
    {"id": "ten", "percent_off": 10, "duration": "forever"},
    {"id": "twenty", "percent_off": 20, "duration": "forever"},
    {"id": "odd", "percent_off": 12.5, "duration": "forever"},
    {"id": "three months", "percent_off": 50, "duration": "repeating"}
    | {"duration_in_months": 3},
    {"id": "thirty", "amount_off": 3000, "currency": "usd", "duration": "forever"},
    {"id": "pounds", "amount_off": 3000, "currency": "gbp", "duration": "forever"},
    {"id": "first", "percent_off": 99, "duration": "once"},
]
HEADS = ["id", "percent_off", "amount_off", "currency", "duration"]
HEADS += ["duration_in_months"]
PLACES = ["subscription_discount", "discount", "both", "copied"]


def on(coupon: str, start: str = "2025-01-01", end: str = "", **more: Any) -> Row:
    """Return a discount on the subscription s."""
    row = {"id": f"{coupon} {start}", "coupon_id": coupon, "subscription_id": "s"}
    row |= {"customer_id": "c", "invoice_id": "", "invoice_item_id": ""}
    return row | {"start": f"{start} 09:00:00", "end": end} | more


def write(landing: Path, discounts: list[Row], place: str = "discount") -> Path:
    """Write two subscriptions of one customer, at 100 a month each, and discounts."""
    begun = {"created": "2025-01-01 09:00:00", "start_date": "2025-01-01 09:00:00"}
    heard = begun | {"status": "active", "_fivetran_start": "2025-01-01 09:07:00"}
    sold = [
        {"id": f"i {name}", "subscription_id": name, "plan_id": "p", "quantity": 1}
        | {"created": "2025-01-01 09:00:00"}
        for name in ("s", "t")
    ]
    write_rows(landing, "customer", [{"id": "c", "created": begun["created"]}])
    write_rows(landing, "price", [MONTHLY | {"id": "p", "unit_amount": 10000}])
    write_rows(
        landing,
        "subscription_history",
        [heard | {"id": name, "customer_id": "c"} for name in ("s", "t")],
    )
    write_rows(landing, "subscription_item", sold)
    write_rows(landing, "coupon", [dict.fromkeys(HEADS, "") | c for c in COUPONS])
    own = [row for row in discounts if row["subscription_id"]]
    other = [row for row in discounts if not row["subscription_id"]]
    if place != "discount" and own:
        rows = [{k: v for k, v in row.items() if k[:3] != "inv"} for row in own]
        write_rows(landing, "subscription_discount", rows)
    if place == "copied":
        own = [
            row | {"id": f"{row['id']} {n}", "invoice_id": f"in{n}"}
            for row in own
            for n in range(3)
        ]
    if place != "subscription_discount" or other:
        rows = own + other if place != "subscription_discount" else other
        if rows:
            write_rows(landing, "discount", rows)
    return landing


def mrr(book: Book, day: str) -> dict[str, float]:
    """Return MRR after discounts of each subscription on a day."""
    rows = book.query(
        f"""
        select subscription_id, sum(mrr)::double as mrr
        from int_subscription_items_priced
        where valid_from <= '{day}' and coalesce(valid_to, date '9999-12-31') > '{day}'
        group by subscription_id
        """
    )
    return {row.subscription_id: round(row.mrr, 4) for row in rows.itertuples()}


def built(warehouse: Warehouse, landing: Path, as_of: str = "2025-06-30") -> Book:
    """Build what the discounts leave."""
    return warehouse.build_landing(
        landing, "int_subscription_items_priced", "fct_warned_rows", as_of=as_of
    )


@pytest.mark.parametrize("place", PLACES)
def test_coupons_at_once_compound_in_order_of_begin_wherever_they_are_told(
    warehouse: Warehouse, tmp_path: Path, place: str
) -> None:
    told = [
        on("ten"),
        on("twenty", "2025-02-01"),
        on("thirty", "2025-03-01", "2025-05-01 09:00:00"),
        on("odd", "2025-04-01"),
    ]
    book = built(warehouse, write(tmp_path, told, place))
    left = {"2025-01-15": 90, "2025-02-15": 72, "2025-03-15": 42}
    left |= {"2025-04-15": 36.75, "2025-05-15": 63}
    assert {day: mrr(book, day) for day in left} == {
        day: {"s": net, "t": 100} for day, net in left.items()
    }


CUSTOMERS = {"subscription_id": ""}
KINDS = {
    "on a customer": ([on("ten", **CUSTOMERS)], 90, 90),
    "on a customer and on one of its subscriptions": (
        [on("ten", **CUSTOMERS), on("twenty")],
        80,
        90,
    ),
    "once on a subscription of a discounted customer": (
        [on("ten", **CUSTOMERS), on("first")],
        90,
        90,
    ),
    "once beside one that recurs": ([on("ten"), on("first")], 90, 100),
    "once alone": ([on("first")], 100, 100),
    "on a bill alone": ([on("ten", **CUSTOMERS, invoice_id="in1")], 100, 100),
    "on a line of a bill": ([on("ten", **CUSTOMERS, invoice_item_id="l")], 100, 100),
    "months told by the coupon": ([on("three months", "2025-01-01")], 100, 100),
    "months told by the coupon, still on": (
        [on("three months", "2025-05-01")],
        50,
        100,
    ),
    "an end that is over": ([on("ten", end="2025-04-01 00:00:00")], 100, 100),
    "not begun yet": ([on("ten", "2025-07-01")], 100, 100),
    "no begin": ([on("ten") | {"start": ""}], 90, 100),
    "more than there is": (
        [on("thirty", f"2025-01-0{n}", id=f"d{n}") for n in range(1, 5)],
        0,
        100,
    ),
    "in another currency": ([on("pounds")], 100, 100),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_discount_takes_off_what_it_is_on(
    warehouse: Warehouse, tmp_path: Path, kind: str
) -> None:
    told, own, other = KINDS[kind]
    book = built(warehouse, write(tmp_path, told))
    assert mrr(book, "2025-06-15") == {"s": own, "t": other}
    rules = [OTHER] if kind == "in another currency" else []
    assert list(book.table("fct_warned_rows")["rule"]) == rules


@pytest.mark.parametrize("place", PLACES)
def test_a_coupon_that_was_not_landed_is_named(
    warehouse: Warehouse, tmp_path: Path, place: str
) -> None:
    told = [on("nowhere"), on("ten", "2025-02-01")]
    book = built(warehouse, write(tmp_path, told, place))
    assert mrr(book, "2025-06-15") == {"s": 90, "t": 100}
    rows = book.table("fct_warned_rows")
    assert set(rows["rule"]) == {NOT_LANDED}
    assert rows["row_key"].str.endswith("|nowhere").all()


@pytest.mark.parametrize("seed", range(4))
def test_any_sequence_of_coupons_leaves_what_an_oracle_leaves(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    named = {coupon["id"]: coupon for coupon in COUPONS}
    picks = random.sample(["ten", "twenty", "odd", "thirty", "first", "pounds"], 5)
    told, held = [], []
    for coupon in picks:
        begin = date(2025, random.randint(1, 5), random.randint(1, 28))
        end = date(2025, random.randint(6, 12), 1) if random.random() < 0.6 else None
        told.append(on(coupon, str(begin), f"{end} 00:00:00" if end else ""))
        held.append((begin, end or date.max, named[coupon]))
    book = built(warehouse, write(tmp_path, told), "2025-12-31")
    for month in range(1, 13):
        day, left = date(2025, month, 15), 100.0
        for begin, end, coupon in sorted(held, key=lambda row: row[0]):
            if not begin <= day < end or coupon["duration"] == "once":
                continue
            left *= 1 - coupon.get("percent_off", 0) / 100
            if coupon.get("currency") == "usd":
                left -= coupon["amount_off"] / 100
        assert mrr(book, str(day))["s"] == pytest.approx(max(left, 0), abs=1e-4), day


def test_a_discount_of_a_customer_that_was_taken_off_keeps_its_past(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    models = "int_subscription_items_priced"
    landing = write(tmp_path, [on("ten", **CUSTOMERS), on("twenty", "2025-05-01")])
    warehouse.build_landing(landing, models, as_of="2025-03-31")
    write(landing, [on("twenty", "2025-05-01")])
    book = warehouse.build_landing(
        landing, models, as_of="2025-04-30", is_next_run=True
    )
    assert mrr(book, "2025-04-15") == {"s": 90, "t": 90}
    assert mrr(book, "2025-04-30") == {"s": 100, "t": 100}


# What an amount of the currency is in its smallest unit.
UNITS = {"usd": 100, "jpy": 1, "kwd": 1000}


def sell(random: Random, landing: Path) -> dict[str, list[tuple[str, float]]]:
    """Write subscriptions of several items with coupons; return what each pays.

    A subscription has up to five items, one of them free or metered now and then; one
    item comes in March and one goes in May.
    """
    begun = {"created": "2025-01-01 09:00:00", "start_date": "2025-01-01 09:00:00"}
    told: dict[str, list[Row]] = {
        name: []
        for name in ("subscription_history", "price", "subscription_item", "coupon")
    } | {"discount": []}
    paid: dict[str, list[tuple[str, float]]] = {}
    for number in range(25):
        name = f"s{number}"
        currency = random.choice(list(UNITS))
        interval, months = random.choice([("month", 1), ("month", 3), ("year", 12)])
        told["subscription_history"].append(
            begun
            | {"id": name, "customer_id": "c", "status": "active"}
            | {"_fivetran_start": "2025-01-01 09:07:00"}
        )
        costs = []
        for place in range(random.randint(1, 5)):
            key = f"{name} {place}"
            unit = random.choice([0, random.randint(1, 900), random.randint(1, 90000)])
            is_metered = random.random() < 0.15
            price = MONTHLY | {"id": key, "unit_amount": unit, "currency": currency}
            price |= {"recurring_interval": interval}
            price |= {"recurring_interval_count": months if interval == "month" else 1}
            if is_metered:
                price |= {"recurring_usage_type": "metered"}
            told["price"].append(price)
            quantity = random.randint(1, 9)
            since = "2025-03-01" if place == 3 else "2025-01-01"
            told["subscription_item"].append(
                {"id": key, "subscription_id": name, "plan_id": key}
                | {"quantity": "" if is_metered else quantity}
                | {"created": f"{since} 09:00:00"}
            )
            costs.append((since, 0 if is_metered else unit * quantity))
        off = random.choice([random.randint(1, 500), random.randint(1, 200_000)])
        coin = random.choice([currency, currency, "", "eur"])
        percent = random.choice([0, 0, 10, 33.33])
        amount = {"id": f"{name} off", "amount_off": off, "currency": coin}
        told["coupon"].append(
            dict.fromkeys(HEADS, "") | amount | {"duration": "forever"}
        )
        told["discount"].append(on(f"{name} off", subscription_id=name))
        if percent:
            coupon = {"id": f"{name} p", "percent_off": percent, "duration": "forever"}
            told["coupon"].append(dict.fromkeys(HEADS, "") | coupon)
            told["discount"].append(
                on(f"{name} p", subscription_id=name, start="2024-12-31")
            )
        counts = coin != "eur"
        for day in ("2025-02-28", "2025-04-30"):
            gross = sum(cost for since, cost in costs if since <= day)
            left = gross * (1 - percent / 100) - (off if counts else 0)
            mrr_left = max(left, 0) / UNITS[currency] / months
            paid.setdefault(name, []).append((day, mrr_left))
    write_rows(landing, "customer", [{"id": "c", "created": begun["created"]}])
    for table, rows in told.items():
        write_rows(landing, table, rows)
    rates = [
        f"{coin.upper()},USD,2020-01-01,{rate}"
        for coin, rate in [("jpy", 1), ("kwd", 1)]
    ]
    (landing / "files").mkdir()
    (landing / "files" / "exchange_rates.csv").write_text(
        "\n".join(["currency,to_currency,valid_from,rate", *rates]), encoding="utf-8"
    )
    return paid


@pytest.mark.parametrize("seed", range(6))
def test_an_amount_off_is_spread_and_nothing_of_it_is_lost(
    warehouse: Warehouse, tmp_path: Path, seed: int
) -> None:
    paid = sell(Random(seed), tmp_path)
    book = built(warehouse, tmp_path)
    for place, day in enumerate(("2025-02-28", "2025-04-30")):
        left = mrr(book, day)
        for name, told in paid.items():
            assert left[name] == pytest.approx(told[place][1], abs=1e-4), (name, day)
    assert book.query(
        "from int_subscription_items_priced where mrr < 0 or mrr > gross_mrr"
    ).empty
    discounts = book.query(
        """
        select distinct discount_id from stg_stripe__discounts
        inner join stg_stripe__coupons using (coupon_id) where currency = 'EUR'
        """
    )
    warned = book.query(f"select row_key from fct_warned_rows where rule = '{OTHER}'")
    named = {key.split("|")[0] for key in warned["row_key"]}
    assert named == set(discounts["discount_id"])
    assert named
