{# A table in one statement: what is there before is replaced within a transaction, so
   nothing has to be built aside, renamed and dropped. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set is_python = model['language'] == 'python' -%}

    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and (is_python or not existing.is_table) -%}
        {% do adapter.drop_relation(existing) %}
    {%- endif -%}
    {%- if is_python -%}
        {%- call statement('main', language='python') -%}
            {{- create_table_as(false, relation, compiled_code, 'python') -}}
        {%- endcall -%}
    {%- elif config.get('contract').enforced -%}
        {%- call statement('main') -%}
            {{ get_assert_columns_equivalent(compiled_code) }}
            create or replace table {{ relation }}
            {{ get_table_columns_and_constraints() }};
            insert into {{ relation }} {{ get_column_names() }} (
                {{ get_select_subquery(compiled_code) }}
            )
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}
            create or replace table {{ relation }} as (
                {{ compiled_code }}
            )
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
