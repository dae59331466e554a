{# Accounts by themselves and under their ultimate parent, as at the opening. #}
with

accounts as (

    select * from {{ ref('int_retention_accounts_measured') }}

),

segments as (

    select * from {{ ref('int_account_segments_described') }}

),

placed as (

    select
        accounts.*,
        segments.ultimate_parent_id,
        segments.tier,
        segments.desired_outcome,
        segments.engagement_model,
        segments.owner,
        segments.country,
        segments.segment,
        segments.largest_product,
        segments.start_cohort,
        -- Who is largest says for its parent what segment that is in.
        concat_ws(
            '|', lpad(cast(accounts.opening_mrr_graced as string), 30, '0'),
            accounts.account_id
        ) as size_rank
    from accounts
    inner join segments
        on
            accounts.account_id = segments.account_id
            and accounts.opening_on >= segments.valid_from
            and accounts.opening_on < coalesce(segments.valid_to, {{ far_future() }})

),

grains as (

    select 'account' as grain

    union all

    select 'parent' as grain

),

members as (

    select
        placed.*,
        grains.grain,
        case grains.grain
            when 'account' then placed.account_id
            else placed.ultimate_parent_id
        end as entity_id
    from placed
    cross join grains

),

listed as (

    select
        period_end_on,
        period_number,
        window_months,
        grain,
        entity_id,
        account_id,
        opening_on,
        opening_mrr,
        opening_mrr_graced,
        closing_mrr_raw,
        closing_mrr_constant,
        closing_mrr_graced,
        tier,
        desired_outcome,
        engagement_model,
        owner,
        country,
        segment,
        largest_product,
        start_cohort,
        size_rank
    from members

)

select * from listed
