"""The health score against what followed: does it tell who leaves, and beat foils?"""

import altair as alt
import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import BLUE, WIDTH, Figure, Section, Table, draw
from orchestration.report.plain_words import (
    MISSING,
    count,
    days,
    exact_money,
    month,
    percent,
    plural,
    spaced,
)

VALIDATION = "fct_health_validation"
SCORER_WORDS = {
    "health_score": "health score",
    "last_month_score": "last month's score",
    "login_only": "logins alone",
    "renewal_date_only": "renewal date alone",
    "tenure_only": "tenure alone",
    "random": "a random number",
}
FLOOR_WORDS = {
    "red_loss_ratio": "Red is lost more often than all, times",
    "below_green_60_to_90_rate": "Losses below green 60 to 90 days before",
    "green_rate": "Share of customers in green",
    "red_per_capacity": "Red customers per customer we can act on",
}


def _figure(value: float | None) -> str:
    return MISSING if pd.isna(value) else f"{value:.2f}".replace("-", "−")


def _interval(low: float | None, high: float | None) -> str:
    return MISSING if pd.isna(low) else f"{_figure(low)} to {_figure(high)}"


def _draw_calibration(bins: pd.DataFrame) -> Figure:
    labelled = bins.assign(
        label=bins["bin"]
        .astype(int)
        .map(
            lambda number: {1: "1 (lowest)", 10: "10 (highest)"}.get(
                number, str(number)
            )
        )
    )
    base = alt.Chart(labelled).encode(
        x=alt.X(
            "label:N",
            sort=labelled["label"].tolist(),
            title="tenth of the customers by score",
            axis=alt.Axis(labelAngle=0),
        ),
        tooltip=[
            alt.Tooltip("lowest_score:Q", title="lowest score", format=".1f"),
            alt.Tooltip("highest_score:Q", title="highest score", format=".1f"),
            alt.Tooltip("observation_count:Q", title="observations", format=",.0f"),
            alt.Tooltip("customer_count:Q", title="customers", format=",.0f"),
            alt.Tooltip("loss_rate:Q", title="lost", format=".1%"),
            alt.Tooltip("loss_low_rate:Q", title="interval from", format=".1%"),
            alt.Tooltip("loss_high_rate:Q", title="to", format=".1%"),
        ],
    )
    rates = base.mark_point(filled=True, size=70, color=BLUE).encode(
        y=alt.Y("loss_rate:Q", title="lost in the window", axis=alt.Axis(format=".0%"))
    )
    intervals = base.mark_rule(color=BLUE, opacity=0.5, strokeWidth=2).encode(
        y="loss_low_rate:Q", y2="loss_high_rate:Q"
    )
    numbers = base.mark_text(dy=-8, fontSize=10, color="#5b6773").encode(
        y="loss_high_rate:Q", text=alt.Text("observation_count:Q", format=",.0f")
    )
    chart = (intervals + rates + numbers).properties(width=WIDTH - 80, height=240)
    caption = "What became of customers, by their score then (n above each interval)"
    return draw("health-calibration", caption, chart)


def _foil_table(marts: MartFrames) -> Table:
    rows = marts.frame(
        "select validation.*, comparisons.auc_gain, comparisons.auc_gain_low,"
        " comparisons.auc_gain_high from fct_health_validation as validation"
        " left join fct_health_comparisons as comparisons"
        " on validation.scorer = comparisons.foil"
        " and comparisons.scorer = 'health_score'"
        " and comparisons.segment_dimension = 'all' and comparisons.period = 'all'"
        " where validation.segment_dimension = 'all' and validation.period = 'all'"
        " order by validation.is_foil, validation.auc desc nulls last,"
        " validation.scorer",
        *(VALIDATION, "fct_health_comparisons"),
    )
    columns = [
        *("Scorer", "AUC", "95% interval", "The score gains", "95% interval of that"),
        *("AUC by MRR", "Lift, worst tenth", "Caught at capacity", "Unscored"),
    ]
    return Table(
        columns,
        [
            [
                SCORER_WORDS.get(row.scorer, spaced(row.scorer)),
                _figure(row.auc),
                _interval(row.auc_low, row.auc_high),
                _figure(row.auc_gain),
                _interval(row.auc_gain_low, row.auc_gain_high),
                _figure(row.mrr_weighted_auc),
                _figure(row.worst_decile_lift),
                percent(row.recall_at_capacity_rate),
                percent(row.unscored_count / row.observation_count),
            ]
            for row in rows.itertuples()
        ],
        numeric=frozenset(columns[1:]),
        marked=frozenset({0}),
        caption="The score and its foils",
    )


def _segment_table(marts: MartFrames) -> Table:
    rows = marts.frame(
        "select * from fct_health_validation where not is_foil and period = 'all'"
        " order by segment_dimension <> 'all', segment_dimension, segment_value",
        VALIDATION,
    )
    columns = ["Segment", "Customers", "Lost", "AUC", "95% interval", "Verdict", "Why"]
    return Table(
        columns,
        [
            [
                "the whole book"
                if row.segment_dimension == "all"
                else f"{spaced(row.segment_dimension)}: {spaced(row.segment_value)}",
                count(row.customer_count),
                count(row.lost_customer_count),
                _figure(row.auc),
                _interval(row.auc_low, row.auc_high),
                spaced(row.verdict),
                spaced(row.verdict_reason),
            ]
            for row in rows.itertuples()
        ],
        numeric=frozenset(columns[1:5]),
        caption="Verdict by segment",
    )


def _floor_tables(marts: MartFrames) -> list[Table]:
    rows = marts.frame(
        "select * from fct_health_floors where segment_dimension = 'all'"
        " order by floor_name",
        "fct_health_floors",
    )
    if rows.empty:
        return []
    columns = ["Floor", "Measured", "Should be", "Result"]
    return [
        Table(
            columns,
            [
                [
                    FLOOR_WORDS.get(row.floor_name, spaced(row.floor_name)),
                    _figure(row.measured_value),
                    f"{spaced(row.direction)} {_figure(row.threshold_value)}",
                    spaced(row.result),
                ]
                for row in rows.itertuples()
            ],
            numeric=frozenset({"Measured"}),
            caption="Floors, a convention and not research (seed validation_floors)",
        )
    ]


def _lead_tables(marts: MartFrames, currency: str) -> list[Table]:
    rows = marts.frame(
        "select * from fct_health_lead_times where segment_dimension = 'all'"
        " order by warning",
        "fct_health_lead_times",
    )
    if rows.empty:
        return []
    columns = [
        *("Warning", "Losses", "Never warned", "First quarter", "Median"),
        *("Third quarter", "30 days or more", "60 or more", "90 or more"),
        f"{currency} lost, warned",
    ]
    return [
        Table(
            columns,
            [
                [
                    spaced(row.warning),
                    count(row.loss_count),
                    count(row.never_warned_count),
                    days(row.lead_days_p25),
                    days(row.lead_days_median),
                    days(row.lead_days_p75),
                    percent(row.warned_30_days_rate),
                    percent(row.warned_60_days_rate),
                    percent(row.warned_90_days_rate),
                    f"{exact_money(row.warned_mrr)} of {exact_money(row.lost_mrr)}",
                ]
                for row in rows.itertuples()
            ],
            numeric=frozenset(columns[1:]),
            caption="How long before a loss the band had turned for good (all losses;"
            " not warned counts as 0 days)",
        )
    ]


def _read(book: pd.Series, first: pd.Timestamp, last: pd.Timestamp) -> str:
    until = int(book.lead_days + book.horizon_days)
    said = (
        f"From {month(first)} to {month(last)}"
        f" {plural(int(book.customer_count), 'customer')} without notice were observed"
        f" at {plural(int(book.observation_count), 'month end')} in all;"
        f" {plural(int(book.lost_customer_count), 'customer')} gave notice or left"
        f" {int(book.lead_days) + 1} to {until} days after one."
    )
    if book.verdict == "too_few_losses" or pd.isna(book.auc):
        return f"{said} That is too few to say whether the score tells anything."
    said += (
        " Of a customer who stayed and one who was lost, the score ranked the one who"
        f" stayed higher {percent(book.auc)} of the time"
        f" ({percent(book.auc_low)} to {percent(book.auc_high)}; chance is 50%)."
    )
    if book.auc_low <= 0.5:
        said += " It is not shown to be better than chance."
    return f"{said} {spaced(book.verdict_reason)}."


def health_validation_section(marts: MartFrames, currency: str) -> Section:
    """Return calibration, foils, verdicts, floors and lead times of the score."""
    title = "Health score against what followed"
    book = marts.frame(
        "select * from fct_health_validation where scorer = 'health_score'"
        " and segment_dimension = 'all' and period = 'all'",
        VALIDATION,
    )
    if book.empty:
        absent = (
            "No health outcomes yet: land events, tickets or survey_responses; a month"
            " end counts once what followed it is known, about half a year later."
        )
        return Section("health-validation", title, absent=absent)
    months = marts.frame(
        "select cast(min(period) as date) as first_on,"
        " cast(max(period) as date) as last_on from fct_health_validation"
        " where period <> 'all'",
        VALIDATION,
    )
    bins = marts.frame(
        "select * from fct_health_calibration where scorer = 'health_score'"
        " and segment_dimension = 'all' and bin_kind = 'decile' and bin <> 'unscored'"
        " order by bin",
        "fct_health_calibration",
    )
    return Section(
        "health-validation",
        title,
        reading=_read(book.iloc[0], months.iloc[0].first_on, months.iloc[0].last_on),
        footnote=(
            "From fct_health_validation. A foil is what the score must beat to be worth"
            " having. AUC is the chance that a customer who stayed scores above one who"
            " was lost; the score gains what it has more than the foil, on customers"
            " that both scored. Intervals draw customers with all their months. Caught"
            " at capacity: share of losses among the customers that people can act on"
            " in a month. Past scores are those of the policy in force then; a policy"
            " written after looking at these customers is not proven by them."
        ),
        figures=[] if bins.empty else [_draw_calibration(bins)],
        tables=[
            _foil_table(marts),
            _segment_table(marts),
            *_floor_tables(marts),
            *_lead_tables(marts, currency),
        ],
    )
