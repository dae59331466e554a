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

flagged as (

    select
        *,
        bool_or(is_before and due_contract_end_on is not null) over (
            partition by account_id, settles_on, product
        ) as is_due_product,
        bool_or(is_after) over (partition by account_id, settles_on) as is_paying_after
    from items
    where not is_open

),

counted as (

    select
        flagged.account_id,
        flagged.settles_on,
        flagged.valid_from,
        flagged.valid_to,
        flagged.amount,
        flagged.is_after
    from lapsed
    inner join flagged
        on
            lapsed.account_id = flagged.account_id
            and lapsed.settles_on = flagged.settles_on
            and (flagged.is_due_product or not flagged.is_paying_after)

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
