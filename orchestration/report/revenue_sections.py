"""Recurring revenue: what moved it each month, and the board's table."""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import (
    INK,
    MOVEMENT_COLOURS,
    WIDTH,
    Figure,
    Section,
    Table,
    draw,
)
from orchestration.report.plain_words import count, money, month, percent, spaced

MONTHS_SHOWN = 24
MOVEMENTS = list(MOVEMENT_COLOURS)


def read_mrr_months(marts: MartFrames) -> pd.DataFrame:
    """Return MRR by month over all accounts, in the reporting currency."""
    sums = ", ".join(
        f"cast(sum({name}_mrr) as double) as {name}"
        for name in ("opening", *MOVEMENTS, "closing")
    )
    return marts.frame(
        f"select mrr_month, {sums}, count_if(closing_mrr > 0) as paying_accounts,"
        " bool_and(is_final) as is_final"
        " from fct_account_mrr_months group by mrr_month order by mrr_month",
        "fct_account_mrr_months",
    )


def _draw_movements(months: pd.DataFrame) -> Figure:
    shown = months.tail(MONTHS_SHOWN)
    moved = shown.melt(
        id_vars="mrr_month", value_vars=MOVEMENTS, var_name="movement", value_name="mrr"
    ).assign(position=lambda frame: frame["movement"].map(MOVEMENTS.index))
    present = [
        m for m in MOVEMENTS if (moved.loc[moved.movement == m, "mrr"] != 0).any()
    ]
    x = alt.X("yearmonth(mrr_month):T", title=None, axis=alt.Axis(format="%b %Y"))
    bars = (
        alt.Chart(moved[moved["mrr"] != 0])
        .mark_bar(binSpacing=3)
        .encode(
            x=x,
            y=alt.Y("mrr:Q", title="change of MRR", axis=alt.Axis(format="~s")),
            color=alt.Color(
                "movement:N",
                title=None,
                scale=alt.Scale(
                    domain=present, range=[MOVEMENT_COLOURS[m] for m in present]
                ),
                legend=alt.Legend(orient="top", direction="horizontal", columns=8),
            ),
            order=alt.Order("position:Q"),
            tooltip=[
                alt.Tooltip("mrr_month:T", title="month", format="%b %Y"),
                alt.Tooltip("movement:N"),
                alt.Tooltip("mrr:Q", format=",.0f"),
            ],
        )
    )
    net = (
        alt.Chart(shown.assign(net=shown["closing"] - shown["opening"]))
        .mark_line(
            color=INK, strokeWidth=1.2, point=alt.OverlayMarkDef(color=INK, size=22)
        )
        .encode(
            # Lines sit in the middle of their month, as the bars do.
            x=alt.X("yearmonth(mrr_month):T", bandPosition=0.5),
            y="net:Q",
            tooltip=[
                alt.Tooltip("mrr_month:T", title="month", format="%b %Y"),
                alt.Tooltip("net:Q", title="net change", format=",.0f"),
                alt.Tooltip("closing:Q", title="closing MRR", format=",.0f"),
            ],
        )
    )
    chart = alt.layer(bars, net).properties(width=WIDTH - 80, height=280)
    caption = "MRR movements by month; the dark line is the net change"
    return draw("mrr-movements", caption, chart)


def _read_month(months: pd.DataFrame, as_of_on: pd.Timestamp | None, unit: str) -> str:
    ends = months["mrr_month"] + pd.offsets.MonthEnd(0)
    whole = months if as_of_on is None else months[ends <= as_of_on]
    last = (months if whole.empty else whole).iloc[-1]
    moves = [
        f"{name} {money(last[name], unit)}" for name in MOVEMENTS if round(last[name])
    ]
    said = (
        f"{month(last.mrr_month)} opened at {money(last.opening, unit)} and closed at"
        f" {money(last.closing, unit)}: {', '.join(moves) or 'nothing moved'}."
    )
    if len(whole) < len(months):
        said += (
            f" {month(months.iloc[-1].mrr_month)} is still running and shown so far."
        )
    return said


def movements_section(
    marts: MartFrames, as_of_on: pd.Timestamp | None, currency: str
) -> Section:
    """Return what moved MRR in each month."""
    title = "What moved recurring revenue"
    months = read_mrr_months(marts)
    if months.empty:
        absent = "No revenue data: land subscription_items to see this."
        return Section("movements", title, absent=absent)
    return Section(
        "movements",
        title,
        reading=_read_month(months, as_of_on, currency),
        footnote=(
            f"{currency} a month. Opening + all movements = closing, exactly, for every"
            " account and month. New: first paid. Reactivation: paid again after a gap."
            " Churn: to zero, booked when service ends. Fx: exchange rates moved, not"
            " the customer. A month is final once late renewals cannot change it."
        ),
        figures=[_draw_movements(months)],
    )


def _in_unit(value: float | None, unit: str, currency: str) -> str:
    if unit in ("rate", "share", "ratio"):
        return percent(value)
    if unit in ("currency", "money", "mrr", currency):
        return money(value, currency)
    if value is None or pd.isna(value):
        return "–"
    if unit in ("count", "accounts"):
        return count(value)
    return f"{value:,.1f} {spaced(unit)}"


def _read_benchmarks(marts: MartFrames) -> dict[str, str]:
    """Return, by metric, what others report of whole samples, source and year named."""
    rows = marts.frame(
        "select * from dim_benchmarks where scope = 'all'"
        " order by metric, published_year, benchmark_value",
        "dim_benchmarks",
    )
    told: dict[str, list[str]] = {}
    for row in rows.itertuples():
        told.setdefault(row.metric, []).append(
            f"{percent(row.benchmark_value)} ({row.statistic},"
            f" {row.benchmark_source} {row.published_year})"
        )
    return {metric: "; ".join(figures) for metric, figures in told.items()}


def board_section(marts: MartFrames, currency: str) -> Section:
    """Return each board metric's latest month beside the same month a year before."""
    title = "Board metrics"
    unit = marts.column("fct_board_metrics", "unit", "''")
    definition = marts.column("fct_board_metrics", "definition", "''")
    rows = marts.frame(
        "with board as (select metric_month, metric, metric_value,"
        f" {unit} as unit, {definition} as definition from fct_board_metrics),"
        " latest as (select metric, max(metric_month) as metric_month from board"
        " group by metric)"
        " select shown.*, earlier.metric_value as earlier_value"
        " from latest inner join board as shown"
        " on latest.metric = shown.metric and latest.metric_month = shown.metric_month"
        " left join board as earlier on latest.metric = earlier.metric"
        " and earlier.metric_month"
        " = cast(latest.metric_month - interval 1 year as date)"
        " order by shown.metric",
        "fct_board_metrics",
    )
    if rows.empty:
        absent = "No board metrics: land subscription_items to see this."
        return Section("board", title, absent=absent)
    benchmarks = _read_benchmarks(marts)
    columns = [
        *("Metric", "Month", "Value", "A year before", "Others report", "Definition"),
    ]
    return Section(
        "board",
        title,
        reading=(
            f"{len(rows)} metrics, the latest of"
            f" {month(rows['metric_month'].max())};"
            " outcomes only, never counts of activity."
        ),
        footnote=(
            "From fct_board_metrics, whose rows carry these definitions. What others"
            " report is no target: companies, definitions and years differ"
            " (dim_benchmarks has n and definition)."
        ),
        tables=[
            Table(
                columns,
                [
                    [
                        spaced(row.metric),
                        f"{row.metric_month:%b %Y}",
                        _in_unit(row.metric_value, row.unit, currency),
                        _in_unit(row.earlier_value, row.unit, currency),
                        benchmarks.get(row.metric, ""),
                        row.definition or "",
                    ]
                    for row in rows.itertuples()
                ],
                numeric=frozenset(columns[2:4]),
            )
        ],
    )
