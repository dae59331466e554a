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
        {{ money('reactivation_mrr') }} as reactivation_mrr,
        {{ money('paused_mrr') }} as paused_mrr,
        cast(nrr_rate as double) as nrr_rate,
        cast(grr_rate as double) as grr_rate,
        cast(logo_retention_rate as double) as logo_retention_rate,
        cast(opening_accounts as bigint) as opening_accounts,
        cast(retained_accounts as bigint) as retained_accounts,
        grain = '{{ var("headline_grain") }}'
        and policy = '{{ var("headline_policy") }}'
        and window_months = {{ var("headline_window_months") }}
        and segment_dimension = 'all' as is_headline,
        {{ days_after(var('late_renewal_grace_days'), 'period_end_on') }}
        <= clock.as_of_on as is_final
    from rated
    cross join clock

)

select * from contracted
