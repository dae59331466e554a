with

benchmarks as (

    select * from {{ ref('benchmarks') }}

),

contracted as (

    select
        cast(metric as string) as metric,
        cast(scope as string) as scope,
        cast(statistic as string) as statistic,
        cast(benchmark_value as double) as benchmark_value,
        cast(source as string) as benchmark_source,
        cast(published_year as bigint) as published_year,
        cast(sample_size as bigint) as sample_size,
        cast(is_secondary as boolean) as is_secondary,
        cast(definition as string) as definition
    from benchmarks

)

select * from contracted
