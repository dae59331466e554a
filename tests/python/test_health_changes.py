"""Why an average moved, one account after the other, against the marts of the split."""

from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pytest

FIRST, LAST = date(2025, 1, 28), date(2025, 3, 31)
MONTHS = [(date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 2, 1), date(2025, 2, 28))]
MONTHS.append((date(2025, 3, 1), LAST))
PAIRS = {
    ("month", MONTHS[1][1]): MONTHS[0][1],
    ("month", LAST): MONTHS[1][1],
    ("7_days", LAST): LAST - timedelta(days=7),
    ("30_days", LAST): LAST - timedelta(days=30),
}
SEGMENTS = {
    "all": ["all"],
    "tier": ["smb", "enterprise"],
    "desired_outcome": ["unknown", "reporting", "automation"],
    "engagement_model": ["digital"],
}
BANDS = ["red", "yellow", "green", "unknown"]
KEY = ["comparison", "health_on", "segment_dimension", "segment_value"]
KEY += ["weighted_by", "measure"]
PARTS = ["joined_change", "left_change", "moved_change", "scored_change"]
MARTS = ["fct_account_health_changes", "fct_health_band_moves", "fct_health_changes"]


def random_days(seed: int) -> pd.DataFrame:
    """Return health days of accounts that come and go, move, and fall silent."""
    random = np.random.default_rng(seed)
    days = pd.date_range(FIRST, LAST).date
    rows = pd.DataFrame(
        [(f"a{number}", day) for number in range(30) for day in days],
        columns=["account_id", "health_on"],
    )
    rows = rows[random.random(len(rows)) < 0.8].reset_index(drop=True)
    score = pd.Series(random.uniform(0, 100, len(rows)).round(random.integers(0, 9)))
    score[random.random(len(rows)) < 0.2] = np.nan
    drawn = {
        name: random.choice(values, len(rows))
        for name, values in SEGMENTS.items()
        if name != "all"
    }
    return rows.assign(
        **drawn,
        health_score=score,
        # Bands have memory, so they follow the score loosely.
        health_band=np.where(
            score.isna(), "unknown", random.choice(BANDS[:3], len(rows))
        ),
        mrr=random.integers(1, 10**9, len(rows)) / 10**4,
        all="all",
    )


def split(
    days: pd.DataFrame, dimension: str, value: str, weighted_by: str, measure: str
):
    """Return the parts of a change between two days of one account a row."""
    sides = {}
    for side in ("opening", "closing"):
        there = days[days[f"{dimension}_{side}"] == value]
        if measure == "score":
            there = there[there[f"health_score_{side}"].notna()]
        weight = there[f"mrr_{side}"] if weighted_by == "mrr" else there["one"]
        level = (
            there[f"health_score_{side}"]
            if measure == "score"
            else (there[f"health_band_{side}"] == measure).astype(float)
        )
        if there.empty:
            return None
        sides[side] = pd.DataFrame({"share": weight / weight.sum(), "level": level})
    opening, closing = sides["opening"], sides["closing"]
    start = (opening["share"] * opening["level"]).sum()
    both = opening.join(closing, lsuffix="_0", rsuffix="_1", how="inner")
    came = closing.drop(both.index)
    went = opening.drop(both.index)
    effect = pd.concat(
        [
            came["share"] * (came["level"] - start),
            -went["share"] * (went["level"] - start),
        ]
    )
    known = days.loc[effect.index]
    opened, closed = known[f"{dimension}_opening"], known[f"{dimension}_closing"]
    reason = np.select(
        [opened.isna(), closed.isna(), opened != closed],
        ["joined_change", "left_change", "moved_change"],
        "scored_change",
    )
    parts = effect.groupby(reason).sum()
    within = (both["share_0"] * (both["level_1"] - both["level_0"])).sum()
    weight = ((both["share_1"] - both["share_0"]) * (both["level_1"] - start)).sum()
    return {
        "opening_value": start,
        "closing_value": (closing["share"] * closing["level"]).sum(),
        "within_change": within,
        "weight_change": weight,
        **{part: parts.get(part, 0.0) for part in PARTS},
    }


def expected(days: pd.DataFrame) -> pd.DataFrame:
    """Return every row that the marts should have."""
    rows = []
    for (comparison, health_on), compared_on in PAIRS.items():
        before = days[days["health_on"] == compared_on].set_index("account_id")
        after = days[days["health_on"] == health_on].set_index("account_id")
        pairs = before.join(
            after, lsuffix="_opening", rsuffix="_closing", how="outer"
        ).assign(one=1.0)
        for dimension, values in SEGMENTS.items():
            for value in values:
                for weighted_by in ("accounts", "mrr"):
                    for measure in ("score", *BANDS):
                        found = split(pairs, dimension, value, weighted_by, measure)
                        key = (comparison, health_on, dimension, value)
                        if found:
                            key = (*key, weighted_by, measure)
                            rows.append(dict(zip(KEY, key, strict=True)) | found)
    return pd.DataFrame(rows).set_index(KEY).sort_index()


@pytest.fixture(params=range(5))
def case(request, compiled, tmp_path):
    """Run the three marts over made health days."""
    days = random_days(request.param)
    months = pd.DataFrame(MONTHS, columns=["mrr_month", "month_ends_on"])
    con = duckdb.connect()
    con.execute("attach ':memory:' as warehouse; use warehouse")
    con.register("days", days)
    con.register("months", months)
    con.execute("create table fct_account_health_days as from days")
    con.execute(
        "create table int_months_listed as select cast(mrr_month as date) as mrr_month,"
        " cast(month_ends_on as date) as month_ends_on, true as is_complete from months"
    )
    con.execute(
        "create table stg_run__clock as select cast(? as date) as last_complete_on",
        [LAST],
    )
    con.execute(compiled.creating(compiled.node("health_bands"), tmp_path))
    for mart in MARTS:
        con.execute(compiled.creating(compiled.node(mart), tmp_path))
    return days, con, compiled


def test_the_split_is_that_of_the_accounts_one_by_one(case):
    days, con, _ = case
    changes = con.sql("from fct_health_changes").df()
    changes["health_on"] = changes["health_on"].dt.date
    found = changes.set_index(KEY).sort_index()
    told = expected(days)
    assert list(found.index) == list(told.index)
    pd.testing.assert_frame_equal(
        found[told.columns], told, rtol=0, atol=1e-9, check_dtype=False
    )
    assert (told[["within_change", *PARTS]].abs().max() > 0).all()


def test_a_change_is_within_and_mix(case):
    _, con, _ = case
    changes = con.sql("from fct_health_changes").df()
    whole = changes["closing_value"] - changes["opening_value"]
    parts = changes["within_change"] + changes["mix_change"]
    assert (whole - parts).abs().max() < 1e-9
    summed = changes[[*PARTS, "weight_change"]].sum(axis=1)
    assert (changes["mix_change"] - summed).abs().max() < 1e-9


def test_the_laws_of_the_marts_hold(case, tmp_path):
    _, con, compiled = case
    nodes = [compiled.node(mart) for mart in [*MARTS, "health_bands"]]
    tests = compiled.data_tests(nodes)
    assert len(tests) > 10
    broken = [
        node["name"]
        for node in tests
        if con.execute(compiled.sql_of(node, tmp_path)).fetchone()
    ]
    assert broken == []
