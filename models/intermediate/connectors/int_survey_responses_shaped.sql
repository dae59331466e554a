{# A ticket rating is a CSAT answer at one of the two ends of its scale. An offer to
   rate is no answer. #}
with

responses as (

    select * from {{ ref('stg_surveys__responses') }}

),

ratings as (

    select * from {{ ref('stg_zendesk__satisfaction_ratings') }}

),

tickets as (

    select * from {{ ref('int_zendesk_tickets_shaped') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

shaped as (

    select
        responses.response_id,
        identities.account_id,
        responses.contact_id,
        responses.kind,
        responses.score,
        responses.answer,
        responses.responded_at,
        responses.source_file,
        responses.source_line
    from responses
    left join identities
        on
            responses.crm_account_id = identities.source_account_id
            and identities.source_system = 'surveys'

    union all

    select
        concat_ws(':', 'zendesk', ratings.rating_id) as response_id,
        tickets.account_id,
        cast(null as string) as contact_id,
        'csat' as kind,
        cast(
            case when ratings.score like 'good%' then 5 else 1 end as double
        ) as score,
        cast(null as string) as answer,
        ratings.rated_at as responded_at,
        ratings.source_file,
        ratings.source_line
    from ratings
    left join tickets
        on ratings.ticket_id = tickets.ticket_id
    where
        ratings.score like 'good%'
        or ratings.score like 'bad%'

)

select * from shaped
