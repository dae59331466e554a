"""What is known beyond the ledger: changes scheduled ahead, and months restated."""

from orchestration.report.mart_frames import MartFrames
from orchestration.report.page_parts import Section, Table
from orchestration.report.plain_words import (
    count,
    exact_money,
    iso_day,
    money,
    month,
    spaced,
)


def scheduled_section(marts: MartFrames, currency: str) -> Section:
    """Return what the landed book already says will change after the run's day."""
    title = "Scheduled changes and committed MRR"
    rows = marts.frame(
        "select date_trunc('month', effective_on) as due_month, scheduled_movement,"
        " count(*) as changes, cast(sum(mrr_delta) as double) as mrr"
        " from fct_scheduled_mrr_changes group by all order by all",
        "fct_scheduled_mrr_changes",
    )
    committed = marts.frame(
        "select cast(sum(closing_mrr) as double) as closing,"
        " cast(sum(committed_mrr) as double) as committed"
        " from fct_account_committed_mrr_months where mrr_month ="
        " (select max(mrr_month) from fct_account_committed_mrr_months)",
        "fct_account_committed_mrr_months",
    )
    if committed.empty or committed["closing"].isna().all():
        absent = "No MRR: land subscription_items to see this."
        return Section("scheduled", title, absent=absent)
    last = committed.iloc[0]
    columns = ["Takes effect", "Change", "Changes", "MRR"]
    table = Table(
        columns,
        [
            [
                month(row.due_month),
                spaced(row.scheduled_movement),
                count(row.changes),
                exact_money(row.mrr),
            ]
            for row in rows.itertuples()
        ],
        numeric=frozenset(columns[2:]),
    )
    return Section(
        "scheduled",
        title,
        reading=(
            f"MRR is {money(last.closing, currency)} a month; with every change that"
            f" is already known, {money(last.committed, currency)} is committed."
        ),
        footnote=(
            "Churn is booked when service ends, and known from the notice on: until"
            " then it stands here. From fct_scheduled_mrr_changes and"
            " fct_account_committed_mrr_months."
        ),
        tables=[table] if len(rows) else [],
    )


def restatements_section(marts: MartFrames, currency: str) -> Section:
    """Return how months that were published as final have changed since, by cause."""
    title = "Restated months"
    absent = "No restatement log: land subscription_items to see this."
    if "fct_mrr_restatements" not in marts.tables:
        return Section("restated", title, absent=absent)
    rows = marts.frame(
        "select mrr_month, cause, recorded_on, count(*) as accounts,"
        " cast(sum(restated_mrr) as double) as mrr from fct_mrr_restatements"
        " where measure = 'closing' group by all"
        " order by recorded_on desc, mrr_month desc, cause limit 24",
        "fct_mrr_restatements",
    )
    footnote = (
        "The ledger always holds the corrected truth; the log keeps what was first"
        " published as final, and every change since. Closing MRR only; opening and"
        f" movements are in fct_mrr_restatements. {currency} a month."
    )
    if rows.empty:
        said = "No month that was published as final has changed since."
        return Section("restated", title, reading=said, footnote=footnote)
    columns = ["Learned on", "Month", "Cause", "Accounts", "Change of closing MRR"]
    return Section(
        "restated",
        title,
        reading=f"{count(rows['mrr_month'].nunique())} published months have changed.",
        footnote=footnote,
        tables=[
            Table(
                columns,
                [
                    [
                        iso_day(row.recorded_on),
                        month(row.mrr_month),
                        spaced(row.cause),
                        count(row.accounts),
                        exact_money(row.mrr),
                    ]
                    for row in rows.itertuples()
                ],
                numeric=frozenset(columns[3:]),
            )
        ],
    )
