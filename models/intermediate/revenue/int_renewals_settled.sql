{# What the account pays after the day, less what its other lines still pay, renews what
   was due: first the same lines, then whatever took their place. #}
with

items as (

    select * from {{ ref('int_renewal_items_valued') }}

),

-- A line is a subscription's product: what it pays before and after, item ids aside.
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
        max(case when is_before then notice_on end) as notice_on,
        bool_or(not is_due_product and told_end_on is null) as is_unrelated
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
        is_unrelated,
        least(
            before_amount,
            sum(after_amount) over (
                partition by account_id, settles_on, subscription_id, product
            )
        ) as kept_amount
    from lines

),

settlements as (

    select
        account_id,
        settles_on,
        cast(
            sum(case when due_contract_end_on is null then 0 else before_amount end)
            as decimal(26, 14)
        ) as due_amount,
        cast(
            sum(after_amount)
            - sum(case when due_contract_end_on is null then kept_amount else 0 end)
            as decimal(26, 14)
        ) as renewing_amount,
        -- An early successor of the product comes before what is no kin of it.
        cast(
            sum(case when is_unrelated then after_amount - kept_amount else 0 end)
            as decimal(26, 14)
        ) as unrelated_amount
    from compared
    group by account_id, settles_on

),

contracts as (

    select
        account_id,
        settles_on,
        due_contract_end_on,
        max(notice_on) as notice_on,
        cast(sum(before_amount) as decimal(26, 14)) as due_amount,
        cast(sum(kept_amount) as decimal(26, 14)) as kept_amount
    from compared
    where due_contract_end_on is not null
    group by account_id, settles_on, due_contract_end_on

),

kept_first as (

    select
        contracts.account_id,
        contracts.settles_on,
        contracts.due_contract_end_on,
        contracts.notice_on,
        contracts.due_amount,
        settlements.renewing_amount,
        settlements.unrelated_amount,
        settlements.due_amount as settlement_due_amount,
        row_number() over so_far as contract_position,
        greatest(
            least(
                contracts.kept_amount,
                settlements.renewing_amount
                + contracts.kept_amount
                - sum(contracts.kept_amount) over so_far
            ),
            0
        ) as kept_amount
    from contracts
    inner join settlements
        on
            contracts.account_id = settlements.account_id
            and contracts.settles_on = settlements.settles_on
    window so_far as (
        partition by contracts.account_id, contracts.settles_on
        order by contracts.due_contract_end_on
        rows between unbounded preceding and current row
    )

),

swapped as (

    select
        *,
        renewing_amount
        - sum(kept_amount) over (partition by account_id, settles_on)
        + (due_amount - kept_amount)
        - sum(due_amount - kept_amount) over so_far as swapped_amount
    from kept_first
    window so_far as (
        partition by account_id, settles_on
        order by due_contract_end_on
        rows between unbounded preceding and current row
    )

),

settled as (

    select
        account_id,
        due_contract_end_on as contract_end_on,
        settles_on,
        notice_on,
        due_amount,
        cast(
            kept_amount
            + greatest(least(due_amount - kept_amount, swapped_amount), 0)
            as decimal(26, 14)
        ) as won_amount,
        cast(
            kept_amount + greatest(
                least(due_amount - kept_amount, swapped_amount - unrelated_amount), 0
            ) as decimal(26, 14)
        ) as kin_amount,
        cast(
            case
                when contract_position = 1
                    then greatest(renewing_amount - settlement_due_amount, 0)
                else 0
            end as decimal(26, 14)
        ) as uplift_amount
    from swapped

)

select * from settled
