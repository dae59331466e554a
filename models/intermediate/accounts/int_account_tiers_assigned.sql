{# The tier follows what the account last paid; before its first payment it has none. #}
with

balances as (

    select * from {{ ref('int_account_balances_accumulated') }}

),

versions as (

    select * from {{ ref('int_account_versions_conformed') }}

),

tiers as (

    select * from {{ ref('tiers') }}

),

thresholds as (

    select
        *,
        lead(valid_from) over (
            partition by tier
            order by valid_from
        ) as valid_to
    from tiers

),

paid as (

    select
        account_id,
        valid_from,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to,
        mrr_at_last_change
    from balances
    where mrr_at_last_change > 0

),

measured as (

    select
        paid.account_id,
        greatest(paid.valid_from, versions.valid_from) as valid_from,
        least(
            coalesce(paid.valid_to, {{ far_future() }}),
            coalesce(versions.valid_to, {{ far_future() }})
        ) as valid_to,
        paid.mrr_at_last_change,
        versions.is_strategic,
        coalesce(versions.growth_potential = 'high', false) as is_high_growth
    from paid
    inner join versions
        on
            paid.account_id = versions.account_id
            and paid.valid_from < coalesce(versions.valid_to, {{ far_future() }})
            and coalesce(paid.valid_to, {{ far_future() }}) > versions.valid_from

),

reached as (

    select
        measured.account_id,
        greatest(measured.valid_from, thresholds.valid_from) as valid_from,
        thresholds.tier,
        thresholds.tier_rank
    from measured
    inner join thresholds
        on
            measured.valid_from < coalesce(thresholds.valid_to, {{ far_future() }})
            and measured.valid_to > thresholds.valid_from
            and measured.mrr_at_last_change >= least(
                thresholds.min_mrr,
                case
                    when measured.is_high_growth
                        then thresholds.min_mrr_if_high_growth
                    else thresholds.min_mrr
                end,
                case
                    when measured.is_strategic then thresholds.min_mrr_if_strategic
                    else thresholds.min_mrr
                end
            )

),

best as (

    select
        account_id,
        valid_from,
        min_by(tier, tier_rank) as tier
    from reached
    group by account_id, valid_from

),

assigned as (

    select
        account_id,
        valid_from,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to,
        tier
    from best

)

select * from assigned
