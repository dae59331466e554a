with

checked as (

    select * from {{ ref('int_survey_responses_checked') }}

),

conformed as (

    select
        source_system,
        response_id,
        account_id,
        contact_id,
        kind,
        score,
        answer,
        responded_at
    from checked
    where
        quarantine_rule is null
        and not is_not_yet_known

)

select * from conformed
