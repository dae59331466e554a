{# What a contract and its early successor both pay, apart from why else MRR changed. #}
with

explained as (

    select * from {{ ref('int_mrr_movements_explained') }}

),

overlap_steps as (

    select * from {{ ref('int_early_overlaps_stepped') }}

),

moved as (

    select
        account_id,
        currency,
        effective_on,
        sum(mrr_delta_native) as moved_native
    from explained
    group by account_id, currency, effective_on

),

-- An overlap is told where it begins and where it ends, or not at all.
compared as (

    select
        overlap_steps.*,
        bool_or(
            coalesce(
                abs(overlap_steps.overlap_delta)
                > moved.moved_native * sign(overlap_steps.overlap_delta),
                true
            )
        ) over (
            partition by
                overlap_steps.account_id,
                overlap_steps.settles_on,
                overlap_steps.currency,
                overlap_steps.subscription_id,
                overlap_steps.product,
                overlap_steps.started_on
        ) as is_more_than_moved
    from overlap_steps
    left join moved
        on
            overlap_steps.account_id = moved.account_id
            and overlap_steps.currency = moved.currency
            and overlap_steps.effective_on = moved.effective_on
    where overlap_steps.is_one_currency and overlap_steps.overlap_delta <> 0

),

overlap_days as (

    select
        account_id,
        currency,
        effective_on,
        sum(overlap_delta) as overlap_delta,
        case when sum(overlap_delta) < 0 then -1 else 1 end as direction
    from compared
    where not is_more_than_moved
    group by account_id, currency, effective_on

),

-- What a day moved as its overlap did, and how much of that at most is overlap.
matched as (

    select
        explained.account_id,
        explained.effective_on,
        explained.currency,
        explained.sub_reason,
        explained.mrr_delta_native,
        overlap_days.direction,
        greatest(explained.mrr_delta_native * overlap_days.direction, 0)
            as moved_native,
        least(
            abs(overlap_days.overlap_delta),
            sum(explained.mrr_delta_native) over (
                partition by
                    explained.account_id, explained.effective_on, explained.currency
            ) * overlap_days.direction
        ) as overlap_native
    from explained
    left join overlap_days
        on
            explained.account_id = overlap_days.account_id
            and explained.currency = overlap_days.currency
            and explained.effective_on = overlap_days.effective_on

),

split as (

    select
        *,
        coalesce(
            direction * greatest(
                least(
                    moved_native,
                    overlap_native + moved_native - sum(moved_native) over (
                        partition by account_id, effective_on, currency
                        order by -moved_native, sub_reason
                        rows between unbounded preceding and current row
                    )
                ),
                0
            ),
            0
        ) as overlap_part
    from matched

),

told as (

    select
        account_id,
        effective_on,
        currency,
        sub_reason,
        mrr_delta_native - overlap_part as mrr_delta_native
    from split
    where mrr_delta_native <> overlap_part

    union all

    select
        account_id,
        effective_on,
        currency,
        'early_renewal_overlap' as sub_reason,
        sum(overlap_part) as mrr_delta_native
    from split
    where overlap_part <> 0
    group by account_id, effective_on, currency

)

select * from told
