with

source as (

    select * from {{ source('stripe', 'price') }}

),

renamed as (

    select
        cast(source.id as string) as price_id,
        cast(source.product_id as string) as product_id,
        cast(source.nickname as string) as plan,
        cast(source.type as string) as price_type,
        upper(cast(source.currency as string)) as currency,
        cast(source.recurring_interval as string) as billing_interval,
        cast(source.recurring_interval_count as bigint) as interval_count,
        cast(source.recurring_usage_type as string) as usage_type,
        lower(cast(source.tax_behavior as string)) as tax_behavior,
        cast(source.transform_quantity_divide_by as bigint) as package_size,
        cast(source.transform_quantity_round as string) as package_rounding,
        {{ minor_units(
            'coalesce(source.unit_amount_decimal, source.unit_amount)', 'source.currency'
        ) }} as unit_amount,
        source._file as source_file,
        source._line as source_line
    from source
    where coalesce(source.livemode, true)

)

select * from renamed
