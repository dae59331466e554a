with

file_items as (

    select * from {{ ref('stg_files__subscription_items') }}

),

unioned as (

    select
        'files' as source_system,
        *,
        'stated' as evidence
    from file_items

)

select * from unioned
