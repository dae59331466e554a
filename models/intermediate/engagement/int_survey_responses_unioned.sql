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
        response_id,
        account_id,
        contact_id,
        kind,
        score,
        answer,
        responded_at,
        source_file,
        source_line
    from file_responses

    union all

    select
        'surveys' as source_system,
        response_id,
        account_id,
        contact_id,
        kind,
        score,
        answer,
        responded_at,
        source_file,
        source_line
    from survey_responses

)

select * from unioned
