{# The bill is what the customer saw: it is asked whether the rebuilt book is right. #}
with

bills as (

    select * from {{ ref('int_stripe_bills_dated') }}

),

lines as (

    select * from {{ ref('int_stripe_lines_filtered') }}

),

subscription_states as (

    select * from {{ ref('int_stripe_subscription_states_ordered') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

prices_billed as (

    select * from {{ ref('int_stripe_prices_billed') }}

),

-- A bill of nothing is a trial or a gift, and one of a pause or of a day on which it
-- ended says nothing of what is paid from then on.
bills_ranked as (

    select
        bills.*,
        row_number() over (
            partition by bills.subscription_id
            order by bills.billed_on desc
        ) as latest_rank
    from bills
    left join subscription_states
        on
            bills.subscription_id = subscription_states.subscription_id
            and bills.billed_on >= subscription_states.valid_from
            and bills.billed_on
            < coalesce(subscription_states.valid_to, {{ far_future() }})
    where
        bills.mrr > 0
        and not bills.is_partial
        and (
            coalesce(subscription_states.status, 'active') in ('active', 'past_due')
            or subscription_states.status = 'ended'
            and subscription_states.valid_from < bills.billed_on
        )

),

-- What an earlier line still covers is on no bill of the day: it is billed at its own.
-- A year that became a month is covered by what is billed since.
items_covered as (

    select
        bills_ranked.subscription_id,
        lines.item_id
    from bills_ranked
    inner join lines
        on
            bills_ranked.subscription_id = lines.subscription_id
            and bills_ranked.billed_on >= cast(lines.period_started_at as date)
            and bills_ranked.billed_on < cast(lines.period_ends_at as date)
    where
        bills_ranked.latest_rank = 1
        and not lines.is_metered
        and not lines.is_void
        and not lines.is_credit
    group by bills_ranked.subscription_id, bills_ranked.billed_on, lines.item_id
    having max(cast(lines.period_started_at as date)) < bills_ranked.billed_on

),

believed as (

    select bills_ranked.subscription_id
    from bills_ranked
    inner join prices_billed
        on
            bills_ranked.subscription_id = prices_billed.subscription_id
            and bills_ranked.billed_on >= prices_billed.phase_from
            and bills_ranked.billed_on < prices_billed.phase_to
    where bills_ranked.latest_rank = 1 and prices_billed.is_believed
    group by bills_ranked.subscription_id

),

rebuilt as (

    select
        bills_ranked.subscription_id,
        min(items.currency) as currency,
        cast(sum(items.quantity) as decimal(18, 2)) as quantity,
        sum(items.gross_mrr) as mrr
    from bills_ranked
    inner join items
        on
            bills_ranked.subscription_id = items.subscription_id
            and bills_ranked.billed_on >= items.valid_from
            and bills_ranked.billed_on < coalesce(items.valid_to, {{ far_future() }})
    left join items_covered
        on
            items.subscription_id = items_covered.subscription_id
            and items.item_id = items_covered.item_id
    where
        bills_ranked.latest_rank = 1
        and items.source_system = 'stripe'
        and items.status in ('active', 'past_due')
        and items.usage_mrr = 0
        and items_covered.item_id is null
    group by bills_ranked.subscription_id

),

compared as (

    select
        bills_ranked.subscription_id,
        case
            when rebuilt.subscription_id is null then 'billed, and no MRR was rebuilt'
            when bills_ranked.currency <> rebuilt.currency
                then 'the newest bill is in another currency than the MRR'
            when bills_ranked.quantity <> rebuilt.quantity
                then 'the newest bill is of another quantity than the MRR'
            when
                not {{ nearly_at_most(
                    'abs(bills_ranked.mrr - cast(rebuilt.mrr as double))',
                    'bills_ranked.rounding'
                ) }}
                then 'the newest bill is of another amount than the MRR'
        end as disagreement,
        concat_ws(
            ' ', 'billed', cast({{ money('bills_ranked.mrr') }} as string),
            bills_ranked.currency, 'for', cast(bills_ranked.quantity as string)
        ) as billed,
        concat_ws(
            ' ', 'rebuilt', cast({{ money('coalesce(rebuilt.mrr, 0)') }} as string),
            rebuilt.currency, 'for', cast(coalesce(rebuilt.quantity, 0) as string)
        ) as rebuilt,
        bills_ranked.billed_on,
        believed.subscription_id is not null as is_price_believed,
        bills_ranked.source_file,
        bills_ranked.source_line
    from bills_ranked
    left join rebuilt
        on bills_ranked.subscription_id = rebuilt.subscription_id
    left join believed
        on bills_ranked.subscription_id = believed.subscription_id
    where bills_ranked.latest_rank = 1

)

select * from compared
