{# What a run saw stays: what changes counts from its day, or the look that saw it. #}
with

captures as (

    select * from {{ ref('int_contact_captures_unioned') }}

),

known_accounts as (

    select * from {{ ref('int_known_accounts_listed') }}

),

personas as (

    select * from {{ ref('personas') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

compared as (

    select
        *,
        lag(left_on) over by_look as former_left_on,
        lag(joined_on) over by_look as former_joined_on,
        coalesce(lag(has_left) over by_look, false) as had_left
    from captures
    window by_look as (
        partition by source_system, contact_id
        order by capture_number
    )

),

-- A change counts from the day it tells, if the look before could not know it yet.
turned as (

    select
        *,
        has_left
        and (not had_left or coalesce(former_left_on > seen_on, false)) as is_leaving,
        greatest(
            coalesce(joined_on, {{ the_beginning() }}),
            case
                when looked_on is null then {{ the_beginning() }}
                else coalesce(
                    least(
                        case
                            when
                                joined_on is distinct from former_joined_on
                                and joined_on > looked_on
                                and joined_on <= seen_on
                                then joined_on
                        end,
                        case
                            when
                                left_on is distinct from former_left_on
                                and left_on > looked_on
                                and left_on <= seen_on
                                then left_on
                        end
                    ),
                    seen_on
                )
            end
        ) as counts_from
    from compared

),

leaving as (

    select
        *,
        coalesce(
            lead(counts_from) over (
                partition by source_system, contact_id
                order by capture_number
            ),
            {{ far_future() }}
        ) as counts_to,
        case
            when is_leaving and looked_on is null then coalesce(left_on, gone_by)
            when is_leaving then greatest(coalesce(left_on, gone_by), counts_from)
        end as told_left_on
    from turned

),

dated as (

    select
        leaving.source_system,
        leaving.contact_id,
        known_accounts.account_id,
        lower(trim(leaving.email)) as email,
        personas.persona,
        leaving.counts_from,
        leaving.counts_to,
        case
            when leaving.has_left
                then coalesce(
                    leaving.told_left_on,
                    max(leaving.told_left_on) over (
                        partition by leaving.source_system, leaving.contact_id
                        order by leaving.capture_number
                        rows between unbounded preceding and current row
                    )
                )
        end as left_on,
        lead(known_accounts.account_id) over (
            partition by leaving.source_system, leaving.contact_id
            order by leaving.capture_number
        ) as next_account_id,
        leaving.is_gone
        or coalesce(leaving.left_on < leaving.joined_on, false) as is_gone,
        leaving.capture_number
    from leaving
    left join known_accounts
        on leaving.account_id = known_accounts.known_account_id
    left join personas
        on replace(lower(trim(leaving.role)), '_', ' ') = personas.role

),

-- What a contact did counts until it left, moved, or was seen to be gone.
versions as (

    select
        dated.source_system,
        dated.contact_id,
        dated.account_id,
        dated.email,
        dated.persona,
        dated.counts_from,
        dated.counts_to,
        case
            when
                dated.left_on < dated.counts_to
                and dated.left_on <= clock.as_of_on
                then dated.left_on
        end as left_on,
        coalesce(
            min(
                case
                    when dated.is_gone then dated.counts_from
                    when
                        dated.left_on < dated.counts_to
                        and dated.left_on <= clock.as_of_on
                        then dated.left_on
                    when
                        dated.counts_to < {{ far_future() }}
                        and dated.account_id is distinct from dated.next_account_id
                        then dated.counts_to
                end
            ) over (
                partition by dated.source_system, dated.contact_id
                order by dated.capture_number
                rows between current row and unbounded following
            ),
            {{ far_future() }}
        ) as ends_on,
        dated.is_gone,
        dated.capture_number
    from dated
    cross join clock
    where dated.counts_from <= clock.as_of_on

)

select * from versions
where
    account_id is not null
    and not is_gone
    and counts_from < counts_to
