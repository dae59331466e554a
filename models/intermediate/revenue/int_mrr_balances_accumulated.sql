with

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

daily as (

    select
        account_id,
        currency,
        effective_on,
        sum(mrr_delta) as mrr_delta,
        sum(seat_delta) as seat_delta
    from changes
    group by account_id, currency, effective_on

),

accumulated as (

    select
        account_id,
        currency,
        effective_on as valid_from,
        lead(effective_on) over (
            partition by account_id, currency
            order by effective_on
        ) as valid_to,
        sum(mrr_delta) over (
            partition by account_id, currency
            order by effective_on
            rows between unbounded preceding and current row
        ) as mrr_native,
        sum(seat_delta) over (
            partition by account_id, currency
            order by effective_on
            rows between unbounded preceding and current row
        ) as seat_count
    from daily

),

balances as (

    select
        account_id,
        currency,
        valid_from,
        valid_to,
        {{ money('mrr_native') }} as mrr_native,
        cast(seat_count as double) as seat_count
    from accumulated

)

select * from balances
