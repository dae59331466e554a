with

source as (

    select * from {{ source('stripe', 'coupon') }}

),

renamed as (

    select
        cast(id as string) as coupon_id,
        cast(duration as string) as duration,
        cast(duration_in_months as bigint) as duration_in_months,
        upper(cast(currency as string)) as currency,
        cast(percent_off as decimal(9, 4)) as percent_off,
        {{ minor_units('amount_off', 'currency') }} as amount_off,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
