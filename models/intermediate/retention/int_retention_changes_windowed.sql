{# Every change within each window that it lies in, at the window's opening rate. #}
with

changes as (

    select * from {{ ref('int_graced_changes_accumulated') }}

),

account_days as (

    select * from {{ ref('int_account_days_netted') }}

),

windows as (

    select * from {{ ref('retention_windows') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

opening_rates as (

    select * from {{ ref('int_opening_rates_found') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

complete_months as (

    select dates.month_number
    from dates
    inner join clock
        on dates.date_on <= clock.last_complete_on
    where dates.is_month_end

),

numbered as (

    select
        *,
        {{ month_index('effective_on') }} as month_number
    from changes

),

valued as (

    select
        periods.month_number as period_number,
        windows.window_months,
        opening_rates.opening_on,
        numbered.account_id,
        numbered.effective_on,
        {{ converted('numbered.native_after', 'opening_rates.rate') }}
        - {{ converted(
            '(numbered.native_after - numbered.native_delta)', 'opening_rates.rate'
        ) }} as mrr_delta
    from numbered
    cross join windows
    inner join complete_months as periods
        on
            numbered.month_number <= periods.month_number
            and numbered.month_number > periods.month_number - windows.window_months
    inner join opening_rates
        on
            numbered.currency = opening_rates.currency
            and periods.month_number - windows.window_months
            = opening_rates.month_number

),

summed as (

    select
        period_number,
        window_months,
        opening_on,
        account_id,
        effective_on,
        {{ money('sum(mrr_delta)') }} as mrr_delta
    from valued
    group by period_number, window_months, opening_on, account_id, effective_on

),

windowed as (

    select
        summed.*,
        account_days.is_paused_after
    from summed
    inner join account_days
        on
            summed.account_id = account_days.account_id
            and summed.effective_on = account_days.effective_on

)

select * from windowed
