with

source as (

    select * from {{ source('salesforce', 'task') }}

),

renamed as (

    select
        cast(source.id as string) as task_id,
        cast(source.account_id as string) as account_id,
        cast(source.who_id as string) as contact_id,
        cast(source.owner_id as string) as owner_id,
        cast(source.type as string) as task_type,
        cast(source.status as string) as status,
        cast(source.activity_date as date) as activity_on,
        cast(source.created_date as timestamp) as created_at,
        source._file as source_file,
        source._line as source_line
    from source
    where not coalesce(source.is_deleted, false)

)

select * from renamed
