with

paid as (

    select * from {{ ref('int_account_segments_paid') }}

),

revalued as (

    select * from {{ ref('int_account_mrr_revalued') }}

),

clock as (

    select * from {{ ref('stg_run__clock') }}

),

neighbours as (

    select
        *,
        lag(valid_to) over account_intervals as last_valid_to,
        lag(segment_value) over account_intervals as last_segment_value,
        lead(valid_from) over account_intervals as next_valid_from
    from paid
    window account_intervals as (
        partition by account_id, segment_dimension
        order by valid_from
    )

),

moves as (

    select
        account_id,
        valid_from as moved_on,
        segment_dimension,
        case
            when last_valid_to is null then 'started'
            when last_valid_to < valid_from then 'returned'
            else 'moved'
        end as move_kind,
        case when last_valid_to = valid_from then last_segment_value end
            as from_segment,
        segment_value as to_segment,
        valid_from as paid_on
    from neighbours
    where
        last_valid_to is null
        or last_valid_to < valid_from
        or last_segment_value <> segment_value

    union all

    select
        neighbours.account_id,
        neighbours.valid_to as moved_on,
        neighbours.segment_dimension,
        'stopped' as move_kind,
        neighbours.segment_value as from_segment,
        cast(null as string) as to_segment,
        {{ days_after(-1, 'neighbours.valid_to') }} as paid_on
    from neighbours
    inner join clock
        on neighbours.valid_to <= clock.as_of_on
    where
        neighbours.next_valid_from is null
        or neighbours.next_valid_from > neighbours.valid_to

),

contracted as (

    select
        cast(moves.account_id as string) as account_id,
        cast(moves.moved_on as date) as moved_on,
        cast(moves.segment_dimension as string) as segment_dimension,

        cast(moves.move_kind as string) as move_kind,
        cast(moves.from_segment as string) as from_segment,
        cast(moves.to_segment as string) as to_segment,

        {{ money('revalued.mrr') }} as mrr
    from moves
    inner join revalued
        on
            moves.account_id = revalued.account_id
            and moves.paid_on >= revalued.valid_from
            and moves.paid_on < coalesce(revalued.valid_to, {{ far_future() }})

)

select * from contracted
