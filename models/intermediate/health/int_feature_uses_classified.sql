{# An event is of the feature that the catalogue named on the day it happened. #}
with

feature_days as (

    select * from {{ ref('int_feature_days_rolled_up') }}

),

feature_catalogue as (

    select * from {{ ref('feature_catalogue') }}

),

catalogue_versions as (

    select
        *,
        lead(valid_from) over (
            partition by event_name
            order by valid_from
        ) as valid_to
    from feature_catalogue

),

classified as (

    select
        feature_days.account_id,
        feature_days.user_id,
        feature_days.event_name,
        coalesce(versions.feature, feature_days.event_name) as feature,
        coalesce(versions.use_case, 'none') as use_case,
        feature_days.occurred_on,
        feature_days.known_on,
        feature_days.event_count,
        versions.event_name is not null as is_catalogued,
        coalesce(versions.is_core, false) as is_core,
        coalesce(versions.is_vanity, false) as is_vanity,
        coalesce(versions.is_friction, false) as is_friction,
        not coalesce(versions.is_vanity, false)
        and not coalesce(versions.is_friction, false)
        and coalesce(versions.is_customer_initiated, true) as is_use
    from feature_days
    left join catalogue_versions as versions
        on
            feature_days.event_name = versions.event_name
            and feature_days.occurred_on >= versions.valid_from
            and feature_days.occurred_on < coalesce(
                versions.valid_to, {{ far_future() }}
            )

)

select * from classified
