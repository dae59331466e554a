{# Fails with each group whose aggregate condition is not true; null counts as not true. #}
{% test groups_hold(model, group_by, condition) %}

select
    {{ group_by | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ group_by | join(', ') }}
having not coalesce({{ condition }}, false)

{% endtest %}
