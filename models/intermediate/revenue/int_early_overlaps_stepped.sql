{# The lesser of what the old lines and the successor pay, from change to change. #}
with

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

paid as (

    select * from {{ ref('int_overlapping_lines_paid') }}

),

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

moved as (

    select
        paid.succession_number,
        greatest(paid.valid_from, successors.started_on) as effective_on,
        paid.old_native as old_delta,
        paid.new_native as new_delta,
        0 as arrived_delta,
        case when paid.currency = successors.currency then 0 else 1 end as foreign_count
    from paid
    inner join successors
        on
            paid.succession_number = successors.succession_number
            and paid.valid_from < successors.settles_on
            and coalesce(paid.valid_to > successors.started_on, true)

    union all

    select
        paid.succession_number,
        paid.valid_to as effective_on,
        -paid.old_native as old_delta,
        -paid.new_native as new_delta,
        0 as arrived_delta,
        0 as foreign_count
    from paid
    inner join successors
        on
            paid.succession_number = successors.succession_number
            and paid.valid_to < successors.settles_on
            and paid.valid_to > successors.started_on

    union all

    select
        successors.succession_number,
        changes.effective_on,
        0 as old_delta,
        0 as new_delta,
        changes.arrived_native as arrived_delta,
        0 as foreign_count
    from successors
    inner join changes
        on
            successors.account_id = changes.account_id
            and successors.currency = changes.currency
            and successors.subscription_id = changes.subscription_id
            and successors.product = changes.product
            and successors.started_on <= changes.effective_on
            and successors.settles_on > changes.effective_on

),

days as (

    select
        moved.succession_number,
        moved.effective_on,
        sum(moved.old_delta) as old_delta,
        sum(moved.new_delta) as new_delta,
        sum(moved.arrived_delta) as arrived_delta,
        sum(moved.foreign_count) as foreign_count
    from moved
    inner join clock
        on moved.effective_on <= clock.as_of_on
    group by moved.succession_number, moved.effective_on

),

summed as (

    select
        succession_number,
        effective_on,
        foreign_count,
        sum(old_delta) over so_far as old_native,
        sum(new_delta) over so_far as new_native,
        sum(arrived_delta) over so_far as arrived_native
    from days
    window so_far as (
        partition by succession_number
        order by effective_on
        rows between unbounded preceding and current row
    )

),

levels as (

    select
        successors.*,
        summed.effective_on,
        summed.foreign_count,
        {{ money('''
            greatest(
                least(
                    summed.old_native - successors.reserved_amount / successors.rate,
                    summed.new_native,
                    summed.arrived_native
                ),
                0
            )
        ''') }} as doubled_native
    from summed
    inner join successors
        on summed.succession_number = successors.succession_number

),

-- An overlap that lasts has no end yet.
bounded as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        effective_on,
        succession_number,
        doubled_native,
        foreign_count
    from levels

    union all

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        settles_on as effective_on,
        succession_number,
        cast(0 as decimal(18, 6)) as doubled_native,
        0 as foreign_count
    from successors
    where not is_open

),

-- What is paid in two currencies is worth another amount on each day: no one overlap.
stepped as (

    select
        account_id,
        settles_on,
        currency,
        subscription_id,
        product,
        started_on,
        effective_on,
        doubled_native - coalesce(
            lag(doubled_native) over (
                partition by succession_number
                order by effective_on
            ),
            0
        ) as overlap_delta,
        sum(foreign_count) over (partition by succession_number) = 0
            as is_one_currency
    from bounded

)

select * from stepped
