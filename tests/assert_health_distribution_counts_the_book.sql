-- A row is a day and dimension whose accounts or MRR are not those of the health days.
with

health_days as (

    select * from {{ ref('fct_account_health_days') }}

),

distribution as (

    select * from {{ ref('fct_health_distribution') }}

),

books as (

    select
        health_on,
        count(*) as account_count,
        sum(mrr) as mrr
    from health_days
    group by health_on

),

distributed as (

    select
        health_on,
        segment_dimension,
        sum(account_count) as account_count,
        sum(mrr) as mrr
    from distribution
    group by health_on, segment_dimension

),

unequal as (

    select
        books.health_on,
        distributed.segment_dimension,
        books.account_count,
        distributed.account_count as distributed_account_count
    from books
    left join distributed
        on books.health_on = distributed.health_on
    where
        distributed.account_count is distinct from books.account_count
        or distributed.mrr is distinct from books.mrr

)

select * from unequal
