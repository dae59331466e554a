"""One snapshot is no history: paid bills say who paid, and from when until when."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.python.conftest import Book, Warehouse
from tests.python.test_stripe_bills import MONTHLY
from tests.python.test_stripe_capture import write_rows

Row = dict[str, Any]
STARTED = "2025-01-01 09:00:00"
FIRSTS = [date(2025 + month // 12, month % 12 + 1, 1) for month in range(13)]
STATUSES = ["active", "past_due", "canceled", "unpaid", "paused", "trialing"]
STATUSES += ["incomplete", "incomplete_expired"]
PAID = [0, 1, 5, 12]
ENDS = ["none", "within", "later"]
RESTS = ["none", "open", "void"]
# The row of a re-synced history begins with the subscription, a late one when seen.
CAPTURED = {"anew": date(2025, 1, 1), "late": date(2025, 12, 20)}
MODELS = ["int_subscription_items_priced", "int_stripe_terms_known"]
MODELS += ["fct_mrr_movements", "fct_data_quality"]


def name_of(status: str, paid: int, end: str, rest: str) -> str:
    """Name one subscription by all that is said of it."""
    return f"{status}-{paid}-{end}-{rest}"


def variants() -> list[tuple[str, int, str, str]]:
    """List every state with every number of bills; ends where Stripe tells one."""
    return [
        case
        for case in product(STATUSES, PAID, ENDS, RESTS)
        if (case[2] == "none" or case[0] in ("canceled", "incomplete_expired"))
        and (case[2] == "none" or case[1] > 0)
    ]


def ended_on(paid: int, end: str) -> date | None:
    """Return the day of ended_at: within what was paid last, or after it."""
    if end == "none":
        return None
    return FIRSTS[paid] + timedelta(days=-10 if end == "within" else 10)


def write(landing: Path, captured: str) -> Path:
    """Write a subscription of 10 a month per variant, as one look saw it."""
    customers, versions, items, invoices, lines = [], [], [], [], []
    for status, paid, end, rest in variants():
        name = name_of(status, paid, end, rest)
        customers.append({"id": name, "created": STARTED})
        last = ended_on(paid, end)
        versions.append(
            {"id": name, "customer_id": name, "status": status}
            | {"_fivetran_start": f"{CAPTURED[captured]} 10:00:00"}
            | {"start_date": STARTED, "created": STARTED}
            | {"ended_at": f"{last} 09:00:00" if last else ""}
        )
        items.append(
            {"id": name, "subscription_id": name, "plan_id": "p", "quantity": 1}
            | {"created": STARTED, "_fivetran_synced": "2025-12-30"}
        )
        for month in range(12):
            if month >= paid and rest == "none":
                break
            key, begin = f"{name}-{month}", f"{FIRSTS[month]} 09:00:00"
            is_paid = month < paid
            invoices.append(
                {"id": key, "customer_id": name, "subscription_id": name}
                | {"status": "paid" if is_paid else rest, "created": begin}
                | {"total": 1000, "amount_paid": 1000 if is_paid else 0}
            )
            lines.append(
                {"id": key, "invoice_id": key, "subscription_id": name}
                | {"subscription_item_id": name, "plan_id": "p", "quantity": 1}
                | {"amount": 1000, "currency": "usd", "proration": "false"}
                | {"type": "subscription", "period_start": begin}
                | {"period_end": f"{FIRSTS[month + 1]} 09:00:00"}
            )
    for table, rows in [
        ("customer", customers),
        ("price", [MONTHLY | {"id": "p"}]),
        ("subscription_history", versions),
        ("subscription_item", items),
        ("invoice", invoices),
        ("invoice_line_item", lines),
    ]:
        write_rows(landing, table, rows)
    return landing


@pytest.fixture(scope="module", params=CAPTURED)
def seen(
    request: pytest.FixtureRequest,
    warehouse: Warehouse,
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Book]:
    landing = write(tmp_path_factory.mktemp(request.param), request.param)
    book = warehouse.build_landing(landing, *MODELS, as_of="2025-12-31")
    return request.param, book


def paying(book: Book) -> dict[str, list[bool]]:
    """Tell for the middle of each month of 2025 which subscription had MRR."""
    rows = book.query(
        """
        select subscription_id, valid_from,
            coalesce(valid_to, date '9999-12-31') as valid_to
        from int_subscription_items_priced where mrr > 0
        """
    )
    had: dict[str, list[bool]] = {name_of(*case): [False] * 12 for case in variants()}
    for row in rows.itertuples():
        for month in range(12):
            day = str(FIRSTS[month] + timedelta(days=14))
            if str(row.valid_from)[:10] <= day < str(row.valid_to)[:10]:
                had[row.subscription_id][month] = True
    return had


def test_who_paid_has_paid_and_who_never_did_is_no_customer(
    seen: tuple[str, Book],
) -> None:
    captured, book = seen
    had = paying(book)
    wrong = {}
    for status, paid, end, rest in variants():
        name = name_of(status, paid, end, rest)
        last = ended_on(paid, end)
        until = last or FIRSTS[paid]
        expected = [FIRSTS[month] + timedelta(days=14) < until for month in range(12)]
        if status in ("active", "past_due"):
            expected = [True] * 12
        elif paid == 0 and status in ("incomplete", "incomplete_expired"):
            expected = [False] * 12
        elif captured == "late" and not (status == "canceled" and paid > 0):
            # What held between the last that was paid and the look is not known.
            if status in ("unpaid", "paused", "canceled") or paid > 0 and last is None:
                expected = [True] * 11 + had[name][11:]
            if status == "trialing" and paid == 0:
                expected = [False] * 12
            if status == "incomplete_expired" and paid > 0:
                expected = [FIRSTS[m] + timedelta(days=14) < until for m in range(12)]
        elif paid == 0:
            expected = [False] * 12
        if had[name] != expected:
            wrong[name] = (had[name], expected)
    assert wrong == {}


def test_who_never_paid_is_neither_new_nor_churn_and_who_did_is_new_once(
    seen: tuple[str, Book],
) -> None:
    _, book = seen
    rows = book.query(
        "select account_id, movement, min(effective_on) as day, count(*) as times"
        " from fct_mrr_movements group by account_id, movement"
    )
    new = rows[rows["movement"] == "new"].set_index("account_id")
    assert set(new["times"]) == {1}
    assert {str(day)[:10] for day in new["day"]} == {"2025-01-01"}
    for status, paid, end, rest in variants():
        account = f"stripe:{name_of(status, paid, end, rest)}"
        if paid > 0:
            assert account in new.index, account
        elif status in ("incomplete", "incomplete_expired"):
            assert account not in set(rows["account_id"]), account


def test_no_end_is_known_before_it_happened(seen: tuple[str, Book]) -> None:
    _, book = seen
    early = book.query(
        "from int_stripe_terms_known where ended_on is not null"
        " and known_from < ended_on"
    )
    assert early.empty


def test_every_item_has_a_fate_and_the_rows_balance(seen: tuple[str, Book]) -> None:
    _, book = seen
    assert book.broken_laws() == []
    counted = book.query(
        "select sum(row_count) from fct_data_quality where stage = 'items'"
    )
    assert counted.iloc[0, 0] == len(variants())


@pytest.mark.parametrize("paid_on", ["", "2025-01-05", "2025-01-15"])
@pytest.mark.parametrize("status", ["active", "canceled", "unpaid"])
def test_a_history_synced_anew_pays_from_its_trial_or_its_first_paid_bill(
    warehouse: Warehouse, tmp_path: Path, status: str, paid_on: str
) -> None:
    version = {"id": "s", "customer_id": "c", "start_date": STARTED, "status": status}
    version |= {"trial_end": "2025-01-15 09:00:00", "created": STARTED}
    version |= {"ended_at": "2025-04-20 09:00:00" if status == "canceled" else ""}
    row = version | {"_fivetran_start": STARTED}
    billed_on = paid_on or "2025-01-15"
    for table, rows in {
        "customer": [{"id": "c", "created": STARTED}],
        "price": [MONTHLY | {"id": "p"}],
        "subscription_history": [row],
        "subscription_item": [
            {"id": "i", "subscription_id": "s", "plan_id": "p", "quantity": 1}
            | {"created": STARTED}
        ],
        "invoice": [
            {"id": "in", "customer_id": "c", "subscription_id": "s", "total": 1000}
            | {"status": "paid" if paid_on else "open"}
            | {"amount_paid": 1000 if paid_on else 0}
            | {"created": f"{billed_on} 09:00:00"}
        ],
        "invoice_line_item": [
            {"id": "l", "invoice_id": "in", "subscription_id": "s", "plan_id": "p"}
            | {"subscription_item_id": "i", "quantity": 1, "amount": 1000}
            | {"currency": "usd", "proration": "false", "type": "subscription"}
            | {"period_start": f"{billed_on} 09:00:00"}
            | {"period_end": "2025-04-15 09:00:00"}
        ],
    }.items():
        write_rows(tmp_path, table, rows)
    book = warehouse.build_landing(
        tmp_path, "int_subscription_items_priced", as_of="2025-12-31"
    )
    told = book.query(
        """
        select min(valid_from)::varchar as first,
            max(coalesce(valid_to, date '9999-12-31'))::varchar as last
        from int_subscription_items_priced where mrr > 0
        """
    ).iloc[0]
    ends = {"active": "9999-12-31", "canceled": "2025-04-20", "unpaid": "2025-04-15"}
    if status == "unpaid" and not paid_on:
        assert told["first"] is None
    else:
        assert tuple(told) == (billed_on, ends[status])


@pytest.mark.parametrize("status", ["incomplete", "trialing"])
@pytest.mark.parametrize("days", [0, 1, 15])
def test_what_was_seen_as_it_happened_stays_as_it_was(
    warehouse: Warehouse, tmp_path: Path, status: str, days: int
) -> None:
    """A trial or a first payment that was seen, and then paid, is not moved."""
    turned = date(2025, 1, 1) + timedelta(days=days)
    is_tried = status == "trialing"
    version = {"id": "s", "customer_id": "c", "start_date": STARTED, "created": STARTED}
    version |= {"trial_end": f"{turned} 09:00:00" if is_tried else ""}
    begin = turned if is_tried else date(2025, 1, 1)
    key = {"id": "l", "invoice_id": "in", "subscription_id": "s", "plan_id": "p"}
    for table, rows in {
        "customer": [{"id": "c", "created": STARTED}],
        "price": [MONTHLY | {"id": "p"}],
        "subscription_history": [
            version | {"status": status, "_fivetran_start": "2025-01-01 09:01:00"},
            version | {"status": "active", "_fivetran_start": f"{turned} 09:30:00"},
        ],
        "subscription_item": [
            {"id": "i", "subscription_id": "s", "plan_id": "p", "quantity": 1}
            | {"created": STARTED}
        ],
        "invoice": [
            {"id": "in", "customer_id": "c", "subscription_id": "s", "total": 1000}
            | {"status": "paid", "created": f"{begin} 09:00:00", "amount_paid": 1000}
        ],
        "invoice_line_item": [
            key
            | {"subscription_item_id": "i", "quantity": 1, "amount": 1000}
            | {"currency": "usd", "proration": "false", "type": "subscription"}
            | {"period_start": f"{begin} 09:00:00"}
            | {"period_end": f"{begin + timedelta(days=31)} 09:00:00"}
        ],
    }.items():
        write_rows(tmp_path, table, rows)
    book = warehouse.build_landing(
        tmp_path, "int_subscription_items_priced", as_of="2025-12-31"
    )
    first = book.query(
        "select min(valid_from)::varchar from int_subscription_items_priced"
        " where mrr > 0"
    )
    assert first.iloc[0, 0] == str(turned if is_tried else begin)
