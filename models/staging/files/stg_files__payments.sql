with

source as (

    select * from {{ source('files', 'payments') }}

),

renamed as (

    select
        cast(payment_id as string) as payment_id,
        cast(account_id as string) as account_id,
        cast(attempted_at as timestamp) as attempted_at,
        cast(status as string) as status,
        cast(invoice_id as string) as invoice_id,
        cast(amount as decimal(18, 6)) as amount,
        upper(cast(currency as string)) as currency,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
