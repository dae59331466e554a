with

segments as (

    select * from {{ ref('int_account_segments_assigned') }}

),

history as (

    select
        cast(account_id as string) as account_id,
        cast(parent_account_id as string) as parent_account_id,
        cast(ultimate_parent_id as string) as ultimate_parent_id,
        cast(owner_id as string) as owner_id,
        cast(desired_outcome as string) as desired_outcome,
        cast(growth_potential as string) as growth_potential,
        cast(country as string) as country,
        cast(segment as string) as segment,
        cast(tier as string) as tier,
        cast(engagement_model as string) as engagement_model,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(is_strategic as boolean) as is_strategic
    from segments

)

select * from history
