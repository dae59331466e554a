{# Medians are counted off whole minutes: engines agree, and no list is sorted. #}
with

happenings as (

    select * from {{ ref('int_happenings_received') }}

),

spells as (

    select * from {{ ref('fct_health_scored_spells') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

awaited as (

    select
        happenings.*,
        case
            when spells.account_id is not null
                then greatest(happenings.known_on, spells.scored_from_on)
        end as scored_on
    from happenings
    left join spells
        on
            happenings.account_id = spells.account_id
            and happenings.known_on
            > coalesce(spells.last_scored_on, {{ the_beginning() }})
            and happenings.known_on <= spells.scored_until_on
            and happenings.counts_until_on > spells.scored_from_on

),

scored as (

    select
        awaited.*,
        case
            when awaited.scored_on is not null
                then least(
                    cast({{ days_after(1, 'awaited.scored_on') }} as timestamp),
                    clock.as_of_at
                )
        end as scored_at
    from awaited
    cross join clock

),

timed as (

    select
        entity,
        cast(date_trunc('month', known_on) as date) as received_month,
        is_receipt_recorded,
        {{ minutes_between('occurred_at', 'known_at') }} as received_minutes,
        {{ minutes_between('known_at', 'scored_at') }} as scored_minutes,
        {{ minutes_between('occurred_at', 'scored_at') }} as total_minutes
    from scored

),

counted as (

    select
        entity,
        received_month,
        is_receipt_recorded,
        received_minutes,
        scored_minutes,
        total_minutes,
        count(*) as repeats
    from timed
    group by
        entity, received_month, is_receipt_recorded, received_minutes,
        scored_minutes, total_minutes

),

accumulated as (

    select
        *,
        sum(repeats) over of_month as happened,
        sum(case when scored_minutes is null then 0 else repeats end) over of_month
            as scored,
        sum(repeats) over by_received as received_so_far,
        sum(repeats) over by_scored as scored_so_far,
        sum(repeats) over by_total as total_so_far
    from counted
    window
        of_month as (partition by entity, received_month, is_receipt_recorded),
        by_received as (
            partition by entity, received_month, is_receipt_recorded
            order by received_minutes
            range between unbounded preceding and current row
        ),
        by_scored as (
            partition by entity, received_month, is_receipt_recorded
            order by scored_minutes nulls last
            range between unbounded preceding and current row
        ),
        by_total as (
            partition by entity, received_month, is_receipt_recorded
            order by total_minutes nulls last
            range between unbounded preceding and current row
        )

),

contracted as (

    select
        cast(entity as string) as entity,
        cast(received_month as date) as received_month,
        is_receipt_recorded,

        cast(sum(repeats) as bigint) as happening_count,
        cast(sum(case when scored_minutes is null then repeats else 0 end) as bigint)
            as unscored_count,
        case
            when is_receipt_recorded then {{ hours_within('received', 5, 'happened') }}
        end as received_median_hours,
        case
            when is_receipt_recorded then {{ hours_within('received', 9, 'happened') }}
        end as received_p90_hours,
        {{ hours_within('scored', 5, 'scored') }} as scored_median_hours,
        {{ hours_within('scored', 9, 'scored') }} as scored_p90_hours,
        {{ hours_within('total', 5, 'scored') }} as total_median_hours,
        {{ hours_within('total', 9, 'scored') }} as total_p90_hours,
        cast(null as double) as queued_median_hours,
        cast(null as double) as queued_p90_hours
    from accumulated
    group by entity, received_month, is_receipt_recorded

)

select * from contracted
