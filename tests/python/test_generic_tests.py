"""Each generic test of ours fails when it should, and only then."""

import json
from pathlib import Path

import duckdb
import pytest
import yaml
from filelock import FileLock

from orchestration.compiled_project import run_dbt
from tests.python.conftest import PROJECT

# test name -> (arguments, a row that is good, rows that must fail)
COLUMNS = "key_id string, valid_from date, valid_to date, amount bigint, kind string"
GOOD = [
    ("a", "2024-01-01", "2024-02-01", 1, "x"),
    ("a", "2024-02-01", None, 2, "y"),
    ("b", "2024-01-01", None, 3, None),
]
CASES: dict[str, tuple[dict[str, object], list[tuple[object, ...]]]] = {
    "row_holds": (
        {"condition": "amount > 0"},
        [("c", "2024-01-01", None, 0, "x"), ("c", "2024-01-01", None, None, "x")],
    ),
    "unique_together": (
        {"columns": ["key_id", "kind"]},
        [("a", "2025-01-01", None, 9, "x"), ("b", "2025-01-01", None, 9, None)],
    ),
    "no_overlap": (
        {"key": ["key_id"]},
        [
            ("a", "2024-01-31", "2024-02-01", 9, "x"),
            ("b", "2030-01-01", None, 9, "x"),
            ("b", "2024-01-01", None, 9, "x"),
        ],
    ),
    "never_null": (
        {"columns": ["key_id", "valid_from", "amount"]},
        [
            (None, "2024-01-01", None, 9, "x"),
            ("c", None, None, 9, "x"),
            ("c", "2024-01-01", None, None, "x"),
        ],
    ),
    "groups_hold": (
        {"group_by": ["key_id"], "condition": "sum(amount) < 10"},
        [("a", "2024-01-01", None, 7, "x"), ("c", "2024-01-01", None, None, "x")],
    ),
}


@pytest.fixture(scope="session")
def compiled_tests(
    tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> dict[str, str]:
    """Compile every generic test against a table `subject`, in a project of its own."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "generic_tests"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            _write_project(folder)
            done = run_dbt(
                *("compile", "--quiet"),
                state=folder / "state",
                target=folder / "target",
                project=folder,
            )
            assert done.returncode == 0, done.stdout
    manifest = json.loads((folder / "target/manifest.json").read_text(encoding="utf-8"))
    return {
        node["test_metadata"]["name"]: node["compiled_code"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
    }


def _write_project(folder: Path) -> None:
    (folder / "state").mkdir(parents=True)
    (folder / "models").mkdir()
    (folder / "macros").symlink_to(PROJECT / "macros")
    (folder / "tests").mkdir()
    (folder / "tests/generic").symlink_to(PROJECT / "tests/generic")
    for name in ("dbt_project.yml", "profiles.yml"):
        text = (PROJECT / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "models/subject.sql").write_text("select 1 as amount", encoding="utf-8")
    tests = [{name: {"arguments": case[0]}} for name, case in CASES.items()]
    declared = {"version": 2, "models": [{"name": "subject", "data_tests": tests}]}
    (folder / "models/_subject__models.yml").write_text(
        yaml.safe_dump(declared), encoding="utf-8"
    )


def failures(sql: str, rows: list[tuple[object, ...]]) -> int:
    """Count the rows that a compiled test returns for a table of these rows."""
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as warehouse; use warehouse")
        con.execute(f"create table subject ({COLUMNS})")
        con.executemany("insert into subject values (?, ?, ?, ?, ?)", rows)
        return len(con.execute(sql).fetchall())


def test_every_generic_test_of_ours_is_tried_here() -> None:
    files = {path.stem for path in PROJECT.glob("tests/generic/*.sql")}
    assert files == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_it_passes_on_good_rows_and_on_none(
    compiled_tests: dict[str, str], name: str
) -> None:
    assert failures(compiled_tests[name], GOOD) == 0
    with duckdb.connect() as con:
        con.execute("attach ':memory:' as warehouse; use warehouse")
        con.execute(f"create table subject ({COLUMNS})")
        assert con.execute(compiled_tests[name]).fetchall() == []


@pytest.mark.parametrize(
    ("name", "bad"), [(name, bad) for name, case in CASES.items() for bad in case[1]]
)
def test_it_fails_on_a_bad_row(
    compiled_tests: dict[str, str], name: str, bad: tuple[object, ...]
) -> None:
    assert failures(compiled_tests[name], [*GOOD, bad]) > 0
