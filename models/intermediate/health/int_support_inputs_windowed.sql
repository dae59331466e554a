{# Day D reads every ticket as it stood at the end of D. #}
with

volumes as (

    select * from {{ ref('int_ticket_volumes_windowed') }}

),

solutions as (

    select * from {{ ref('int_ticket_solutions_windowed') }}

),

responses as (

    select * from {{ ref('int_ticket_responses_windowed') }}

),

unioned as (

    select
        account_id,
        input_name,
        counts_from,
        counts_to,
        amount
    from volumes

    union all

    select
        account_id,
        input_name,
        counts_from,
        counts_to,
        amount
    from solutions

    union all

    select
        account_id,
        input_name,
        counts_from,
        counts_to,
        amount
    from responses

),

windowed as (

    select
        account_id,
        input_name,
        counts_from,
        counts_to,
        amount
    from unioned

)

select * from windowed
