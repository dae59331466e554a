"""Curves of waiting: who has arrived, who has not, and how many that rests on."""

import math

import altair as alt
import pandas as pd

from orchestration.report.page_parts import BLUE, MUTED, WIDTH, Figure, draw

MARKS = (0, 30, 60, 90, 180, 365)
# Beyond the day when fewer are still under way a curve is mostly chance; in a small
# group a tenth will do.
LEAST_AT_RISK = 5
LEAST_SHARE_AT_RISK = 0.1
COLOURS = ("#2458a6", "#c8452f", "#1b8a7a", "#d89a1d", "#7a4fa3", "#6b7785")
COUNTED = "cumulative incidence"
ESTIMATED = "Kaplan–Meier"


def at_risk_on(curve: pd.DataFrame, day: int) -> int:
    """Return how many waits had not ended before a day of the wait."""
    later = curve.loc[curve["waited_days"] >= day, "at_risk_count"]
    return int(later.max()) if len(later) else 0


def drawable(curve: pd.DataFrame) -> pd.DataFrame:
    """Return a curve from day 0 to where too few are under way to draw it."""
    accounts = curve["at_risk_count"].max()
    least = min(LEAST_AT_RISK, math.ceil(LEAST_SHARE_AT_RISK * accounts))
    start = {"waited_days": 0, "at_risk_count": accounts}
    start |= {"not_reached_rate": 1.0, "reached_rate": 0.0}
    kept = curve[curve["at_risk_count"] >= least].sort_values("waited_days")
    # Before the first day that counts, nobody has arrived.
    return pd.concat([pd.DataFrame([start]), kept], ignore_index=True)


def _days() -> alt.X:
    return alt.X(
        "waited_days:Q",
        title="days since the clock started",
        scale=alt.Scale(nice=False, domainMin=0),
    )


def draw_arrivals(curve: pd.DataFrame) -> Figure:
    """Draw the share that has reached value, by both estimates, with limits."""
    kept = drawable(curve).assign(
        estimated=lambda frame: 1 - frame["not_reached_rate"],
        low=lambda frame: 1 - frame["not_reached_high_rate"],
        high=lambda frame: 1 - frame["not_reached_low_rate"],
    )
    has_left = curve["left_count"].sum() > 0
    labels = {"reached_rate": COUNTED} if has_left else {}
    labels["estimated"] = ESTIMATED
    colours = [BLUE, MUTED] if has_left else [BLUE]
    lines = kept.melt(
        id_vars="waited_days",
        value_vars=list(labels),
        var_name="curve",
        value_name="share",
    ).assign(curve=lambda frame: frame["curve"].map(labels))
    names = list(labels.values())
    share = {"title": "share of accounts", "axis": alt.Axis(format=".0%")}
    band = (
        alt.Chart(kept.dropna(subset=["low", "high"]))
        .mark_area(interpolate="step-after", opacity=0.12, color=colours[-1])
        .encode(x=_days(), y=alt.Y("low:Q", title="share of accounts"), y2="high:Q")
    )
    steps = (
        alt.Chart(lines)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=_days(),
            y=alt.Y("share:Q", scale=alt.Scale(domain=[0, 1]), **share),
            color=alt.Color(
                "curve:N",
                title=None,
                scale=alt.Scale(domain=names, range=colours),
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
                scale=alt.Scale(domain=names, range=[[1, 0], [5, 4]][: len(names)]),
            ),
            tooltip=[
                alt.Tooltip("waited_days:Q", title="within days"),
                alt.Tooltip("curve:N"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    )
    caption = "Share of accounts that reached value within so many days"
    chart = alt.layer(band, steps).properties(width=WIDTH - 80, height=260)
    return draw("time-to-value-curve", caption, chart)


def draw_survival(curves: pd.DataFrame, name: str, caption: str) -> Figure | None:
    """Draw the share not yet at value by segment, above the numbers at risk.

    None where every segment is too small for a curve.
    """
    by_size = curves.groupby("segment_value")["at_risk_count"].max()
    by_size = by_size[by_size >= LEAST_AT_RISK]
    if by_size.empty:
        return None
    segments = list(by_size.sort_values(ascending=False).index[: len(COLOURS)])
    parts = {value: curves[curves["segment_value"] == value] for value in segments}
    lines = pd.concat(
        [drawable(part).assign(segment=value) for value, part in parts.items()],
        ignore_index=True,
    )
    last = lines["waited_days"].max()
    marks = [day for day in MARKS if day <= last]
    numbers = pd.DataFrame(
        [
            {"segment": value, "waited_days": day, "at_risk": at_risk_on(part, day)}
            for value, part in parts.items()
            for day in marks
        ]
    )
    colour = alt.Color(
        "segment:N",
        title=None,
        scale=alt.Scale(domain=segments, range=list(COLOURS[: len(segments)])),
        legend=alt.Legend(orient="top", direction="horizontal", symbolType="stroke"),
    )
    days = alt.X(
        "waited_days:Q",
        title="days since the clock started",
        axis=alt.Axis(values=marks),
        scale=alt.Scale(nice=False, domain=[0, int(last)]),
    )
    steps = (
        alt.Chart(lines)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=days,
            y=alt.Y(
                "not_reached_rate:Q",
                title="not yet at value",
                axis=alt.Axis(format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=colour,
            tooltip=[
                alt.Tooltip("segment:N"),
                alt.Tooltip("waited_days:Q", title="after days"),
                alt.Tooltip("not_reached_rate:Q", title="not yet", format=".1%"),
                alt.Tooltip("at_risk_count:Q", title="at risk"),
            ],
        )
        .properties(width=WIDTH - 130, height=240)
    )
    table = (
        alt.Chart(numbers)
        .mark_text(fontSize=11)
        .encode(
            x=alt.X("waited_days:Q", axis=None, scale=alt.Scale(domain=[0, int(last)])),
            y=alt.Y(
                "segment:N",
                title="at risk",
                sort=segments,
                axis=alt.Axis(
                    grid=False,
                    ticks=False,
                    domain=False,
                    labelLimit=110,
                    labelPadding=18,
                ),
            ),
            text="at_risk:Q",
            color=colour,
        )
        .properties(width=WIDTH - 130, height=18 * len(segments))
    )
    return draw(name, caption, alt.vconcat(steps, table, spacing=6))
