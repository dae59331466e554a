"""Landed policy files stand in for seeds, in a copy of the project."""

from pathlib import Path

import pytest

from orchestration.places import PROJECT, Places
from orchestration.policy import PolicyError, project_folder


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
