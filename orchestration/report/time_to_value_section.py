"""Time to value: who arrived, how fast, with those still on the way counted."""

import math
import warnings
from dataclasses import dataclass
from datetime import date

import altair as alt
import numpy as np
import pandas as pd
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import CumIncidenceRight

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import (
    BLUE,
    MUTED,
    WIDTH,
    Card,
    Figure,
    Section,
    draw,
)
from orchestration.report.plain_words import count, days, listed, percent, plural

# Beyond the day when fewer are still under way the curve is mostly chance; in a small
# book a tenth will do.
LEAST_AT_RISK = 5
LEAST_SHARE_AT_RISK = 0.1
MARKS = (30, 60, 90)
COUNTED = "cumulative incidence"
ESTIMATED = "Kaplan–Meier"


@dataclass(frozen=True)
class Arrivals:
    """Waits in days with what ended them, and the curves estimated from them."""

    waits: pd.DataFrame
    curve: pd.DataFrame
    median_days: float | None
    horizon_days: float
    least_at_risk: int

    def reached_by(self, within_days: int) -> float | None:
        """Return the cumulative incidence at a day, None beyond what was observed."""
        if within_days > self.horizon_days:
            return None
        until = self.curve[self.curve["waited"] <= within_days]
        return 0.0 if until.empty else float(until["counted"].iloc[-1])


def read_waits(marts: MartFrames, as_of_on: date | None) -> pd.DataFrame:
    """Return `waited` (days until value, leaving, or as-of) and `status` by account.

    Clocks whose start was not observed are left out: their waits are not known.
    """
    if as_of_on is None:
        return pd.DataFrame()
    is_known = marts.column("fct_time_to_value", "is_start_observed", "true")
    return marts.frame(
        "select status, greatest(0, case status"
        " when 'reached' then time_to_value_days"
        " when 'left' then datediff('day', clock_started_on, left_on)"
        f" else datediff('day', clock_started_on, date '{as_of_on}') end) as waited"
        " from fct_time_to_value"
        f" where clock_started_on is not null and {is_known}"
        " order by waited, status",
        "fct_time_to_value",
    )


def estimate_arrivals(waits: pd.DataFrame) -> Arrivals:
    """Return both curves: cumulative incidence, and Kaplan–Meier with 95% limits."""
    reached = waits.loc[waits["status"] == "reached", "waited"].astype(float)
    others = waits.loc[waits["status"] != "reached", "waited"].astype(float)
    survival = ecdf(CensoredData(uncensored=reached, right=others)).sf
    counted = pd.Series([0.0], index=[0.0])
    with warnings.catch_warnings():
        # Limits do not exist where everybody has arrived; they are drawn where they do.
        warnings.simplefilter("ignore", RuntimeWarning)
        limits = survival.confidence_interval()
        if len(reached):
            causes = waits["status"].map({"reached": 1, "left": 2}).fillna(0)
            incidence = CumIncidenceRight(
                waits["waited"].astype(float).to_numpy(), causes.astype(int).to_numpy()
            )
            counted = pd.Series(incidence.cinc[0], index=incidence.times)
    longest = np.sort(waits["waited"].astype(float))[::-1]
    least = min(LEAST_AT_RISK, math.ceil(LEAST_SHARE_AT_RISK * len(longest)))
    horizon = float(longest[least - 1])
    curve = pd.DataFrame(
        {
            "waited": survival.quantiles,
            "estimated": 1 - survival.probabilities,
            "low": 1 - limits.high.probabilities,
            "high": 1 - limits.low.probabilities,
        }
    ).assign(counted=lambda f: counted.reindex(f["waited"], method="ffill").to_numpy())
    start = pd.DataFrame([dict.fromkeys(curve.columns, 0.0)])
    # Nobody has arrived before the clock starts.
    drawn = pd.concat([start, curve.fillna({"counted": 0.0})], ignore_index=True)
    half = drawn.loc[drawn["estimated"] >= 0.5, "waited"]
    median = float(half.iloc[0]) if len(half) else None
    kept = drawn[drawn["waited"] <= horizon].reset_index(drop=True)
    return Arrivals(waits, kept, median, horizon, least)


def median_card(arrivals: Arrivals | None) -> Card:
    """Return the median time to value for the top of the page."""
    label = "Time to value, median"
    if arrivals is None:
        return Card(label, "–", "no time-to-value data")
    if arrivals.median_days is None:
        return Card(label, "not yet", "fewer than half have arrived")
    return Card(
        label,
        days(arrivals.median_days),
        "Kaplan–Meier; accounts still on the way counted",
    )


def _draw_curve(arrivals: Arrivals) -> Figure:
    left = (arrivals.waits["status"] == "left").any()
    labels = {"counted": COUNTED, "estimated": ESTIMATED}
    drawn = labels if left else {"estimated": ESTIMATED}
    colours = [BLUE, MUTED] if left else [BLUE]
    lines = arrivals.curve.melt(
        id_vars="waited", value_vars=list(drawn), var_name="curve", value_name="share"
    ).assign(curve=lambda frame: frame["curve"].map(drawn))
    x = alt.X(
        "waited:Q", title="days since the clock started", scale=alt.Scale(nice=False)
    )
    y = alt.Y(
        "share:Q",
        title="share of accounts",
        axis=alt.Axis(format=".0%"),
        scale=alt.Scale(domain=[0, 1]),
    )
    band = (
        alt.Chart(arrivals.curve.dropna())
        .mark_area(interpolate="step-after", opacity=0.12, color=colours[-1])
        .encode(x=x, y=alt.Y("low:Q", title="share of accounts"), y2="high:Q")
    )
    steps = (
        alt.Chart(lines)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "curve:N",
                title=None,
                scale=alt.Scale(domain=list(drawn.values()), range=colours),
                legend=alt.Legend(
                    orient="top",
                    direction="horizontal",
                    labelLimit=400,
                    symbolType="stroke",
                ),
            ),
            strokeDash=alt.StrokeDash(
                "curve:N",
                legend=None,
                scale=alt.Scale(
                    domain=list(drawn.values()), range=[[1, 0], [5, 4]][: len(drawn)]
                ),
            ),
            tooltip=[
                alt.Tooltip("waited:Q", title="within days"),
                alt.Tooltip("curve:N"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    caption = "Share of accounts that reached value within so many days"
    chart = alt.layer(band, steps).properties(width=WIDTH - 80, height=260)
    return draw("time-to-value-curve", caption, chart)


def _read_arrivals(arrivals: Arrivals) -> str:
    status = arrivals.waits["status"].value_counts()
    reached, left = int(status.get("reached", 0)), int(status.get("left", 0))
    open_ones = len(arrivals.waits) - reached - left
    by_day = {within: arrivals.reached_by(within) for within in MARKS}
    shares = [
        f"{percent(share)} within {within} days"
        for within, share in by_day.items()
        if share is not None
    ]
    said = (
        f"Of {plural(len(arrivals.waits), 'account')} whose clock started,"
        f" {count(reached)} reached value, {count(left)} left before they did and"
        f" {count(open_ones)} are on the way."
    )
    if shares:
        said += f" Counting those still on the way, {listed(shares)} arrive."
    said += (
        " Fewer than half arrive, so there is no median."
        if arrivals.median_days is None
        else f" The Kaplan–Meier median is {days(arrivals.median_days)}."
    )
    if reached:
        achieved = arrivals.waits.loc[arrivals.waits["status"] == "reached", "waited"]
        said += (
            f" The mean of achievers alone, {days(achieved.mean())}, is biased: it"
            " leaves out everyone who has not arrived."
        )
    return said


def read_arrivals(marts: MartFrames, as_of_on: date | None) -> Arrivals | None:
    """Return the arrivals of the whole book, None where no clock has started."""
    waits = read_waits(marts, as_of_on)
    return None if waits.empty else estimate_arrivals(waits)


def time_to_value_section(arrivals: Arrivals | None) -> Section:
    """Return how long accounts take to reach the value they came for."""
    title = "Time to value"
    if arrivals is None:
        absent = (
            "No time-to-value data: land events, and accounts with a desired_outcome"
            " that has a milestone, to see this."
        )
        return Section("time-to-value", title, absent=absent)
    return Section(
        "time-to-value",
        title,
        reading=_read_arrivals(arrivals),
        footnote=(
            "Value is the milestone of the outcome the customer wants; the clock starts"
            " with the contract. Accounts that have not arrived count as waiting until"
            " the as-of day (censored). Cumulative incidence counts who left before"
            " value as never arriving; Kaplan–Meier asks how it would be if nobody"
            " left, so it reads higher. The band is its 95% confidence interval. Drawn"
            f" while {plural(arrivals.least_at_risk, 'account')} or more had not ended."
        ),
        figures=[_draw_curve(arrivals)],
    )
