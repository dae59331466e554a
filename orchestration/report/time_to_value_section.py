"""Time to value: who arrived, how fast, who is stalled, with who waits counted."""

from dataclasses import dataclass

import pandas as pd

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import Card, Figure, Section, Table
from orchestration.report.plain_words import (
    MISSING,
    count,
    days,
    exact_money,
    listed,
    money,
    percent,
    plural,
    spaced,
)
from orchestration.report.survival_charts import draw_arrivals, draw_survival

DRAWN = {"desired_outcome": "outcome", "tier": "tier"}
TABLED = {
    "all": "",
    "desired_outcome": "outcome",
    "tier": "tier",
    "plan": "plan",
    "start_quarter": "started",
}
QUARTERS = 6
STALLS = 15


@dataclass(frozen=True)
class Arrivals:
    """What the marts say of the way to value, by dimension and value of it."""

    curves: pd.DataFrame
    cohorts: pd.DataFrame
    shares: pd.DataFrame
    stalls: pd.DataFrame

    @property
    def book(self) -> pd.Series:
        """Return the row of the whole book."""
        return self.cohorts[self.cohorts["segment_dimension"] == "all"].iloc[0]

    def shares_of(self, dimension: str, value: str) -> pd.DataFrame:
        """Return the shares of one segment, by window."""
        frame = self.shares
        is_it = (frame["segment_dimension"] == dimension) & (
            frame["segment_value"] == value
        )
        return frame[is_it].sort_values("within_days")


def read_arrivals(marts: MartFrames) -> Arrivals | None:
    """Return the arrivals of the book, None where no clock has started."""
    cohorts = marts.frame(
        "from fct_time_to_value_cohorts order by account_count desc, segment_value",
        "fct_time_to_value_cohorts",
    )
    curves = marts.frame(
        "from fct_time_to_value_curves order by waited_days", "fct_time_to_value_curves"
    )
    if cohorts.empty or curves.empty:
        return None
    return Arrivals(
        curves,
        cohorts,
        marts.frame("from fct_time_to_value_shares", "fct_time_to_value_shares"),
        marts.frame(
            "select stalls.*, accounts.account_name"
            " from fct_onboarding_stalls as stalls"
            " left join dim_accounts as accounts using (account_id)"
            " order by stalls.current_mrr desc, account_id",
            *("fct_onboarding_stalls", "dim_accounts"),
        ),
    )


def median_card(arrivals: Arrivals | None) -> Card:
    """Return the median time to value for the top of the page."""
    label = "Time to value, median"
    if arrivals is None:
        return Card(label, "–", "no time-to-value data")
    if pd.isna(arrivals.book["median_days"]):
        return Card(label, "not yet", "fewer than half have arrived")
    return Card(
        label,
        days(arrivals.book["median_days"]),
        "Kaplan–Meier; accounts still on the way counted",
    )


def _read(arrivals: Arrivals, currency: str) -> str:
    book = arrivals.book
    said = (
        f"Of {plural(int(book['account_count']), 'account')} whose clock started,"
        f" {count(book['reached_count'])} reached value, {count(book['left_count'])}"
        f" left before they did and {count(book['censored_count'])} are on the way."
    )
    shares = [
        f"{percent(row.reached_rate)} within {row.within_days} days"
        for row in arrivals.shares_of("all", "all").itertuples()
        if not pd.isna(row.reached_rate)
    ]
    if shares:
        said += f" Counting those still on the way, {listed(shares)} arrive."
    said += (
        " Fewer than half arrive, so there is no median."
        if pd.isna(book["median_days"])
        else f" The Kaplan–Meier median is {days(book['median_days'])}."
    )
    if book["reached_count"]:
        said += (
            " The mean of achievers alone,"
            f" {days(book['naive_mean_days_of_achievers'])}, is biased: it leaves out"
            " everyone who has not arrived."
        )
    if arrivals.stalls.empty:
        return f"{said} No onboarding is stalled."
    at_stake = float(arrivals.stalls["current_mrr"].astype(float).sum())
    return (
        f"{said} Stalled, later than expected with the next step:"
        f" {plural(len(arrivals.stalls), 'account')} of {money(at_stake, currency)} a"
        " month in all."
    )


def _figures(arrivals: Arrivals) -> list[Figure]:
    curves = arrivals.curves
    figures = [draw_arrivals(curves[curves["segment_dimension"] == "all"])]
    for dimension, word in DRAWN.items():
        own = curves[curves["segment_dimension"] == dimension]
        caption = f"Share not yet at value, by {word}, with the number at risk"
        figure = draw_survival(own, f"time-to-value-by-{word}", caption)
        if figure is not None:
            figures.append(figure)
    return figures


def _median_words(row: pd.Series) -> str:
    if pd.isna(row["median_days"]):
        return "not yet"
    high = "?" if pd.isna(row["median_high_days"]) else count(row["median_high_days"])
    return f"{count(row['median_days'])} ({count(row['median_low_days'])}–{high})"


def _mean_words(row: pd.Series) -> str:
    mean = row["naive_mean_days_of_achievers"]
    return MISSING if pd.isna(mean) else f"{mean:,.0f}"


def _share_table(arrivals: Arrivals) -> Table:
    windows = sorted(arrivals.shares["within_days"].unique())
    columns = ["Accounts of", "Number"]
    for within in windows:
        columns += [f"Within {within} days", f"At risk, day {within}"]
    columns += ["Median days (95%)", "Mean of achievers, biased"]
    rows = []
    for dimension, word in TABLED.items():
        own = arrivals.cohorts[arrivals.cohorts["segment_dimension"] == dimension]
        if dimension == "start_quarter":
            own = own.sort_values("segment_value").tail(QUARTERS)
        for _, cohort in own.iterrows():
            value = cohort["segment_value"]
            name = f"{word} {spaced(value)}" if word else "the whole book"
            cells = [name, count(cohort["account_count"])]
            for share in arrivals.shares_of(dimension, value).itertuples():
                cells += [percent(share.reached_rate), count(share.at_risk_count)]
            rows.append([*cells, _median_words(cohort), _mean_words(cohort)])
    return Table(
        columns,
        rows,
        numeric=frozenset(columns[1:]),
        marked=frozenset({0}),
        caption="Share that reaches value (cumulative incidence)",
    )


def _stall_table(stalls: pd.DataFrame, currency: str) -> Table:
    columns = ["Account", "Owner", f"MRR {currency}".strip(), "Missing step"]
    columns += ["Step", "Days late", "Users", "Events"]
    top = stalls.head(STALLS)
    return Table(
        columns,
        [
            [
                row.account_name if isinstance(row.account_name, str) else MISSING,
                row.owner_id if isinstance(row.owner_id, str) else MISSING,
                exact_money(row.current_mrr),
                spaced(row.missing_step),
                f"{row.step_number} of {row.step_count}",
                count(row.late_days),
                f"{count(row.user_count)} of {count(row.min_users)}",
                f"{count(row.event_count)} of {count(row.min_events)}",
            ]
            for row in top.itertuples()
        ],
        numeric=frozenset({columns[2], "Days late"}),
        caption=(
            f"Stalled onboardings, the {len(top)} of {len(stalls)} that pay most"
            if len(stalls) > len(top)
            else "Stalled onboardings"
        ),
    )


def time_to_value_section(arrivals: Arrivals | None, currency: str) -> Section:
    """Return how long accounts take to reach the value they came for."""
    title = "Time to value"
    if arrivals is None:
        absent = (
            "No time-to-value data: land events, and accounts with a desired_outcome"
            " that has a milestone, to see this."
        )
        return Section("time-to-value", title, absent=absent)
    tables = [_share_table(arrivals)]
    if not arrivals.stalls.empty:
        tables.append(_stall_table(arrivals.stalls, currency))
    return Section(
        "time-to-value",
        title,
        reading=_read(arrivals, currency),
        footnote=(
            "Value is the milestone of the outcome the customer wants; the clock starts"
            " on the first paid day. Accounts that have not arrived count as waiting"
            " until the as-of day (censored). Cumulative incidence counts who left"
            " before value as never arriving; Kaplan–Meier asks how it would be if"
            " nobody left, so it reads higher. The band and the limits of the median"
            " are 95% confidence. At risk: accounts whose wait had not ended before"
            " that day. – : nobody was observed so long. A segment of five accounts or"
            " more has a curve, drawn while five (a tenth of a small group) are at"
            " risk. Stalled: pays, has not arrived, is later with its next step than"
            " policy expects; users and events are those so far, of what the step asks."
            " fct_time_to_value_shares has engagement model and onboarding owner too."
        ),
        figures=_figures(arrivals),
        tables=tables,
    )
