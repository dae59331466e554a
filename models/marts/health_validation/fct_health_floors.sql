with

floors as (

    select * from {{ ref('validation_floors') }}

),

validation as (

    select * from {{ ref('fct_health_validation') }}

),

lead_times as (

    select * from {{ ref('fct_health_lead_times') }}

),

measured as (

    select
        validation.scorer,
        validation.segment_dimension,
        validation.segment_value,
        floors.floor_name,
        floors.direction,
        floors.threshold,
        -- A share of the book needs no losses to be known.
        floors.needs_losses
        and validation.verdict = 'too_few_losses' as is_too_few_losses,
        case floors.floor_name
            when 'red_loss_ratio' then validation.red_loss_ratio
            when 'green_rate' then validation.green_rate
            when 'red_per_capacity' then {{ ratio(
                'validation.red_rate * '
                ~ '(validation.observation_count - validation.unscored_count)',
                'validation.listed_at_capacity'
            ) }}
            when 'below_green_60_to_90_rate' then lead_times.below_green_60_to_90_rate
        end as measured_value
    from validation
    cross join floors
    left join lead_times
        on
            validation.segment_dimension = lead_times.segment_dimension
            and validation.segment_value = lead_times.segment_value
            and lead_times.warning = 'below_green'
    where
        validation.scorer = 'health_score'
        and validation.period = 'all'

),

contracted as (

    select
        cast(scorer as string) as scorer,
        cast(segment_dimension as string) as segment_dimension,
        cast(segment_value as string) as segment_value,
        cast(floor_name as string) as floor_name,

        cast(direction as string) as direction,
        cast(
            case
                when is_too_few_losses or measured_value is null then 'not_judged'
                when direction = 'at_least' and measured_value >= threshold then 'met'
                when direction = 'at_most' and measured_value <= threshold then 'met'
                else 'missed'
            end as string
        ) as result,
        cast(threshold as double) as threshold_value,
        cast(measured_value as double) as measured_value
    from measured

)

select * from contracted
