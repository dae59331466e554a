{# A charge for the rest of a period tells no whole amount, and one that is given back
   on its day tells none: what of such a day holds is not on its bill. #}
with

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

lines_billed as (

    select
        lines.*,
        cast(lines.period_started_at as date) as billed_on,
        coalesce(lines.is_proration, false)
        or bool_or(lines.is_credit) over (
            partition by
                lines.item_id,
                lines.price_id,
                lines.quantity,
                lines.period_ends_at,
                cast(lines.period_started_at as date)
        ) as is_partial
    from lines
    cross join clock
    where
        not lines.is_metered
        and not lines.is_void
        and cast(lines.period_started_at as date) <= clock.as_of_on

),

bills as (

    select
        subscription_id,
        billed_on,
        min(currency) as currency,
        cast(sum(quantity_priced) as decimal(18, 2)) as quantity,
        sum(cast(amount as double) * periods_per_month) as mrr,
        sum(cast({{ minor_units('1', 'currency') }} as double) * periods_per_month)
            as rounding,
        bool_or(is_paid) as is_paid,
        bool_or(is_partial) as is_partial,
        min(source_file) as source_file,
        min(source_line) as source_line
    from lines_billed
    where not is_credit
    group by subscription_id, billed_on

)

select * from bills
