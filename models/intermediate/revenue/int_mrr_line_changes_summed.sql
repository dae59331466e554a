{# One row where a version begins or ends: the ledger costs by changes, not by days. #}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

both_ends as (

    select
        account_id,
        currency,
        subscription_id,
        product,
        valid_from as effective_on,
        mrr as mrr_delta,
        gross_mrr as gross_delta,
        case when is_paying then quantity else 0 end as quantity_delta,
        case when is_paying and quantity_unit = 'seats' then quantity else 0 end
            as seat_delta,
        paused_mrr as paused_delta,
        case when status = 'unpaid' then 1 else 0 end as unpaid_delta,
        cast(null as string) as ended_plan,
        coalesce(plan, '') as started_plan,
        cast(null as double) as ended_unit_mrr,
        unit_mrr as started_unit_mrr,
        cast(null as string) as ended_discount,
        discount_terms as started_discount
    from items

    union all

    select
        account_id,
        currency,
        subscription_id,
        product,
        valid_to as effective_on,
        -mrr as mrr_delta,
        -gross_mrr as gross_delta,
        case when is_paying then -quantity else 0 end as quantity_delta,
        case when is_paying and quantity_unit = 'seats' then -quantity else 0 end
            as seat_delta,
        -paused_mrr as paused_delta,
        case when status = 'unpaid' then -1 else 0 end as unpaid_delta,
        coalesce(plan, '') as ended_plan,
        cast(null as string) as started_plan,
        unit_mrr as ended_unit_mrr,
        cast(null as double) as started_unit_mrr,
        discount_terms as ended_discount,
        cast(null as string) as started_discount
    from items
    where valid_to is not null

),

summed as (

    select
        both_ends.account_id,
        both_ends.currency,
        both_ends.subscription_id,
        both_ends.product,
        both_ends.effective_on,
        {{ money('sum(both_ends.mrr_delta)') }} as mrr_delta,
        {{ money('sum(both_ends.gross_delta)') }} as gross_delta,
        cast(sum(both_ends.quantity_delta) as decimal(18, 2)) as quantity_delta,
        cast(sum(both_ends.seat_delta) as decimal(18, 2)) as seat_delta,
        {{ money('sum(both_ends.paused_delta)') }} as paused_delta,
        cast(sum(both_ends.unpaid_delta) as bigint) as unpaid_delta,
        max(both_ends.ended_plan) as ended_plan,
        max(both_ends.started_plan) as started_plan,
        max(both_ends.ended_unit_mrr) as ended_unit_mrr,
        max(both_ends.started_unit_mrr) as started_unit_mrr,
        max(both_ends.ended_discount) as ended_discount,
        max(both_ends.started_discount) as started_discount
    from both_ends
    inner join clock
        on both_ends.effective_on <= clock.as_of_on
    group by
        both_ends.account_id,
        both_ends.currency,
        both_ends.subscription_id,
        both_ends.product,
        both_ends.effective_on

),

moved as (

    select *
    from summed
    where
        mrr_delta <> 0
        or gross_delta <> 0
        or quantity_delta <> 0
        or seat_delta <> 0
        or paused_delta <> 0
        or unpaid_delta <> 0

),

-- What a line brought on a day, so far as nothing else of the account fell.
arrived as (

    select
        *,
        greatest(
            least(
                mrr_delta,
                sum(mrr_delta) over (partition by account_id, currency, effective_on)
                + mrr_delta
                - sum(greatest(mrr_delta, 0)) over (
                    partition by account_id, currency, effective_on
                    order by -mrr_delta, product, subscription_id
                    rows between unbounded preceding and current row
                )
            ),
            0
        ) as arrived_native
    from moved

)

select * from arrived
