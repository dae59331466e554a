"""The command line end to end: land, build, audit and publish through Dagster."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from orchestration.places import PROJECT


def run(landing: Path, publish: Path, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["--landing", str(landing), "--publish", str(publish), *more]
    return subprocess.run(
        [sys.executable, "-m", "orchestration", "run", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )


def checksums(publish: Path) -> dict[str, str]:
    manifest = json.loads((publish / "manifest.json").read_text(encoding="utf-8"))
    return {name: mart["checksum"] for name, mart in manifest["marts"].items()}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("run")
    landing = folder / "landing"
    shutil.copytree(PROJECT / "docs" / "template", landing)
    with (landing / "files" / "tickets.csv").open("a", encoding="utf-8") as tickets:
        tickets.write("t9,nobody,2025-01-01,,,,high,\n")
    return landing, folder / "published"


def test_a_run_publishes_a_repeat_changes_nothing_and_a_failure_leaves_all_as_it_was(
    folders: tuple[Path, Path],
):
    landing, publish = folders
    first = run(landing, publish, "--as-of", "2025-06-30")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "account is unknown (first: files/tickets.csv:4, t9)" in first.stdout
    with duckdb.connect(str(publish / "marts.duckdb"), read_only=True) as marts:
        ((headlines, mrr),) = marts.execute(
            "select (select count(*) from fct_retention where is_headline), "
            "(select sum(closing_mrr) from fct_account_mrr_months "
            "where mrr_month = date '2025-06-01')"
        ).fetchall()
    assert headlines == 6
    # acme 14 x 50; acme-uk 5 x 240 GBP a year, its discount over, at 1.25.
    assert float(mrr) == 14 * 50 + 5 * 240 / 12 * 1.25
    assert "NRR" in (publish / "report.html").read_text(encoding="utf-8")

    published = checksums(publish)
    repeat = run(landing, publish, "--as-of", "2025-06-30")
    assert repeat.returncode == 0, repeat.stdout + repeat.stderr
    assert checksums(publish) == published

    current = (publish / "current").resolve()
    policy = landing / "policy"
    policy.mkdir()
    seeded = (PROJECT / "seeds/policy/tiers.csv").read_text(encoding="utf-8")
    broken = seeded.replace(",1,5000,3000,0", ",1,5000,6000,0")
    assert broken != seeded
    (policy / "tiers.csv").write_text(broken, encoding="utf-8")
    refused = run(landing, publish, "--as-of", "2025-06-30")
    assert refused.returncode == 1
    assert "high_growth_or_strategic_can_only_lower_the_bar" in refused.stderr
    assert "Nothing was published" in refused.stderr
    assert (publish / "current").resolve() == current


def test_a_run_after_a_killed_one_completes(folders: tuple[Path, Path]):
    landing, publish = folders
    shutil.rmtree(landing / "policy", ignore_errors=True)
    log = publish.with_name(f"{publish.name}.state") / "logs" / "dbt.log"
    log.unlink(missing_ok=True)
    arguments = ["--landing", str(landing), "--publish", str(publish)]
    killed = subprocess.Popen(
        [sys.executable, "-m", "orchestration", "run", *arguments],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 180
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(3)
    killed.kill()
    killed.wait()
    completed = run(landing, publish, "--as-of", "2025-05-31")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "as-of-2025-05-31" in (publish / "current").resolve().name


def test_a_landing_folder_that_is_not_there_is_said_so(tmp_path: Path):
    refused = run(tmp_path / "nowhere", tmp_path / "published")
    assert refused.returncode == 1
    assert "no such landing folder" in refused.stderr
