{# Attributes, ultimate parent, tier and engagement model on one set of intervals. #}
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

),

offers as (

    select
        joined.*,
        coalesce(engagement_models.engagement_model, 'unassigned') as engagement_model,
        row_number() over (
            partition by joined.account_id, joined.valid_from
            order by
                case
                    when engagement_models.desired_outcome = 'any' then 1
                    else 0
                end,
                engagement_models.valid_from desc nulls last
        ) as offer_rank
    from joined
    left join engagement_models
        on
            joined.tier = engagement_models.tier
            and joined.valid_from >= engagement_models.valid_from
            and engagement_models.desired_outcome in ('any', joined.desired_outcome)

),

described as (

    select
        *,
        concat_ws(
            '|', ultimate_parent_id, coalesce(parent_account_id, '-'),
            coalesce(owner_id, '-'), desired_outcome, cast(is_strategic as string),
            coalesce(growth_potential, '-'), coalesce(country, '-'), tier,
            engagement_model
        ) as description
    from offers
    where offer_rank = 1

),

changes as (

    select
        *,
        lag(description) over (
            partition by account_id
            order by valid_from
        ) as last_description
    from described

),

assigned as (

    select
        account_id,
        valid_from,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to,
        parent_account_id,
        ultimate_parent_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        tier,
        engagement_model
    from changes
    where last_description is distinct from description

)

select * from assigned
