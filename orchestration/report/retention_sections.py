"""Retention: the headline over time, short windows, tiers, policies side by side."""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import (
    BLUE,
    MUTED,
    TEAL,
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
    points,
    spaced,
)

LAND_REVENUE = (
    "land subscription_items that go back more than twelve months to see this."
)
MEASURES = {"nrr_rate": "NRR", "grr_rate": "GRR"}


def read_headline_rows(marts: MartFrames) -> pd.DataFrame:
    """Return the headline rows of fct_retention, the oldest period first."""
    return marts.frame(
        "select * from fct_retention where is_headline order by period_end_on",
        "fct_retention",
    )


def _long(rates: pd.DataFrame, *kept: str) -> pd.DataFrame:
    return rates.melt(
        id_vars=["period_end_on", *kept],
        value_vars=list(MEASURES),
        var_name="measure",
        value_name="rate",
    ).assign(measure=lambda frame: frame["measure"].map(MEASURES))


def _draw_trend(headline: pd.DataFrame) -> Figure:
    base = alt.Chart(_long(headline)).encode(
        x=alt.X(
            "yearmonth(period_end_on):T", title=None, axis=alt.Axis(format="%b %Y")
        ),
        y=alt.Y(
            "rate:Q",
            title="share of opening MRR",
            axis=alt.Axis(format=".0%"),
            scale=alt.Scale(zero=False, nice=True),
        ),
        color=alt.Color(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=["NRR", "GRR"], range=[BLUE, TEAL]),
            legend=alt.Legend(orient="top-left", direction="horizontal"),
        ),
        tooltip=[
            alt.Tooltip("period_end_on:T", title="12 months to", format="%d %b %Y"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("rate:Q", format=".1%"),
        ],
    )
    whole = (
        alt.Chart(pd.DataFrame({"rate": [1.0]}))
        .mark_rule(color=MUTED, strokeDash=[4, 4])
        .encode(y="rate:Q")
    )
    lines = base.mark_line(strokeWidth=2.5, point=alt.OverlayMarkDef(size=22))
    chart = alt.layer(whole, lines).properties(width=WIDTH - 80, height=260)
    return draw("retention-trend", "NRR and GRR, 12-month window", chart)


def _draw_short_windows(rates: pd.DataFrame) -> Figure:
    frame = _long(rates, "window_months").assign(
        window=lambda f: f["window_months"].map(lambda n: f"{n}-month window")
    )
    chart = (
        alt.Chart(frame)
        .mark_line(strokeWidth=1.8)
        .encode(
            x=alt.X(
                "yearmonth(period_end_on):T",
                title=None,
                axis=alt.Axis(format="%b %y", labelSeparation=14),
            ),
            y=alt.Y(
                "rate:Q",
                title="share of opening MRR",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(zero=False),
            ),
            color=alt.Color(
                "measure:N",
                title=None,
                scale=alt.Scale(domain=["NRR", "GRR"], range=[BLUE, TEAL]),
                legend=alt.Legend(orient="top", direction="horizontal"),
            ),
            column=alt.Column("window:N", title=None),
            tooltip=[
                alt.Tooltip("period_end_on:T", title="to", format="%d %b %Y"),
                alt.Tooltip("window:N"),
                alt.Tooltip("measure:N"),
                alt.Tooltip("rate:Q", format=".2%"),
            ],
        )
        .properties(width=(WIDTH - 140) // 2, height=180)
    )
    caption = "The same rates over one and three months, not annualised"
    return draw("retention-short-windows", caption, chart)


def _read_trend(headline: pd.DataFrame, currency: str) -> str:
    last = headline.iloc[-1]
    said = (
        "Customers who paid, or were renewing late,"
        f" {money(last.opening_mrr, currency)} a month twelve months before"
        f" {day(last.period_end_on)} pay {money(last.retained_mrr, currency)} now:"
        f" NRR {percent(last.nrr_rate)}, GRR {percent(last.grr_rate)}."
    )
    year_ago = last.period_end_on - pd.offsets.MonthEnd(12)
    earlier = headline[headline["period_end_on"] == year_ago]
    if earlier.empty:
        return said
    nrr = points(last.nrr_rate - earlier.iloc[0].nrr_rate)
    grr = points(last.grr_rate - earlier.iloc[0].grr_rate)
    return f"{said} Against a year before, NRR is {nrr} and GRR is {grr}."


def _read_short(rates: pd.DataFrame) -> str:
    latest = rates.sort_values("period_end_on").groupby("window_months").tail(1)
    said = [
        f"{row.window_months}-month NRR {percent(row.nrr_rate)},"
        f" GRR {percent(row.grr_rate)}"
        for row in latest.sort_values("window_months").itertuples()
    ]
    return f" Most recently: {'; '.join(said)}." if said else ""


def retention_section(marts: MartFrames, currency: str) -> Section:
    """Return NRR and GRR over time, the headline window first."""
    headline = read_headline_rows(marts)
    title = "Net and gross revenue retention"
    if headline.empty:
        return Section("retention", title, absent=f"No retention data: {LAND_REVENUE}")
    short = marts.frame(
        "select rates.period_end_on, rates.window_months, rates.nrr_rate,"
        " rates.grr_rate from fct_retention as rates inner join"
        " (select grain, policy from fct_retention where is_headline"
        " group by grain, policy) as quoted"
        " on rates.grain = quoted.grain and rates.policy = quoted.policy"
        " where rates.segment_dimension = 'all' and rates.window_months < 12"
        " order by rates.period_end_on, rates.window_months",
        "fct_retention",
    )
    last = headline.iloc[-1]
    figures = [_draw_trend(headline)]
    if not short.empty:
        figures.append(_draw_short_windows(short))
    return Section(
        "retention",
        title,
        reading=_read_trend(headline, currency) + _read_short(short),
        footnote=(
            "S = the customers with MRR above 0 when the window opens. NRR = what S"
            " pays at the end ÷ what S paid at the start. GRR = the same, with no"
            " customer counted above what it paid at the start. New customers"
            f" never count. Headline: {last.grain} grain, policy {spaced(last.policy)},"
            f" {last.window_months}-month window."
        ),
        figures=figures,
    )


def tier_section(marts: MartFrames, currency: str) -> Section:
    """Return the headline measure of the latest period, by tier."""
    title = "Retention by tier"
    rows = marts.frame(
        "with quoted as (select * from fct_retention where is_headline"
        " order by period_end_on desc limit 1)"
        " select rates.* from fct_retention as rates inner join quoted"
        " on rates.period_end_on = quoted.period_end_on"
        " and rates.window_months = quoted.window_months"
        " and rates.grain = quoted.grain and rates.policy = quoted.policy"
        " where rates.segment_dimension = 'tier' order by rates.opening_mrr desc",
        "fct_retention",
    )
    if rows.empty:
        absent = f"No retention by tier: {LAND_REVENUE}"
        return Section("tiers", title, absent=absent)
    columns = [
        "Tier",
        "Customers",
        "Opening MRR",
        "Expansion",
        "Contraction",
        "Churned",
        "Retained MRR",
        "NRR",
        "GRR",
        "Logos kept",
    ]
    weakest = rows.sort_values("grr_rate").iloc[0]
    largest = rows.iloc[0]
    return Section(
        "tiers",
        title,
        reading=(
            f"The tier {spaced(weakest.segment_value)} keeps least of what it had"
            f" (GRR {percent(weakest.grr_rate)}). Most opening MRR is in"
            f" {spaced(largest.segment_value)}:"
            f" {money(largest.opening_mrr, currency)}, NRR {percent(largest.nrr_rate)}."
        ),
        footnote=(
            f"Twelve months to {day(largest.period_end_on)}, {currency} a month. A"
            " customer belongs to the tier it had when the window opened, not to the"
            " tier it has today. Opening + expansion + contraction + churned ="
            " retained."
        ),
        tables=[
            Table(
                columns,
                [
                    [
                        spaced(row.segment_value),
                        count(row.opening_accounts),
                        exact_money(row.opening_mrr),
                        exact_money(row.expansion_mrr),
                        exact_money(row.contraction_mrr),
                        exact_money(row.churned_mrr),
                        exact_money(row.retained_mrr),
                        percent(row.nrr_rate),
                        percent(row.grr_rate),
                        percent(row.logo_retention_rate),
                    ]
                    for row in rows.itertuples()
                ],
                numeric=frozenset(columns[1:]),
            )
        ],
    )
