{# What a contract and its early successor both pay, apart from why else MRR changed. #}
with

explained as (

    select * from {{ ref('int_mrr_movements_explained') }}

),

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

overlap_ends as (

    select
        account_id,
        currency,
        started_on as effective_on,
        overlap_native as overlap_delta
    from successors

    union all

    select
        account_id,
        currency,
        settles_on as effective_on,
        -overlap_native as overlap_delta
    from successors
    where not is_open

),

overlap_days as (

    select
        account_id,
        currency,
        effective_on,
        sum(overlap_delta) as overlap_delta,
        case when sum(overlap_delta) < 0 then -1 else 1 end as direction
    from overlap_ends
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
