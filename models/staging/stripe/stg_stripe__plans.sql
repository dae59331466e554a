with

source as (

    select * from {{ source('stripe', 'plan') }}

),

renamed as (

    select
        cast(source.id as string) as price_id,
        cast(source.product_id as string) as product_id,
        cast(source.nickname as string) as plan,
        cast('recurring' as string) as price_type,
        upper(cast(source.currency as string)) as currency,
        cast(source.interval as string) as billing_interval,
        cast(source.interval_count as bigint) as interval_count,
        cast(source.usage_type as string) as usage_type,
        cast(source.transform_usage_divide_by as bigint) as package_size,
        cast(source.transform_usage_round as string) as package_rounding,
        {{ minor_units(
            'coalesce(source.amount_decimal, source.amount)', 'source.currency'
        ) }} as unit_amount,
        source._file as source_file,
        source._line as source_line
    from source
    where coalesce(source.livemode, true)

)

select * from renamed
