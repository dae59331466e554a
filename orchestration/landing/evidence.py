"""Believe a delivery only where it looks like the company that was delivered before.

A state that is absent, unreadable, cut off, much smaller or larger than before, or in
another currency, is held: its last good rows stay until somebody accepts the delivery
by name. Of a log stays every row that was ever received.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path

import duckdb
import yaml

from orchestration.landing.believed import Believed, Delivery, link, read_rows
from orchestration.landing.contract import PROJECT, Table, Weight
from orchestration.landing.land_table import blanked_of, write_table
from orchestration.landing.raw_files import literal, quoted
from orchestration.landing.told_columns import is_emptied, told_shares


@dataclass(frozen=True)
class Limits:
    """How far a state may move between two deliveries; shares are 0-1.

    What may grow by `grown_share` may shrink back by as much: 1.5 times or 1 / 1.5.
    `min_rows`: fewer rows that differ are a correction, whatever their share.
    """

    grown_share: float
    currency_share: float
    min_rows: int
    step_days: int

    def is_jump(self, before: float, after: float) -> bool:
        """Tell whether what was there rose or fell by more than it may."""
        most = 1 + self.grown_share
        return before > 0 and (after >= before * most or before >= after * most)

    def is_much(self, moved: float, kept: float) -> bool:
        """Tell whether what came or went is much beside what stayed as it was."""
        return moved > 0 and moved >= self.grown_share * kept

    def days_between(self, first: date, last: date) -> list[date]:
        """List the days to look at after the first: every `step_days`, and the last."""
        step = max(self.step_days, (last - first).days // MOST_STEPS)
        days = range(step, (last - first).days, step)
        since = [first + timedelta(days=n) for n in days]
        return [*since, last] if first < last else []


# A gap of years between two runs is looked at in so many steps.
MOST_STEPS = 52


def read_limits(project: Path = PROJECT) -> Limits:
    """Read the limits from the vars of dbt_project.yml."""
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    declared = yaml.load(text, Loader=yaml.CSafeLoader)["vars"]
    return Limits(
        grown_share=declared["evidence_grown_share"],
        currency_share=declared["evidence_currency_share"],
        min_rows=declared["evidence_min_rows"],
        step_days=declared["evidence_step_days"],
    )


# --- A state: is this the company that we know? --------------------------------------


@dataclass(frozen=True)
class Difference:
    """How a delivery differs from what was believed, both read at the believed day.

    `begun_rows` are those of before that had begun by then, and `lost_rows` of these.
    """

    begun_rows: int
    lost_rows: int
    new_rows: int
    amended_rows: int
    before_amount: float
    after_amount: float
    currency_share: float

    @property
    def changed_rows(self) -> int:
        """Count the rows that differ in any way."""
        return self.lost_rows + self.new_rows + self.amended_rows


@dataclass(frozen=True)
class Step:
    """What a state weighs at both ends of a few days, and how many rows are in force.

    `risen` and `fallen` count the rows that weigh more or less, `came` and `ended`
    those that are in force after or before alone.
    """

    before_amount: float
    after_amount: float
    before_rows: int
    after_rows: int
    risen: int
    fallen: int
    came: int
    ended: int

    def is_money_jump(self, limits: Limits) -> bool:
        """Tell whether more than a few rows moved the amount further than it may."""
        return max(self.risen, self.fallen) >= limits.min_rows and limits.is_jump(
            self.before_amount, self.after_amount
        )

    def is_row_jump(self, limits: Limits) -> bool:
        """Tell whether there are too many or too few rows beside those of before."""
        return max(self.came, self.ended) >= limits.min_rows and limits.is_jump(
            self.before_rows, self.after_rows
        )


def _weighed(table: Table, rows: str, day: date, reporting_currency: str) -> str:
    """Select key, amount and currency of the rows that had begun by a day."""
    weight = table.weighed
    ends = f"coalesce({weight.ends} > date '{day}', true)" if weight.ends else "true"
    begun = (
        f"cast({weight.starts} as date) <= date '{day}'" if weight.starts else "true"
    )
    currency = f"lower({weight.currency})" if weight.currency else "null"
    return f"""
        select {quoted(table.key)}, coalesce({begun}, true) as _has_begun,
            coalesce({begun}, true) and {ends} as _is_on,
            case when {begun} and {ends}
                then cast({weight.amount.format(day=day)} as double) else 0
            end as _amount,
            coalesce({currency}, {literal(reporting_currency.lower())}) as _currency
        from {rows}
    """


def _weigh(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    name: str,
    parquet: Path,
    day: date,
    reporting_currency: str,
) -> None:
    """Fill temp table `evidence_<name>` with what a file's rows weigh on a day."""
    rows = read_rows(con, table, parquet)
    query = _weighed(table, rows, day, reporting_currency)
    con.execute(f"create or replace temp table evidence_{name} as {query}")


def _same_key(table: Table) -> str:
    return " and ".join(f'b."{name}" = a."{name}"' for name in table.key)


def _difference(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    before: Believed,
    parquet: Path,
    reporting_currency: str,
) -> Difference:
    for name, path in (("before", before.parquet), ("after", parquet)):
        _weigh(con, table, name, path, before.as_of_on, reporting_currency)
    key = _same_key(table)
    counts = con.execute(
        f"""
        select
            (select count(*) from evidence_before where _has_begun),
            (select count(*) from evidence_before as b
                anti join evidence_after as a on {key} where b._has_begun),
            (select count(*) from evidence_after as a
                anti join evidence_before as b on {key} where a._has_begun),
            (select count(*) from evidence_before as b
                inner join evidence_after as a on {key}
                where b._amount <> a._amount or b._currency <> a._currency),
            (select coalesce(sum(_amount), 0) from evidence_before),
            (select coalesce(sum(_amount), 0) from evidence_after)
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


def _doubt(difference: Difference, limits: Limits, weight: Weight) -> str | None:
    """Say in words why a delivery tells another past; None where it does not."""
    before, lost, what = difference.begun_rows, difference.lost_rows, weight.what
    if not before or difference.changed_rows < limits.min_rows:
        return None
    if limits.is_much(lost, before - lost):
        return f"{lost:,} of {before:,} rows are gone"
    if limits.is_much(difference.new_rows, before - lost):
        return f"{difference.new_rows:,} rows more, where there were {before:,}"
    amended = difference.amended_rows
    if weight.is_fact and limits.is_much(amended, before - lost - amended):
        return f"{amended:,} of {before:,} rows tell another past"
    if difference.currency_share > limits.currency_share:
        share = difference.currency_share
        return f"{share:.0%} of {what} turned into another currency"
    if limits.is_jump(difference.before_amount, difference.after_amount):
        ratio = difference.after_amount / difference.before_amount
        return f"{what} is {ratio:.2f} times what it was"
    return None


def _step(con: duckdb.DuckDBPyConnection, table: Table) -> Step:
    """Compare temp table `evidence_from` with `evidence_to`."""
    counts = con.execute(
        f"""
        select
            coalesce(sum(b._amount), 0), coalesce(sum(a._amount), 0),
            count(*) filter (b._is_on), count(*) filter (a._is_on),
            count(*) filter (coalesce(a._amount, 0) > coalesce(b._amount, 0)),
            count(*) filter (coalesce(a._amount, 0) < coalesce(b._amount, 0)),
            count(*) filter (a._is_on and not coalesce(b._is_on, false)),
            count(*) filter (b._is_on and not coalesce(a._is_on, false))
        from evidence_from as b
        full join evidence_to as a on {_same_key(table)}
        """
    ).fetchall()[0]
    return Step(*counts)


def _doubt_of_step(step: Step, limits: Limits, what: str, on: str) -> str | None:
    """Doubt that so much came or ended within a few days."""
    if step.is_money_jump(limits):
        ratio = step.after_amount / step.before_amount
        return f"{what} is {ratio:.2f} times what it was, {on}"
    return None


def _doubt_since(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    before: Believed,
    parquet: Path,
    limits: Limits,
    reporting_currency: str,
    now: date,
) -> str | None:
    """Doubt what a delivery tells of the days since the last one, week by week.

    By its own days, not by how long ago the last delivery was: what grows from week to
    week may have grown to anything, and a jump stays one however long it is held.
    """
    if not (table.weighed.is_item or table.weighed.ends):
        # Rows that never end only add up.
        return None
    last = before.as_of_on
    _weigh(con, table, "from", before.parquet, last, reporting_currency)
    for day in limits.days_between(last, now):
        _weigh(con, table, "to", parquet, day, reporting_currency)
        step = _step(con, table)
        on = f"between {last} and {day}"
        if doubt := _doubt_of_step(step, limits, table.weighed.what, on):
            return doubt
        last = day
        con.execute("drop table evidence_from")
        con.execute("alter table evidence_to rename to evidence_from")
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
    if load.cut_off:
        return load.cut_off
    before_rows = _count(con, before.parquet)
    if before_rows and not load.rows_landed:
        return f"all {before_rows:,} rows are gone"
    if gone := _gone_columns(con, delivery, before, limits):
        return "; ".join(gone)
    difference = _difference(con, table, before, delivery.parquet, reporting_currency)
    return _doubt(difference, limits, table.weighed) or _doubt_since(
        con, table, before, delivery.parquet, limits, reporting_currency, now
    )


# --- A column that told something, and is gone ---------------------------------------

# How much alike a new name is that may be the old one's.
NEAR = 0.5


def _blanked_columns(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> set[str]:
    """Name the columns with values that cannot be read: each is told by itself."""
    if not delivery.load.values_blanked:
        return set()
    parquet = literal(str(blanked_of(delivery.parquet)))
    rows = con.execute(f"select distinct column_name from {parquet}").fetchall()
    return {name for (name,) in rows}


def _gone_columns(
    con: duckdb.DuckDBPyConnection, delivery: Delivery, before: Believed, limits: Limits
) -> list[str]:
    """Name the columns that told something before and that no file has any more.

    So of a state those that are there with hardly a value left. An end that was still
    to come may be withdrawn; not so the whole column. What began to be told within the
    last days may go as it came: a bad file can be mended.
    """
    table, load = delivery.table, delivery.load
    gone, unreadable = [], _blanked_columns(con, delivery)
    for is_there in (False, True):
        columns = [
            column
            for column in table.columns
            if not column.required and (column.name in load.known_columns) == is_there
        ]
        if is_there and table.kind == "log":
            # What a day brings need not tell everything.
            continue
        until = before.as_of_on if is_there else None
        sides = [
            told_shares(con, table, columns, read_rows(con, table, parquet), until)
            for parquet in (before.parquet, delivery.parquet)
        ]
        (rows, was_told), (_, is_told) = sides
        for column, share, left in zip(columns, was_told, is_told, strict=True):
            new_on = before.told_since.get(column.name)
            is_new = new_on and (before.as_of_on - new_on).days < limits.step_days
            if is_new or column.name in unreadable:
                continue
            is_gone = is_emptied(share, left) or not is_there
            if share * rows >= limits.min_rows and is_gone:
                told = f"column {column.name}, told in {share:.0%} of the rows before,"
                what = f"now is in {left:.0%}" if is_there else "is gone"
                near = get_close_matches(column.name, load.unknown_columns, cutoff=NEAR)
                hint = f" (renamed {' or '.join(near)}?)" if near else ""
                gone.append(f"{told} {what}{hint}")
    return gone


# --- A log: what was received stays --------------------------------------------------


# A delivery of which a larger share is older than what came before mends it perhaps.
OLDER_SHARE = 0.5


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
        f'min("{name}") over (partition by {quoted(table.key)}) as "{name}"'
        for name in received
    )
    replace = f"replace ({earliest})" if received else ""
    newest = "".join(f'"{name}" desc nulls last, ' for name in table.newest_by)
    delivered = read_rows(con, table, delivery.parquet)
    received_before = read_rows(con, table, before.parquet)
    con.execute(
        f"""
        create or replace temp table merged as
        select * {replace}
        from (
            select *, false as _is_recalled from {delivered}
            union all by name
            select *, true as _is_recalled from {received_before}
        )
        qualify row_number() over (
            partition by {quoted(table.key)} order by {newest}_is_recalled
        ) = 1
        """
    )
    ((rows, recalled),) = con.execute(
        "select count(*), count(*) filter (_is_recalled) from merged"
    ).fetchall()
    # A delivered row that an earlier delivery had in a newer version.
    older = load.rows_landed - (rows - recalled)
    if older > load.rows_landed * OLDER_SHARE:
        load.message = (
            f"{older:,} delivered rows are older than what was received of them before,"
            f" which stands; ACCEPT={table.source}.{table.name} takes the delivery for"
            " the whole log"
        )
    load.rows_superseded += older
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
        if load.status == "landed" and load.rows_in:
            gone = _gone_columns(con, delivery, before, limits)
            load.message = "; ".join(filter(None, [load.message, *gone])) or None
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
        rows = read_rows(con, table, before.parquet)
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
    key = quoted(table.key)
    query = (
        f"select count(*) from (select {key} from {literal(str(before.parquet))}"
        f" except select {key} from {literal(str(parquet))})"
    )
    return int(con.execute(query).fetchall()[0][0])
