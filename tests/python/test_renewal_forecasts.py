"""Renewal forecasts equal a naive reading, and never look past their day."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from orchestration.sample_company.company import write_sample_company
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF
from tests.python.random_contracts import random_contracts
from tests.python.renewal_oracle import RenewalOracle
from tests.python.revenue_oracle import DAY, day_of, month_ends
from tests.python.test_renewal_rates import oracle_of

MARTS = ("fct_renewal_forecasts", "fct_renewal_forecast_backtest")
HORIZON, GRACE, ENOUGH, CREDIBLE = 90, 45, 20, 10
Row = dict[str, Any]
Tables = dict[str, list[Row]]


def expected_outlooks(oracle: RenewalOracle) -> dict[tuple[date, str, date], Decimal]:
    """Sum what is due within the horizon of each month end, as known then."""
    found: dict[tuple[date, str, date], Decimal] = {}
    first = min(oracle.first_paid_on.values())
    for day in month_ends(first, oracle.as_of):
        if day > oracle.as_of:
            continue
        for account_id in oracle._days:
            native: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
            for line in oracle.lines_on(account_id, day):
                end = line.contract_end_on
                is_due = end and day < end <= day + timedelta(days=HORIZON)
                if is_due and was_told(oracle, account_id, end, day):
                    native[end, line.currency] += line.mrr
            for (end, currency), mrr in native.items():
                key = (day, account_id, end)
                worth = oracle.converted(mrr, currency, day)
                found[key] = found.get(key, Decimal(0)) + worth
    return found


def was_told(oracle: RenewalOracle, account_id: str, end: date, by: date) -> bool:
    """Tell whether a line carried the end without its notice, by a day."""
    return any(
        line.contract_end_on == end and (line.notice_on is None or line.notice_on > day)
        for day, lines in oracle._days[account_id].items()
        if day <= by
        for line in lines
    )


def naive_forecasts(outlooks: list[Row], as_of: date) -> dict[tuple[date, str], Row]:
    """Forecast each day and band from the outcomes known by that day."""
    forecasts: dict[tuple[date, str], Row] = {}
    for day in sorted({row["forecast_on"] for row in outlooks}):
        known = [
            row
            for row in outlooks
            if row["contract_end_on"] + timedelta(days=GRACE + 1) <= day
        ]
        everybody, count = rate_of(known)
        rows = [row for row in outlooks if row["forecast_on"] == day]
        is_observed = day + timedelta(days=HORIZON + GRACE + 1) <= as_of
        total = {"due": 0.0, "forecast": 0.0, "foil": 0.0, "actual": 0.0}
        for band in sorted({row["health_band"] for row in rows}):
            own, own_count = rate_of([r for r in known if r["health_band"] == band])
            members = [row for row in rows if row["health_band"] == band]
            due = sum(float(row["due_mrr"]) for row in members)
            result: Row = {"due": due, "history_count": own_count, "rate": None}
            if count >= ENOUGH:
                weight = own_count / (own_count + CREDIBLE)
                rate = weight * (own or 0) + (1 - weight) * everybody
                result |= {"rate": rate, "foil_rate": everybody}
                total["forecast"] += due * rate
                total["foil"] += due * everybody
            if is_observed:
                result["actual"] = sum(float(r["renewed_mrr"]) for r in members)
                total["actual"] += result["actual"]
            total["due"] += due
            forecasts[day, band] = result
        rate = total["forecast"] / total["due"] if count >= ENOUGH else None
        forecasts[day, "all"] = {"due": total["due"], "history_count": count} | {
            "rate": rate,
            "foil_rate": everybody,
        }
        if is_observed:
            forecasts[day, "all"]["actual"] = total["actual"]
    return forecasts


def rate_of(rows: list[Row]) -> tuple[float | None, int]:
    """Return the share of MRR renewed, and the number of contracts behind it."""
    due = sum(float(row["due_mrr"]) for row in rows)
    contracts = {(row["account_id"], row["contract_end_on"]) for row in rows}
    if not rows:
        return None, 0
    return sum(float(row["renewed_mrr"]) for row in rows) / due, len(contracts)


def assert_forecasts(book: Book, as_of: date) -> None:
    """Assert that forecasts and backtest follow from the outlooks."""
    outlooks = book.table("fct_renewal_outlooks").to_dict("records")
    expected = naive_forecasts(outlooks, as_of)
    built = {
        (row["forecast_on"], row["health_band"]): row
        for row in book.table("fct_renewal_forecasts").to_dict("records")
    }
    assert built.keys() == expected.keys()
    for key, row in expected.items():
        found = built[key]
        assert float(found["due_mrr"]) == pytest.approx(row["due"])
        assert found["history_count"] == row["history_count"], key
        assert found["is_forecast"] == (row["rate"] is not None)
        if row["rate"] is not None:
            assert found["expected_rate"] == pytest.approx(row["rate"], abs=1e-6)
            assert found["foil_rate"] == pytest.approx(row["foil_rate"], abs=1e-6)
        assert found["is_observed"] == ("actual" in row)
        if "actual" in row:
            assert float(found["actual_mrr"]) == pytest.approx(row["actual"], abs=1e-4)
    assert_backtest(book, outlooks, expected)


def assert_backtest(
    book: Book, outlooks: list[Row], forecasts: dict[tuple[date, str], Row]
) -> None:
    """Score every contract of every observed forecast, one after the other."""
    losses: dict[str, list[tuple[str, float, float, float]]] = defaultdict(list)
    for row in outlooks:
        forecast = forecasts[row["forecast_on"], row["health_band"]]
        if "actual" not in forecast or forecast["rate"] is None:
            continue
        weight = float(row["due_mrr"])
        renewed = float(row["renewed_mrr"]) / weight
        loss = (forecast["rate"] - renewed) ** 2
        foil = (forecast["foil_rate"] - renewed) ** 2
        for band in (row["health_band"], "all"):
            losses[band].append((row["ultimate_parent_id"], weight, loss, foil))
    built = book.table("fct_renewal_forecast_backtest").set_index("health_band")
    assert set(built.index) == set(losses)
    for band, scored in losses.items():
        total = sum(weight for _, weight, _, _ in scored)
        loss = sum(weight * loss for _, weight, loss, _ in scored) / total
        foil = sum(weight * foil for _, weight, _, foil in scored) / total
        gain = foil - loss
        spread: dict[str, float] = defaultdict(float)
        for parent, weight, own, other in scored:
            spread[parent] += weight * (other - own - gain)
        error = sqrt(sum(value**2 for value in spread.values())) / total
        row = built.loc[band]
        assert row["brier_loss"] == pytest.approx(loss, abs=1e-7)
        assert row["foil_brier_loss"] == pytest.approx(foil, abs=1e-7)
        assert row["brier_gain_error"] == pytest.approx(error, abs=1e-7)
        verdict = "beats_foil" if gain > 2 * error else "does_not_beat_foil"
        few = row["contract_count"] < ENOUGH
        assert row["verdict"] == ("too_few" if few else verdict)


@pytest.mark.parametrize("seed", [0, 3])
def test_what_is_due_ahead_is_read_as_it_was_known(
    warehouse: Warehouse, seed: int
) -> None:
    tables = random_contracts(seed)
    book = warehouse.build(tables, *MARTS, as_of=AS_OF.isoformat())
    built = {
        (row["forecast_on"], row["account_id"], row["contract_end_on"]): row["due_mrr"]
        for row in book.table("fct_renewal_outlooks").to_dict("records")
    }
    assert built == expected_outlooks(oracle_of(tables))
    assert_forecasts(book, AS_OF)
    assert book.broken_laws() == []


def test_a_simulated_company_is_forecast_by_what_was_known(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    landing = tmp_path / "landing"
    write_sample_company(landing, tmp_path / "truth", accounts=70, seed=5)
    book = warehouse.build_landing(landing, *MARTS, as_of="2025-12-31")
    forecasts = book.table("fct_renewal_forecasts")
    assert set(forecasts["health_band"]) >= {"all", "red", "yellow", "green"}
    assert (forecasts["is_forecast"] & forecasts["is_observed"]).sum() >= 12
    assert_forecasts(book, date(2025, 12, 31))
    assert book.broken_laws() == []


def with_events(tables: Tables, seed: int) -> Tables:
    """Let some accounts use the product, more or less."""
    random = Random(seed)
    events = [
        {
            "event_id": f"e{number}-{day}",
            "account_id": f"a{number}",
            "user_id": f"a{number}-u{random.randint(1, 4)}",
            "event_name": random.choice(("report_created", "data_imported", "login")),
            "occurred_at": f"{AS_OF - timedelta(days=day)} 10:00:00",
        }
        for number in range(8)
        for day in range(0, 500, 2)
        if random.random() < (number + 2) / 12
    ]
    return tables | {"events": events}


def changed_after(tables: Tables, last_on: date, seed: int) -> Tables:
    """Change whatever happens after a day: other ends, prices, lines and use."""
    random = Random(seed)
    items = []
    for row in tables["subscription_items"]:
        start, end = day_of(row["valid_from"]), day_of(row["valid_to"])
        if start > last_on:
            if random.random() < 0.5:
                items.append(row | {"unit_amount": Decimal(7), "contract_end_on": None})
            continue
        if end is None or end > last_on + DAY:
            row = row | {"valid_to": last_on + timedelta(days=random.randint(1, 70))}
        notice_on = day_of(row.get("notice_on"))
        if notice_on is not None and notice_on > last_on:
            row = row | {"notice_on": None}
        items.append(row)
    events = [
        row
        for row in tables["events"]
        if date.fromisoformat(row["occurred_at"][:10]) <= last_on
        or random.random() < 0.3
    ]
    return tables | {"subscription_items": items, "events": events}


def test_nothing_that_happens_later_moves_a_forecast(warehouse: Warehouse) -> None:
    last_on = date(2024, 5, 31)
    columns = ["forecast_on", "health_band", "due_count", "history_count", "due_mrr"]
    columns += ["expected_rate", "forecast_mrr", "foil_mrr", "is_forecast"]
    tables = random_contracts(11, accounts=30)
    tables = with_events(tables, 1)
    seen = []
    for book_tables in (tables, changed_after(tables, last_on, 2)):
        book = warehouse.build(book_tables, *MARTS, as_of=AS_OF.isoformat())
        rows = book.table("fct_renewal_forecasts")
        seen.append(
            rows[rows["forecast_on"] <= last_on][columns].sort_values(
                columns[:2], ignore_index=True
            )
        )
        later = rows[rows["forecast_on"] > last_on]
        seen.append(later[columns].reset_index(drop=True))
    before, after = seen[0], seen[2]
    assert before["is_forecast"].any() and before["health_band"].nunique() >= 3
    pd.testing.assert_frame_equal(before, after)
    assert not seen[1].equals(seen[3])
