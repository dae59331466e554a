{# Each account once per dimension of the start; a cohort is not cut by itself. #}
with

started as (

    select * from {{ ref('int_cohort_accounts_started') }}

),

segment_dimensions as (

    select * from {{ ref('segment_dimensions') }}

),

segmented as (

    select
        started.account_id,
        started.start_month_number,
        started.starting_mrr,
        segment_dimensions.segment_dimension,
        {{ segment_value('segment_dimensions.segment_dimension') }} as segment_value
    from started
    cross join segment_dimensions
    where
        segment_dimensions.is_cut_in_retention
        and segment_dimensions.segment_dimension <> 'start_cohort'

)

select * from segmented
