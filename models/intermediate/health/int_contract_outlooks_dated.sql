{#
    The next renewal decision still ahead, whether notice covers all that is paid for, and
    the seats: those of the largest product, as an add-on seats the same people.
#}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

paying as (

    select
        account_id,
        product,
        quantity,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to,
        notice_on,
        {{ days_after('-coalesce(notice_period_days, 0)', 'contract_end_on') }}
            as decision_on
    from items
    where is_paying

),

turns as (

    select
        account_id,
        valid_from as turns_on
    from paying

    union

    select
        account_id,
        valid_to as turns_on
    from paying
    where valid_to < {{ far_future() }}

    union

    select
        account_id,
        notice_on as turns_on
    from paying
    where
        notice_on > valid_from
        and notice_on < valid_to

    union

    select
        account_id,
        {{ days_after(1, 'decision_on') }} as turns_on
    from paying
    where
        decision_on >= valid_from
        and decision_on < valid_to

),

products as (

    select
        turns.account_id,
        turns.turns_on,
        paying.product,
        sum(paying.quantity) as quantity,
        min(case when paying.decision_on >= turns.turns_on then paying.decision_on end)
            as decision_on,
        bool_and(coalesce(paying.notice_on <= turns.turns_on, false))
            as is_notice_given
    from turns
    inner join paying
        on
            turns.account_id = paying.account_id
            and turns.turns_on >= paying.valid_from
            and turns.turns_on < paying.valid_to
    group by turns.account_id, turns.turns_on, paying.product

),

outlooks as (

    select
        turns.account_id,
        turns.turns_on,
        cast(max(products.quantity) as double) as seat_count,
        min(products.decision_on) as decision_on,
        coalesce(bool_and(products.is_notice_given), false) as is_notice_given
    from turns
    left join products
        on
            turns.account_id = products.account_id
            and turns.turns_on = products.turns_on
    group by turns.account_id, turns.turns_on

),

dated as (

    select
        account_id,
        turns_on as valid_from,
        lead(turns_on) over (
            partition by account_id
            order by turns_on
        ) as valid_to,
        seat_count,
        decision_on,
        is_notice_given
    from outlooks

)

select * from dated
