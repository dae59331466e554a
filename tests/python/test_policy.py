"""Landed policy files stand in for seeds, in a copy of the project."""

from itertools import product
from pathlib import Path

import pytest

from orchestration.landing.land import land
from orchestration.places import PROJECT, Places
from orchestration.policy import (
    PolicyError,
    forget_policy,
    kept_files,
    project_folder,
    remember_policy,
)
from tests.python.books import item, write_book
from tests.python.conftest import Warehouse


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "landing" / "policy").mkdir(parents=True)
    return Places(tmp_path / "landing", tmp_path / "published")


def test_without_landed_policy_the_project_itself_is_built(places):
    assert project_folder(places) == PROJECT


def test_a_landed_seed_replaces_the_one_of_its_name_and_nothing_else(places):
    landed = places.landing / "policy" / "tiers.csv"
    landed.write_text("tier\nall\n", encoding="utf-8")
    copy = project_folder(places)
    assert (copy / "seeds/policy/tiers.csv").read_text("utf-8") == "tier\nall\n"
    assert (copy / "models").resolve() == PROJECT / "models"
    for seed in (PROJECT / "seeds").glob("*/*"):
        if seed.name != "tiers.csv":
            same = copy / seed.relative_to(PROJECT)
            assert same.read_bytes() == seed.read_bytes()


def test_a_policy_file_of_no_seed_is_refused_by_name(places):
    (places.landing / "policy" / "tears.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=r"policy/tears.csv: no such seed.*tiers.csv"):
        project_folder(places)


SEEDS = ("tiers.csv", "health_weights.csv", "milestones.csv")
RUNS = [{name for name, is_there in zip(SEEDS, told, strict=True) if is_there}
        for told in product([True, False], repeat=3)]  # fmt: skip


def lay(places: Places, names: set[str], text: str = "x\n") -> None:
    """Let the landing folder have these policy files and no others."""
    for name in SEEDS:
        path = places.landing / "policy" / name
        path.unlink(missing_ok=True)
        if name in names:
            path.write_text(text, encoding="utf-8")


def built(places: Places) -> dict[str, str]:
    """Return the policy that a run is built with, and remember it as a run does."""
    folder = project_folder(places)
    remember_policy(places)
    seeds = {path.name: path for path in (folder / "seeds").glob("*/*.csv")}
    texts = {name: seeds[name].read_text(encoding="utf-8") for name in SEEDS}
    return {name: text for name, text in texts.items() if len(text) < 9}


@pytest.mark.parametrize("first", RUNS)
@pytest.mark.parametrize("second", RUNS)
def test_a_policy_that_is_gone_stands_until_the_folder_is_accepted(
    places, first, second
):
    lay(places, first, "old\n")
    assert built(places) == dict.fromkeys(first, "old\n")
    lay(places, second, "new\n")
    for _ in range(2):
        kept = {path.name for path in kept_files(places.landing, places.state)}
        assert kept == first - second
        stands = dict.fromkeys(first, "old\n") | dict.fromkeys(second, "new\n")
        assert built(places) == stands
    forget_policy(places)
    assert kept_files(places.landing, places.state) == []
    assert built(places) == dict.fromkeys(second, "new\n")


def test_a_policy_that_was_never_built_is_not_remembered(places):
    """A run that failed for it is mended by taking it away."""
    lay(places, {"tiers.csv"})
    project_folder(places)
    lay(places, set())
    assert project_folder(places) == PROJECT


def test_a_policy_file_that_cannot_be_read_is_refused_by_name(places):
    (places.landing / "policy" / "tiers.csv").symlink_to("/nowhere")
    with pytest.raises(
        PolicyError, match=r"policy/tiers.csv: cannot be read \(No such"
    ):
        project_folder(places)


def test_a_policy_that_is_gone_is_told_in_the_run_and_in_freshness(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    write_book(
        tmp_path / "landing", {"subscription_items": [item("i", "a", "2024-01-01")]}
    )
    memory = warehouse.folder / "policy"
    memory.mkdir()
    (memory / "tiers.csv").write_text("x\n", encoding="utf-8")
    (tmp_path / "landing" / "policy").mkdir()
    (tmp_path / "landing" / "policy" / "notes.md").write_text("x", encoding="utf-8")
    told: list[str] = []
    try:
        book = warehouse.build_landing(
            tmp_path / "landing", "fct_freshness", as_of="2024-12-31"
        )
        land(
            *(tmp_path / "landing", warehouse.folder / "landed", "2024-12-31", "USD"),
            tell=told.append,
        )
    finally:
        (memory / "tiers.csv").unlink()
        memory.rmdir()
    rows = book.query(
        "select entity, load_status, is_stale from fct_freshness"
        " where source_system = 'policy' order by all"
    )
    assert list(rows.itertuples(index=False, name=None)) == [
        ("notes.md", "unread", False),
        ("tiers", "held", True),
    ]
    assert any(line.startswith("  policy.tiers: HELD: no file") for line in told)
