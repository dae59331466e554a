{# Tags have no order in Zendesk: the topic is the first by name. #}
with

tickets as (

    select * from {{ ref('stg_zendesk__tickets') }}

),

ticket_tags as (

    select * from {{ ref('stg_zendesk__ticket_tags') }}

),

users as (

    select * from {{ ref('stg_zendesk__users') }}

),

statuses as (

    select * from {{ ref('int_zendesk_ticket_statuses_summed') }}

),

first_responses as (

    select * from {{ ref('int_zendesk_first_responses_found') }}

),

identities as (

    select * from {{ ref('int_account_identities_matched') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

topics as (

    select
        ticket_id,
        min(tag) as topic,
        bool_or(lower(tag) = 'closed_by_merge') as is_merged
    from ticket_tags
    group by ticket_id

),

-- A survivor names those it took in, mostly of the person who asked both, in a list
-- with whatever brackets, quotes and marks, and perhaps as fractions: [101.0].
taken_in as (

    select tickets.ticket_id
    from tickets
    inner join tickets as survivors
        on
            tickets.requester_id = survivors.requester_id
            and tickets.ticket_id <> survivors.ticket_id
            and replace(
                concat(
                    ',',
                    translate(survivors.merged_ticket_ids, '; |[]{}()"''', ',,,'),
                    ','
                ),
                '.0,',
                ','
            ) like concat('%,', tickets.ticket_id, ',%')
    where survivors.merged_ticket_ids is not null
    group by tickets.ticket_id

),

shaped as (

    select
        tickets.ticket_id,
        identities.account_id,
        tickets.opened_at,
        first_responses.first_response_at,
        case
            when statuses.is_solved then statuses.last_solved_at
            when
                statuses.ticket_id is null
                and tickets.status in ('solved', 'closed')
                and tickets.updated_at <= clock.as_of_at
                then tickets.updated_at
        end as solved_at,
        coalesce(statuses.reopened_count, 0) as reopened_count,
        lower(tickets.priority) as severity,
        topics.topic,
        coalesce(topics.is_merged, false)
        or taken_in.ticket_id is not null as is_merged,
        tickets.source_file,
        tickets.source_line
    from tickets
    cross join clock
    left join users
        on tickets.requester_id = users.user_id
    left join identities
        on
            coalesce(tickets.organization_id, users.organization_id)
            = identities.source_account_id
            and identities.source_system = 'zendesk'
    left join statuses
        on tickets.ticket_id = statuses.ticket_id
    left join first_responses
        on tickets.ticket_id = first_responses.ticket_id
    left join topics
        on tickets.ticket_id = topics.ticket_id
    left join taken_in
        on tickets.ticket_id = taken_in.ticket_id

)

select * from shaped
