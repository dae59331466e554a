{# The ledger holds the corrected truth; a score may only see what was known then. #}
with

items as (

    select * from {{ ref('int_subscription_items_priced') }}

),

stripe_terms as (

    select * from {{ ref('int_stripe_terms_known') }}

),

stated as (

    select * from {{ ref('int_contract_terms_stated') }}

),

paying as (

    select
        account_id,
        subscription_id,
        product,
        case when quantity_unit = 'seats' then quantity end as quantity,
        valid_from,
        coalesce(valid_to, {{ far_future() }}) as valid_to,
        coalesce(term_months, 12) as term_months,
        is_billed_monthly
    from items
    where
        is_paying
        and source_system = 'stripe'

),

stripe_ends as (

    select
        subscription_id,
        ended_on,
        min(known_from) as known_on
    from stripe_terms
    where ended_on is not null
    group by subscription_id, ended_on

),

-- An end that was captured later than it happened was not known in between.
stripe_paying as (

    select
        paying.account_id,
        paying.subscription_id,
        paying.product,
        paying.quantity,
        paying.term_months,
        paying.is_billed_monthly,
        paying.valid_from,
        coalesce(stripe_ends.known_on, paying.valid_to) as valid_to
    from paying
    left join stripe_ends
        on
            paying.subscription_id = stripe_ends.subscription_id
            and paying.valid_to = stripe_ends.ended_on

),

captured as (

    select
        stripe_paying.account_id,
        stripe_paying.product,
        stripe_paying.quantity,
        greatest(stripe_paying.valid_from, stripe_terms.known_from) as valid_from,
        least(stripe_paying.valid_to, stripe_terms.known_to) as valid_to,
        greatest(
            stripe_terms.end_hidden_until,
            coalesce(
                {{ months_after(
                    '-stripe_paying.term_months', 'stripe_terms.contract_end_on'
                ) }},
                stripe_terms.end_hidden_until
            )
        ) as end_hidden_until,
        stripe_terms.notice_on,
        stripe_terms.contract_end_on,
        0 as notice_period_days,
        stripe_paying.is_billed_monthly
    from stripe_paying
    inner join stripe_terms
        on
            stripe_paying.subscription_id = stripe_terms.subscription_id
            and stripe_paying.valid_from < stripe_terms.known_to
            and stripe_paying.valid_to > stripe_terms.known_from

),

unioned as (

    select
        account_id,
        product,
        quantity,
        valid_from,
        valid_to,
        end_hidden_until,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_billed_monthly
    from stated

    union all

    select
        account_id,
        product,
        quantity,
        valid_from,
        valid_to,
        end_hidden_until,
        notice_on,
        contract_end_on,
        notice_period_days,
        is_billed_monthly
    from captured

),

known as (

    select
        account_id,
        product,
        quantity,
        valid_from,
        valid_to,
        notice_on,
        contract_end_on,
        {{ days_after('-notice_period_days', 'contract_end_on') }} as decision_on,
        greatest(valid_from, coalesce(end_hidden_until, valid_from)) as end_known_on,
        is_billed_monthly
    from unioned

)

select * from known
