"""A bad edit of the way to value is refused by a test that says what is wrong."""

import duckdb
import pytest

from tests.python.conftest import Warehouse

SEEDS = ("outcomes", "feature_catalogue", "milestones", "onboarding_steps")


def broken_by(warehouse: Warehouse, edit: str) -> list[str]:
    """Name the seeds' tests that do not hold after an edit."""
    compiled = warehouse.compiled
    nodes = [compiled.node(name) for name in SEEDS]
    con = duckdb.connect(config={"threads": 1})
    con.execute("attach ':memory:' as warehouse; use warehouse")
    for node in nodes:
        con.execute(compiled.creating(node, warehouse.folder))
    con.execute(edit)
    return [
        node["name"]
        for node in compiled.data_tests(nodes)
        if con.execute(node["compiled_code"]).fetchone() is not None
    ]


def test_the_policy_as_it_stands_is_accepted(warehouse: Warehouse):
    assert broken_by(warehouse, "select 1") == []


@pytest.mark.parametrize(
    ("edit", "refusal"),
    [
        (
            "update onboarding_steps set expected_within_days = 13"
            " where step_number = 2",
            "assert_onboarding_steps_lead_to_value",
        ),
        (
            "update onboarding_steps set expected_within_days = 61"
            " where step_number = 2",
            "assert_onboarding_steps_lead_to_value",
        ),
        (
            "delete from onboarding_steps where step_number = 1",
            "onboarding_steps_of_an_outcome_are_numbered_1_2_3_without_a_gap",
        ),
        (
            "insert into onboarding_steps select * from onboarding_steps limit 1",
            "onboarding_steps_has_each_number_once_per_outcome_and_day",
        ),
        (
            "update onboarding_steps set event_name = 'report_craeted'",
            "onboarding_steps_names_an_event_of_the_seed_feature_catalogue",
        ),
        (
            "update onboarding_steps set event_name = 'error_shown'",
            "assert_onboarding_steps_are_done_by_customers",
        ),
        (
            "update onboarding_steps set desired_outcome = 'growth'",
            "onboarding_steps_names_an_outcome_of_the_seed_milestones",
        ),
        (
            "update onboarding_steps set min_events = 1 where min_users = 2",
            "onboarding_steps_numbers_are_1_or_more_and_each_user_can_do_one_event",
        ),
        (
            "update milestones set event_name = 'report_craeted'",
            "milestones_names_an_event_of_the_seed_feature_catalogue",
        ),
        (
            "update milestones set expected_within_days = 0",
            "milestones_numbers_are_1_or_more_and_each_user_can_do_one_event",
        ),
    ],
)
def test_a_bad_edit_is_refused(warehouse: Warehouse, edit: str, refusal: str):
    assert refusal in broken_by(warehouse, edit)
