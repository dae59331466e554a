"""Ask of a built ledger whether it still tells the past that readers have.

The guard at the door compares deliveries one by one; this one compares what they add up
to, whatever source and column went wrong: what each account paid on the day of the
published set, as it was published and as the new ledger tells it, and what it tells of
the days since. A run as of an earlier day is asked about that day.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.landing.evidence import Limits, Step
from orchestration.unreadable import reading

# What readers have: of the set's own day the balances, of an earlier one moves.
PUBLISHED = """
    select account_id, current_mrr as mrr
    from read_parquet($accounts) where current_mrr > 0
"""
PUBLISHED_EARLIER = """
    select account_id, sum(mrr_delta) as mrr
    from read_parquet($movements) where effective_on <= $before_on
    group by account_id having sum(mrr_delta) > 0
"""


def _built(day: str) -> str:
    return f"""
        select account_id, mrr from int_account_mrr_revalued
        where valid_from <= ${day} and coalesce(valid_to > ${day}, true) and mrr > 0
    """


ROLL_BACK = "Point PUBLISH/current at an older set, or take it with ACCEPT=ledger"


class LedgerDoubtError(Exception):
    """A ledger that tells another company than the published one."""


@dataclass(frozen=True)
class Restated:
    """What accounts paid on one day, as published and as built now, in one currency."""

    accounts: int
    published_mrr: float
    lost_mrr: float
    gained_mrr: float


def refuse_another_past(
    con: duckdb.DuckDBPyConnection,
    publish_folder: Path,
    as_of_on: date,
    reporting_currency: str,
    limits: Limits,
) -> None:
    """Refuse a ledger that tells another past than the set that readers have.

    Nothing is asked where there is no set, or one in another currency. `con` reads the
    private database.

    Raises:
        LedgerDoubtError: it does; the message says in money how, and the way out.
    """
    current = publish_folder / "current"
    manifest = current / "manifest.json"
    if not manifest.exists():
        return
    with reading(manifest, ROLL_BACK):
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        published_on = date.fromisoformat(facts["as_of_on"])
        if facts["reporting_currency"] != reporting_currency:
            return
    parquet = current / "parquet"
    told = (
        _doubt_past(con, parquet, published_on, as_of_on, limits)
        or _doubt_since(con, parquet, published_on, as_of_on, limits)
        or _doubt_headline(con, parquet, limits)
    )
    if told:
        raise LedgerDoubtError(
            f"The ledger is not believed: {told}. Mend what was delivered, or take it"
            " as it is with ACCEPT=ledger"
        )


# The last headline that the set and the new build both tell, under one definition.
HEADLINES = """
    select
        built.period_end_on,
        published.opening_accounts, built.opening_accounts,
        published.opening_mrr, built.opening_mrr,
        published.retained_mrr, built.retained_mrr,
        published.nrr_rate, built.nrr_rate
    from read_parquet($retention) as published
    inner join fct_retention as built
        using (period_end_on, window_months, grain, policy, is_headline)
    where published.segment_dimension = built.segment_dimension
        and published.segment_value = built.segment_value and is_headline
    order by built.period_end_on desc
    limit 1
"""


def _doubt_headline(
    con: duckdb.DuckDBPyConnection, parquet: Path, limits: Limits
) -> str | None:
    """Doubt customers that are others now: what each account pays may agree."""
    if not (parquet / "fct_retention.parquet").exists():
        return None
    values = {"retention": str(parquet / "fct_retention.parquet")}
    rows = con.execute(HEADLINES, values).fetchall()
    for period_end_on, *pairs in rows:
        numbers = [float(pair) if pair is not None else 0.0 for pair in pairs]
        (was, now), *money = zip(numbers[::2], numbers[1::2], strict=True)
        is_other_book = abs(was - now) >= limits.min_rows and limits.is_jump(was, now)
        if is_other_book or any(limits.is_jump(*pair) for pair in money):
            return (
                f"the headline NRR of {period_end_on} is {numbers[6]:.1%} of"
                f" {was:,.0f} customers as published, and as built now"
                f" {numbers[7]:.1%} of {now:,.0f}"
            )
    return None


def _doubt_past(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    published_on: date,
    as_of_on: date,
    limits: Limits,
) -> str | None:
    """Say how the ledger tells another past than readers have; None where it does not.

    Both are asked about the last day that both tell.
    """
    asked_on = min(published_on, as_of_on)
    is_earlier = asked_on < published_on
    if is_earlier and not (parquet / "fct_mrr_movements.parquet").exists():
        return None
    then = PUBLISHED_EARLIER if is_earlier else PUBLISHED
    restated = _compare(con, parquet, then, asked_on)
    lost, gained = restated.lost_mrr, restated.gained_mrr
    kept = restated.published_mrr - lost
    if restated.accounts < limits.min_rows:
        return None
    if not restated.published_mrr and not is_earlier:
        # A company that nobody paid yet.
        return None
    if not (limits.is_much(lost, kept) or limits.is_much(gained, kept)):
        return None
    return (
        f"on {asked_on} accounts paid {restated.published_mrr:,.2f} as published; as"
        f" built now {restated.accounts:,} of them differ,"
        f" {lost:,.2f} less and {gained:,.2f} more"
    )


def _compare(
    con: duckdb.DuckDBPyConnection, parquet: Path, then: str, asked_on: date
) -> Restated:
    """Compare what a day is told to have been: by the set, and by what is built."""
    row = _ask(
        con,
        f"""
        with published as ({then}), built as ({_built("before_on")}),
        both_sides as (
            select
                coalesce(published.mrr, 0) as published_mrr,
                coalesce(built.mrr, 0) as built_mrr
            from published
            full join built on published.account_id = built.account_id
        )
        select
            count(*) filter (published_mrr <> built_mrr),
            coalesce(sum(published_mrr), 0),
            coalesce(sum(greatest(published_mrr - built_mrr, 0)), 0),
            coalesce(sum(greatest(built_mrr - published_mrr, 0)), 0)
        from both_sides
        """,
        parquet,
        before_on=asked_on,
    )
    return Restated(int(row[0]), *map(float, row[1:]))


def _doubt_since(
    con: duckdb.DuckDBPyConnection,
    parquet: Path,
    published_on: date,
    as_of_on: date,
    limits: Limits,
) -> str | None:
    """Say what came or went since the set within a few days; None where little did."""
    last, then = published_on, PUBLISHED
    for day in limits.days_between(published_on, as_of_on):
        step = _step(con, parquet, then, last, day)
        if step.is_money_jump(limits) or step.is_row_jump(limits):
            return (
                f"MRR of {step.before_rows:,} accounts was {step.before_amount:,.2f} on"
                f" {last}, and of {step.after_rows:,} it is {step.after_amount:,.2f} on"
                f" {day}; {step.ended:,} accounts pay nothing any more,"
                f" {step.came:,} are new, {step.risen - step.came:,} pay more"
            )
        last, then = day, _built("before_on")
    return None


def _step(
    con: duckdb.DuckDBPyConnection, parquet: Path, then: str, last: date, day: date
) -> Step:
    row = _ask(
        con,
        f"""
        with earlier as ({then}), later as ({_built("after_on")})
        select
            coalesce(sum(earlier.mrr), 0), coalesce(sum(later.mrr), 0),
            count(earlier.mrr), count(later.mrr),
            count(*) filter (coalesce(later.mrr, 0) > coalesce(earlier.mrr, 0)),
            count(*) filter (coalesce(later.mrr, 0) < coalesce(earlier.mrr, 0)),
            count(*) filter (earlier.mrr is null), count(*) filter (later.mrr is null)
        from earlier
        full join later on earlier.account_id = later.account_id
        """,
        parquet,
        before_on=last,
        after_on=day,
    )
    return Step(float(row[0]), float(row[1]), *map(int, row[2:]))


def _ask(
    con: duckdb.DuckDBPyConnection, query: str, parquet: Path, **days: date
) -> tuple[float, ...]:
    """Run a query on the private database, with those of its parameters it names."""
    values = {
        "accounts": str(parquet / "dim_accounts.parquet"),
        "movements": str(parquet / "fct_mrr_movements.parquet"),
        **days,
    }
    named = {name: value for name, value in values.items() if f"${name}" in query}
    return con.execute(query, named).fetchall()[0]
