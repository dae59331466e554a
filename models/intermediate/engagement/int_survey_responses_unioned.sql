with

file_responses as (

    select * from {{ ref('stg_files__survey_responses') }}

),

survey_responses as (

    select * from {{ ref('int_survey_responses_shaped') }}

),

labelled as (

    select
        'files' as source_system,
        *
    from file_responses

    union all

    select
        'surveys' as source_system,
        *
    from survey_responses

),

unioned as (

    select
        source_system,
        response_id,
        account_id,
        contact_id,
        kind,
        score,
        answer,
        responded_at,
        source_file,
        source_line
    from labelled

)

select * from unioned
