{# What the rebuild of Stripe read otherwise than it stands, or could not read. #}
with

items as (

    select * from {{ ref('int_stripe_items_fated') }}

),

discounts as (

    select * from {{ ref('int_stripe_discounts_known') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

prices_billed as (

    select * from {{ ref('int_stripe_prices_billed') }}

),

bills as (

    select * from {{ ref('int_stripe_bills_dated') }}

),

subscription_states as (

    select * from {{ ref('int_stripe_subscription_states_ordered') }}

),

-- Collection is paused, and yet it was paid for: the pause may be over.
bills_of_pauses as (

    select
        bills.*,
        row_number() over (
            partition by bills.subscription_id
            order by bills.billed_on desc
        ) as latest_rank
    from bills
    inner join subscription_states
        on
            bills.subscription_id = subscription_states.subscription_id
            and bills.billed_on > subscription_states.valid_from
            and bills.billed_on
            < coalesce(subscription_states.valid_to, {{ far_future() }})
    where
        subscription_states.status = 'paused'
        and bills.is_paid
        and bills.mrr > 0

),

prices_ranked as (

    select
        *,
        row_number() over (
            partition by item_id
            order by phase_from desc, price_id asc
        ) as latest_rank
    from prices_billed
    where is_believed

),

warned as (

    select
        'subscription_item' as entity,
        source_file,
        source_line,
        rule,
        concat_ws('|', subscription_id, item_id) as row_key
    from items
    where rule = 'subscription of the item was not landed'

    union all

    select
        'discount' as entity,
        min(source_file) as source_file,
        min(source_line) as source_line,
        'coupon of a discount was not landed: it takes nothing off' as rule,
        concat_ws('|', discount_id, coupon_id) as row_key
    from discounts
    where not is_coupon_landed
    group by discount_id, coupon_id

    union all

    select
        'discount' as entity,
        min(discounts.source_file) as source_file,
        min(discounts.source_line) as source_line,
        'coupon is in another currency than its subscription: it takes nothing off'
            as rule,
        concat_ws('|', discounts.discount_id, discounts.coupon_id) as row_key
    from discounts
    inner join subscriptions
        on discounts.subscription_id = subscriptions.subscription_id
    where
        discounts.amount_off > 0
        and discounts.currency <> subscriptions.currency
    group by discounts.discount_id, discounts.coupon_id

    union all

    select
        'invoice_line_item' as entity,
        source_file,
        source_line,
        'price read from its bills' as rule,
        concat_ws(
            '|',
            item_id,
            concat_ws(' ', 'billed', cast(unit_amount as string), currency),
            case
                when price_amount is null then 'price tells none'
                else concat_ws(
                    ' ', 'price tells', cast(price_amount as string), price_currency
                )
            end
        ) as row_key
    from prices_ranked
    where latest_rank = 1

    union all

    select
        'invoice_line_item' as entity,
        source_file,
        source_line,
        'paid for in a pause, in which it has no MRR' as rule,
        concat_ws(
            '|',
            subscription_id,
            concat_ws(
                ' ', 'billed', cast({{ money('mrr') }} as string), currency,
                'on', cast(billed_on as string)
            )
        ) as row_key
    from bills_of_pauses
    where latest_rank = 1

)

select * from warned
