with

source as (

    select * from {{ source('run', 'mrr_close_entries') }}

),

renamed as (

    select
        cast(close_number as bigint) as close_number,
        cause,
        booked_account_id,
        account_id,
        currency,
        cast(mrr_month as date) as mrr_month,
        movement,
        {{ money('mrr_delta') }} as mrr_delta,
        {{ money('mrr_delta_native') }} as mrr_delta_native
    from source

)

select * from renamed
