{# Fails with each interval that starts before an earlier one of the same key has ended. #}
{% test no_overlap(model, key, valid_from='valid_from', valid_to='valid_to') %}

select *
from (
    select
        *,
        lead({{ valid_from }}) over (
            partition by {{ key | join(', ') }} order by {{ valid_from }}
        ) as next_valid_from
    from {{ model }}
) as ordered
where next_valid_from < coalesce({{ valid_to }}, {{ far_future() }})

{% endtest %}
