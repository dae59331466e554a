"""Renewals: what was due, what became of it, and what is due next."""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import WIDTH, Figure, Section, Table, draw
from orchestration.report.plain_words import (
    count,
    day,
    exact_money,
    money,
    month,
    percent,
    spaced,
)

OUTCOME_COLOURS = {
    "won": "#1b7f5c",
    "late": "#9fd4b9",
    "lost": "#c8452f",
    "open": "#c2c8cf",
}


def _draw(months: pd.DataFrame) -> Figure:
    frame = months.melt(
        id_vars=["due_month"],
        value_vars=list(OUTCOME_COLOURS),
        var_name="outcome",
        value_name="mrr",
    )
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonth(due_month):O",
                title=None,
                axis=alt.Axis(format="%b %y", labelAngle=0, labelOverlap=True),
            ),
            y=alt.Y("sum(mrr):Q", title="MRR due", axis=alt.Axis(format="~s")),
            color=alt.Color(
                "outcome:N",
                title=None,
                scale=alt.Scale(
                    domain=list(OUTCOME_COLOURS), range=list(OUTCOME_COLOURS.values())
                ),
                legend=alt.Legend(orient="top", direction="horizontal"),
            ),
            tooltip=[
                alt.Tooltip("yearmonth(due_month):T", title="due", format="%b %Y"),
                alt.Tooltip("outcome:N"),
                alt.Tooltip("sum(mrr):Q", format=",.0f"),
            ],
        )
        .properties(width=WIDTH - 80, height=220)
    )
    return draw("renewals-by-month", "Contracts by the month they are due", chart)


def _forecast_table(marts: MartFrames) -> list[Table]:
    rows = marts.frame(
        "select forecasts.*, backtest.verdict, backtest.contract_count,"
        " backtest.bias_rate from fct_renewal_forecasts as forecasts"
        " left join fct_renewal_forecast_backtest as backtest"
        " on forecasts.health_band = backtest.health_band"
        " where forecasts.forecast_on = (select max(forecast_on)"
        " from fct_renewal_forecasts) order by forecasts.health_band",
        *("fct_renewal_forecasts", "fct_renewal_forecast_backtest"),
    )
    if rows.empty:
        return []
    columns = [
        *("Health", "Contracts", "Due", "Expected", "Forecast", "One rate for all"),
        *("Backtest", "Verdict"),
    ]
    latest = rows.iloc[0].forecast_on
    return [
        Table(
            columns,
            [
                [
                    row.health_band,
                    count(row.due_count),
                    exact_money(row.due_mrr),
                    percent(row.expected_rate),
                    exact_money(row.forecast_mrr),
                    exact_money(row.foil_mrr),
                    f"{count(row.contract_count)} contracts",
                    spaced(row.verdict) if isinstance(row.verdict, str) else "–",
                ]
                for row in rows.itertuples()
            ],
            numeric=frozenset(columns[1:6]),
            caption=(
                f"Forecast made on {day(latest)}, and whether knowing the band has"
                " forecast better than one rate"
            ),
        )
    ]


def renewals_section(marts: MartFrames, currency: str) -> Section:
    """Return renewals by due month: base, won, late, lost, and what is open."""
    title = "Renewals"
    months = marts.frame(
        "select date_trunc('month', contract_end_on) as due_month,"
        " count(*) as contracts,"
        " cast(sum(available_mrr) as double) as available,"
        " cast(sum(won_mrr) as double) as won, cast(sum(late_mrr) as double) as late,"
        " cast(sum(lost_mrr) as double) as lost, cast(sum(open_mrr) as double) as open"
        " from fct_renewals where contract_end_on < (select max(coalesce(settled_on,"
        " measured_on)) + interval 6 month from fct_renewals)"
        " group by due_month order by due_month",
        "fct_renewals",
    )
    if months.empty:
        absent = "No renewals: land contract_end_on with subscription_items."
        return Section("renewals", title, absent=absent)
    settled = months[months["open"] == 0].tail(12)
    due = settled["available"].sum()
    kept = settled["won"].sum() + settled["late"].sum()
    said = f"Open: {money(months['open'].sum(), currency)} a month in the months shown."
    if due:
        said = (
            f"Of {money(due, currency)} a month that came due from"
            f" {month(settled['due_month'].iloc[0])} to"
            f" {month(settled['due_month'].iloc[-1])}, {percent(kept / due)} renewed"
            f" ({percent(settled['late'].sum() / due)} late). {said}"
        )
    columns = ["Due", "Contracts", "Base", "Won", "Late", "Lost", "Open", "Renewed"]
    return Section(
        "renewals",
        title,
        reading=said,
        footnote=(
            "From fct_renewals. Base: MRR available to renew, of contracts that end in"
            " the month; contracts of several years that are not due are not in it, so"
            " this is not GRR; a short contract is due several times a year."
            f" {currency} a month. Expansion at a renewal is not in won. In the"
            " backtest a contract may have been seen in more than one band."
        ),
        figures=[_draw(months)],
        tables=[
            Table(
                columns,
                [
                    [
                        month(row.due_month),
                        count(row.contracts),
                        exact_money(row.available),
                        exact_money(row.won),
                        exact_money(row.late),
                        exact_money(row.lost),
                        exact_money(row.open),
                        percent((row.won + row.late) / (row.available - row.open))
                        if row.available > row.open
                        else "–",
                    ]
                    for row in months.tail(18).itertuples()
                ],
                numeric=frozenset(columns[1:]),
            ),
            *_forecast_table(marts),
        ],
    )
