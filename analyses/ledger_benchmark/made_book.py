"""Make a large book of subscriptions as it would be landed, by hashes alone."""

from pathlib import Path

import duckdb

from orchestration.landing.land import land
from orchestration.landing.raw_files import literal

HISTORY_FROM = "2021-01-01"
AS_OF = "2025-12-31"

# Equally spread over 0 to 1, and the same for the same key on every run.
DRAW = """
    create or replace temp macro draw(identity, salt) as
        (hash(identity, salt) % 1000000 + 0.5) / 1000000.0
"""

# Customers arrive evenly; nine in twenty of a subscription's versions
# change its seats, every third its price; three in ten customers pay in a foreign
# currency. A fifth of those who leave come back, some within the grace.
MADE_ACCOUNTS = """
    create or replace temp table made_accounts as
    select
        number,
        concat('account-', number) as account_id,
        cast('{history_from}' as date)
        + cast(1800 * draw(number, 'arrival') as integer) as begins_on,
        case
            when draw(number, 'currency') < 0.7 then 'USD'
            when draw(number, 'currency') < 0.9 then 'EUR'
            else 'GBP'
        end as currency,
        cast(1 + floor(exp(4 * draw(number, 'size'))) as integer) as seats,
        1
        + cast(draw(number, 'second product') < 0.22 as integer)
        + cast(draw(number, 'third product') < 0.06 as integer) as product_count
    from range({customers}) as made(number)
"""

MADE_SUBSCRIPTIONS = """
    create or replace temp table made_subscriptions as
    with

    first_spells as (

        select
            made_accounts.*,
            concat('sub-', made_accounts.number, '-', made.position) as subscription_id,
            made.position,
            begins_on + cast(
                case when made.position = 0 then 0 else 300 * draw(number, 'later') end
                as integer
            ) as starts_on,
            cast(30 - 1460 * ln(draw(number * 10 + made.position, 'life')) as integer)
                as life_days
        from made_accounts
        cross join range(3) as made(position)
        where made.position < product_count

    ),

    returned as (

        select
            * replace (
                concat(subscription_id, '-again') as subscription_id,
                starts_on + life_days
                + cast(20 + 180 * draw(subscription_id, 'gap') as integer) as starts_on
            )
        from first_spells
        where draw(subscription_id, 'return') < 0.2

    ),

    spells as (

        select * from first_spells

        union all

        select * from returned

    )

    select
        *,
        starts_on + life_days as ends_on,
        cast(120 + 300 * draw(subscription_id, 'version') as integer) as version_days
    from spells
    where starts_on <= cast('{as_of}' as date)
"""

MADE_ITEMS = """
    with

    numbered as (

        select cast(range as integer) as version
        from range(16)

    ),

    versions as (

        select
            *,
            starts_on + version * version_days as valid_from,
            least(ends_on, starts_on + (version + 1) * version_days)
                as version_ends_on,
            draw(subscription_id, 100 + cast(floor(version * 0.45) as integer))
                as seat_draw,
            draw(concat(subscription_id, version), 'status') as status_draw,
            draw(subscription_id, 'discount') as discount_draw,
            draw(subscription_id, 'billing') as billing_draw
        from made_subscriptions
        cross join numbered
        where
            starts_on + version * version_days < ends_on
            and starts_on + version * version_days <= cast('{as_of}' as date)

    ),

    upgraded as (

        select
            *,
            least(2, number % 3 + cast(version >= 4 as integer)) as plan_number
        from versions

    )

    select
        subscription_id as item_id,
        subscription_id,
        account_id,
        ['platform', 'analytics', 'support'][position + 1] as product,
        ['starter', 'growth', 'scale'][plan_number + 1] as plan,
        valid_from,
        case when version_ends_on <= cast('{as_of}' as date) then version_ends_on end
            as valid_to,
        greatest(1, round(seats * (0.8 + 0.5 * seat_draw))) as quantity,
        round(
            [29.00, 49.00, 99.00][plan_number + 1] * power(1.05, floor(version / 3))
            * case
                when billing_draw < 0.6 then 1
                when billing_draw < 0.95 then 10
                else 2.9
            end,
            2
        ) as unit_amount,
        currency,
        case
            when billing_draw < 0.6 then 'month'
            when billing_draw < 0.95 then 'year'
            else 'quarter'
        end as billing_interval,
        1 as interval_count,
        case when discount_draw < 0.2 then 5 + 100 * discount_draw else 0 end
            as discount_percent,
        0 as discount_amount,
        'recurring' as discount_kind,
        case when discount_draw < 0.2 then starts_on + 180 end as discount_to,
        case
            when version > 0 and status_draw < 0.02 then 'paused'
            when status_draw < 0.04 then 'past_due'
            else 'active'
        end as status,
        false as usage_based
    from upgraded
"""


def land_made_book(folder: Path, customers: int) -> Path:
    """Land a book of so many customers below `folder`, and return where.

    The loader itself lands one account, so that every other table is there, empty
    and typed. Its two tables are then written over, in the types it gave them.
    """
    landing, landed = folder / "landing", folder / "landed"
    (landing / "files").mkdir(parents=True)
    (landing / "files" / "accounts.csv").write_text(
        f"account_id,created_at\nfirst,{HISTORY_FROM}\n", encoding="utf-8"
    )
    land(landing, landed, AS_OF, "USD", tell=lambda _line: None)
    con = duckdb.connect()
    con.execute(DRAW)
    made = {"customers": customers, "history_from": HISTORY_FROM, "as_of": AS_OF}
    con.execute(MADE_ACCOUNTS.format(**made))
    con.execute(MADE_SUBSCRIPTIONS.format(**made))
    _write_over(
        con,
        landed / "files" / "accounts.parquet",
        "select account_id from made_accounts",
    )
    _write_over(
        con, landed / "files" / "subscription_items.parquet", MADE_ITEMS.format(**made)
    )
    return landed


def _write_over(con: duckdb.DuckDBPyConnection, parquet: Path, rows: str) -> None:
    """Replace the rows of a landed table, keeping its columns and types."""
    path = literal(str(parquet))
    con.execute(f"create or replace temp table landed as from {path} limit 0")
    con.execute(f"insert into landed by name {rows}")
    con.execute(
        "update landed set _file = 'made', _line = rowid"  # The loader's own columns.
    )
    con.execute(f"copy landed to {path} (format parquet)")
