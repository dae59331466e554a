with

source as (

    select * from {{ source('stripe_captured', 'looks') }}

),

renamed as (

    select
        cast(entity as string) as entity,
        cast(looked_at as timestamp) as looked_at
    from source

)

select * from renamed
