with

source as (

    select * from {{ source('surveys', 'responses') }}

),

renamed as (

    select
        cast(response_id as string) as response_id,
        cast(crm_account_id as string) as crm_account_id,
        cast(contact_id as string) as contact_id,
        cast(kind as string) as kind,
        cast(score as double) as score,
        cast(answer as string) as answer,
        cast(responded_at as timestamp) as responded_at,
        _file as source_file,
        _line as source_line
    from source

)

select * from renamed
