"""Health: the book by band over time, by tier now, and the largest accounts in red."""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import (
    BAND_COLOURS,
    WIDTH,
    Figure,
    Section,
    Table,
    draw,
)
from orchestration.report.plain_words import (
    count,
    day,
    exact_money,
    money,
    percent,
    plural,
    points,
    spaced,
)

BANDS = list(BAND_COLOURS)
DAYS_DRAWN = 200
COMPARED_DAYS = 90
ACCOUNTS_LISTED = 10
LAND_HEALTH = "land events, tickets or survey_responses to see this."
COLOURS = alt.Color(
    "health_band:N",
    title=None,
    scale=alt.Scale(domain=BANDS, range=list(BAND_COLOURS.values())),
    legend=alt.Legend(orient="top", direction="horizontal"),
)


def read_book(marts: MartFrames) -> pd.DataFrame:
    """Return accounts and MRR of the whole book by day and band, oldest day first."""
    return marts.frame(
        "select health_on, health_band, cast(account_count as bigint) as account_count,"
        " cast(mrr as double) as mrr,"
        " account_count / sum(account_count) over (partition by health_on) as share"
        " from fct_health_distribution where segment_dimension = 'all'"
        " order by health_on, health_band",
        "fct_health_distribution",
    )


def read_tiers(marts: MartFrames) -> pd.DataFrame:
    """Return accounts by tier and band on the latest day."""
    return marts.frame(
        "select segment_value, health_band, cast(account_count as bigint)"
        " as account_count, account_count / sum(account_count)"
        " over (partition by segment_value) as share"
        " from fct_health_distribution where segment_dimension = 'tier'"
        " and health_on = (select max(health_on) from fct_health_distribution)"
        " order by segment_value, health_band",
        "fct_health_distribution",
    )


def _thinned(book: pd.DataFrame) -> pd.DataFrame:
    """Keep every n-th day up to the last, so that a long history stays light."""
    every = sorted(book["health_on"].unique(), reverse=True)
    kept = every[:: max(1, -(-len(every) // DAYS_DRAWN))]
    return book[book["health_on"].isin(kept)]


def _draw_book(book: pd.DataFrame) -> Figure:
    filled = (
        _thinned(book)
        .pivot(index="health_on", columns="health_band", values="account_count")
        .reindex(columns=BANDS)
        .fillna(0)
        .reset_index()
        .melt(id_vars="health_on", var_name="health_band", value_name="accounts")
        .assign(position=lambda frame: frame["health_band"].map(BANDS.index))
    )
    chart = (
        alt.Chart(filled)
        .mark_area(line=False)
        .encode(
            x=alt.X("health_on:T", title=None, axis=alt.Axis(format="%b %Y")),
            y=alt.Y(
                "accounts:Q",
                stack="normalize",
                title="share of accounts",
                axis=alt.Axis(format=".0%"),
            ),
            color=COLOURS,
            order=alt.Order("position:Q", sort="descending"),
            tooltip=[
                alt.Tooltip("health_on:T", title="day", format="%d %b %Y"),
                alt.Tooltip("health_band:N", title="band"),
                alt.Tooltip("accounts:Q", format=",.0f"),
            ],
        )
        .properties(width=WIDTH - 80, height=230)
    )
    return draw("health-over-time", "Accounts by health band, day by day", chart)


def _draw_tiers(tiers: pd.DataFrame) -> Figure:
    positioned = tiers.assign(
        position=tiers["health_band"].map(BANDS.index),
        tier=tiers["segment_value"].map(spaced),
    )
    base = alt.Chart(positioned).encode(
        y=alt.Y("tier:N", title=None, axis=alt.Axis(labelLimit=160)),
        x=alt.X(
            "account_count:Q",
            stack="normalize",
            title="share of the tier's accounts",
            axis=alt.Axis(format=".0%"),
        ),
        order=alt.Order("position:Q"),
        tooltip=[
            alt.Tooltip("tier:N"),
            alt.Tooltip("health_band:N", title="band"),
            alt.Tooltip("account_count:Q", title="accounts", format=",.0f"),
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    chart = (
        base.mark_bar(size=22)
        .encode(color=COLOURS)
        .properties(width=WIDTH - 160, height=alt.Step(34))
    )
    return draw("health-by-tier", "Health now, by tier", chart)


def read_shares(book: pd.DataFrame) -> list[tuple[str, float, str]]:
    """Return (band, share of accounts, colour) on the latest day."""
    latest = book[book["health_on"] == book["health_on"].max()]
    share = dict(zip(latest["health_band"], latest["share"], strict=True))
    return [(band, share.get(band, 0.0), BAND_COLOURS[band]) for band in BANDS]


def _read_health(book: pd.DataFrame, currency: str) -> str:
    latest_on = book["health_on"].max()
    latest = book[book["health_on"] == latest_on].set_index("health_band")
    total = int(latest["account_count"].sum())
    shares = [f"{percent(share)} {band}" for band, share, _ in read_shares(book)]
    said = f"On {day(latest_on)} {plural(total, 'account')}: {', '.join(shares)}."
    if "red" in latest.index:
        at_risk = latest.loc["red", "mrr"]
        said += f" Red accounts pay {money(at_risk, currency)} a month."
    before_on = latest_on - pd.Timedelta(days=COMPARED_DAYS)
    before = book[(book["health_on"] == before_on) & (book["health_band"] == "green")]
    if not before.empty and "green" in latest.index:
        change = latest.loc["green", "share"] - before["share"].iloc[0]
        said += f" Green is {points(change)} on {COMPARED_DAYS} days before."
    return said


def _read_tier(tiers: pd.DataFrame) -> str:
    red = tiers[tiers["health_band"] == "red"].sort_values("share", ascending=False)
    if red.empty:
        return " No tier has an account in red."
    worst = red.iloc[0]
    return (
        f" The tier with the largest red share is {spaced(worst.segment_value)}:"
        f" {plural(int(worst.account_count), 'account')}, {percent(worst.share)}."
    )


def health_section(marts: MartFrames, currency: str) -> Section:
    """Return the book by health band over time and by tier now."""
    title = "Customer health"
    book = read_book(marts)
    if book.empty:
        return Section("health", title, absent=f"No health data: {LAND_HEALTH}")
    tiers = read_tiers(marts)
    figures = [_draw_book(book)]
    reading = _read_health(book, currency)
    if not tiers.empty:
        figures.append(_draw_tiers(tiers))
        reading += _read_tier(tiers)
    return Section(
        "health",
        title,
        reading=reading,
        footnote=(
            "A score of 0–100 is the weighted mean of the measures that are present,"
            " from what was known at the end of the day. Missing data lowers coverage,"
            " never the score; with too little of it the band is unknown, which is"
            " neither good nor bad. Our own emails and calls are not engagement."
        ),
        figures=figures,
    )


def red_accounts_section(marts: MartFrames, currency: str) -> Section:
    """Return the largest paying accounts that are in red now."""
    title = "Largest accounts in red"
    needs = ("fct_account_health_days", "dim_accounts")
    rows = marts.frame(
        "select accounts.*, health.health_score, health.coverage_rate,"
        " coalesce(health.exception, health.weakest_measure) as reason"
        " from fct_account_health_days as health"
        " inner join dim_accounts as accounts"
        " on health.account_id = accounts.account_id"
        " where health.health_band = 'red' and accounts.current_mrr > 0"
        " and health.health_on = (select max(health_on) from fct_account_health_days)"
        " order by accounts.current_mrr desc, accounts.account_id",
        *needs,
    )
    scored = marts.frame("select 1 from fct_account_health_days limit 1", *needs)
    if scored.empty:
        return Section("red", title, absent=f"No health data: {LAND_HEALTH}")
    shown = rows.head(ACCOUNTS_LISTED)
    columns = ["Account", "Tier", "Capped or weakest by", "MRR", "Health", "Coverage"]
    return Section(
        "red",
        title,
        reading=(
            f"{plural(len(rows), 'paying account')} in red, together"
            f" {money(float(rows['current_mrr'].sum()), currency)} a month."
            if len(rows)
            else "No paying account is in red."
        ),
        footnote=f"At most {ACCOUNTS_LISTED}, highest MRR first, {currency} a month."
        " All inputs: fct_health_contributions.",
        tables=[
            Table(
                columns,
                [
                    [
                        _named(row),
                        spaced(getattr(row, "tier", "")),
                        spaced(row.reason or ""),
                        exact_money(row.current_mrr),
                        count(row.health_score),
                        percent(row.coverage_rate),
                    ]
                    for row in shown.itertuples()
                ],
                numeric=frozenset(columns[3:]),
            )
        ]
        if len(shown)
        else [],
    )


def _named(account: tuple) -> str:
    name = getattr(account, "account_name", None)
    return account.account_id if name is None or pd.isna(name) else str(name)
