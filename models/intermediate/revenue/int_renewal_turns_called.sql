{# To a turn come lines that can renew a settlement, and the settlement (number 0). #}
with

offered as (

    select * from {{ ref('int_successors_offered') }}

),

calls as (

    select
        account_id,
        turn,
        line_number as party_number,
        started_on as party_on,
        settles_on,
        rate,
        offered_native,
        cast(0 as decimal(26, 14)) as needed_amount,
        cast(0 as decimal(26, 14)) as unrelated_amount
    from offered

    union all

    select
        account_id,
        turn,
        0 as party_number,
        settles_on as party_on,
        settles_on,
        cast(1 as decimal(13, 8)) as rate,
        cast(0 as decimal(18, 6)) as offered_native,
        max(lacking_amount) as needed_amount,
        -- What came on the day itself is nearer than an early line of no kin.
        max(case when is_due_product then 0 else unrelated_amount end)
            as unrelated_amount
    from offered
    group by account_id, turn, settles_on

)

select * from calls
