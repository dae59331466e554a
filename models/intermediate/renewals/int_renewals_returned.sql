{# What lapsed and came back within the grace: of the due products, or of any product
   where the account paid nothing at all, as the ledger has it. #}
with

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

items as (

    select * from {{ ref('int_renewal_items_valued') }}

),

settled as (

    select * from {{ ref('int_renewals_settled') }}

),

early as (

    select
        account_id,
        settles_on,
        sum(early_amount) as early_amount
    from successors
    group by account_id, settles_on

),

lapsed as (

    select
        settled.account_id,
        settled.settles_on,
        sum(settled.won_amount) + coalesce(max(early.early_amount), 0) = 0 as is_whole
    from settled
    left join early
        on
            settled.account_id = early.account_id
            and settled.settles_on = early.settles_on
    group by settled.account_id, settled.settles_on
    having
        sum(settled.won_amount) + coalesce(max(early.early_amount), 0)
        < sum(settled.due_amount)

),

-- What renews another contract early came for that; what it has left may be a return.
spoken_for as (

    select
        account_id,
        currency,
        subscription_id,
        product,
        started_on,
        sum(uplift_amount) as left_amount
    from successors
    group by account_id, currency, subscription_id, product, started_on

),

counted as (

    select
        items.account_id,
        items.settles_on,
        items.valid_from,
        items.valid_to,
        case
            when spoken_for.account_id is null then items.amount
            when lapsed.is_whole and items.valid_from = items.line_started_on
                then least(items.amount, spoken_for.left_amount)
            else 0
        end as amount,
        items.is_after
    from lapsed
    inner join items
        on
            lapsed.account_id = items.account_id
            and lapsed.settles_on = items.settles_on
            and (items.is_due_product or not items.is_paying_after)
    left join spoken_for
        on
            items.account_id = spoken_for.account_id
            and items.currency = spoken_for.currency
            and items.subscription_id = spoken_for.subscription_id
            and items.product = spoken_for.product
            and items.line_started_on = spoken_for.started_on
            and items.settles_on < spoken_for.started_on
    where not items.is_open

),

return_days as (

    select
        account_id,
        settles_on,
        valid_from as returns_on
    from counted
    where valid_from > settles_on
    group by account_id, settles_on, valid_from

),

levels as (

    select
        return_days.account_id,
        return_days.settles_on,
        return_days.returns_on,
        cast(
            sum(
                case
                    when counted.valid_to > return_days.returns_on then counted.amount
                    else 0
                end
                - case when counted.is_after then counted.amount else 0 end
            ) as decimal(26, 14)
        ) as returned_amount
    from return_days
    inner join counted
        on
            return_days.account_id = counted.account_id
            and return_days.settles_on = counted.settles_on
            and return_days.returns_on >= counted.valid_from
    group by return_days.account_id, return_days.settles_on, return_days.returns_on

),

returned as (

    select
        account_id,
        settles_on,
        min(returns_on) as returned_on,
        max(returned_amount) as returned_amount
    from levels
    where returned_amount > 0
    group by account_id, settles_on

)

select * from returned
