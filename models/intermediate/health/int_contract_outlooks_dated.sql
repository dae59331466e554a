{#
    The next renewal decision still ahead, whether notice covers all that is paid for, and
    the seats: those of the largest product, as an add-on seats the same people.
#}
with

items_known as (

    select * from {{ ref('int_contract_items_known') }}

),

turns as (

    select * from {{ ref('int_contract_turns_listed') }}

),

in_force as (

    select
        turns.account_id,
        turns.turns_on,
        items_known.product,
        items_known.quantity,
        coalesce(items_known.notice_on <= turns.turns_on, false) as is_notice_given,
        items_known.is_billed_monthly
        and (
            items_known.contract_end_on is null
            or turns.turns_on < items_known.end_known_on
        ) as is_month_to_month,
        case
            when
                turns.turns_on >= items_known.end_known_on
                and turns.turns_on <= items_known.decision_on
                then items_known.decision_on
        end as decision_on,
        case
            when
                turns.turns_on >= items_known.end_known_on
                and turns.turns_on <= items_known.contract_end_on
                then items_known.contract_end_on
        end as contract_end_on
    from turns
    inner join items_known
        on
            turns.account_id = items_known.account_id
            and turns.turns_on >= items_known.valid_from
            and turns.turns_on < items_known.valid_to

),

products as (

    select
        account_id,
        turns_on,
        product,
        sum(quantity) as quantity,
        min(decision_on) as decision_on,
        min(contract_end_on) as contract_end_on,
        bool_and(is_notice_given) as is_notice_given,
        bool_and(is_month_to_month) as is_month_to_month
    from in_force
    group by account_id, turns_on, product

),

outlooks as (

    select
        turns.account_id,
        turns.turns_on,
        cast(max(products.quantity) as double) as seat_count,
        min(products.decision_on) as decision_on,
        min(products.contract_end_on) as contract_end_on,
        coalesce(bool_and(products.is_notice_given), false) as is_notice_given,
        coalesce(bool_and(products.is_month_to_month), false) as is_month_to_month
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
        contract_end_on,
        is_notice_given,
        is_month_to_month
    from outlooks

)

select * from dated
