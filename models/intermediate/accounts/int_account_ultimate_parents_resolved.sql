{# Climbs from owner to owner, keeping at each step only the days on which both hold. #}
with recursive

versions as (

    select * from {{ ref('int_account_versions_conformed') }}

),

edges as (

    select
        account_id,
        parent_account_id,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to
    from versions

),

climbs as (

    select
        account_id,
        account_id as reached_account_id,
        parent_account_id as next_account_id,
        valid_from,
        valid_to,
        0 as depth
    from edges

    union all

    select
        climbs.account_id,
        edges.account_id as reached_account_id,
        edges.parent_account_id as next_account_id,
        greatest(climbs.valid_from, edges.valid_from) as valid_from,
        least(climbs.valid_to, edges.valid_to) as valid_to,
        climbs.depth + 1 as depth
    from climbs
    inner join edges
        on
            climbs.next_account_id = edges.account_id
            and climbs.valid_from < edges.valid_to
            and climbs.valid_to > edges.valid_from
    where climbs.depth < {{ var('max_hierarchy_depth') }}

),

resolved as (

    select
        account_id,
        valid_from,
        nullif(valid_to, {{ far_future() }}) as valid_to,
        case
            when next_account_id is null then reached_account_id
            else account_id
        end as ultimate_parent_id,
        next_account_id is not null as is_parent_cycle
    from climbs
    where
        next_account_id is null
        or depth = {{ var('max_hierarchy_depth') }}

)

select * from resolved
