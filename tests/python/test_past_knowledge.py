"""A past day knows no more than was known on it, whatever is landed today."""

import os
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.python.books import Row, item, write_book
from tests.python.conftest import Book, Warehouse
from tests.python.random_renewers import AS_OF, renewers


@pytest.mark.simulated
@pytest.mark.parametrize("billing", ["year", "month"])
@pytest.mark.parametrize("seed", [1, 2])
def test_todays_ends_prove_no_skill_where_customers_leave_by_chance(
    warehouse: Warehouse, billing: str, seed: int
) -> None:
    book = warehouse.build(
        renewers(seed, billing=billing), "fct_health_validation", as_of=str(AS_OF)
    )
    verdicts = book.query(
        "select distinct verdict from fct_health_validation where auc_low is not null"
    )
    assert set(verdicts["verdict"]) == {"foil", "past_ends_unknown"}


def decided(observed_on: date, begun_on: date) -> str | None:
    """Return the month end and the month of a decision in the window behind it."""
    opens, closes = observed_on + timedelta(30), observed_on + timedelta(120)
    for year in range(begun_on.year + 1, closes.year + 1):
        due_on = begun_on.replace(year=year)
        if opens < due_on <= closes:
            return f"{observed_on} {due_on:%Y-%m}"
    return None


def auc_within(rows: pd.DataFrame, seed: int) -> tuple[float, float, float]:
    """Return the AUC over pairs of one stratum, and its interval over customers."""
    people = pd.factorize(rows["ultimate_parent_id"], sort=True)[0]
    rows = rows.assign(person=people)
    lost = rows[rows["is_followed_by_loss"].astype(bool)]
    kept = rows[~rows["is_followed_by_loss"].astype(bool)]
    pairs = lost.merge(kept, on="stratum", suffixes=("_lost", "_kept"))
    scores = pairs["score_kept"] - pairs["score_lost"]
    right = (np.sign(scores.to_numpy(float)) + 1) / 2
    random, drawn = np.random.default_rng(seed), []
    for _ in range(400):
        counts = np.bincount(random.integers(0, people.max() + 1, people.max() + 1))
        counts = np.pad(counts, (0, people.max() + 1 - len(counts)))
        weights = counts[pairs["person_lost"]] * counts[pairs["person_kept"]]
        drawn.append((weights * right).sum() / weights.sum())
    low, high = np.percentile(drawn, [2.5, 97.5])
    return right.mean(), low, high


CHANCE_SEEDS = int(os.environ.get("CHANCE_SEEDS", "2"))


def test_among_who_decides_at_once_a_score_tells_nothing_of_a_chance(
    warehouse: Warehouse,
) -> None:
    """Of 95 % intervals one of twenty may miss: CHANCE_SEEDS=20 asks more of them."""
    told = []
    for seed in range(1, CHANCE_SEEDS + 1):
        tables = renewers(seed)
        book = warehouse.build(tables, "fct_health_outcomes", as_of=str(AS_OF))
        rows = book.query(
            "select * from fct_health_outcomes"
            " where scorer = 'health_score' and score is not null"
        )
        items = tables["subscription_items"]
        begun = {row["account_id"]: row["valid_from"] for row in items}
        rows["stratum"] = [
            decided(pd.Timestamp(row.observed_on).date(), begun[row.ultimate_parent_id])
            for row in rows.itertuples()
        ]
        told.append(auc_within(rows.dropna(subset=["stratum"]), seed))
    assert all(abs(auc - 0.5) < 0.15 for auc, _low, _high in told), told
    missed = [auc for auc, low, high in told if not low <= 0.5 <= high]
    assert len(missed) <= max(1, CHANCE_SEEDS // 10), told


def ends_known(book: Book, account_id: str) -> list[tuple[str, str | None]]:
    """Return the days on which an account's known end changed, with that end."""
    rows = book.query(
        f"""
        select valid_from::varchar as day, contract_end_on::varchar as ends
        from int_contract_outlooks_dated
        where account_id = '{account_id}' order by valid_from
        """
    )
    return [(row.day, row.ends) for row in rows.itertuples()]


@pytest.mark.parametrize(
    ("billing", "count", "known_on"),
    [
        ("year", 1, "2025-03-31"),
        ("year", 2, "2024-03-31"),
        ("quarter", 1, "2025-12-31"),
        ("month", 6, "2025-09-30"),
        ("month", 1, "2026-02-28"),
        ("week", 2, "2026-02-28"),
    ],
)
def test_an_export_of_today_tells_an_end_one_term_before_it_and_is_warned_of(
    warehouse: Warehouse, billing: str, count: int, known_on: str
) -> None:
    row = item("i", "a", "2020-01-01", None, 100, billing, interval_count=count)
    tables = {"subscription_items": [row | {"contract_end_on": "2026-03-31"}]}
    book = warehouse.build(
        tables, "int_contract_outlooks_dated", "fct_warned_rows", as_of="2026-03-15"
    )
    known = ends_known(book, "a")
    assert next(day for day, ends in known if ends == "2026-03-31") == known_on
    # Before it an end of a past term at most, which tells nothing of who leaves.
    past = [(day, ends) for day, ends in known if day < known_on]
    assert all(ends is None or ends <= "2026-03-15" for _day, ends in past)
    assert all(day <= ends for day, ends in past if ends)
    rules = [rule.split(":")[0] for rule in book.table("fct_warned_rows")["rule"]]
    assert rules == ["contract_end_looks_current"]


def version(
    account_id: str,
    valid_from: str,
    valid_to: str | None,
    contract_end_on: str,
    billing: str = "year",
) -> Row:
    """Return a version of an account's one item, with the end that it told."""
    ends = {"contract_end_on": contract_end_on}
    return item(account_id, account_id, valid_from, valid_to, 100, billing, **ends)


@pytest.mark.parametrize("seen_on", [date(2024, 3, 1), date(2024, 9, 30)])
def test_what_is_landed_after_a_day_changes_no_end_that_was_known_on_it(
    warehouse: Warehouse, seen_on: date
) -> None:
    """Versions with the ends of their terms: renewed, shortened, left."""
    told = [
        version("renewed", "2023-01-01", "2024-01-01", "2023-12-31"),
        version("renewed", "2024-01-01", "2025-01-01", "2024-12-31"),
        version("renewed", "2025-01-01", None, "2027-12-31"),
        version("instalments", "2023-01-01", "2024-01-01", "2023-12-31", "month"),
        version("instalments", "2024-01-01", None, "2024-12-31", "month"),
        version("shortened", "2023-01-01", "2024-06-01", "2025-12-31"),
        version("shortened", "2024-06-01", None, "2024-12-31"),
        version("left", "2023-02-01", "2024-02-01", "2024-01-31"),
        version("new", "2024-05-01", None, "2025-04-30"),
    ]
    known = {}
    for as_of in (seen_on, date(2025, 6, 30)):
        rows = [
            row | ({"valid_to": None} if str(row["valid_to"]) > str(as_of) else {})
            for row in told
            if row["valid_from"] <= str(as_of)
        ]
        book = warehouse.build(
            {"subscription_items": rows},
            "int_contract_outlooks_dated",
            as_of=str(as_of),
        )
        known[as_of] = [
            (account_id, *turn)
            for account_id in ("renewed", "instalments", "shortened", "left", "new")
            for turn in ends_known(book, account_id)
            if turn[0] <= str(seen_on)
        ]
    assert len(known[seen_on]) > 5
    assert known[seen_on] == known[date(2025, 6, 30)]


# --- Contacts: what a run saw of them stays ------------------------------------------

SEEN_ON, LATER_ON = date(2025, 3, 31), date(2025, 6, 30)
# What a later look says of the champion of an account; None: it was deleted.
CHANGES: dict[str, dict[str, Any] | None] = {
    "nothing": {},
    "another role": {"role": "user"},
    "no role": {"role": None},
    "a promotion": {"role": "executive"},
    "deleted": None,
    "left before the first look": {"left_on": "2025-02-01"},
    "left after it": {"left_on": "2025-05-10"},
    "moved": {"account_id": "nothing"},
    "another address": {"email": "new@example.com"},
    "joined anew": {"joined_on": "2025-05-01"},
    "joined long ago": {"joined_on": "2023-01-01"},
}
CONTACTS: list[dict[str, Any]] = [
    {
        "contact_id": f"{account}-{role}",
        "account_id": account,
        "email": f"{account.replace(' ', '.')}.{role}@example.com",
        "role": role,
        "joined_on": "2024-02-01",
        "left_on": "2025-01-15" if role == "admin" else None,
    }
    for account in CHANGES
    for role in ("champion", "user", "admin")
]


def changed_contacts() -> list[dict[str, Any]]:
    """Return the contacts as a later look finds them."""
    changes = {f"{account}-champion": said for account, said in CHANGES.items()}
    said = [(row, changes.get(row["contact_id"], {})) for row in CONTACTS]
    return [row | change for row, change in said if change is not None]


def as_salesforce(row: dict[str, Any]) -> Row:
    """Return the same person as Salesforce tells of it."""
    return {
        "id": row["contact_id"],
        "account_id": row["account_id"],
        "email": row["email"],
        "role_c": row["role"],
        "no_longer_at_company_c": str(row["left_on"] is not None).lower(),
        "left_on_c": row["left_on"],
        "created_date": f"{row['joined_on']} 08:00:00",
        "is_deleted": "false",
        "_fivetran_synced": "2025-03-31 01:00:00",
    }


def landed_contacts(
    landing: Path, rows: list[dict[str, Any]], source: str, as_of: date
) -> Path:
    """Write a landing whose contacts use the product and answer, month by month."""
    months = [(row, month) for row in CONTACTS for month in range(1, as_of.month + 1)]
    tables: dict[str, list[Row]] = {
        "accounts": [{"account_id": account} for account in CHANGES],
        "subscription_items": [item("i", name, "2024-01-01") for name in CHANGES],
        "survey_responses": [
            {
                "response_id": f"r{row['contact_id']}{month}",
                "account_id": row["account_id"],
                "contact_id": row["contact_id"],
                "kind": "nps",
                "score": 9,
                "responded_at": f"2025-0{month}-05 10:00:00",
            }
            for row, month in months
        ],
        "events": [
            {
                "event_id": f"e{row['contact_id']}{month}",
                "account_id": row["account_id"],
                "user_id": row["email"],
                "event_name": "report_created",
                "occurred_at": f"2025-0{month}-20 10:00:00",
            }
            for row, month in months
        ],
    }
    if source == "files":
        tables["contacts"] = rows
    write_book(landing, tables)
    if source == "salesforce":
        folder = landing / "salesforce"
        folder.mkdir()
        people = pd.DataFrame([as_salesforce(row) for row in rows])
        people.to_csv(folder / "contact.csv", index=False)
    return landing


def measured(book: Book) -> set[tuple[str, ...]]:
    """Return what is measured of relationships on each day up to the first look."""
    rows = book.query(
        f"""
        select account_id, health_on, active_stakeholders, stakeholder_personas,
            days_since_champion_left
        from int_relationship_measures_derived
        where health_on <= date '{SEEN_ON}'
        """
    )
    return set(rows.astype(str).itertuples(index=False, name=None))


@pytest.mark.parametrize("source", ["files", "salesforce"])
def test_what_a_later_look_says_of_a_contact_changes_no_day_that_was_seen(
    warehouse: Warehouse, tmp_path: Path, source: str
) -> None:
    models = ("int_relationship_measures_derived", "fct_data_quality")
    first = warehouse.build_landing(
        landed_contacts(tmp_path, CONTACTS, source, SEEN_ON),
        *models,
        as_of=str(SEEN_ON),
    )
    seen = measured(first)
    assert first.broken_laws() == []
    changed = changed_contacts()
    later = warehouse.build_landing(
        landed_contacts(tmp_path, changed, source, LATER_ON),
        *models,
        as_of=str(LATER_ON),
        is_next_run=True,
    )
    assert len({row[2:] for row in seen}) > 3
    assert measured(later) == seen
    assert later.broken_laws() == []
    # Counted once, whatever was seen of it before.
    rows = later.query(
        "select sum(row_count)::bigint as rows from fct_data_quality"
        " where stage = 'model' and entity = 'contacts'"
    )
    assert list(rows["rows"]) == [len(changed)]
    days = later.query(
        """
        select account_id, min(health_on)::varchar as day
        from int_relationship_inputs_accumulated
        where champion_count = 0 and health_on >= date '2024-02-01'
        group by account_id
        """
    )
    # From its own day after the last look, else from the look that saw it.
    assert dict(days.itertuples(index=False, name=None)) == {
        "another role": "2025-06-30",
        "no role": "2025-06-30",
        "a promotion": "2025-06-30",
        "deleted": "2025-06-30",
        "left before the first look": "2025-06-30",
        "left after it": "2025-05-10",
        "moved": "2025-06-30",
    }
