{# What lapsed and came back within the grace: of the due products, or of any product
   where the account paid nothing at all, as the ledger has it. #}
with

items as (

    select * from {{ ref('int_renewal_items_valued') }}

),

settled as (

    select * from {{ ref('int_renewals_settled') }}

),

lapsed as (

    select
        account_id,
        settles_on
    from settled
    group by account_id, settles_on
    having sum(won_amount) < sum(due_amount)

),

due_products as (

    select
        account_id,
        settles_on,
        product
    from items
    where
        is_before
        and due_contract_end_on is not null
    group by account_id, settles_on, product

),

paying_after as (

    select
        account_id,
        settles_on
    from items
    where is_after
    group by account_id, settles_on

),

counted as (

    select
        items.account_id,
        items.settles_on,
        items.valid_from,
        items.valid_to,
        items.amount,
        items.is_after
    from lapsed
    inner join items
        on
            lapsed.account_id = items.account_id
            and lapsed.settles_on = items.settles_on
            and not items.is_open
    left join due_products
        on
            items.account_id = due_products.account_id
            and items.settles_on = due_products.settles_on
            and items.product = due_products.product
    left join paying_after
        on
            items.account_id = paying_after.account_id
            and items.settles_on = paying_after.settles_on
    where
        due_products.product is not null
        or paying_after.account_id is null

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
