"""One book under every retention policy, and why the readings differ."""

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
from orchestration.report.plain_words import day, exact_money, percent, points, spaced
from orchestration.report.retention_sections import LAND_REVENUE

POLICY_MEANINGS = {
    "raw": "Point to point, each end at its own exchange rate, no grace",
    "constant_currency": "Point to point, both ends at the opening rate",
    "late_renewal_grace": "Constant currency; a renewal that is late but within the"
    " grace period is not a loss",
    "ledger_with_reactivation": "Every movement in the window; who churned and came"
    " back counts in NRR, a pause counts nowhere",
    "ledger": "Every movement in the window; who churned and came back is lost, a pause"
    " counts nowhere",
    "chained_monthly": "The one-month rates of the window, multiplied: each month has"
    " its own customers",
}
# From one reading to the next: what alone is treated in another way.
STEPS = (
    ("raw", "constant_currency", "Exchange rates moved", None),
    ("constant_currency", "late_renewal_grace", "Late renewals are bridged", None),
    (
        "late_renewal_grace",
        "ledger_with_reactivation",
        "Every change in between counts, also a dip that recovered; what is paused is"
        " left out, rather than lost",
        "paused_mrr",
    ),
    (
        "ledger_with_reactivation",
        "ledger",
        "What churned and came back stays lost",
        "reactivation_mrr",
    ),
    (
        "late_renewal_grace",
        "chained_monthly",
        "Each month has its own customers: who was won meanwhile counts, and so does"
        " every dip",
        None,
    ),
)


def _draw(rows: pd.DataFrame) -> Figure:
    rates = rows.melt(
        id_vars=["grain", "policy"],
        value_vars=["nrr_rate", "grr_rate"],
        var_name="measure",
        value_name="rate",
    ).assign(
        measure=lambda frame: frame["measure"].map(
            {"nrr_rate": "NRR", "grr_rate": "GRR"}
        ),
        policy=lambda frame: frame["policy"].map(spaced),
    )
    base = alt.Chart(rates).encode(
        y=alt.Y("policy:N", title=None, sort=[spaced(p) for p in POLICY_MEANINGS]),
        x=alt.X(
            "rate:Q",
            title="share of opening MRR",
            axis=alt.Axis(format=".0%"),
            scale=alt.Scale(zero=False, nice=True),
        ),
    )
    span = base.mark_line(color=MUTED, strokeWidth=1).encode(detail="policy:N")
    dots = base.mark_point(size=90, filled=True, opacity=1).encode(
        color=alt.Color(
            "measure:N",
            title=None,
            scale=alt.Scale(domain=["NRR", "GRR"], range=[BLUE, TEAL]),
            legend=alt.Legend(orient="top", direction="horizontal"),
        ),
        tooltip=[
            alt.Tooltip("policy:N"),
            alt.Tooltip("measure:N"),
            alt.Tooltip("rate:Q", format=".2%"),
        ],
    )
    chart = (
        alt.layer(span, dots)
        .properties(width=(WIDTH - 220) // 2, height=150)
        .facet(column=alt.Column("grain:N", title=None))
    )
    return draw("retention-policies", "One book, six readings, two grains", chart)


def _why(rows: pd.DataFrame) -> Table:
    read = rows.set_index("policy")
    lines = []
    for before, after, reason, amount in STEPS:
        if not {before, after} <= set(read.index):
            continue
        was, now = read.loc[before], read.loc[after]
        holder = read.loc["ledger_with_reactivation"]
        lines.append(
            [
                f"{spaced(before)} to {spaced(after)}",
                reason,
                points(now.nrr_rate - was.nrr_rate),
                points(now.grr_rate - was.grr_rate),
                "" if amount is None else exact_money(abs(holder[amount])),
            ]
        )
    return Table(
        ["From", "What is read in another way", "NRR", "GRR", "MRR"],
        lines,
        numeric=frozenset(["NRR", "GRR", "MRR"]),
        caption="Why they differ",
    )


def policy_section(marts: MartFrames) -> Section:
    """Return the latest headline window under every policy and grain, and why."""
    title = "The same book under every retention policy"
    rows = marts.frame(
        "with quoted as (select max(period_end_on) as period_end_on, max(window_months)"
        " as window_months from fct_retention where is_headline)"
        " select rates.* from fct_retention as rates inner join quoted"
        " on rates.period_end_on = quoted.period_end_on"
        " and rates.window_months = quoted.window_months"
        " where rates.segment_dimension = 'all'",
        "fct_retention",
    )
    if rows.empty:
        absent = f"No retention data: {LAND_REVENUE}"
        return Section("policies", title, absent=absent)
    order = {policy: number for number, policy in enumerate(POLICY_MEANINGS)}
    rows = rows.assign(place=rows["policy"].map(order)).sort_values(
        ["is_headline", "grain", "place"], ascending=[False, False, True]
    )
    columns = ["Policy", "Grain", "What it counts", "NRR", "GRR", "Logos kept"]
    spread = rows["nrr_rate"].max() - rows["nrr_rate"].min()
    headline = rows[rows["is_headline"]].iloc[0]
    return Section(
        "policies",
        title,
        reading=(
            f"Depending on the policy, NRR reads {percent(rows['nrr_rate'].min())} to"
            f" {percent(rows['nrr_rate'].max())} for the same book, {spread * 100:.1f}"
            " points apart. Quote the marked row, and name it."
        ),
        footnote=(
            f"{headline.window_months} months to {day(headline.period_end_on)}, all"
            " customers. The marked row is the headline. Grain account: each account"
            " alone. Grain parent: accounts under one ultimate parent are one customer."
            f" The reasons are for grain {headline.grain}; a rate change is in points."
        ),
        figures=[_draw(rows)],
        tables=[
            Table(
                columns,
                [
                    [
                        spaced(row.policy),
                        row.grain,
                        POLICY_MEANINGS.get(row.policy, ""),
                        percent(row.nrr_rate),
                        percent(row.grr_rate),
                        percent(row.logo_retention_rate),
                    ]
                    for row in rows.itertuples()
                ],
                numeric=frozenset(columns[3:]),
                marked=frozenset(
                    index
                    for index, row in enumerate(rows.itertuples())
                    if row.is_headline
                ),
            ),
            _why(rows[rows["grain"] == headline.grain]),
        ],
    )
