{# Fails with each row for which the condition is not true; null counts as not true. #}
{% test row_holds(model, condition, column_name=none) %}

select *
from {{ model }}
where not coalesce({{ condition }}, false)

{% endtest %}
