with

source as (

    select * from {{ source('salesforce', 'opportunity') }}

),

renamed as (

    select
        cast(source.id as string) as opportunity_id,
        cast(source.account_id as string) as account_id,
        cast(source.owner_id as string) as owner_id,
        cast(source.type as string) as opportunity_type,
        cast(source.stage_name as string) as stage_name,
        cast(source.created_date as timestamp) as created_at,
        cast(source.close_date as date) as closes_on,
        cast(source.amount as decimal(18, 2)) as amount,
        cast(source.is_closed as boolean) as is_closed,
        cast(source.is_won as boolean) as is_won,
        source._file as source_file,
        source._line as source_line
    from source
    where not coalesce(source.is_deleted, false)

)

select * from renamed
