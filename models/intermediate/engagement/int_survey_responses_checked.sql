with

responses as (

    select * from {{ ref('int_survey_responses_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

checked as (

    select
        responses.source_system,
        responses.response_id,
        known_accounts.account_id,
        responses.contact_id,
        responses.kind,
        responses.score,
        responses.answer,
        responses.responded_at,
        responses.response_id as row_key,
        responses.source_file,
        responses.source_line,
        responses.responded_at > clock.as_of_at as is_not_yet_known,
        case
            when known_accounts.account_id is null then 'account is unknown'
            when responses.responded_at < cast('{{ var("calendar_from") }}' as date)
                then 'happened before the calendar begins'
            when responses.kind in ('nps', 'csat') and responses.score is null
                then 'score is missing'
            when responses.kind = 'nps' and responses.score not between 0 and 10
                then 'score is off its scale'
            when responses.kind = 'csat' and responses.score not between 1 and 5
                then 'score is off its scale'
        end as quarantine_rule
    from responses
    cross join clock
    left join known_accounts
        on responses.account_id = known_accounts.known_account_id

)

select * from checked
