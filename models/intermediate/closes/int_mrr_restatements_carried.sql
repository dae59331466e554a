{# A movement that changed moves every later balance, up to the last month closed. #}
with

changes as (

    select * from {{ ref('int_mrr_restatements_listed') }}

),

closes as (

    select * from {{ ref('int_mrr_closes_numbered') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

horizons as (

    select
        close_number,
        closed_before_month
    from closes

    union all

    select
        0 as close_number,
        closed_before_month
    from closes
    where is_this_run

),

months_moved as (

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        sum(mrr_delta) as mrr_delta,
        sum(mrr_delta_native) as mrr_delta_native
    from changes
    group by close_number, cause, account_id, currency, mrr_month

),

spans as (

    select
        close_number,
        cause,
        account_id,
        currency,
        min(mrr_month) as first_month
    from changes
    group by close_number, cause, account_id, currency

),

balances as (

    select
        spans.close_number,
        spans.cause,
        spans.account_id,
        spans.currency,
        dates.calendar_month as mrr_month,
        coalesce(months_moved.mrr_delta, 0) as moved,
        coalesce(months_moved.mrr_delta_native, 0) as moved_native,
        sum(coalesce(months_moved.mrr_delta, 0)) over so_far as closing,
        sum(coalesce(months_moved.mrr_delta_native, 0)) over so_far as closing_native
    from spans
    inner join horizons
        on spans.close_number = horizons.close_number
    inner join dates
        on
            dates.is_month_end
            and spans.first_month <= dates.calendar_month
            and horizons.closed_before_month >= dates.calendar_month
    left join months_moved
        on
            spans.close_number = months_moved.close_number
            and spans.cause = months_moved.cause
            and spans.account_id = months_moved.account_id
            and spans.currency = months_moved.currency
            and dates.calendar_month = months_moved.mrr_month
    window so_far as (
        partition by
            spans.close_number, spans.cause, spans.account_id, spans.currency
        order by dates.calendar_month
        rows between unbounded preceding and current row
    )

),

carried as (

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        'opening' as measure,
        {{ money('closing - moved') }} as mrr_delta,
        {{ money('closing_native - moved_native') }} as mrr_delta_native
    from balances

    union all

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        movement as measure,
        mrr_delta,
        mrr_delta_native
    from changes

    union all

    select
        close_number,
        cause,
        account_id,
        currency,
        mrr_month,
        'closing' as measure,
        {{ money('closing') }} as mrr_delta,
        {{ money('closing_native') }} as mrr_delta_native
    from balances

)

select *
from carried
where mrr_delta <> 0 or mrr_delta_native <> 0
