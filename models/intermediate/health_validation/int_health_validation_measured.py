from orchestration.health_validation.validate import validate


def model(dbt, session):
    """Bootstrap over customers, which SQL has no words for."""
    dbt.config(materialized="table")
    return validate(dbt.ref("fct_health_outcomes").df())
