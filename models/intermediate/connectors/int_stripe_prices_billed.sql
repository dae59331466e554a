{# The bill is believed where the price cannot be read, and where two bills in a row
   agree with each other and not with it. One alone may be a mistake. #}
with

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

bills as (

    select
        subscription_id,
        item_id,
        price_id,
        cast(period_started_at as date) as billed_on,
        max(currency) as currency,
        sum(quantity_priced) as quantity,
        sum(amount) as amount,
        max(unit_amount) as price_amount,
        max(price_currency) as price_currency,
        bool_and(is_interval_told) as is_interval_told,
        max(case when is_interval_told then billing_interval else billed_interval end)
            as billing_interval,
        max(
            case
                when is_interval_told then interval_count
                else billed_interval_count
            end
        ) as interval_count,
        min(source_file) as source_file,
        min(source_line) as source_line
    from lines
    where
        not coalesce(is_proration, false)
        and not is_void
        and not is_metered
    group by subscription_id, item_id, price_id, cast(period_started_at as date)
    having sum(quantity_priced) > 0

),

-- A bill of nothing is a trial or a gift: of a price that can be read it says nothing.
judged as (

    select
        *,
        coalesce(
            is_interval_told
            and currency = price_currency
            and {{ nearly_at_most(
                'abs(cast(amount as double)'
                ~ ' - cast(price_amount as double) * cast(quantity as double))',
                'cast(' ~ minor_units('1', 'currency') ~ ' as double)'
            ) }},
            false
        ) as is_agreed,
        {{ money('amount / nullif(quantity, 0)') }} as unit_amount
    from bills
    where
        amount > 0
        or amount = 0 and price_amount is null

),

-- Where every bill agrees with the price there is nothing to ask.
denied as (

    select
        item_id,
        price_id
    from judged
    where not is_agreed
    group by item_id, price_id

),

compared as (

    select
        judged.*,
        count(case when judged.is_agreed then 1 end) over (
            partition by judged.item_id, judged.price_id
            order by judged.billed_on
            rows between unbounded preceding and current row
        ) as bills_agreed,
        concat_ws(
            '|',
            cast(judged.amount as string),
            cast(judged.quantity as string),
            judged.currency,
            judged.billing_interval,
            cast(judged.interval_count as string)
        ) as bill,
        concat_ws(
            '|',
            cast(judged.unit_amount as string),
            judged.currency,
            judged.billing_interval,
            cast(judged.interval_count as string)
        ) as terms
    from judged
    inner join denied
        on
            judged.item_id = denied.item_id
            and judged.price_id = denied.price_id

),

repeated as (

    select
        *,
        not is_agreed
        and (
            bill = coalesce(
                lag(bill) over (
                    partition by item_id, price_id
                    order by billed_on
                ),
                'none'
            )
            or bill = coalesce(
                lead(bill) over (
                    partition by item_id, price_id
                    order by billed_on
                ),
                'none'
            )
        ) as is_repeated
    from compared

),

believed as (

    select
        *,
        not is_agreed
        and billing_interval is not null
        and (
            price_amount is null
            or bool_or(is_repeated) over (
                partition by item_id, price_id, bills_agreed
                order by billed_on
                rows between unbounded preceding and current row
            )
        ) as is_believed
    from repeated

),

changed as (

    select
        *,
        lag(case when is_believed then terms else 'price' end) over (
            partition by item_id, price_id
            order by billed_on
        ) as previous_terms
    from believed

),

phased as (

    select
        subscription_id,
        item_id,
        price_id,
        case
            when previous_terms is null then {{ the_beginning() }}
            else billed_on
        end as phase_from,
        coalesce(
            lead(billed_on) over (
                partition by item_id, price_id
                order by billed_on
            ),
            {{ far_future() }}
        ) as phase_to,
        case when is_believed then unit_amount end as unit_amount,
        case when is_believed then currency end as currency,
        case when is_believed then billing_interval end as billing_interval,
        case when is_believed then interval_count end as interval_count,
        price_amount,
        price_currency,
        is_believed,
        source_file,
        source_line
    from changed
    where
        previous_terms is null
        or previous_terms <> case when is_believed then terms else 'price' end

)

select * from phased
