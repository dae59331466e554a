-- A returned row is a run of months that does not end where the account's next begins.
with

runs as (

    select
        account_id,
        from_month_number,
        to_month_number,
        lead(from_month_number) over (
            partition by account_id
            order by from_month_number
        ) as next_from_month_number
    from {{ ref('int_account_segments_opened') }}

)

select *
from runs
where next_from_month_number is distinct from to_month_number
