with

file_responses as (

    select * from {{ ref('stg_files__survey_responses') }}

),

survey_responses as (

    select * from {{ ref('int_survey_responses_shaped') }}

),

unioned as (

    select
        'files' as source_system,
        *
    from file_responses

    union all

    select
        'surveys' as source_system,
        *
    from survey_responses

)

select * from unioned
