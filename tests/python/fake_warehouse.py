"""A small private warehouse with the marts' real columns, for publish and report."""

import json
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

AS_OF_ON = date(2026, 6, 30)
MONEY = "decimal(18, 6)"
MOVEMENTS = (
    "new",
    "expansion",
    "contraction",
    "churn",
    "reactivation",
    "pause",
    "resume",
    "fx",
)
COLUMNS = {
    "dim_accounts": "account_id varchar, account_name varchar, contact_email varchar,"
    f" tier varchar, current_mrr {MONEY}",
    "fct_mrr_movements": "account_id varchar, effective_on date, movement varchar,"
    f" sub_reason varchar, mrr_delta {MONEY}, currency varchar,"
    f" mrr_delta_native {MONEY}, is_provisional boolean",
    "fct_account_mrr_months": "account_id varchar, mrr_month date,"
    f" opening_mrr {MONEY},"
    + "".join(f" {name}_mrr {MONEY}," for name in MOVEMENTS)
    + f" closing_mrr {MONEY}, is_final boolean",
    "fct_retention": "period_end_on date, window_months bigint, grain varchar,"
    " policy varchar, segment_dimension varchar, segment_value varchar,"
    f" opening_mrr {MONEY}, retained_mrr {MONEY}, expansion_mrr {MONEY},"
    f" contraction_mrr {MONEY}, churned_mrr {MONEY}, reactivation_mrr {MONEY},"
    f" paused_mrr {MONEY}, nrr_rate double, grr_rate double,"
    " logo_retention_rate double, opening_accounts bigint, is_headline boolean",
    "fct_account_health_days": "account_id varchar, health_on date,"
    " health_score double, health_score_before_exceptions double,"
    " health_band varchar, coverage_rate double,"
    " policy_version varchar, computed_from_received_until timestamp,"
    " exception varchar, weakest_measure varchar",
    "fct_health_distribution": "health_on date, segment_dimension varchar,"
    f" segment_value varchar, health_band varchar, account_count bigint, mrr {MONEY}",
    "fct_time_to_value": "account_id varchar, clock_started_on date,"
    " value_reached_on date, left_on date, time_to_value_days bigint, status varchar",
    "fct_board_metrics": "metric_month date, metric varchar, metric_value double,"
    " unit varchar, definition varchar",
    "fct_data_quality": "stage varchar, source_system varchar, entity varchar,"
    " rule varchar, row_count bigint, disposition varchar",
    "fct_freshness": "source_system varchar, entity varchar, load_status varchar,"
    " latest_happened_at timestamp, latest_received_at timestamp, age_days bigint,"
    " is_stale boolean, is_missing boolean, used_for varchar, message varchar",
}
TIERS = ("enterprise", "mid_market", "smb")
POLICIES = (
    "raw",
    "constant_currency",
    "late_renewal_grace",
    "ledger",
    "ledger_with_reactivation",
    "chained_monthly",
)


def _accounts(rng: np.random.Generator, size: int) -> pd.DataFrame:
    tier = rng.choice(TIERS, size, p=[0.1, 0.3, 0.6])
    scale = pd.Series(tier).map({"enterprise": 8000, "mid_market": 1800, "smb": 300})
    return pd.DataFrame(
        {
            "account_id": [f"a{n:04}" for n in range(size)],
            "account_name": [f"Company {n}" for n in range(size)],
            "contact_email": [f"someone{n}@example.com" for n in range(size)],
            "tier": tier,
            "current_mrr": (scale * rng.uniform(0.5, 1.6, size)).round(2),
        }
    )


def _mrr_months(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    months = pd.date_range("2023-07-01", "2026-06-01", freq="MS")
    starts = rng.integers(0, 30, len(accounts))
    rows = []
    for start, account in zip(starts, accounts.itertuples(), strict=True):
        balance = 0.0
        for index, mrr_month in enumerate(months[start:]):
            drawn = rng.uniform()
            moves = dict.fromkeys(MOVEMENTS, 0.0)
            if index == 0:
                moves["new"] = account.current_mrr
            elif balance == 0:
                moves["reactivation"] = account.current_mrr if drawn < 0.04 else 0.0
            elif drawn < 0.012:
                moves["churn"] = -balance
            elif drawn < 0.016:
                moves["pause"] = -balance
            elif drawn < 0.05:
                moves["contraction"] = round(-0.2 * balance, 2)
            elif drawn < 0.12:
                moves["expansion"] = round(0.2 * balance, 2)
            moves["fx"] = round(0.002 * balance, 2) if drawn > 0.5 else 0.0
            closing = round(balance + sum(moves.values()), 2)
            if balance or closing:
                named = {f"{name}_mrr": value for name, value in moves.items()}
                rows.append(
                    {
                        "account_id": account.account_id,
                        "mrr_month": mrr_month,
                        "opening_mrr": balance,
                        **named,
                        "closing_mrr": closing,
                        "is_final": mrr_month < pd.Timestamp("2026-05-01"),
                    }
                )
            balance = closing
    return pd.DataFrame(rows)


def _retention(rng: np.random.Generator) -> pd.DataFrame:
    ends = pd.date_range("2024-06-30", "2026-06-30", freq="ME")
    rows = []
    for index, period_end_on in enumerate(ends):
        for window in (1, 3, 12):
            for grain in ("account", "parent"):
                for policy in POLICIES:
                    for dimension, values in (("all", ("all",)), ("tier", TIERS)):
                        for value in values:
                            opening = 100_000.0 + 4_000 * index
                            lost = 0.010 * window * rng.uniform(0.6, 1.3)
                            grown = 0.014 * window * rng.uniform(0.7, 1.2)
                            shrunk = 0.003 * window
                            rows.append(
                                {
                                    "period_end_on": period_end_on,
                                    "window_months": window,
                                    "grain": grain,
                                    "policy": policy,
                                    "segment_dimension": dimension,
                                    "segment_value": value,
                                    "opening_mrr": opening,
                                    "retained_mrr": opening
                                    * (1 + grown - lost - shrunk),
                                    "expansion_mrr": opening * grown,
                                    "contraction_mrr": -opening * shrunk,
                                    "churned_mrr": -opening * lost,
                                    "reactivation_mrr": 0.0,
                                    "paused_mrr": 0.0,
                                    "nrr_rate": 1 + grown - lost - shrunk,
                                    "grr_rate": 1 - lost - shrunk,
                                    "logo_retention_rate": 1 - lost * 1.2,
                                    "opening_accounts": 150 + index,
                                    "is_headline": window == 12
                                    and grain == "parent"
                                    and policy == "late_renewal_grace"
                                    and dimension == "all",
                                }
                            )
    return pd.DataFrame(rows)


def _health_days(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    score = rng.normal(68, 20, len(accounts)).clip(0, 100).round(1)
    band = np.where(score < 40, "red", np.where(score < 65, "yellow", "green"))
    unknown = rng.uniform(size=len(accounts)) < 0.08
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "health_on": AS_OF_ON,
            "health_score": np.where(unknown, np.nan, score),
            "health_score_before_exceptions": np.where(unknown, np.nan, score),
            "health_band": np.where(unknown, "unknown", band),
            "coverage_rate": np.where(unknown, 0.3, 0.9),
            "policy_version": "1",
            "computed_from_received_until": pd.Timestamp(AS_OF_ON),
            "exception": None,
            "weakest_measure": "feature_breadth",
        }
    )


def _distribution() -> pd.DataFrame:
    rows = []
    for index, health_on in enumerate(pd.date_range("2025-07-01", AS_OF_ON)):
        for dimension, values in (("all", ("all",)), ("tier", TIERS)):
            for weight, value in enumerate(values, start=1):
                red = 8 + round(3 * np.sin(index / 40)) * weight
                bands = {"green": 90 + index // 12, "yellow": 45, "red": red}
                for band, accounts in (bands | {"unknown": 14 - index // 40}).items():
                    rows.append((health_on, dimension, value, band, accounts, 900.0))
    names = ["health_on", "segment_dimension", "segment_value", "health_band"]
    return pd.DataFrame(rows, columns=[*names, "account_count", "mrr"])


def _time_to_value(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    size = len(accounts)
    started = pd.to_datetime("2025-06-01") + pd.to_timedelta(
        rng.integers(0, 390, size), unit="D"
    )
    wait, leave = rng.exponential(60, size) + 5, rng.exponential(500, size)
    observed = (pd.Timestamp(AS_OF_ON) - started).days.to_numpy()
    reached = (wait <= observed) & (wait <= leave)
    left = ~reached & (leave <= observed)
    after = pd.to_timedelta(wait.astype(int), unit="D")
    gone = pd.to_timedelta(leave.astype(int), unit="D")
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "clock_started_on": started,
            "value_reached_on": (started + after).where(reached),
            "left_on": (started + gone).where(left),
            "time_to_value_days": pd.Series(wait.astype(int)).where(reached),
            "status": np.where(reached, "reached", np.where(left, "left", "censored")),
        }
    )


def _operations() -> dict[str, pd.DataFrame]:
    at = pd.Timestamp("2026-06-30 18:00")
    fresh = [
        ("files", "accounts", "landed", None, None, 0, False, False, "names", None),
        ("files", "subscription_items", "landed", at, at, 0, False, False, "MRR", None),
        (
            *("files", "events", "landed", at - pd.Timedelta(days=12), None, 12),
            *(True, False, "product health, time to value", None),
        ),
        (
            *("files", "tickets", "broken", None, None, None, True, False),
            *("support health", "tickets.csv: column opened_at is missing"),
        ),
        (
            *("files", "survey_responses", "absent", None, None, None, False, True),
            *("sentiment health", None),
        ),
        # Another CRM that is not missed, since files has accounts; no rates at all.
        ("hubspot", "company", "absent", None, None, 0, False, False, "names", None),
        ("rates", "daily", "absent", None, None, 0, False, True, "currency", None),
    ]
    quality = [
        ("load", "files", "accounts", "none", 300, "landed"),
        ("load", "files", "subscription_items", "none", 918, "landed"),
        ("load", "files", "subscription_items", "identical_repeat", 9, "repeated"),
        ("load", "files", "subscription_items", "unknown_currency", 2, "quarantined"),
        ("load", "files", "events", "none", 48_359, "landed"),
        ("model", "files", "subscription_items", "none", 914, "used"),
        ("model", "files", "subscription_items", "overlapping", 4, "quarantined"),
        ("model", "files", "events", "none", 48_210, "used"),
        ("model", "files", "events", "unknown_account", 31, "quarantined"),
        ("model", "files", "events", "after_as_of", 118, "not_yet_known"),
        ("warning", "derived", "accounts", "account not landed", 3, "warning"),
    ]
    board = [
        (day, metric, value + shift, unit, words)
        for day, shift in ((date(2025, 6, 1), -0.01), (date(2026, 6, 1), 0.0))
        for metric, value, unit, words in (
            ("nrr", 1.034, "rate", "Headline net revenue retention, 12 months"),
            ("closing_mrr", 512_300.0, "currency", "MRR at month end"),
            ("median_time_to_value", 47.0, "days", "Kaplan–Meier median"),
        )
    ]
    return {
        "fct_freshness": pd.DataFrame(fresh),
        "fct_data_quality": pd.DataFrame(quality),
        "fct_board_metrics": pd.DataFrame(board),
    }


def write_warehouse(path: Path, *, marker: int = 0, size: int = 250) -> Path:
    """Write a warehouse whose dim_accounts and fct_mrr_movements carry `marker`."""
    rng = np.random.default_rng(7)
    accounts = _accounts(rng, size)
    movements = accounts[["account_id"]].assign(
        effective_on=AS_OF_ON,
        movement="new",
        sub_reason=f"run_{marker}",
        mrr_delta=1.0,
        currency="USD",
        mrr_delta_native=1.0,
        is_provisional=False,
    )
    frames = {
        "dim_accounts": accounts.assign(account_name=f"run_{marker}")
        if marker
        else accounts,
        "fct_mrr_movements": movements,
        "fct_account_mrr_months": _mrr_months(rng, accounts),
        "fct_retention": _retention(rng),
        "fct_account_health_days": _health_days(rng, accounts),
        "fct_health_distribution": _distribution(),
        "fct_time_to_value": _time_to_value(rng, accounts),
        **_operations(),
    }
    write_empty_warehouse(path)
    with duckdb.connect(path) as con:
        for name, frame in frames.items():
            con.register("frame", frame)
            con.execute(f"insert into {name} select * from frame")
            con.unregister("frame")
        con.execute("create table int_private as select 1 as secret")
        con.execute("create view stg_files__accounts as select * from dim_accounts")
    return path


def write_empty_warehouse(path: Path) -> Path:
    """Write a warehouse with every mart and not a row in any."""
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as con:
        for name, columns in COLUMNS.items():
            con.execute(f"create table {name} ({columns})")
    return path


def write_dbt_manifest(path: Path, *extra_marts: str) -> Path:
    """Write a dbt manifest that documents the marts and tags the personal column."""
    nodes = {}
    for name in (*COLUMNS, *extra_marts):
        email = {"description": "Who to\n  write to.", "config": {}}
        email |= {"name": "contact_email", "config": {"meta": {"personal": True}}}
        key = {"name": "account_id", "description": "The customer's key.", "meta": {}}
        columns = [key, email] if name == "dim_accounts" else []
        nodes[f"model.x.{name}"] = {
            "resource_type": "model",
            "name": name,
            "description": f"One row per thing of {name}.",
            "columns": {column["name"]: column for column in columns},
        }
    nodes["model.x.stg_files__accounts"] = {
        "resource_type": "model",
        "name": "stg_files__accounts",
        "description": "",
        "columns": {},
    }
    path.write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    return path
