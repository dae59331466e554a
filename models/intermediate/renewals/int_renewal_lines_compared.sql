{# A line is a subscription's product: what it pays before and after, item ids aside. #}
with

items as (

    select * from {{ ref('int_renewal_items_valued') }}

),

lines as (

    select
        account_id,
        settles_on,
        subscription_id,
        product,
        due_contract_end_on,
        cast(sum(case when is_before then amount else 0 end) as decimal(26, 14))
            as before_amount,
        cast(sum(case when is_after then amount else 0 end) as decimal(26, 14))
            as after_amount,
        max(case when is_before then notice_on end) as notice_on
    from items
    group by account_id, settles_on, subscription_id, product, due_contract_end_on

),

compared as (

    select
        account_id,
        settles_on,
        due_contract_end_on,
        notice_on,
        before_amount,
        after_amount,
        least(
            before_amount,
            sum(after_amount) over (
                partition by account_id, settles_on, subscription_id, product
            )
        ) as kept_amount
    from lines

)

select * from compared
