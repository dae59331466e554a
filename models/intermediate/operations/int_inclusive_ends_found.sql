with

items as (

    select * from {{ ref('int_subscription_items_unioned') }}

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
        valid_to
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

-- Ends that the account follows up with the same product.
followed as (

    select
        versions.source_system,
        versions.source_file,
        versions.source_line,
        versions.row_key,
        versions.valid_to,
        {{ dbt.datediff('versions.valid_to', 'min(starts.starts_on)', 'day') }}
            as days_between
    from versions
    inner join starts
        on
            versions.account_id = starts.account_id
            and versions.product = starts.product
            and versions.valid_to <= starts.starts_on
            and {{ within_grace('versions.valid_to', 'starts.starts_on') }}
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

found as (

    select
        followed.source_system,
        followed.source_file,
        followed.source_line,
        followed.row_key
    from followed
    inner join last_day_books
        on followed.source_system = last_day_books.source_system
    where followed.days_between = 1

)

select * from found
