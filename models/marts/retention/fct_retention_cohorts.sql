with

members as (

    select * from {{ ref('int_cohort_members_segmented') }}

),

followed as (

    select * from {{ ref('int_cohort_accounts_followed') }}

),

months as (

    select * from {{ ref('int_months_listed') }}

),

sizes as (

    select
        start_month_number,
        segment_dimension,
        segment_value,
        count(*) as starting_accounts,
        sum(starting_mrr) as starting_mrr
    from members
    group by start_month_number, segment_dimension, segment_value

),

remains as (

    select
        members.start_month_number,
        members.segment_dimension,
        members.segment_value,
        followed.month_number,
        count(*) as active_accounts,
        sum(followed.mrr) as active_mrr,
        sum(least(followed.mrr, members.starting_mrr)) as kept_mrr
    from members
    inner join followed
        on members.account_id = followed.account_id
    group by
        members.start_month_number,
        members.segment_dimension,
        members.segment_value,
        followed.month_number

),

cohort_months as (

    select
        sizes.*,
        start_months.mrr_month as cohort_month,
        months.month_number,
        months.month_ends_on
    from sizes
    inner join months as start_months
        on sizes.start_month_number = start_months.month_number
    inner join months
        on
            sizes.start_month_number <= months.month_number
            and months.is_complete

),

measured as (

    select
        cohort_months.*,
        coalesce(remains.active_accounts, 0) as active_accounts,
        coalesce(remains.active_mrr, 0) as active_mrr,
        coalesce(remains.kept_mrr, 0) as kept_mrr
    from cohort_months
    left join remains
        on
            cohort_months.start_month_number = remains.start_month_number
            and cohort_months.segment_dimension = remains.segment_dimension
            and cohort_months.segment_value = remains.segment_value
            and cohort_months.month_number = remains.month_number

),

contracted as (

    select
        cast(cohort_month as date) as cohort_month,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(month_number - start_month_number as bigint) as months_since_start,
        cast(month_ends_on as date) as month_ends_on,
        cast(starting_accounts as bigint) as starting_accounts,
        cast(active_accounts as bigint) as active_accounts,
        {{ money('starting_mrr') }} as starting_mrr,
        {{ money('active_mrr') }} as active_mrr,
        {{ money('kept_mrr') }} as kept_mrr,
        {{ ratio('active_accounts', 'starting_accounts') }} as logo_retention_rate,
        {{ ratio('active_mrr', 'starting_mrr') }} as nrr_rate,
        {{ ratio('kept_mrr', 'starting_mrr') }} as grr_rate
    from measured

)

select * from contracted
