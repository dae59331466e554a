{# The last version captured on a day holds for the day; versions within it are gone. #}
with

account_versions as (

    select * from {{ ref('stg_salesforce__account_versions') }}

),

ranked as (

    select
        *,
        cast(valid_from_at as date) as valid_from,
        row_number() over (
            partition by account_id, cast(valid_from_at as date)
            order by valid_from_at desc
        ) as latest_rank
    from account_versions
    where
        not coalesce(is_deleted, false)
        or merged_into_account_id is not null

),

shaped as (

    select
        account_id,
        valid_from,
        lead(valid_from) over (
            partition by account_id
            order by valid_from
        ) as valid_to,
        parent_account_id,
        merged_into_account_id,
        owner_id,
        desired_outcome,
        is_strategic,
        growth_potential,
        country,
        source_file,
        source_line
    from ranked
    where latest_rank = 1

)

select * from shaped
