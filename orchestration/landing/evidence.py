"""Believe a delivery only where it looks like the company that was delivered before.

Below `evidence/<source>/` lies, per table, what was last believed: the rows of a state,
or every row that a log ever received. A state that is absent, unreadable, much smaller
or larger than before, or in another currency, is held: its last good rows stay until
somebody accepts the delivery by name.
"""

import json
import os
import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

from orchestration.landing.clock import Clock
from orchestration.landing.contract import PROJECT, Table
from orchestration.landing.land_table import (
    EXTRA_COLUMNS,
    Load,
    write_table,
)
from orchestration.landing.raw_files import literal
from orchestration.publishing.durable_files import flush_tree, rename_durably


class EvidenceError(Exception):
    """A memory of deliveries that is there and cannot be read."""


# A clock that is further ahead of all evidence of the day is taken for a mistake.
PLAUSIBLE_DAYS_AHEAD = 3 * 366


# Loads that the run does not rest on: an earlier delivery stands in for them.
NOT_BELIEVED = ("held", "broken")


@dataclass(frozen=True)
class Limits:
    """How far a state may move between two deliveries; shares are 0-1.

    `min_rows`: fewer rows that differ are a correction, whatever their share.
    """

    lost_share: float
    grown_share: float
    currency_share: float
    min_rows: int


def read_limits(project: Path = PROJECT) -> Limits:
    """Read the limits from the vars of dbt_project.yml."""
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    declared = yaml.load(text, Loader=yaml.CSafeLoader)["vars"]
    return Limits(
        lost_share=declared["evidence_lost_share"],
        grown_share=declared["evidence_grown_share"],
        currency_share=declared["evidence_currency_share"],
        min_rows=declared["evidence_min_rows"],
    )


@dataclass(frozen=True)
class Delivery:
    """One table as the landing folder has it now, and what was made of its files."""

    table: Table
    load: Load
    parquet: Path
    fingerprint: str


@dataclass(frozen=True)
class Believed:
    """What was last believed of a table; `as_of_at` is the clock of that run.

    `is_cut` tells of a log that rows beyond that clock were left out.
    """

    parquet: Path
    fingerprint: str
    as_of_at: datetime
    is_cut: bool
    rows_recalled: int
    rows_superseded: int

    @property
    def as_of_on(self) -> date:
        """Return the day of the run that believed it."""
        return self.as_of_at.date()


def read_believed(
    con: duckdb.DuckDBPyConnection, evidence: Path, table: Table
) -> Believed | None:
    """Return what was last believed of a table; None if it never came.

    Raises:
        EvidenceError: it cannot be read; the message says what to do.
    """
    memory = evidence / table.source / f"{table.name}.json"
    try:
        told = json.loads(memory.read_text(encoding="utf-8"))
        believed = Believed(
            parquet=memory.with_name(told["rows"]),
            fingerprint=told["fingerprint"],
            as_of_at=datetime.fromisoformat(told["as_of_at"]),
            is_cut=told["is_cut"],
            rows_recalled=told["rows_recalled"],
            rows_superseded=told["rows_superseded"],
        )
        con.execute(f"describe from {literal(str(believed.parquet))}")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, duckdb.Error) as error:
        raise EvidenceError(
            f"{memory}: what was last believed of {table.source}.{table.name} cannot"
            f" be read ({type(error).__name__}). Restore it from a backup, or remove"
            f" {memory.name} to take the next delivery as the first"
        ) from error
    return believed


def link(source: Path, target: Path) -> None:
    """Let `target` be `source`, of which nothing is ever written in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".partial-{target.name}")
    partial.unlink(missing_ok=True)
    if target.exists() and target.samefile(source):
        # To rename one link of a file onto another does nothing, and leaves it there.
        return
    os.link(source, partial)
    partial.replace(target)


def _columns(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> str:
    """Select the contract's columns of a file that an older contract may have made."""
    rows = con.execute(f"describe from {literal(str(parquet))}").fetchall()
    written = {row[0] for row in rows}
    types = {c.name: c.data_type for c in table.columns} | EXTRA_COLUMNS
    return ", ".join(
        f'"{name}"' if name in written else f'cast(null as {kind}) as "{name}"'
        for name, kind in types.items()
    )


def _read(con: duckdb.DuckDBPyConnection, table: Table, parquet: Path) -> str:
    columns = _columns(con, table, parquet)
    return f"(select {columns} from {literal(str(parquet))})"


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


# --- A state: is this the company that we know? --------------------------------------


@dataclass(frozen=True)
class Difference:
    """How a delivery differs from what was believed, both read at the believed day.

    `amount_now` is what the delivery weighs on the run's day, `ended_rows` how many
    rows of before weigh nothing by then.
    """

    before_rows: int
    lost_rows: int
    new_rows: int
    amended_rows: int
    before_amount: float
    after_amount: float
    ended_rows: int
    amount_now: float
    currency_share: float

    @property
    def changed_rows(self) -> int:
        """Count the rows that differ in any way."""
        return self.lost_rows + self.new_rows + self.amended_rows


def _weighed(table: Table, rows: str, day: date, reporting_currency: str) -> str:
    """Select key, amount and currency of the rows that had begun by a day."""
    weight = table.weighed
    ends = f"coalesce({weight.ends} > date '{day}', true)" if weight.ends else "true"
    begun = (
        f"cast({weight.starts} as date) <= date '{day}'" if weight.starts else "true"
    )
    currency = f"lower({weight.currency})" if weight.currency else "null"
    return f"""
        select {_quoted(table.key)}, coalesce({begun}, true) as _has_begun,
            case when {begun} and {ends}
                then cast({weight.amount.format(day=day)} as double) else 0
            end as _amount,
            coalesce({currency}, {literal(reporting_currency.lower())}) as _currency
        from {rows}
    """


def _difference(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    before: Believed,
    parquet: Path,
    reporting_currency: str,
    now: date,
) -> Difference:
    for name, path, day in (
        ("before", before.parquet, before.as_of_on),
        ("after", parquet, before.as_of_on),
        ("now", parquet, max(now, before.as_of_on)),
    ):
        rows = _read(con, table, path)
        query = _weighed(table, rows, day, reporting_currency)
        con.execute(f"create or replace temp table evidence_{name} as {query}")
    key = " and ".join(f'b."{name}" = a."{name}"' for name in table.key)
    counts = con.execute(
        f"""
        select
            (select count(*) from evidence_before),
            (select count(*) from evidence_before as b
                anti join evidence_after as a on {key}),
            (select count(*) from evidence_after as a
                anti join evidence_before as b on {key} where a._has_begun),
            (select count(*) from evidence_before as b
                inner join evidence_after as a on {key}
                where b._amount <> a._amount or b._currency <> a._currency),
            (select coalesce(sum(_amount), 0) from evidence_before),
            (select coalesce(sum(_amount), 0) from evidence_after),
            (select count(*) from evidence_before as b
                anti join (from evidence_now where _amount > 0) as a on {key}
                where b._amount > 0),
            (select coalesce(sum(_amount), 0) from evidence_now)
        """
    ).fetchall()[0]
    ((share,),) = con.execute(
        """
        select coalesce(sum(abs(coalesce(b.share, 0) - coalesce(a.share, 0))) / 2, 0)
        from (
            select _currency, sum(_amount) / sum(sum(_amount)) over () as share
            from evidence_before where _amount > 0 group by _currency
        ) as b
        full join (
            select _currency, sum(_amount) / sum(sum(_amount)) over () as share
            from evidence_after where _amount > 0 group by _currency
        ) as a on b._currency = a._currency
        where exists (from evidence_before where _amount > 0)
            and exists (from evidence_after where _amount > 0)
        """
    ).fetchall()
    return Difference(*counts, currency_share=share)


def _doubt(difference: Difference, limits: Limits, what: str) -> str | None:
    """Say in words why a delivery is not believed; None where it is."""
    before = difference.before_rows
    if difference.changed_rows < limits.min_rows:
        return _doubt_now(difference, limits, what)
    if difference.lost_rows > limits.lost_share * before:
        return f"{difference.lost_rows:,} of {before:,} rows are gone"
    if difference.new_rows > limits.grown_share * before:
        return f"{difference.new_rows:,} rows more, where there were {before:,}"
    if difference.currency_share > limits.currency_share:
        share = difference.currency_share
        return f"{share:.0%} of {what} turned into another currency"
    if difference.before_amount > 0:
        ratio = difference.after_amount / difference.before_amount
        if ratio < 1 - limits.lost_share:
            return f"{1 - ratio:.0%} of {what} is gone"
        if ratio > 1 + limits.grown_share:
            return f"{what} is {ratio:.2f} times what it was"
    return _doubt_now(difference, limits, what)


def _doubt_now(difference: Difference, limits: Limits, what: str) -> str | None:
    """Doubt that most of a company ended since the last delivery."""
    if difference.ended_rows < limits.min_rows or not difference.before_amount:
        return None
    ratio = difference.amount_now / difference.before_amount
    if ratio < 1 - limits.lost_share:
        return f"{1 - ratio:.0%} of {what} has ended since"
    return None


def _doubt_of_state(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    before: Believed,
    limits: Limits,
    reporting_currency: str,
    now: date,
) -> str | None:
    load, table = delivery.load, delivery.table
    if load.status == "broken":
        return load.message
    if load.status == "absent":
        return "no file"
    if delivery.fingerprint == before.fingerprint:
        return None
    difference = _difference(
        con, table, before, delivery.parquet, reporting_currency, now
    )
    if difference.before_rows and not load.rows_landed:
        return f"all {difference.before_rows:,} rows are gone"
    return _doubt(difference, limits, table.weighed.what)


# --- A log: what was received stays --------------------------------------------------


def _merge_log(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, before: Believed
) -> None:
    """Fill `landed` with the delivery and all that came earlier, and count both.

    Of rows on one key the newest wins, the delivered one where nothing orders them, and
    it is known since the earliest receipt.
    """
    table, load = delivery.table, delivery.load
    received = [c.name for c in table.columns if c.received]
    earliest = ", ".join(
        f'min("{name}") over (partition by {_quoted(table.key)}) as "{name}"'
        for name in received
    )
    replace = f"replace ({earliest})" if received else ""
    newest = "".join(f'"{name}" desc nulls last, ' for name in table.newest_by)
    con.execute(
        f"""
        create or replace temp table merged as
        select * {replace}
        from (
            select *, false as _is_recalled from {_read(con, table, delivery.parquet)}
            union all by name
            select *, true as _is_recalled from {_read(con, table, before.parquet)}
        )
        qualify row_number() over (
            partition by {_quoted(table.key)} order by {newest}_is_recalled
        ) = 1
        """
    )
    ((rows, recalled),) = con.execute(
        "select count(*), count_if(_is_recalled) from merged"
    ).fetchall()
    # A delivered row that an earlier delivery had in a newer version.
    load.rows_superseded += load.rows_landed - (rows - recalled)
    load.rows_landed, load.rows_recalled = rows, recalled
    con.execute(
        "create or replace temp table landed as"
        " select * exclude (_is_recalled) from merged"
    )


def _believe_log(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, before: Believed, target: Path
) -> None:
    load = delivery.load
    if load.status == "absent":
        load.status = "kept"
        load.message = f"no file: the rows received until {before.as_of_on} stay"
    if delivery.fingerprint == before.fingerprint and not before.is_cut:
        # Nothing came since; the counts are those of the run that merged it.
        load.rows_landed = _count(con, before.parquet)
        load.rows_recalled = before.rows_recalled
        load.rows_superseded = before.rows_superseded
        link(before.parquet, target)
        return
    _merge_log(con, delivery, before)
    write_table(con, delivery.table, target)


# --- Deciding, and keeping what was decided ------------------------------------------


def believe(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    before: Believed | None,
    target: Path,
    limits: Limits,
    reporting_currency: str,
    is_accepted: bool,
    now: date,
) -> None:
    """Write to `target` the rows of one table that the run believes; settle its load.

    They are the delivery, the last good rows of a state that is held or broken, or a
    log with all that was received before. What was accepted is taken as it is.
    """
    load, table = delivery.load, delivery.table
    is_readable = load.status != "broken"
    if before is None or (is_accepted and is_readable):
        doubt = None
    elif table.kind == "log":
        _believe_log(con, delivery, before, target)
        return
    else:
        doubt = _doubt_of_state(con, delivery, before, limits, reporting_currency, now)
    if before is not None and doubt:
        if is_readable:
            load.status = "held"
            load.message = (
                f"{doubt}: the rows of {before.as_of_on} stay;"
                f" ACCEPT={table.source}.{table.name} takes the delivery as it is"
            )
        load.rows_held = load.rows_landed
        load.rows_landed = load.rows_recalled = _count(con, before.parquet)
        # Typed anew: an older contract may have written it.
        rows = _read(con, table, before.parquet)
        con.execute(f"create or replace temp table landed as from {rows}")
        write_table(con, table, target)
        return
    if before is not None and table.kind == "state":
        load.rows_disappeared = _count_gone(con, table, before, delivery.parquet)
    link(delivery.parquet, target)


def _count(con: duckdb.DuckDBPyConnection, parquet: Path) -> int:
    query = f"select count(*) from {literal(str(parquet))}"
    return int(con.execute(query).fetchall()[0][0])


def _count_gone(
    con: duckdb.DuckDBPyConnection, table: Table, before: Believed, parquet: Path
) -> int:
    key = _quoted(table.key)
    query = (
        f"select count(*) from (select {key} from {literal(str(before.parquet))}"
        f" except select {key} from {literal(str(parquet))})"
    )
    return int(con.execute(query).fetchall()[0][0])


def remember(
    con: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    before: Believed | None,
    target: Path,
    evidence: Path,
    clock: Clock,
    evident_at: datetime,
    is_accepted: bool,
) -> None:
    """Keep what the run believes of a table for the next one to compare with.

    A delivery that is held or broken adds nothing, and of a state nor does a run as of
    an earlier day. Of a log stays what has happened by the clock: a row from the future
    is believed only while somebody delivers it. A clock far beyond what all that was
    landed tells (`evident_at`) dates nothing, so that a slip of AS_OF does not make
    every later run an earlier one.
    """
    load, table = delivery.load, delivery.table
    if load.status in NOT_BELIEVED:
        return
    is_plausible = clock.as_of_at <= _latest_plausible(evident_at)
    seen_at, cut_at = clock.as_of_at if is_plausible else evident_at, clock.as_of_at
    if before is not None and not is_accepted:
        is_known_day = before.as_of_at <= _latest_plausible(evident_at)
        if table.kind == "state" and seen_at < before.as_of_at and is_known_day:
            return
        cut_at = max(cut_at, before.as_of_at)
    folder = evidence / table.source
    memory = folder / f"{table.name}.json"
    if load.status == "absent":
        memory.unlink(missing_ok=True)
        return
    beyond = _beyond(con, delivery, target, cut_at) if table.kind == "log" else 0
    told = {
        "rows": f"{table.name}.{_number(before):06d}.parquet",
        "fingerprint": delivery.fingerprint,
        "as_of_at": (seen_at if table.kind == "state" else cut_at).isoformat(),
        "is_cut": bool(beyond),
        "rows_recalled": load.rows_recalled,
        "rows_superseded": load.rows_superseded,
    }
    if before is not None and not beyond and before.parquet.samefile(target):
        told["rows"] = before.parquet.name
    kept = folder / told["rows"]
    if beyond:
        at = f"cast({happened(table)} as timestamp)"
        con.execute(
            f"create or replace temp table landed as"
            f" select * from {literal(str(target))} where coalesce({at} <= ?, true)",
            [cut_at],
        )
        write_table(con, table, kept)
    elif not (before and kept == before.parquet):
        link(target, kept)
    partial = folder / f".partial-{memory.name}"
    partial.write_text(json.dumps(told), encoding="utf-8")
    flush_tree(kept)
    flush_tree(partial)
    rename_durably(partial, memory)
    for old in folder.glob(f"{table.name}.[0-9]*.parquet"):
        if old != kept:
            old.unlink()


def _latest_plausible(evident_at: datetime) -> datetime:
    """Return the last instant that a clock may have, by the evidence of the day."""
    return min(evident_at, datetime(9000, 1, 1)) + timedelta(PLAUSIBLE_DAYS_AHEAD)


def _number(before: Believed | None) -> int:
    return int(before.parquet.name.split(".")[-2]) + 1 if before else 1


def happened(table: Table) -> str:
    """Return SQL for when a row happened, never later than received; else nothing."""
    happening = [c.name for c in table.columns if c.happening]
    received = [c.name for c in table.columns if c.received]
    told = [f'"{name}"' for name in (*happening, *received)]
    return f"least({', '.join(told)})" if happening else ""


def _beyond(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, target: Path, at: datetime
) -> int:
    if not happened(delivery.table):
        return 0
    query = (
        f"select count(*) from {literal(str(target))}"
        f" where cast({happened(delivery.table)} as timestamp) > ?"
    )
    return int(con.execute(query, [at]).fetchall()[0][0])


# --- A run that is refused after it was built ----------------------------------------

MEMORIES_OF_DELIVERIES = ("evidence", "captured")


def keep_aside(state: Path) -> None:
    """Keep what was known of deliveries before this run, as links, to go back to."""
    for name in MEMORIES_OF_DELIVERIES:
        aside = state / f".{name}-before"
        shutil.rmtree(aside, ignore_errors=True)
        if (state / name).exists():
            shutil.copytree(state / name, aside, copy_function=os.link)


def go_back(state: Path) -> None:
    """Forget what the last run took from its deliveries: its ledger was refused."""
    for name in MEMORIES_OF_DELIVERIES:
        aside = state / f".{name}-before"
        if aside.exists():
            shutil.rmtree(state / name, ignore_errors=True)
            rename_durably(aside, state / name)
