"""Cohorts: what is left of each start month, by customers and by revenue."""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import WIDTH, Figure, Section, draw
from orchestration.report.plain_words import month, percent, plural

SHOWN_MONTHS = 24


def _draw(cohorts: pd.DataFrame) -> Figure:
    frame = cohorts.melt(
        id_vars=["cohort", "months_since_start", "starting_accounts"],
        value_vars=["logo_retention_rate", "nrr_rate"],
        var_name="measure",
        value_name="rate",
    ).assign(
        measure=lambda f: f["measure"].map(
            {"logo_retention_rate": "customers that pay", "nrr_rate": "their revenue"}
        )
    )
    chart = (
        alt.Chart(frame)
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X(
                "months_since_start:O",
                title="months since the start month",
                axis=alt.Axis(labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y("cohort:O", title=None),
            color=alt.Color(
                "rate:Q",
                title="of the start",
                scale=alt.Scale(
                    scheme="redyellowgreen", domain=[0.5, 1.5], domainMid=1, clamp=True
                ),
                legend=alt.Legend(format=".0%", orient="right"),
            ),
            column=alt.Column("measure:N", title=None),
            tooltip=[
                alt.Tooltip("cohort:O", title="started in"),
                alt.Tooltip("months_since_start:O", title="months since"),
                alt.Tooltip("starting_accounts:Q", title="customers at the start"),
                alt.Tooltip("rate:Q", format=".0%"),
            ],
        )
        .properties(width=(WIDTH - 240) // 2, height=300)
    )
    return draw("retention-cohorts", "Start months, month by month", chart)


def cohorts_section(marts: MartFrames) -> Section:
    """Return logo and revenue curves by start month, as two heat maps."""
    title = "Cohorts by start month"
    cohorts = marts.frame(
        "select strftime(cohort_month, '%Y-%m') as cohort, cohort_month,"
        " months_since_start, starting_accounts, active_accounts, starting_mrr,"
        " active_mrr, logo_retention_rate, nrr_rate from fct_retention_cohorts"
        " where segment_dimension = 'all' and cohort_month > (select"
        f" max(cohort_month) - interval {SHOWN_MONTHS} month"
        " from fct_retention_cohorts) order by cohort_month, months_since_start",
        "fct_retention_cohorts",
    )
    if cohorts.empty:
        absent = "No cohorts yet: land subscription_items to see this."
        return Section("cohorts", title, absent=absent)
    latest = cohorts[cohorts["months_since_start"] == 12]
    said = "No cohort is twelve months old yet."
    if not latest.empty:
        logos = latest["active_accounts"].sum() / latest["starting_accounts"].sum()
        revenue = float(latest["active_mrr"].sum() / latest["starting_mrr"].sum())
        said = (
            f"Of the {plural(int(latest['starting_accounts'].sum()), 'account')} that"
            f" started from {month(latest['cohort_month'].min())} to"
            f" {month(latest['cohort_month'].max())}, {percent(logos)} pay twelve"
            f" months later, and {percent(revenue)} of what they began with."
        )
    return Section(
        "cohorts",
        title,
        reading=said,
        footnote=(
            "From fct_retention_cohorts: accounts by the month of their first paid day,"
            " late renewals bridged, amounts at the exchange rates of that day. Above"
            " 100% expansion outweighs loss. Small cohorts jump."
        ),
        figures=[_draw(cohorts)],
    )
