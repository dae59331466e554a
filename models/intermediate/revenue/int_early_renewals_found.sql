{# Each renews one settlement, the nearest of its product that none before it filled. #}
with

offered as (

    select * from {{ ref('int_successors_offered') }}

),

changes as (

    select * from {{ ref('int_mrr_line_changes_summed') }}

),

flagged as (

    select
        *,
        cast(
            cast(offered_native as decimal(24, 6)) * cast(rate as decimal(13, 8))
            as decimal(26, 14)
        ) as offered_amount,
        bool_or(is_due_product) over (
            partition by account_id, currency, subscription_id, product, started_on
        ) as has_own_product
    from offered

),

reached as (

    select
        *,
        sum(lacking_amount) over (
            partition by account_id, currency, subscription_id, product, started_on
            order by settles_on
            rows between unbounded preceding and current row
        ) as lacking_so_far,
        sum(offered_amount) over (
            partition by account_id, settles_on
            order by
                started_on, -offered_amount, product, subscription_id, currency
            rows between unbounded preceding and current row
        ) - offered_amount as offered_before
    from flagged
    where is_due_product = has_own_product

),

placed as (

    select
        *,
        row_number() over (
            partition by account_id, currency, subscription_id, product, started_on
            order by settles_on
        ) as settlement_position
    from reached
    where offered_before < lacking_so_far

),

taken as (

    select
        *,
        greatest(
            least(
                offered_amount,
                lacking_amount + offered_amount - sum(offered_amount) over (
                    partition by account_id, settles_on
                    order by
                        started_on,
                        -offered_amount,
                        product,
                        subscription_id,
                        currency
                    rows between unbounded preceding and current row
                )
            ),
            0
        ) as early_amount
    from placed
    where
        settlement_position = 1
        and started_on < settles_on

),

-- What the line paid since it began, and what the account paid beside it.
moved as (

    select
        taken.account_id,
        taken.currency,
        taken.subscription_id,
        taken.product,
        taken.started_on,
        changes.effective_on,
        sum(
            case
                when
                    changes.effective_on >= taken.started_on
                    and changes.currency = taken.currency
                    and changes.subscription_id = taken.subscription_id
                    and changes.product = taken.product
                    then changes.mrr_delta
                else 0
            end
        ) as own_delta,
        sum(changes.mrr_delta) as account_delta
    from taken
    inner join changes
        on
            taken.account_id = changes.account_id
            and taken.settles_on > changes.effective_on
    group by
        taken.account_id,
        taken.currency,
        taken.subscription_id,
        taken.product,
        taken.started_on,
        changes.effective_on

),

levels as (

    select
        *,
        sum(own_delta) over line_so_far as own_native,
        sum(account_delta - own_delta) over line_so_far as rest_native
    from moved
    window line_so_far as (
        partition by account_id, currency, subscription_id, product, started_on
        order by effective_on
        rows between unbounded preceding and current row
    )

),

lowest as (

    select
        account_id,
        currency,
        subscription_id,
        product,
        started_on,
        case when min(rest_native) > 0 then greatest(min(own_native), 0) else 0 end
            as doubled_native
    from levels
    where effective_on >= started_on
    group by account_id, currency, subscription_id, product, started_on

),

found as (

    select
        taken.account_id,
        taken.settles_on,
        taken.currency,
        taken.subscription_id,
        taken.product,
        taken.started_on,
        taken.told_end_on,
        taken.is_open,
        cast(taken.early_amount as decimal(26, 14)) as early_amount,
        cast(taken.offered_amount - taken.early_amount as decimal(26, 14))
            as uplift_amount,
        least(
            case
                when taken.early_amount = taken.offered_amount
                    then {{ money('taken.offered_native') }}
                else {{ money('taken.early_amount / taken.rate') }}
            end,
            {{ money('lowest.doubled_native') }}
        ) as overlap_native
    from taken
    inner join lowest
        on
            taken.account_id = lowest.account_id
            and taken.currency = lowest.currency
            and taken.subscription_id = lowest.subscription_id
            and taken.product = lowest.product
            and taken.started_on = lowest.started_on
    where taken.early_amount > 0

)

select * from found
