{# Every amount in the currency of the successor, from a day to a day. #}
with

successors as (

    select * from {{ ref('int_early_renewals_found') }}

),

contracts as (

    select * from {{ ref('int_contracts_dated') }}

),

valued as (

    select * from {{ ref('int_renewal_items_valued') }}

),

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

rates as (

    select
        account_id,
        settles_on,
        currency,
        max(rate) as rate
    from valued
    group by account_id, settles_on, currency

),

paid as (

    select
        successors.succession_number,
        items.valid_from,
        items.valid_to,
        items.currency,
        case
            when items.currency = successors.currency then items.mrr
            else cast(
                cast(
                    cast(items.mrr as decimal(24, 6))
                    * cast(rates.rate as decimal(13, 8)) as decimal(26, 14)
                ) / successors.rate as decimal(18, 6)
            )
        end as old_native,
        0 as new_native
    from successors
    inner join contracts
        on
            successors.account_id = contracts.account_id
            and successors.settles_on = contracts.settles_on
    inner join items
        on
            contracts.account_id = items.account_id
            and contracts.contract_end_on = items.contract_end_on
            and contracts.contract_end_on >= items.valid_from
            and items.is_paying
    inner join rates
        on
            successors.account_id = rates.account_id
            and successors.settles_on = rates.settles_on
            and items.currency = rates.currency

    union all

    select
        successors.succession_number,
        items.valid_from,
        items.valid_to,
        items.currency,
        0 as old_native,
        items.mrr as new_native
    from successors
    inner join items
        on
            successors.account_id = items.account_id
            and successors.currency = items.currency
            and successors.subscription_id = items.subscription_id
            and successors.product = items.product
            and successors.started_on <= items.valid_from
            and items.is_paying
    left join contracts
        on
            successors.account_id = contracts.account_id
            and successors.settles_on = contracts.settles_on
            and items.contract_end_on = contracts.contract_end_on
            and items.valid_from <= contracts.contract_end_on
    where contracts.account_id is null

    union all

    -- What it pays for a nearer end, it does not pay for this one.
    select
        successors.succession_number,
        nearer.started_on as valid_from,
        nearer.settles_on as valid_to,
        nearer.currency,
        0 as old_native,
        -nearer.early_native as new_native
    from successors
    inner join successors as nearer
        on
            successors.account_id = nearer.account_id
            and successors.currency = nearer.currency
            and successors.subscription_id = nearer.subscription_id
            and successors.product = nearer.product
            and successors.started_on = nearer.started_on
            and successors.settles_on > nearer.settles_on

)

select * from paid
