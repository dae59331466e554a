with

source as (

    select * from {{ source('stripe', 'invoice') }}

),

renamed as (

    select
        cast(id as string) as invoice_id,
        cast(customer_id as string) as customer_id,
        cast(subscription_id as string) as subscription_id,
        cast(status as string) as status,
        cast(billing_reason as string) as billing_reason,
        upper(cast(currency as string)) as currency,
        cast(created as timestamp) as created_at,
        cast(due_date as timestamp) as due_at,
        {{ minor_units('total', 'currency') }} as total,
        {{ minor_units('amount_paid', 'currency') }} as amount_paid,
        {{ minor_units('amount_remaining', 'currency') }} as amount_remaining,
        cast(attempt_count as bigint) as attempt_count,
        cast(is_deleted as boolean) as is_deleted,
        cast(_fivetran_synced as timestamp) as synced_at,
        _file as source_file,
        _line as source_line
    from source
    where coalesce(livemode, true)

)

select * from renamed
