{# Facts of billing that are used as they stand, and that somebody should know. #}
with

items as (

    select * from {{ ref('int_subscription_items_checked') }}

),

customers as (

    select * from {{ ref('stg_stripe__customers') }}

),

subscriptions as (

    select * from {{ ref('int_stripe_subscriptions_identified') }}

),

subscription_versions as (

    select * from {{ ref('stg_stripe__subscription_versions') }}

),

bills as (

    select * from {{ ref('int_stripe_bills_compared') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

-- Their money stays under the account that they were, or under one of their own.
deleted_customers as (

    select
        customers.customer_id,
        customers.source_file,
        customers.source_line
    from customers
    inner join subscriptions
        on customers.customer_id = subscriptions.customer_id
    inner join items
        on
            subscriptions.subscription_id = items.subscription_id
            and items.source_system = 'stripe'
    inner join clock
        on
            items.valid_from <= clock.as_of_on
            and coalesce(items.valid_to, {{ far_future() }}) > clock.as_of_on
    where
        customers.is_deleted
        and items.quarantine_rule is null
    group by customers.customer_id, customers.source_file, customers.source_line

),

subscriptions_ranked as (

    select
        subscription_versions.*,
        row_number() over (
            partition by subscription_versions.subscription_id
            order by subscription_versions.captured_at desc
        ) as latest_rank
    from subscription_versions
    inner join clock
        on subscription_versions.captured_at <= clock.as_of_at

),

-- No join finds what is not there: it is asked for by name.
without_items as (

    select
        subscriptions_ranked.subscription_id,
        subscriptions_ranked.source_file,
        subscriptions_ranked.source_line
    from subscriptions_ranked
    left join items
        on
            subscriptions_ranked.subscription_id = items.subscription_id
            and items.source_system = 'stripe'
    where
        subscriptions_ranked.latest_rank = 1
        and subscriptions_ranked.status in ('active', 'past_due')
        and items.subscription_id is null

),

termed as (

    select
        *,
        cast(
            least(
                greatest(
                    interval_count * case billing_interval
                        when 'year' then 12
                        when 'quarter' then 3
                        else 1
                    end,
                    12
                ),
                1200
            ) as integer
        ) as longest_term_months
    from items
    where
        source_system = 'files'
        and quarantine_rule is null

),

-- Told once, long ago, and of an end that no term that began then can reach.
ends_that_look_current as (

    select
        termed.source_system,
        termed.account_id,
        termed.item_id,
        min(termed.source_file) as source_file,
        min(termed.source_line) as source_line,
        min(termed.row_key) as row_key
    from termed
    cross join clock
    group by termed.source_system, termed.account_id, termed.item_id
    having
        count(*) = 1
        and bool_and(termed.contract_end_on > {{ days_after(
            var('contract_end_slack_days'), months_after(
                'termed.longest_term_months', 'termed.valid_from'
            )
        ) }})
        and bool_and(
            {{ months_after('termed.longest_term_months', 'termed.valid_from') }}
            < clock.as_of_on
        )

),

warned as (

    select
        source_system,
        'subscription_items' as entity,
        source_file,
        source_line,
        'contract_end_looks_current: one version, and an end more than a term after it'
            as rule,
        row_key
    from ends_that_look_current

    union all

    select
        'stripe' as source_system,
        'customer' as entity,
        source_file,
        source_line,
        'customer is deleted, and its subscription lives on' as rule,
        customer_id as row_key
    from deleted_customers

    union all

    select
        'stripe' as source_system,
        'subscription_history' as entity,
        source_file,
        source_line,
        'subscription is active, and no version of an item is known' as rule,
        subscription_id as row_key
    from without_items

    union all

    select
        'stripe' as source_system,
        'invoice_line_item' as entity,
        source_file,
        source_line,
        disagreement as rule,
        concat_ws('|', subscription_id, billed, rebuilt) as row_key
    from bills
    where disagreement is not null

)

select * from warned
