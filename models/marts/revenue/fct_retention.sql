with

entities as (

    select * from {{ ref('int_retention_entities_scored') }}

),

summed as (

    select
        period_end_on,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value,
        sum(opening_mrr) as opening_mrr,
        sum(retained_mrr) as retained_mrr,
        sum(expansion_mrr) as expansion_mrr,
        sum(contraction_mrr) as contraction_mrr,
        sum(churned_mrr) as churned_mrr,
        count(*) as opening_accounts,
        sum(retained_count) as retained_accounts
    from entities
    group by
        period_end_on,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value

),

rated as (

    select
        cast(period_end_on as date) as period_end_on,
        cast(window_months as bigint) as window_months,
        cast(grain as string) as grain,
        cast(policy as string) as policy,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        {{ money('opening_mrr') }} as opening_mrr,
        {{ money('retained_mrr') }} as retained_mrr,
        {{ money('expansion_mrr') }} as expansion_mrr,
        {{ money('contraction_mrr') }} as contraction_mrr,
        {{ money('churned_mrr') }} as churned_mrr,
        {{ ratio('retained_mrr', 'opening_mrr') }} as nrr_rate,
        {{ ratio('opening_mrr + contraction_mrr + churned_mrr', 'opening_mrr') }}
            as grr_rate,
        {{ ratio('retained_accounts', 'opening_accounts') }} as logo_retention_rate,
        cast(opening_accounts as bigint) as opening_accounts,
        cast(retained_accounts as bigint) as retained_accounts,
        grain = '{{ var("headline_grain") }}'
        and policy = '{{ var("headline_policy") }}'
        and window_months = {{ var("headline_window_months") }}
        and segment_dimension = 'all' as is_headline
    from summed

)

select * from rated
