"""The mutants' judge says of a model what `dbt build` of its topic would say."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from analyses.mutants.dbt_build import TopicBuild
from analyses.mutants.mutations import mutant_at, places_of
from analyses.mutants.rebuilding import Rebuilding
from analyses.mutants.topics import TOPICS, sql_models
from analyses.mutants.unit_tests import UnitTests, unit_tests_of
from orchestration.compiled_project import run_dbt
from orchestration.landing.land import land
from tests.python.conftest import PROJECT, CompiledProject, Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.test_warehouse_build import small_landing

VARIABLES = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))["vars"]
# A model, what is changed in its text, and whether its unit tests see that.
CHANGES = {
    "int_retention_ledgers_summed": (
        ("then 'pause'", "then 'churn'", True),
        ("when mrr_after = 0 then 'churn'", "when mrr_after = 0 then 'pause'", True),
    ),
    "int_tickets_unioned": (
        ("        severity,\n", "        topic as severity,\n", True),
    ),
    "int_account_mrr_months_moved": (("or resume_mrr <> 0", "", True),),
    "fct_nps_months": (("and score is not null", "", True),),
    "int_months_listed": (("with\n", "with -- nothing else\n", False),),
}
CASES = [(model, *change) for model, changes in CHANGES.items() for change in changes]


@pytest.fixture(scope="module")
def rebuilding(warehouse: Warehouse, tmp_path_factory) -> Rebuilding:
    """Build everything of a landing that has something of every entity."""
    landing = small_landing(tmp_path_factory.mktemp("mutants") / "landing")
    models = sql_models(warehouse.compiled)
    book = warehouse.build_landing(landing, *models, as_of=AS_OF.isoformat())
    return Rebuilding(book)


@pytest.fixture(scope="module")
def unit_tests(rebuilding: Rebuilding) -> UnitTests:
    return unit_tests_of(rebuilding.book, VARIABLES)


def test_every_unit_test_holds_without_dbt_too(
    compiled: CompiledProject, unit_tests: UnitTests
) -> None:
    failing = {
        model: unit_tests.failing(model, compiled.node(model)["compiled_code"])
        for model in unit_tests.of_model
    }
    assert len(failing) > 100
    assert {model: name for model, name in failing.items() if name} == {}


@pytest.mark.parametrize(("model", "before", "after", "is_seen"), CASES)
def test_a_wrong_model_fails_its_unit_tests_and_a_right_one_does_not(
    unit_tests: UnitTests,
    compiled: CompiledProject,
    model: str,
    before: str,
    after: str,
    is_seen: bool,
) -> None:
    code = compiled.node(model)["compiled_code"]
    assert before in code
    failing = unit_tests.failing(model, code.replace(before, after, 1))
    assert (failing is not None) == is_seen


def test_dbt_itself_fails_the_same_models(tmp_path: Path) -> None:
    """Change one place of each model in a copy of the project, and ask dbt."""
    project, state = tmp_path / "project", tmp_path / "state"
    for name in ("models", "seeds", "macros", "tests"):
        shutil.copytree(PROJECT / name, project / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, project / name)
    (project / "analyses").mkdir()
    expected = {}
    for model, ((before, after, is_seen), *_) in CHANGES.items():
        (path,) = project.glob(f"models/**/{model}.sql")
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        expected[model] = is_seen
    land(
        small_landing(tmp_path / "landing"),
        state / "landed",
        AS_OF.isoformat(),
        "USD",
        tell=lambda _line: None,
    )
    chosen = [f"+{model}" for model in CHANGES]
    asked = {"state": state, "target": tmp_path / "target", "project": project}
    run_dbt(
        "build",
        "--empty",
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
        "--select",
        *chosen,
        **asked,
    )
    run_dbt(
        "test", "--select", *(f"{model},test_type:unit" for model in CHANGES), **asked
    )
    text = (tmp_path / "target" / "run_results.json").read_text(encoding="utf-8")
    failed = dict.fromkeys(CHANGES, False)
    for result in json.loads(text)["results"]:
        model = result["unique_id"].split(".")[2]
        assert result["status"] in ("pass", "fail"), result["message"]
        failed[model] |= result["status"] == "fail"
    assert failed == expected


def test_a_law_that_breaks_on_the_sample_is_seen_and_a_published_change_told(
    rebuilding: Rebuilding, compiled: CompiledProject
) -> None:
    build = TopicBuild("revenue", rebuilding, UnitTests(rebuilding.book.con))
    node = compiled.node("fct_account_mrr_months")
    right = node["compiled_code"]
    assert build.red(node, right) == (None, False)
    wrong = right.replace(
        "coalesce(moved.new_mrr, 0)", "2 * coalesce(moved.new_mrr, 0)"
    )
    red, is_published = build.red(node, wrong)
    assert red is not None and is_published
    assert build.red(node, right) == (None, False), "the book is as it was"
    assert rebuilding.is_published_otherwise(node["name"], wrong)
    assert not rebuilding.is_published_otherwise(node["name"], right)


def test_mutants_differ_from_what_they_were_made_of(compiled: CompiledProject) -> None:
    code = compiled.node("int_retention_ledgers_summed")["compiled_code"]
    mutants = [mutant_at(code, place) for place in places_of(code)]
    rules = {mutant.rule for mutant in mutants}
    assert {"operator", "results exchanged", "branch never taken"} <= rules
    assert len({mutant.sql for mutant in mutants}) > len(mutants) * 0.9
    assert all(mutant.before != mutant.after for mutant in mutants)


def test_topics_are_folders_of_the_project() -> None:
    for folders in TOPICS.values():
        assert all((PROJECT / folder).is_dir() for folder in folders)
    assert random_book(1)["subscription_items"]
