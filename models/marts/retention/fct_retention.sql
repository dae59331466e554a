with

segments as (

    select * from {{ ref('int_retention_segments_summed') }}

),

chains as (

    select * from {{ ref('int_retention_chains_multiplied') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

retained as (

    select
        *,
        -- What is paused is neither lost nor kept in a ledger; it stands beside.
        opening_mrr + expansion_mrr + contraction_mrr + churned_mrr
        + reactivation_mrr as retained_mrr
    from segments

),

rated as (

    select
        period_end_on,
        window_months,
        grain,
        policy,
        segment_dimension,
        segment_value,
        opening_mrr,
        retained_mrr,
        expansion_mrr,
        contraction_mrr,
        churned_mrr,
        reactivation_mrr,
        paused_mrr,
        {{ ratio('retained_mrr', 'opening_mrr') }} as nrr_rate,
        {{ ratio('opening_mrr + contraction_mrr + churned_mrr', 'opening_mrr') }}
            as grr_rate,
        {{ ratio('retained_accounts', 'opening_accounts') }} as logo_retention_rate,
        opening_accounts,
        retained_accounts
    from retained

    union all

    select
        segments.period_end_on,
        segments.window_months,
        segments.grain,
        'chained_monthly' as policy,
        segments.segment_dimension,
        segments.segment_value,
        segments.opening_mrr,
        cast(null as decimal(18, 6)) as retained_mrr,
        cast(null as decimal(18, 6)) as expansion_mrr,
        cast(null as decimal(18, 6)) as contraction_mrr,
        cast(null as decimal(18, 6)) as churned_mrr,
        cast(null as decimal(18, 6)) as reactivation_mrr,
        cast(null as decimal(18, 6)) as paused_mrr,
        chains.nrr_rate,
        chains.grr_rate,
        chains.logo_retention_rate,
        segments.opening_accounts,
        cast(null as bigint) as retained_accounts
    from segments
    inner join chains
        on
            segments.period_number = chains.period_number
            and segments.window_months = chains.window_months
            and segments.grain = chains.grain
            and segments.segment_dimension = chains.segment_dimension
            and segments.segment_value = chains.segment_value
    where segments.policy = 'late_renewal_grace'

),

contracted as (

    select
        cast(rated.period_end_on as date) as period_end_on,
        cast(rated.window_months as bigint) as window_months,
        cast(rated.grain as string) as grain,
        cast(rated.policy as string) as policy,
        cast(rated.segment_dimension as string) as segment_dimension,
        cast(rated.segment_value as string) as segment_value,
        {{ money('rated.opening_mrr') }} as opening_mrr,
        {{ money('rated.retained_mrr') }} as retained_mrr,
        {{ money('rated.expansion_mrr') }} as expansion_mrr,
        {{ money('rated.contraction_mrr') }} as contraction_mrr,
        {{ money('rated.churned_mrr') }} as churned_mrr,
        {{ money('rated.reactivation_mrr') }} as reactivation_mrr,
        {{ money('rated.paused_mrr') }} as paused_mrr,
        cast(rated.nrr_rate as double) as nrr_rate,
        cast(rated.grr_rate as double) as grr_rate,
        cast(rated.logo_retention_rate as double) as logo_retention_rate,
        cast(rated.opening_accounts as bigint) as opening_accounts,
        cast(rated.retained_accounts as bigint) as retained_accounts,
        rated.grain = '{{ var("headline_grain") }}'
        and rated.policy = '{{ var("headline_policy") }}'
        and rated.window_months = {{ var("headline_window_months") }}
        and rated.segment_dimension = 'all' as is_headline,
        coalesce(
            {{ days_after(var('late_renewal_grace_days'), 'rated.period_end_on') }}
            <= clock.final_as_of_on,
            false
        ) as is_final
    from rated
    cross join clock

)

select * from contracted
