{# The engagement model that the segment selects, on intervals without a change. #}
with

attributes as (

    select * from {{ ref('int_account_attributes_joined') }}

),

engagement_models as (

    select * from {{ ref('engagement_models') }}

),

offers as (

    select
        attributes.*,
        coalesce(engagement_models.engagement_model, 'unassigned') as engagement_model,
        row_number() over (
            partition by attributes.account_id, attributes.valid_from
            order by
                case
                    when engagement_models.desired_outcome = 'any' then 1
                    else 0
                end,
                engagement_models.valid_from desc nulls last
        ) as offer_rank
    from attributes
    left join engagement_models
        on
            attributes.tier = engagement_models.tier
            and attributes.valid_from >= engagement_models.valid_from
            and engagement_models.desired_outcome in ('any', attributes.desired_outcome)

),

described as (

    select
        *,
        concat_ws(
            '|', ultimate_parent_id, coalesce(parent_account_id, '-'),
            coalesce(owner_id, '-'), desired_outcome, cast(is_strategic as string),
            coalesce(growth_potential, '-'), coalesce(country, '-'),
            coalesce(segment, '-'), tier, engagement_model
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
        segment,
        tier,
        engagement_model
    from changes
    where last_description is distinct from description

)

select * from assigned
