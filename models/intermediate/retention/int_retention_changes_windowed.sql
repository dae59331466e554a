{# Every change within each window that it lies in, at the window's opening rate. #}
with

changes as (

    select * from {{ ref('int_graced_changes_accumulated') }}

),

account_days as (

    select * from {{ ref('int_account_days_classified') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

opening_rates as (

    select * from {{ ref('int_opening_rates_found') }}

),

numbered as (

    select
        changes.*,
        {{ month_index('changes.effective_on') }} as month_number,
        account_days.movement = 'pause' as is_pause,
        account_days.cancelled_on
    from changes
    inner join account_days
        on
            changes.account_id = account_days.account_id
            and changes.effective_on = account_days.effective_on

),

valued as (

    select
        months.month_number as period_number,
        months.month_ends_on as period_end_on,
        windows.window_months,
        opening_rates.opening_on,
        numbered.account_id,
        numbered.effective_on,
        numbered.is_pause,
        numbered.cancelled_on,
        {{ converted('numbered.native_after', 'opening_rates.rate') }}
        - {{ converted(
            '(numbered.native_after - numbered.native_delta)', 'opening_rates.rate'
        ) }} as mrr_delta
    from numbered
    cross join windows
    inner join months
        on
            numbered.month_number <= months.month_number
            and numbered.month_number > months.month_number - windows.window_months
            and months.is_complete
    inner join opening_rates
        on
            numbered.currency = opening_rates.currency
            and months.month_number - windows.window_months
            = opening_rates.month_number

),

summed as (

    select
        period_number,
        window_months,
        opening_on,
        account_id,
        effective_on,
        {{ money('sum(mrr_delta)') }} as mrr_delta,
        bool_and(is_pause) as is_pause,
        max(
            case
                when cancelled_on <= period_end_on then cancelled_on
                else {{ far_future() }}
            end
        ) as cancelled_on
    from valued
    group by period_number, window_months, opening_on, account_id, effective_on

)

select * from summed
