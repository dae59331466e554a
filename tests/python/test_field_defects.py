"""The defects that were found in other tools (FIELD §3), each held down here.

Named for what must hold. The books are those that broke the other tool; the answers are
worked out by hand from SPEC.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.python.books import item
from tests.python.conftest import Book, CompiledProject, Warehouse, models_of

Row = dict[str, Any]
LEDGER = ("fct_mrr_movements", "fct_account_mrr_months")
HEALTH = ("fct_account_health_days", "fct_health_contributions")


def moved(book: Book, account_id: str) -> list[tuple[str, str, int]]:
    """Return an account's movements as (day, movement, whole amount)."""
    rows = book.query(
        f"""
        select cast(effective_on as varchar), movement, cast(mrr_delta as integer)
        from fct_mrr_movements where account_id = '{account_id}' order by all
        """
    )
    return list(rows.itertuples(index=False, name=None))


# --- 1, 2: dbt_stripe, dbt_zuora, dbt_recurly -----------------------------------------


def test_a_return_is_a_reactivation_after_any_gap(warehouse: Warehouse) -> None:
    gaps = (1, 27, 28, 31, 45, 46, 89, 90, 92, 365, 1000)
    left_on = date(2021, 3, 1)
    items = []
    for gap in gaps:
        back_on = left_on + timedelta(days=gap)
        items.append(item(f"i{gap}", f"g{gap}", "2021-01-01", left_on))
        # In a new subscription, or as a later version of the same item.
        later = f"j{gap}" if gap % 2 else f"i{gap}"
        items.append(item(later, f"g{gap}", back_on, None, 130))
    book = warehouse.build({"subscription_items": items}, *LEDGER, as_of="2024-12-31")
    for gap in gaps:
        back_on = left_on + timedelta(days=gap)
        assert moved(book, f"g{gap}") == [
            ("2021-01-01", "new", 100),
            ("2021-03-01", "churn", -100),
            (back_on.isoformat(), "reactivation", 130),
        ]


def test_100_to_0_is_churn_in_a_month_that_has_a_row_and_0_to_100_is_reactivation(
    warehouse: Warehouse,
) -> None:
    items = [
        item("i", "a", "2024-01-01", "2024-02-10"),
        item("i", "a", "2024-05-03"),
        # The last day of a month, and the first of the next.
        item("j", "b", "2024-01-01", "2024-02-29"),
        item("k", "c", "2024-01-01", "2024-03-01"),
    ]
    book = warehouse.build({"subscription_items": items}, *LEDGER, as_of="2024-05-31")
    assert [row[1] for row in moved(book, "a")] == ["new", "churn", "reactivation"]
    months = book.query(
        """
        select account_id, month(mrr_month) as number, opening_mrr, churn_mrr,
            contraction_mrr, reactivation_mrr, expansion_mrr, closing_mrr
        from fct_account_mrr_months
        where churn_mrr <> 0 or reactivation_mrr <> 0 order by all
        """
    )
    full, none = Decimal(100), Decimal(0)
    assert list(months.itertuples(index=False, name=None)) == [
        ("a", 2, full, -full, none, none, none, none),
        ("a", 5, none, none, none, full, none, full),
        ("b", 2, full, -full, none, none, none, none),
        ("c", 3, full, -full, none, none, none, none),
    ]


# --- 3: dbt_stripe's analysis reads a column that nobody defines ----------------------


def test_every_column_that_any_model_reads_is_there(
    warehouse: Warehouse, compiled: CompiledProject
) -> None:
    """Bind every model, whether a job builds it or not, on a book of one item."""
    names = sorted(node["name"] for node in models_of(compiled.manifest))
    book = warehouse.build(
        {"subscription_items": [item("i", "a", "2024-01-01")]},
        *names,
        as_of="2024-02-29",
    )
    assert {node["name"] for node in book.nodes} >= set(names)
    analyses = [
        node
        for node in compiled.manifest["nodes"].values()
        if node["resource_type"] == "analysis"
    ]
    for node in analyses:
        book.con.execute(f"explain {book.sql_of(node)}")


# --- 4: mrr-playbook ------------------------------------------------------------------


def test_no_customer_falls_out_of_a_spine_and_none_is_counted_twice(
    warehouse: Warehouse,
) -> None:
    items = [
        item("i1", "before any spine", "1999-12-31"),
        item("i2", "open", "2023-07-01"),
        item("i3", "cut", "2024-01-15", "2024-03-15"),
        # Three that overlap in every way: all the time, at the start, at the end.
        item("i4", "many", "2024-01-01"),
        item("i5", "many", "2024-01-20", "2024-03-10", 30),
        item("i6", "many", "2024-02-29", "2024-03-01", 7),
    ]
    book = warehouse.build({"subscription_items": items}, *LEDGER, as_of="2024-04-30")
    months = book.table("fct_account_mrr_months")
    assert not months.duplicated(["account_id", "mrr_month"]).any()
    counted = dict(months.groupby("account_id").size())
    assert counted == {
        # December 1999, then 24 years and four months.
        "before any spine": 1 + 24 * 12 + 4,
        "open": 10,
        # March has a row: its end is booked there.
        "cut": 3,
        "many": 4,
    }
    closing = months.pivot(
        index="mrr_month", columns="account_id", values="closing_mrr"
    ).loc[date(2024, 1, 1) :]
    assert [int(mrr) for mrr in closing["cut"][:3]] == [100, 100, 0]
    assert [int(mrr) for mrr in closing["many"]] == [130, 137, 100, 100]
    assert [int(mrr) for mrr in closing["open"]] == [100] * 4
    assert moved(book, "many") == [
        ("2024-01-01", "new", 100),
        ("2024-01-20", "expansion", 30),
        ("2024-02-29", "expansion", 7),
        ("2024-03-01", "contraction", -7),
        ("2024-03-10", "contraction", -30),
    ]
    assert book.broken_laws() == []


def test_what_starts_before_the_calendar_is_named_and_stops_nobody(
    warehouse: Warehouse,
) -> None:
    items = [
        item("typo", "a", "0202-01-01", "2024-05-01"),
        item("old", "a", "1920-01-01", "2024-05-01"),
        item("first", "b", "1990-01-01"),
    ]
    book = warehouse.build(
        {"subscription_items": items},
        *(*LEDGER, "fct_quarantined_rows"),
        as_of="2024-02-29",
    )
    bad = book.query(
        "select source_line, rule from fct_quarantined_rows order by source_line"
    )
    assert list(bad.itertuples(index=False, name=None)) == [
        (2, "before 1900-01-01"),
        (3, "starts before the calendar does: 1990-01-01"),
    ]
    assert moved(book, "b") == [("1990-01-01", "new", 100)]
    assert book.broken_laws() == []


# --- 5, 6: GitLab ---------------------------------------------------------------------


def test_what_is_counted_is_counted_under_its_condition(warehouse: Warehouse) -> None:
    """Four of five stay, two grow, one shrinks: no count is that of the rows."""
    ends = {"up": 120, "up too": 101, "same": 100, "down": 60, "gone": 0}
    items = []
    for name, amount in ends.items():
        items.append(item(name, name, "2024-01-01", "2024-02-10"))
        if amount:
            items.append(item(name, name, "2024-02-10", None, amount))
    items.append(item("new", "new", "2024-02-20"))
    book = warehouse.build(
        {"subscription_items": items},
        *(*LEDGER, "fct_retention", "fct_mrr_months"),
        as_of="2024-02-29",
    )
    counts = book.query(
        "select movement, count(*) from fct_mrr_movements "
        "where effective_on >= '2024-02-01' group by movement order by movement"
    )
    assert list(counts.itertuples(index=False, name=None)) == [
        ("churn", 1),
        ("contraction", 1),
        ("expansion", 2),
        ("new", 1),
    ]
    retained = book.query(
        """
        select distinct opening_accounts, logo_retention_rate from fct_retention
        where segment_dimension = 'all' and policy in ('raw', 'constant_currency')
        """
    )
    assert list(retained.itertuples(index=False, name=None)) == [(5, 0.8)]
    february = book.query(
        """
        select opening_accounts, closing_accounts from fct_mrr_months
        where mrr_month = '2024-02-01' and segment_dimension = 'all'
        """
    )
    assert list(february.itertuples(index=False, name=None)) == [(5, 5)]


@pytest.mark.parametrize(
    "first_month",
    [
        {"unit_amount": 0},
        {"status": "trialing"},
        {"status": "free"},
        {"status": "unpaid"},
        {"discount_percent": 100},
        {"quantity": 0},
    ],
    ids=str,
)
def test_a_first_month_of_0_is_nothing_and_the_first_payment_is_new(
    warehouse: Warehouse, first_month: Row
) -> None:
    """dbt_stripe says unknown and then expansion; GitLab says New of the 0 (6, 12)."""
    items = [
        item("i", "a", "2024-01-01", "2024-02-01", **first_month),
        item("i", "a", "2024-02-01", "2024-03-01"),
        item("i", "a", "2024-03-01", "2024-04-01", **first_month),
        item("i", "a", "2024-04-01"),
    ]
    book = warehouse.build({"subscription_items": items}, *LEDGER, as_of="2024-04-30")
    assert moved(book, "a") == [
        ("2024-02-01", "new", 100),
        ("2024-03-01", "churn", -100),
        # From 0 it is no expansion, however short the gap.
        ("2024-04-01", "reactivation", 100),
    ]
    first = book.query(
        "select min(mrr_month) as first_month from fct_account_mrr_months"
    )
    assert first["first_month"][0] == date(2024, 2, 1)


# --- 7, 10: Mattermost, SaaSGuard -----------------------------------------------------


def usage(account_id: str, first: date, days: int, **more: Any) -> list[Row]:
    """Return a use of the product by one person on each of so many days."""
    return [
        {
            "event_id": f"{account_id}-{more.get('event_name', '')}-{number}",
            "account_id": account_id,
            "user_id": f"{account_id}-u",
            "event_name": "report_created",
            "occurred_at": f"{first + timedelta(days=number)} 09:00:00",
        }
        | more
        for number in range(days)
    ]


def answered(account_id: str, day: str, score: int, kind: str = "nps") -> Row:
    """Return one answer to a survey."""
    row = {"response_id": f"{account_id}-{kind}-{day}", "account_id": account_id}
    return row | {"kind": kind, "score": score, "responded_at": f"{day} 10:00:00"}


def rows(book: Book, name: str, until: str) -> pd.DataFrame:
    """Return a daily mart up to a day, in a stable order."""
    day = "effective_on" if name == "fct_mrr_movements" else "health_on"
    return book.query(f"from {name} where {day} <= '{until}' order by all")


def test_a_past_day_reads_the_same_whatever_happened_since(
    warehouse: Warehouse,
) -> None:
    """Nothing asks for the current date: the run's day is all that dates a row."""
    first = date(2024, 1, 1)
    until = "2024-03-31"
    known = {
        "subscription_items": [
            item("i", "a", first, quantity=10, unit_amount=10),
            item("j", "b", first, "2024-04-01", quantity=5, unit_amount=20),
        ],
        "events": usage("a", first, 91) + usage("b", first, 91),
        "survey_responses": [answered("a", "2024-02-01", 9)],
    }
    since = {
        # b churns on the day after; a buys more, complains and goes quiet.
        "subscription_items": [item("k", "a", "2024-04-01", None, 55)],
        "events": usage("b", date(2024, 4, 1), 5, event_name="api_called"),
        "survey_responses": [answered("a", "2024-04-02", 0)],
        "tickets": [
            {"ticket_id": "t", "account_id": "a", "opened_at": "2024-04-03 08:00:00"}
        ],
    }
    marts = ("fct_mrr_movements", *HEALTH)
    early = warehouse.build(known, *marts, as_of=until)
    expected = {name: rows(early, name, until) for name in marts}
    assert not expected["fct_health_contributions"].empty
    more = {name: [*known.get(name, []), *since[name]] for name in since}

    as_of_then = warehouse.build(more, *marts, as_of=until)
    for name in marts:
        pd.testing.assert_frame_equal(rows(as_of_then, name, until), expected[name])

    # The same days, read a week later: the churn of 1 April is no feature of March.
    later = warehouse.build(more, *marts, as_of="2024-04-07")
    for name in ("fct_mrr_movements", "fct_account_health_days"):
        # The run's own instant ends the day that it calls today.
        apart = {"columns": ["computed_from_received_until"], "errors": "ignore"}
        found = rows(later, name, until).drop(**apart)
        pd.testing.assert_frame_equal(found, expected[name].drop(**apart))
    assert moved(later, "b")[-1] == ("2024-04-01", "churn", -100)
    last = later.query(
        "select max(health_on) as day from fct_account_health_days "
        "where account_id = 'b'"
    )
    # No row of a day on which nothing is paid, so none can carry the churn itself.
    assert last["day"][0] == date(2024, 3, 31)


def test_no_model_asks_for_the_current_date(compiled: CompiledProject) -> None:
    words = ("current_date", "current_timestamp", "now()", "getdate", "today()")
    wrong = [
        (node["name"], word)
        for node in models_of(compiled.manifest)
        for word in words
        if word in node["compiled_code"].lower()
    ]
    assert wrong == []


# --- 8: Pendo -------------------------------------------------------------------------


def test_a_person_active_on_ten_days_is_one_person(warehouse: Warehouse) -> None:
    first = date(2024, 1, 10)
    tables = {
        "subscription_items": [item("i", "a", "2024-01-01", quantity=10)],
        "events": [
            *usage("a", first, 10),
            *usage("a", first, 4, event_name="api_called"),
            *usage("a", first, 2, user_id="second", event_name="dashboard_viewed"),
        ],
    }
    book = warehouse.build(tables, "int_product_measures_derived", as_of="2024-01-31")
    measures = book.query(
        """
        select active_user_rate, feature_breadth, actions_per_seat
        from int_product_measures_derived where health_on = '2024-01-31'
        """
    )
    # Two people on ten seats, three features, sixteen uses.
    assert list(measures.itertuples(index=False, name=None)) == [(0.2, 3, 1.6)]


# --- 9: bruin's Chargebee template, customeros ----------------------------------------


def write_stripe(landing: Path, tables: dict[str, list[Row]]) -> Path:
    """Write each table as `stripe/<table>.csv`."""
    folder = landing / "stripe"
    folder.mkdir(parents=True)
    for name, rows_ in tables.items():
        pd.DataFrame(rows_).to_csv(folder / f"{name}.csv", index=False)
    return landing


def test_deleted_customers_and_subscriptions_do_not_bypass_churn(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    started, seen = "2024-01-01 00:00:00", "2024-01-01 06:00:00"
    subscription = {
        "status": "active",
        "start_date": started,
        "created": started,
        "_fivetran_start": seen,
        "ended_at": None,
        "canceled_at": None,
    }
    ended = {"status": "canceled", "_fivetran_start": "2024-03-10 06:00:00"}
    ended |= {"ended_at": "2024-03-10 00:00:00", "canceled_at": "2024-03-01 00:00:00"}
    versions = []
    for name in ("kept", "subscription", "customer"):
        row = {"id": f"sub_{name}", "customer_id": f"cus_{name}"} | subscription
        versions += [row] if name == "kept" else [row, row | ended]
    landing = write_stripe(
        tmp_path / "landing",
        {
            "customer": [
                {"id": f"cus_{name}", "created": started, "is_deleted": deleted}
                for name, deleted in (
                    ("kept", False),
                    ("subscription", False),
                    ("customer", True),
                )
            ],
            "price": [
                {
                    "id": "p",
                    "product_id": "prod",
                    "currency": "usd",
                    "unit_amount": 5000,
                }
                | {"type": "recurring", "recurring_interval": "month"}
                | {"recurring_interval_count": 1, "recurring_usage_type": "licensed"}
            ],
            "subscription_history": versions,
            "subscription_item": [
                {"id": f"si_{name}", "subscription_id": f"sub_{name}", "plan_id": "p"}
                | {"created": started, "quantity": 2}
                for name in ("kept", "subscription", "customer")
            ],
        },
    )
    book = warehouse.build_landing(landing, *LEDGER, as_of="2024-04-30")
    assert moved(book, "stripe:cus_kept") == [("2024-01-01", "new", 100)]
    for name in ("subscription", "customer"):
        assert moved(book, f"stripe:cus_{name}") == [
            ("2024-01-01", "new", 100),
            ("2024-03-10", "churn", -100),
        ]


def sold_to_two(landing: Path, quantity: int, prices: dict[str, list[Row]]) -> Path:
    """Write a good and a bad customer, each of one item at the price of its name."""
    started = "2024-01-01 00:00:00"
    names = ("good", "bad")
    return write_stripe(
        landing,
        {
            "customer": [{"id": f"cus_{n}", "created": started} for n in names],
            "subscription_history": [
                {"id": f"sub_{n}", "customer_id": f"cus_{n}", "status": "active"}
                | {"start_date": started, "created": started}
                | {"_fivetran_start": "2024-01-01 06:00:00"}
                for n in names
            ],
            "subscription_item": [
                {"id": f"si_{n}", "subscription_id": f"sub_{n}", "plan_id": f"p_{n}"}
                | {"created": started, "quantity": quantity}
                for n in names
            ],
            **prices,
        },
    )


@pytest.mark.parametrize("size", [1, 3, 10, 30])
@pytest.mark.parametrize("table", ["price", "plan"])
def test_a_price_is_read_from_either_table_and_by_the_package(
    warehouse: Warehouse, tmp_path: Path, table: str, size: int
) -> None:
    """An item whose price stands nowhere is named, and was dropped by a join."""
    price = {"product_id": "prod", "currency": "usd"}
    price |= (
        {"type": "recurring", "unit_amount": 5000, "recurring_interval": "month"}
        | {"recurring_interval_count": 1, "recurring_usage_type": "licensed"}
        | {"transform_quantity_divide_by": size, "transform_quantity_round": "up"}
        if table == "price"
        else {"amount": 5000, "interval": "month", "interval_count": 1}
        | {"usage_type": "licensed"}
        | {"transform_usage_divide_by": size, "transform_usage_round": "up"}
    )
    landing = sold_to_two(tmp_path / "landing", 25, {table: [price | {"id": "p_good"}]})
    book = warehouse.build_landing(
        landing, *LEDGER, "fct_quarantined_rows", as_of="2024-04-30"
    )
    packages = -(-25 // size)
    assert moved(book, "stripe:cus_good") == [("2024-01-01", "new", 50 * packages)]
    named = book.query("select rule from fct_quarantined_rows")["rule"].tolist()
    assert named == ["no unit amount: the price is tiered or was not landed"]


def test_a_price_that_tells_no_interval_count_is_named_and_takes_nobody_along(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    """A null that divides makes MRR null, and nothing would say so."""
    price = {"product_id": "prod", "currency": "usd", "type": "recurring"}
    price |= {"unit_amount": 5000, "recurring_usage_type": "licensed"}
    price |= {"recurring_interval": "month"}
    counted = [
        price | {"id": "p_good", "recurring_interval_count": 1},
        price | {"id": "p_bad", "recurring_interval_count": None},
    ]
    landing = sold_to_two(tmp_path / "landing", 2, {"price": counted})
    book = warehouse.build_landing(
        landing, *LEDGER, "fct_quarantined_rows", as_of="2024-04-30"
    )
    assert moved(book, "stripe:cus_good") == [("2024-01-01", "new", 100)]
    assert moved(book, "stripe:cus_bad") == []
    kept_out = book.query(
        "select source_system, entity, rule from fct_quarantined_rows"
    )
    assert list(kept_out.itertuples(index=False, name=None)) == [
        (
            "stripe",
            "subscription_items",
            "interval count is not told, or below 1",
        )
    ]


# --- 11: health scores that take silence for health -----------------------------------


def test_what_is_missing_is_neither_good_nor_bad(warehouse: Warehouse) -> None:
    """No tickets, no answers and no use are no rows; a contract alone is no score."""
    first = date(2024, 1, 1)
    tables = {
        "subscription_items": [
            item(name, name, "2024-01-01", None, 100, quantity=10)
            for name in ("heard", "silent")
        ],
        "events": usage("heard", first, 60),
        "survey_responses": [answered("heard", "2024-02-01", 8)],
    }
    book = warehouse.build(tables, *HEALTH, as_of="2024-02-29")
    scored = book.query(
        """
        select account_id, health_band, health_score, coverage_rate
        from fct_account_health_days where health_on = '2024-02-29' order by account_id
        """
    )
    silent = scored.set_index("account_id").loc["silent"]
    contract = book.query(
        "select weight from health_weights where profile = 'default'"
        " and engagement_model = 'any' and measure = 'days_to_renewal'"
    )
    assert silent["health_band"] == "unknown"
    assert silent["coverage_rate"] == contract["weight"][0]
    assert pd.isna(silent["health_score"])
    measures = book.query(
        "select account_id, measure from fct_health_contributions "
        "where health_on = '2024-02-29'"
    )
    by_account = measures.groupby("account_id")["measure"].agg(set)
    assert by_account["silent"] == {"days_to_renewal"}
    untold = {"tickets_per_10_seats", "hours_to_solve", "csat_level", "failed_payments"}
    assert not untold & by_account["heard"]


DAY = date(2024, 5, 20)
FEATURES = ("report_created", "report_shared", "api_called", "data_imported")
CORE_FEATURES = ("report_created", "report_shared", "workflow_automated")
USED = usage("", DAY - timedelta(days=100), 110)


def times(number: int, events: list[Row]) -> list[Row]:
    """Return events as often as told, each with a key of its own."""
    return [
        event | {"event_id": f"{copy}-{event['event_id']}"}
        for copy in range(number)
        for event in events
    ]


def by_people(number: int, first: date = DAY) -> list[Row]:
    """Return three uses of each of so many people."""
    people = (str(person) for person in range(number))
    return [use for name in people for use in usage(name, first, 3, user_id=name)]


def of_features(number: int, features: tuple[str, ...] = FEATURES) -> list[Row]:
    """Return five uses of each of so many features."""
    names = features[:number]
    return [use for name in names for use in usage("", DAY, 5, event_name=name)]


def tickets(number: int, hours: int) -> list[Row]:
    """Return tickets of one day that were open for so many hours."""
    solved_on = DAY + timedelta(days=hours // 24)
    row = {
        "opened_at": f"{DAY} 00:00:00",
        "solved_at": f"{solved_on} {hours % 24:02}:00:00",
    }
    return [{"ticket_id": f"t{count}"} | row for count in range(number)]


def answered_tickets(hours: int) -> list[Row]:
    """Return a ticket that was first answered after so many hours, and then solved."""
    answered_on = DAY + timedelta(days=hours // 24)
    return [
        {
            "ticket_id": "t",
            "opened_at": f"{DAY} 00:00:00",
            "first_response_at": f"{answered_on} {hours % 24:02}:00:00",
            "solved_at": f"{DAY + timedelta(days=4)} 00:00:00",
        }
    ]


# These need contacts or payments beside: test_account_facts.
CLIMBED_ELSEWHERE = {
    "active_stakeholders",
    "days_since_champion_left",
    "failed_payments",
}
# For each measure: the table that moves it, and its rows from bad to good.
LADDERS: dict[str, tuple[str, list[list[Row]]]] = {
    "feature_breadth": ("events", [of_features(n) for n in (1, 2, 3, 4)]),
    "feature_depth": ("events", [of_features(n) for n in (1, 2, 3, 4)]),
    "core_features_used": (
        "events",
        [of_features(n, CORE_FEATURES) for n in (1, 2, 3)],
    ),
    "seats_used_rate": ("events", [by_people(n) for n in (1, 3, 6, 9)]),
    "returning_user_rate": (
        "events",
        [by_people(9, DAY - timedelta(days=40)) + by_people(n) for n in (1, 3, 6, 9)],
    ),
    "active_user_rate": ("events", [by_people(n) for n in (1, 3, 6, 9)]),
    "actions_per_seat": (
        "events",
        [times(n, usage("", DAY, 9)) for n in (1, 3, 9, 18)],
    ),
    "usage_trend": (
        "events",
        [
            USED + times(n, usage("late", DAY - timedelta(days=9), 18))
            for n in (0, 1, 2)
        ],
    ),
    "friction_rate": (
        "events",
        [USED + usage("", DAY, n, event_name="error_shown") for n in (9, 4, 2, 1)],
    ),
    "tickets_per_10_seats": ("tickets", [tickets(n, 10) for n in (11, 5, 3, 1)]),
    "hours_to_solve": ("tickets", [tickets(2, hours) for hours in (200, 100, 30, 5)]),
    "hours_to_first_response": (
        "tickets",
        [answered_tickets(hours) for hours in (70, 30, 9, 2)],
    ),
    "nps_trend": (
        "survey_responses",
        [
            [answered("", "2023-11-01", 8), answered("", f"{DAY}", score)]
            for score in (2, 5, 8, 10)
        ],
    ),
    "mrr_lost_rate": (
        "subscription_items",
        [
            [
                item("", "", "2024-01-01", "2024-04-15", quantity=10),
                item("", "", "2024-04-15", quantity=kept),
            ]
            for kept in (2, 5, 8, 10)
        ],
    ),
    "nps_level": (
        "survey_responses",
        [[answered("", f"{DAY}", score)] for score in (0, 5, 8, 10)],
    ),
    "csat_level": (
        "survey_responses",
        [[answered("", f"{DAY}", score, "csat")] for score in (1, 3, 4, 5)],
    ),
    "days_to_renewal": (
        "subscription_items",
        [
            [item("", "", "2024-01-01", quantity=10, contract_end_on=end)]
            for end in ("2024-06-10", "2024-07-20", "2024-10-30", "2025-05-20")
        ],
    ),
}


def test_every_input_of_health_works_in_its_own_direction(
    warehouse: Warehouse,
) -> None:
    """ChurnZero's pages contradict each other: here better is never scored lower."""
    tables: dict[str, list[Row]] = {"subscription_items": []}
    for measure, (table, steps) in LADDERS.items():
        for number, step in enumerate(steps):
            account_id = f"{measure}-{number}"
            if table != "subscription_items":
                paid = item(account_id, account_id, "2024-01-01", quantity=10)
                tables["subscription_items"].append(paid)
            for row in step:
                key = next(iter(row))
                own = {key: f"{account_id}-{row[key]}", "account_id": account_id}
                tables.setdefault(table, []).append(row | own)
    book = warehouse.build(tables, *HEALTH, as_of="2024-05-31")
    assert book.landing.quarantined == []
    measured = book.query(
        """
        select measures.account_id, contributions.measure_score,
            case policy.direction when 'lower_is_better' then -1 else 1 end
            * measures.input_value as goodness
        from int_health_measures_unpivoted as measures
        inner join health_measures as policy on measures.measure = policy.measure
        left join fct_health_contributions as contributions
            on measures.account_id = contributions.account_id
            and measures.health_on = contributions.health_on
            and measures.measure = contributions.measure
        where measures.health_on = '2024-05-31'
            and starts_with(measures.account_id, measures.measure || '-')
        """
    ).set_index("account_id")
    weights = book.query("select measure from health_weights where profile = 'default'")
    weighed = set(weights["measure"])
    for measure, (_table, steps) in LADDERS.items():
        ladder = [f"{measure}-{number}" for number in range(len(steps))]
        for column in (
            ("goodness", "measure_score") if measure in weighed else ("goodness",)
        ):
            found = list(measured.loc[ladder, column])
            assert found == sorted(found), (measure, column)
            assert found[0] < found[-1], (measure, column)
    assert weighed <= set(LADDERS) | CLIMBED_ELSEWHERE
