{# Attributes, ultimate parent and tier, cut wherever any of them changes. #}
with

versions as (

    select * from {{ ref('int_account_versions_conformed') }}

),

parents as (

    select * from {{ ref('int_account_ultimate_parents_resolved') }}

),

tiers_assigned as (

    select * from {{ ref('int_account_tiers_assigned') }}

),

engagement_models as (

    select * from {{ ref('engagement_models') }}

),

policy_days as (

    select valid_from
    from engagement_models
    group by valid_from

),

starts as (

    select
        account_id,
        valid_from
    from versions

    union

    select
        account_id,
        valid_from
    from parents

    union

    select
        account_id,
        valid_from
    from tiers_assigned

    union

    select
        tiers_assigned.account_id,
        policy_days.valid_from
    from tiers_assigned
    inner join policy_days
        on
            tiers_assigned.valid_from < policy_days.valid_from
            and coalesce(tiers_assigned.valid_to, {{ far_future() }})
            > policy_days.valid_from

),

joined as (

    select
        starts.account_id,
        starts.valid_from,
        parents.ultimate_parent_id,
        versions.parent_account_id,
        versions.owner_id,
        versions.desired_outcome,
        versions.is_strategic,
        versions.growth_potential,
        versions.country,
        versions.segment,
        coalesce(tiers_assigned.tier, 'unassigned') as tier
    from starts
    inner join versions
        on
            starts.account_id = versions.account_id
            and starts.valid_from >= versions.valid_from
            and starts.valid_from < coalesce(versions.valid_to, {{ far_future() }})
    inner join parents
        on
            starts.account_id = parents.account_id
            and starts.valid_from >= parents.valid_from
            and starts.valid_from < coalesce(parents.valid_to, {{ far_future() }})
    left join tiers_assigned
        on
            starts.account_id = tiers_assigned.account_id
            and starts.valid_from >= tiers_assigned.valid_from
            and starts.valid_from < coalesce(
                tiers_assigned.valid_to, {{ far_future() }}
            )

)

select * from joined
