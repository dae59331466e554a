with

items_known as (

    select * from {{ ref('int_contract_items_known') }}

),

turns as (

    select
        account_id,
        valid_from as turns_on
    from items_known

    union

    select
        account_id,
        valid_to as turns_on
    from items_known
    where valid_to < {{ far_future() }}

    union

    select
        account_id,
        notice_on as turns_on
    from items_known
    where
        notice_on > valid_from
        and notice_on < valid_to

    union

    select
        account_id,
        end_known_on as turns_on
    from items_known
    where
        end_known_on > valid_from
        and end_known_on < valid_to

    union

    select
        account_id,
        {{ days_after(1, 'decision_on') }} as turns_on
    from items_known
    where
        decision_on >= valid_from
        and {{ days_after(1, 'decision_on') }} < valid_to

    union

    select
        account_id,
        {{ days_after(1, 'contract_end_on') }} as turns_on
    from items_known
    where
        contract_end_on >= valid_from
        and {{ days_after(1, 'contract_end_on') }} < valid_to

)

select * from turns
