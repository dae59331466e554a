with

source as (

    select * from {{ source('run', 'blanked_values') }}

),

renamed as (

    select
        source as source_system,
        entity,
        file as source_file,
        line as source_line,
        concat_ws(' ', 'a bad value is read as missing:', column_name, rule) as rule,
        column_name,
        value as column_value,
        row_key
    from source

)

select * from renamed
