{# What is left when a foreign balance moved with its rate: the month is then exact. #}
with

balances as (

    select * from {{ ref('int_mrr_balances_accumulated') }}

),

month_rates as (

    select * from {{ ref('int_month_rates_paired') }}

),

booked as (

    select * from {{ ref('int_mrr_movements_booked') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- A balance that sleeps through a month of an unchanged rate leaves nothing.
amounts as (

    select
        balances.account_id,
        balances.currency,
        month_rates.month_number,
        case
            when balances.valid_to <= month_rates.closing_on then 0
            else {{ converted('balances.mrr_native', 'month_rates.closing_rate') }}
        end
        - case
            when balances.valid_from <= month_rates.opening_on
                then {{ converted('balances.mrr_native', 'month_rates.opening_rate') }}
            else 0
        end as mrr_delta
    from balances
    inner join month_rates
        on
            balances.currency = month_rates.currency
            and balances.valid_from <= month_rates.closing_on
            and coalesce(balances.valid_to, {{ far_future() }}) > month_rates.opening_on
            and (
                month_rates.closing_rate <> month_rates.opening_rate
                or balances.valid_from > month_rates.opening_on
                or balances.valid_to <= month_rates.closing_on
            )
    where balances.mrr_native > 0

    union all

    select
        booked.account_id,
        booked.currency,
        {{ month_index('booked.effective_on') }} as month_number,
        -booked.mrr_delta as mrr_delta
    from booked
    inner join clock
        on booked.currency <> clock.reporting_currency

),

remainders as (

    select
        account_id,
        currency,
        month_number,
        {{ money('sum(mrr_delta)') }} as mrr_delta
    from amounts
    group by account_id, currency, month_number

),

derived as (

    select
        remainders.account_id,
        remainders.currency,
        months.closing_on as effective_on,
        remainders.mrr_delta
    from remainders
    inner join months
        on remainders.month_number = months.month_number
    where remainders.mrr_delta <> 0

)

select * from derived
