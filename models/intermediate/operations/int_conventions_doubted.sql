{# What reads as if it were told otherwise than the contract says. #}
with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

),

prices as (

    select * from {{ ref('stg_stripe__prices') }}

),

versions as (

    select
        source_system,
        account_id,
        product,
        source_file,
        source_line,
        concat_ws('|', account_id, item_id, cast(valid_from as string)) as row_key,
        valid_from,
        valid_to,
        coalesce(discount_from, valid_from) as discount_from,
        discount_to,
        discount_percent,
        max(discount_percent) over (partition by source_file) as most_percent_of_file
    from items
    where
        source_system = 'files'
        and (valid_to is null or valid_to > valid_from)
        and coalesce(billing_interval <> 'once', true)

),

starts as (

    select
        account_id,
        product,
        valid_from as starts_on
    from versions
    group by account_id, product, valid_from

),

-- Ends that the account follows up with the same product, or, where the product changes
-- with the term, with another on the end or the day after.
followed as (

    select
        versions.source_system,
        versions.source_file,
        versions.source_line,
        versions.row_key,
        versions.valid_to,
        {{ dbt.datediff(
            'versions.valid_to',
            'coalesce(min(case when starts.product = versions.product then '
            ~ 'starts.starts_on end), min(starts.starts_on))',
            'day'
        ) }} as days_between
    from versions
    inner join starts
        on
            versions.account_id = starts.account_id
            and versions.valid_to <= starts.starts_on
            and {{ within_grace('versions.valid_to', 'starts.starts_on') }}
            and (
                versions.product = starts.product
                or starts.starts_on <= {{ days_after(1, 'versions.valid_to') }}
            )
    group by
        versions.source_system,
        versions.source_file,
        versions.source_line,
        versions.row_key,
        versions.valid_to

),

-- Most begin a day after, and almost none on the end itself.
last_day_books as (

    select source_system
    from followed
    group by source_system
    having
        count_if(days_between = 1) >= {{ var('inclusive_ends_min') }}
        and count_if(days_between = 1) >= 10 * count_if(days_between = 0)
        and 2 * count_if(days_between = 1) > count(*)

),

-- Discounts that last whole months, by their end or by the day after it.
discounted as (

    select
        source_system,
        source_file,
        source_line,
        row_key,
        extract(day from discount_to) = extract(day from discount_from)
            as is_whole_by_end,
        extract(day from {{ days_after(1, 'discount_to') }})
        = extract(day from discount_from) as is_whole_by_day_after
    from versions
    where discount_to > discount_from

),

last_day_discounts as (

    select source_system
    from discounted
    group by source_system
    having
        count_if(is_whole_by_day_after) >= {{ var('inclusive_ends_min') }}
        and count_if(is_whole_by_day_after) >= 10 * count_if(is_whole_by_end)
        and 2 * count_if(is_whole_by_day_after) > count(*)

),

doubted as (

    select
        'stripe' as source_system,
        'price' as entity,
        source_file,
        source_line,
        'price is with tax (tax_behavior inclusive): MRR includes it' as rule,
        price_id as row_key
    from prices
    where tax_behavior = 'inclusive'

    union all

    select
        source_system,
        'subscription_items' as entity,
        source_file,
        source_line,
        'discount_percent is 1 or less in the whole file: shares, not per cent?'
            as rule,
        row_key
    from versions
    where
        most_percent_of_file <= 1
        and discount_percent > 0

    union all

    select
        discounted.source_system,
        'subscription_items' as entity,
        discounted.source_file,
        discounted.source_line,
        'discount_to reads as the last day: whole months end a day after it '
        || '(var valid_to_is_inclusive)' as rule,
        discounted.row_key
    from discounted
    inner join last_day_discounts
        on discounted.source_system = last_day_discounts.source_system
    where discounted.is_whole_by_day_after

    union all

    select
        followed.source_system,
        'subscription_items' as entity,
        followed.source_file,
        followed.source_line,
        'valid_to reads as the last day: the next begins a day after it '
        || '(var valid_to_is_inclusive)' as rule,
        followed.row_key
    from followed
    inner join last_day_books
        on followed.source_system = last_day_books.source_system
    where followed.days_between = 1

)

select * from doubted
