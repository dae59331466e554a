"""What was published of health stays as it was, until it is asked for anew."""

import json
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orchestration.compiled_project import CompiledProject
from orchestration.health_memory import (
    REMEMBERED,
    Rescore,
    read_rescore,
    remember,
)
from tests.python.books import Row, item, write_book
from tests.python.conftest import Book, Warehouse

MARTS = tuple(mart for mart, _columns in REMEMBERED.values())
FIRST, LAST = date(2025, 1, 1), date(2025, 5, 31)
Build = Callable[..., Book]


def use(account_id: str, first: date, days: int, people: int = 3) -> list[Row]:
    """Return an event of each person on each day; known at once."""
    return [
        {
            "event_id": f"{account_id}-{person}-{first}-{day}",
            "account_id": account_id,
            "user_id": f"{account_id}-{person}",
            "event_name": ("report_created", "dashboard_viewed")[day % 2],
            "occurred_at": f"{first + timedelta(days=day)} 09:00:00",
        }
        for day in range(days)
        for person in range(people)
    ]


def tables(*more: Row) -> dict[str, Sequence[Row]]:
    """Return two accounts: one steady, one that fades."""
    return {
        "subscription_items": [
            item("i", "steady", FIRST, quantity=5, contract_end_on="2025-12-31"),
            item("j", "fading", FIRST, quantity=5, contract_end_on="2025-12-31"),
            *more,
        ],
        "events": [
            *use("steady", FIRST, 200),
            *use("fading", FIRST, 90, people=5),
        ],
        "survey_responses": [
            {
                "response_id": f"r{account}{month}",
                "account_id": account,
                "kind": "nps",
                "score": 8,
                "responded_at": f"2025-0{month}-10 12:00:00",
            }
            for account in ("steady", "fading")
            for month in range(1, 7)
        ],
    }


def published(book: Book, folder: Path, as_of_on: str) -> Path:
    """Publish the remembered marts of a book, as the real set has them."""
    parquet = folder / f"set-{as_of_on}" / "parquet"
    parquet.mkdir(parents=True, exist_ok=True)
    for mart in MARTS:
        book.con.sql(f"from {mart}").write_parquet(str(parquet / f"{mart}.parquet"))
    manifest = parquet.parent / "manifest.json"
    manifest.write_text(json.dumps({"as_of_on": as_of_on}), encoding="utf-8")
    (folder / "current").unlink(missing_ok=True)
    (folder / "current").symlink_to(parquet.parent)
    return folder


@pytest.fixture
def run(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Build and publish as one run after another, some with another policy."""
    creating = CompiledProject.creating
    seen: list[str] = []

    def build(
        as_of: str,
        policy: dict[str, str] | None = None,
        rescore: Rescore | None = None,
        book: dict[str, Sequence[Row]] | None = None,
    ) -> Book:
        def edited(self: CompiledProject, node: dict[str, Any], landed: Path) -> str:
            statement = creating(self, node, landed)
            change = (policy or {}).get(node["name"])
            if change is None:
                return statement
            head, rows = statement.split(" as ", 1)
            return f"{head} as select * replace ({change}) from ({rows})"

        monkeypatch.setattr(CompiledProject, "creating", edited)
        remember(warehouse.folder / "health", tmp_path)
        done = warehouse.build_landing(
            write_book(warehouse.folder / "landing", book or tables()),
            *MARTS,
            as_of=as_of,
            is_next_run=bool(seen),
            rescore=rescore,
        )
        seen.append(as_of)
        published(done, tmp_path, as_of)
        return done

    return build


def rows(book: Book, mart: str, until: date | None = None) -> pd.DataFrame:
    """Return a mart by key, up to a day."""
    where = f" where health_on <= '{until}'" if until else ""
    return book.query(f"select * from {mart}{where} order by all").astype(object)


HARSH = {"health_curves": "measure_score * 0.5 as measure_score"}


def test_a_daily_run_gives_what_a_run_from_nothing_gives(
    run: Build, warehouse: Warehouse
) -> None:
    """Full refresh = incremental, and only the days since are scored."""
    run("2025-05-20")
    run("2025-05-25T10:00:00")
    later = run(f"{LAST}")
    awaited = later.query(
        "select min(health_on) as first, count(*) as days from int_health_days_awaited"
    )
    # The 25th had not ended when it was scored.
    assert awaited.iloc[0].tolist() == [date(2025, 5, 25), 2 * 7]
    whole = warehouse.build(tables(), *MARTS, as_of=f"{LAST}")
    for mart in MARTS:
        assert len(rows(whole, mart)) > 0
        pd.testing.assert_frame_equal(rows(later, mart), rows(whole, mart))
    assert later.broken_laws() == []


def test_a_changed_policy_is_a_new_version_and_history_stays(run: Build) -> None:
    before = run("2025-05-20")
    after = run(f"{LAST}", policy=HARSH)
    until = date(2025, 5, 20)
    for mart in ("fct_account_health_days", "fct_health_profile_months"):
        pd.testing.assert_frame_equal(rows(after, mart, until), rows(before, mart))
    versions = rows(after, "fct_account_health_days").groupby("policy_version")
    spans = versions["health_on"].agg(["min", "max"]).sort_values("min")
    assert spans.to_numpy().tolist() == [
        [FIRST, until],
        [until + timedelta(days=1), LAST],
    ]
    assert after.broken_laws() == []


def test_a_range_is_scored_anew_where_it_is_asked_for(run: Build) -> None:
    before = run(f"{LAST}")
    march = Rescore(date(2025, 3, 1), date(2025, 3, 31))
    after = run(f"{LAST}", policy=HARSH, rescore=march)
    old = rows(before, "fct_account_health_days").set_index(["account_id", "health_on"])
    new = rows(after, "fct_account_health_days").set_index(["account_id", "health_on"])
    days = new.index.get_level_values("health_on")
    inside = (days >= march.first_on) & (days <= march.last_on)
    pd.testing.assert_frame_equal(new[~inside], old[~inside])
    is_scored = inside & old["health_score"].notna()
    assert is_scored.sum() > 50
    assert (new[is_scored]["health_score"] < old[is_scored]["health_score"]).all()
    # What rests on March only: the change since a day before it is of both versions.
    assert set(new[inside]["policy_version"]) != set(new[~inside]["policy_version"])
    assert after.broken_laws() == []


def test_an_earlier_day_harms_no_memory(run: Build) -> None:
    run(f"{LAST}")
    early = run("2025-04-15", policy=HARSH)
    assert rows(early, "fct_account_health_days")["health_on"].max() == date(
        2025, 4, 15
    )
    again = run(f"{LAST}", policy=HARSH)
    assert rows(again, "fct_account_health_days")["policy_version"].nunique() == 1
    none = again.query("select count(*) as days from int_health_days_awaited")
    assert none["days"][0] == 0


def test_days_of_an_account_that_was_not_known_then_are_scored(run: Build) -> None:
    run("2025-05-20")
    late = tables(item("k", "late", "2025-05-01", quantity=2))
    found = rows(run("2025-05-21", book=late), "fct_account_health_days")
    days = found[found["account_id"] == "late"]["health_on"]
    assert (days.min(), len(days)) == (date(2025, 5, 1), 21)


def test_a_range_is_read_strictly() -> None:
    assert read_rescore(None, None) is None
    assert read_rescore("2025-01-01", None) == Rescore(date(2025, 1, 1))
    for first, last in (
        ("2025-13-01", None),
        (None, "2025-01-01"),
        ("2025-02-01", "2025-01-01"),
        ("1.2.2025", None),
    ):
        with pytest.raises(ValueError, match="RESCORE"):
            read_rescore(first, last)
