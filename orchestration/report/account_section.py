"""One account's score in words: what it is, why, what changed and what is unknown."""

from dataclasses import dataclass

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import (
    BAND_COLOURS,
    INK,
    WIDTH,
    Figure,
    Section,
    Table,
    draw,
)
from orchestration.report.plain_words import (
    count,
    day,
    money,
    percent,
    spaced,
)

NEEDS = (
    "fct_account_health_days",
    "fct_health_contributions",
    "dim_health_policy",
    "dim_accounts",
)
NEUTRAL = 50
COMPARED_DAYS = 30
NAMED = 3
LAND_HEALTH = "land events, tickets or survey_responses to see this."


@dataclass(frozen=True)
class Explained:
    """An account on its latest day: its row, its measures, its history."""

    row: pd.Series
    measures: pd.DataFrame
    missing: pd.DataFrame
    history: pd.DataFrame


def find_account(marts: MartFrames, account_id: str | None = None) -> str | None:
    """Return the account asked for, else the largest of the worst band; None for none.

    Raises:
        KeyError: the account was never scored.
    """
    if account_id is not None:
        known = marts.con.execute(
            "select 1 from fct_account_health_days where account_id = ? limit 1",
            [account_id],
        ).fetchone()
        if known is None:
            raise KeyError(f"{account_id}: no such account in fct_account_health_days")
        return account_id
    worst = marts.frame(
        "select account_id from fct_account_health_days"
        " where health_on = (select max(health_on) from fct_account_health_days)"
        " and health_score is not null"
        " order by array_position(['red', 'yellow', 'green'], health_band), mrr desc,"
        " account_id limit 1",
        *NEEDS,
    )
    return None if worst.empty else str(worst["account_id"][0])


def _measures(marts: MartFrames, account_id: str, on: pd.Timestamp) -> pd.DataFrame:
    return marts.con.execute(
        "select now.measure, now.family, now.input_value, now.measure_score,"
        " now.weight, now.contribution, now.freshness_days,"
        " earlier.measure_score as score_then,"
        f" now.weight * (now.measure_score - {NEUTRAL}) / sum(now.weight) over ()"
        " as lift, policy.description, policy.poor_words, policy.good_words"
        " from fct_health_contributions as now"
        " left join fct_health_contributions as earlier"
        " on now.account_id = earlier.account_id and now.measure = earlier.measure"
        f" and earlier.health_on = now.health_on - {COMPARED_DAYS}"
        " inner join fct_account_health_days as health"
        " on now.account_id = health.account_id and now.health_on = health.health_on"
        " left join dim_health_policy as policy"
        " on policy.profile = health.profile and policy.measure = now.measure"
        " and policy.engagement_model = health.engagement_model"
        " where now.account_id = ? and now.health_on = ? order by lift, now.measure",
        [account_id, on],
    ).df()


def _missing(marts: MartFrames, account_id: str, on: pd.Timestamp) -> pd.DataFrame:
    return marts.con.execute(
        "select policy.measure, policy.description, policy.weight"
        " from fct_account_health_days as health"
        " inner join dim_health_policy as policy"
        " on policy.profile = health.profile"
        " and policy.engagement_model = health.engagement_model"
        " left join fct_health_contributions as found"
        " on found.account_id = health.account_id"
        " and found.health_on = health.health_on and found.measure = policy.measure"
        " where health.account_id = ? and health.health_on = ?"
        " and found.measure is null order by policy.weight desc, policy.measure",
        [account_id, on],
    ).df()


def read_account(marts: MartFrames, account_id: str) -> Explained:
    """Read what there is of one account on the last day that it was scored."""
    history = marts.con.execute(
        "select health.*, accounts.* exclude (account_id)"
        " from fct_account_health_days as health inner join dim_accounts as accounts"
        " on health.account_id = accounts.account_id"
        " where health.account_id = ? order by health_on",
        [account_id],
    ).df()
    row = history.iloc[-1]
    return Explained(
        row,
        _measures(marts, account_id, row.health_on),
        _missing(marts, account_id, row.health_on),
        history,
    )


def _name(row: pd.Series) -> str:
    name = row.get("account_name")
    return str(row.account_id if name is None or pd.isna(name) else name)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _change(row: pd.Series) -> str:
    change = row.score_change_30_days
    if pd.isna(change):
        return ""
    if abs(change) < 1:
        return f" It has hardly moved in {COMPARED_DAYS} days."
    way = "up" if change > 0 else "down"
    return f" It is {way} {abs(change):.0f} points on {COMPARED_DAYS} days before."


def tell(explained: Explained, currency: str) -> str:
    """Say in a few sentences what one score is and why.

    Points are weight x (score - 50) / weight known: what a measure adds to or takes
    from a neutral 50.
    """
    row = explained.row
    who = f"{_name(row)} pays {money(float(row.mrr), currency)} a month."
    if pd.isna(row.health_score):
        return (
            f"{who} On {day(row.health_on)} its health is unknown: inputs for only"
            f" {percent(row.coverage_rate)} of the policy's weight are there."
        )
    said = (
        f"{who} On {day(row.health_on)} it scores {count(row.health_score)} of 100"
        f" and is {row.health_band}.{_change(row)}"
    )
    if row.health_score < row.health_score_before_exceptions:
        said += (
            f" {row.reason}: that caps the score, which would be"
            f" {count(row.health_score_before_exceptions)} otherwise."
        )
    taking = explained.measures[explained.measures["lift"] < 0].head(NAMED)
    adding = explained.measures[explained.measures["lift"] > 0].tail(NAMED)[::-1]
    if len(taking):
        words = [
            f"{as_clause(m.poor_words)} ({points_of(m.lift)})"
            for m in taking.itertuples()
        ]
        said += f" What takes most from it: {_listed(words)}."
    if len(adding):
        words = [
            f"{as_clause(m.good_words)} ({points_of(m.lift)})"
            for m in adding.itertuples()
        ]
        said += f" What holds it up: {_listed(words)}."
    said += f" {percent(row.coverage_rate)} of the policy's weight is known"
    if len(explained.missing):
        names = [spaced(name) for name in explained.missing["measure"].head(NAMED)]
        more = len(explained.missing) - len(names)
        said += f"; nothing is known of {_listed(names)}"
        said += f" and {more} more" if more else ""
    return f"{said}."


def as_clause(words: str) -> str:
    """Begin a sentence's words small, so that they fit into another; names stay."""
    is_name = words[:2].isupper()
    return words if is_name else words[:1].lower() + words[1:]


def points_of(lift: float) -> str:
    """Say what a measure adds to or takes from a neutral score."""
    return f"{lift:+.1f}".replace("-", "−")


def _draw_measures(measures: pd.DataFrame) -> Figure:
    drawn = measures.assign(
        what=measures["measure"].map(spaced),
        colour=[
            BAND_COLOURS["red"] if lift < 0 else BAND_COLOURS["green"]
            for lift in measures["lift"]
        ],
    )
    chart = (
        alt.Chart(drawn)
        .mark_bar(size=14)
        .encode(
            y=alt.Y("what:N", sort=None, title=None, axis=alt.Axis(labelLimit=220)),
            x=alt.X("lift:Q", title="points added to or taken from a neutral 50"),
            color=alt.Color("colour:N", scale=None),
            tooltip=[
                alt.Tooltip("description:N", title="measures"),
                alt.Tooltip("input_value:Q", title="value", format=",.2f"),
                alt.Tooltip("measure_score:Q", title="score", format=".0f"),
                alt.Tooltip("weight:Q", format=".2f"),
                alt.Tooltip("freshness_days:Q", title="days old"),
            ],
        )
        .properties(width=WIDTH - 260, height=alt.Step(22))
    )
    return draw("account-measures", "What makes the score", chart)


def _draw_history(history: pd.DataFrame) -> Figure:
    scored = history[["health_on", "health_score"]]
    line = (
        alt.Chart(scored)
        .mark_line(color=INK, strokeWidth=1.6)
        .encode(
            x=alt.X("health_on:T", title=None, axis=alt.Axis(format="%b %Y")),
            y=alt.Y("health_score:Q", title="score", scale=alt.Scale(domain=[0, 100])),
            tooltip=[
                alt.Tooltip("health_on:T", title="day", format="%d %b %Y"),
                alt.Tooltip("health_score:Q", format=".0f"),
            ],
        )
    )
    bands = (
        alt.Chart(history.dropna(subset=["health_score"]))
        .mark_circle(size=12, opacity=1)
        .encode(
            x="health_on:T",
            y="health_score:Q",
            color=alt.Color(
                "health_band:N",
                title=None,
                scale=alt.Scale(
                    domain=list(BAND_COLOURS), range=list(BAND_COLOURS.values())
                ),
                legend=alt.Legend(orient="top", direction="horizontal"),
            ),
        )
    )
    chart = (line + bands).properties(width=WIDTH - 80, height=200)
    return draw("account-history", "Its score, day by day", chart)


def _table(explained: Explained) -> Table:
    columns = [
        "Measure",
        "Value",
        "Score",
        "30 days ago",
        "Weight",
        "Points",
        "Days old",
    ]
    rows = [
        [
            m.description if isinstance(m.description, str) else spaced(m.measure),
            f"{m.input_value:,.2f}",
            count(m.measure_score),
            "–" if pd.isna(m.score_then) else count(m.score_then),
            f"{m.weight:.2f}",
            points_of(m.lift),
            count(m.freshness_days),
        ]
        for m in explained.measures.itertuples()
    ]
    missing = [
        [m.description, "missing", "–", "–", f"{m.weight:.2f}", "–", "–"]
        for m in explained.missing.itertuples()
    ]
    return Table(columns, rows + missing, numeric=frozenset(columns[1:]))


def account_section(
    marts: MartFrames, currency: str, account_id: str | None = None
) -> Section:
    """Return one account's score in words, as bars and as a table.

    Raises:
        KeyError: the account was never scored.
    """
    title = "One score explained"
    found = find_account(marts, account_id)
    if found is None:
        return Section("account", title, absent=f"No health data: {LAND_HEALTH}")
    explained = read_account(marts, found)
    figures = [_draw_history(explained.history)]
    if len(explained.measures):
        figures.insert(0, _draw_measures(explained.measures))
    return Section(
        "account",
        title,
        reading=tell(explained, currency),
        footnote=(
            "Points are weight × (score − 50) / weight known, so 50 plus all points is"
            " the score before a cap. A missing measure neither adds nor takes. The"
            " largest account of the worst band is shown; write the page of another"
            " with: make account ACCOUNT=<id>. Policy version"
            f" {explained.row.policy_version}."
        ),
        figures=figures,
        tables=[_table(explained)],
    )
