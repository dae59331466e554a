"""The published set: whole at every instant, the same for the same input."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path

import duckdb
import pytest

from orchestration.publishing import publish_set
from orchestration.publishing.headline import (
    print_headline,
    read_headline,
    read_summary,
)
from orchestration.publishing.mart_copies import MartsError
from orchestration.publishing.publish_set import (
    PublishedSet,
    RunFacts,
    UnknownSetError,
    list_sets,
    publish,
    rollback,
)
from tests.python.fake_warehouse import (
    AS_OF_ON,
    COLUMNS,
    write_dbt_manifest,
    write_empty_warehouse,
    write_warehouse,
)

BUILT_AT = datetime(2026, 7, 1, 4, 0)
SIZE = 30
PROJECT = Path(__file__).parents[2]


def no_report(marts: Path, target: Path) -> None:
    target.write_text("a report", encoding="utf-8")


def publish_fast(
    warehouse: Path, folder: Path, run: int = 0, **options
) -> PublishedSet:
    facts = RunFacts(AS_OF_ON, BUILT_AT + timedelta(hours=run))
    return publish(warehouse, folder, facts, **({"report": no_report} | options))


def read_marker(marts: Path) -> set[str]:
    with duckdb.connect(marts, read_only=True) as con:
        rows = con.execute(
            "select account_name from dim_accounts"
            " union select sub_reason from fct_mrr_movements"
        ).fetchall()
    return {marker for (marker,) in rows}


def read_until(
    marts: Path, begun: Event, stop: Event, results: multiprocessing.Queue
) -> None:
    """Read two marts over and over; report what was seen, or the first failure."""
    seen: set[str] = set()
    count = 0
    try:
        while not stop.is_set():
            markers = read_marker(marts)
            assert len(markers) == 1, f"two runs mixed: {markers}"
            seen |= markers
            count += 1
            begun.set()
    except Exception as error:
        results.put(repr(error))
    else:
        results.put((count, seen))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    return write_warehouse(folder / "warehouse.duckdb", marker=1, size=SIZE)


@pytest.fixture(scope="module")
def second_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("second")
    return write_warehouse(folder / "warehouse.duckdb", marker=2, size=SIZE)


def test_a_set_holds_marts_parquet_report_and_manifest(warehouse, tmp_path):
    published = publish(warehouse, tmp_path / "out", RunFacts(AS_OF_ON, BUILT_AT))
    out = tmp_path / "out"
    assert (out / "current").readlink() == Path("sets") / published.set_id
    assert (out / "marts.duckdb").readlink() == Path("current/marts.duckdb")
    assert (out / "parquet").readlink() == Path("current/parquet")
    assert (out / "report.html").readlink() == Path("current/report.html")
    assert "<html" in (out / "report.html").read_text(encoding="utf-8")
    assert {path.stem for path in (out / "parquet").iterdir()} == set(COLUMNS)
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["set_id"] == published.set_id
    assert manifest["as_of_on"] == "2026-06-30"
    assert manifest["built_at"] == "2026-07-01 04:00:00"
    assert manifest["marts"]["dim_accounts"]["rows"] == SIZE
    assert manifest["marts"]["dim_accounts"]["checksum"]
    assert not [*out.rglob("*.wal")]
    assert not [*out.rglob(".partial-*")]


def test_only_marts_are_published_and_parquet_holds_the_same_rows(warehouse, tmp_path):
    publish_fast(warehouse, tmp_path)
    with duckdb.connect(tmp_path / "marts.duckdb", read_only=True) as con:
        tables = {row[0] for row in con.execute("show tables").fetchall()}
        assert tables == {*COLUMNS, "published_set"}
        for name in COLUMNS:
            parquet = f"'{tmp_path / 'parquet' / name}.parquet'"
            differing = con.execute(
                f"(from {name} except all from {parquet})"
                f" union all (from {parquet} except all from {name})"
            ).fetchall()
            assert not differing, name


def test_the_file_can_be_opened_by_duckdb_1_4(warehouse, tmp_path):
    publish_fast(warehouse, tmp_path)
    with duckdb.connect() as con:
        con.execute(f"attach '{tmp_path / 'marts.duckdb'}' as marts (read_only)")
        tags = con.execute(
            "select tags from duckdb_databases() where database_name = 'marts'"
        ).fetchall()[0][0]
    # DuckDB marks an older format by the first version that reads it.
    assert tags["storage_version"].startswith("v1.4.0")


def test_columns_carry_their_dbt_descriptions_as_comments(warehouse, tmp_path):
    manifest = write_dbt_manifest(tmp_path / "manifest.json")
    publish_fast(warehouse, tmp_path / "out", dbt_manifest=manifest)
    with duckdb.connect(tmp_path / "out/marts.duckdb", read_only=True) as con:
        column = con.execute(
            "select comment from duckdb_columns()"
            " where table_name = 'dim_accounts' and column_name = 'account_id'"
        ).fetchall()
        table = con.execute(
            "select comment from duckdb_tables() where table_name = 'fct_retention'"
        ).fetchall()
    assert column == [("The customer's key.",)]
    assert table == [("One row per thing of fct_retention.",)]


@pytest.mark.parametrize("include_personal", [False, True])
def test_personal_columns_are_left_out_unless_asked_for(
    warehouse, tmp_path, include_personal
):
    manifest = write_dbt_manifest(tmp_path / "manifest.json")
    out = tmp_path / "out"
    options = {"dbt_manifest": manifest, "include_personal": include_personal}
    publish_fast(warehouse, out, **options)
    with duckdb.connect(out / "marts.duckdb", read_only=True) as con:
        in_marts = con.execute("from dim_accounts limit 1").df().columns
        parquet = out / "parquet/dim_accounts.parquet"
        in_parquet = con.execute(f"from '{parquet}' limit 1").df().columns
    assert ("contact_email" in in_marts) == include_personal
    assert ("contact_email" in in_parquet) == include_personal
    written = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    withheld = [] if include_personal else ["contact_email"]
    assert written["marts"]["dim_accounts"]["withheld"] == withheld


def test_a_mart_that_was_not_built_stops_the_publish_by_name(warehouse, tmp_path):
    old = publish_fast(warehouse, tmp_path / "out")
    manifest = write_dbt_manifest(tmp_path / "manifest.json", "fct_signals")
    with pytest.raises(MartsError, match="fct_signals"):
        publish_fast(warehouse, tmp_path / "out", run=1, dbt_manifest=manifest)
    assert list_sets(tmp_path / "out") == [old.set_id]
    assert read_marker(tmp_path / "out/marts.duckdb") == {"run_1"}


def test_the_same_input_gives_the_same_checksums_and_parquet(warehouse, tmp_path):
    first = publish_fast(warehouse, tmp_path)
    second = publish_fast(warehouse, tmp_path, run=1)
    assert first.set_id != second.set_id
    assert first.checksums == second.checksums
    for path in sorted((first.folder / "parquet").iterdir()):
        assert path.read_bytes() == (second.folder / "parquet" / path.name).read_bytes()


def test_the_checksum_ignores_row_order_and_notices_one_value(warehouse, tmp_path):
    shuffled, changed = tmp_path / "shuffled.duckdb", tmp_path / "changed.duckdb"
    for path in (shuffled, changed):
        path.write_bytes(warehouse.read_bytes())
        with duckdb.connect(path) as con:
            con.execute(
                "create or replace table dim_accounts as"
                " from dim_accounts order by account_id desc"
            )
    with duckdb.connect(changed) as con:
        con.execute(
            "update dim_accounts set current_mrr = current_mrr + 0.000001"
            " where account_id = 'a0003'"
        )
    known = publish_fast(warehouse, tmp_path / "out").checksums
    same = publish_fast(shuffled, tmp_path / "out", run=1).checksums
    other = publish_fast(changed, tmp_path / "out", run=2).checksums
    assert same == known
    assert other["dim_accounts"] != known["dim_accounts"]
    assert other["fct_retention"] == known["fct_retention"]


def test_a_retry_of_the_same_run_gets_a_set_of_its_own(warehouse, tmp_path):
    first = publish_fast(warehouse, tmp_path)
    again = publish_fast(warehouse, tmp_path)
    assert again.set_id == f"{first.set_id}-retry-01"
    assert list_sets(tmp_path) == [first.set_id, again.set_id]


def test_readers_never_fail_and_never_see_two_runs_mixed(
    warehouse, second_warehouse, tmp_path
):
    publish_fast(warehouse, tmp_path)
    context = multiprocessing.get_context("spawn")
    begun, stop, results = context.Event(), context.Event(), context.Queue()
    reader = context.Process(
        target=read_until, args=(tmp_path / "marts.duckdb", begun, stop, results)
    )
    reader.start()
    try:
        assert begun.wait(timeout=60)
        for run in range(1, 6):
            source = second_warehouse if run % 2 else warehouse
            publish_fast(source, tmp_path, run, older_sets_kept=1)
            time.sleep(0.1)  # A fast disk could finish before the reader looks.
    finally:
        stop.set()
    outcome = results.get(timeout=60)
    reader.join(timeout=60)
    assert isinstance(outcome, tuple), outcome
    count, seen = outcome
    assert count > len(seen)
    assert seen == {"run_1", "run_2"}


def test_an_open_reader_keeps_its_set_while_a_new_one_is_published(
    warehouse, second_warehouse, tmp_path
):
    publish_fast(warehouse, tmp_path)
    with duckdb.connect(tmp_path / "current/marts.duckdb", read_only=True) as con:
        publish_fast(second_warehouse, tmp_path, run=1, older_sets_kept=0)
        assert con.execute("select distinct account_name from dim_accounts").fetchall()[
            0
        ] == ("run_1",)
    assert read_marker(tmp_path / "marts.duckdb") == {"run_2"}


@pytest.mark.parametrize(
    "step",
    ["copy_marts", "flush_tree", "rename_durably", "_switch", "_prune"],
)
def test_a_failure_at_any_step_leaves_a_whole_set_and_the_next_publish_completes(
    warehouse, second_warehouse, tmp_path, monkeypatch, step
):
    publish_fast(warehouse, tmp_path)

    def fail(*args: object) -> None:
        raise RuntimeError("no more power")

    with monkeypatch.context() as broken:
        broken.setattr(publish_set, step, fail)
        with pytest.raises(RuntimeError):
            publish_fast(second_warehouse, tmp_path, run=1)
    expected = {"run_2"} if step == "_prune" else {"run_1"}
    assert read_marker(tmp_path / "marts.duckdb") == expected
    published = publish_fast(second_warehouse, tmp_path, run=1)
    assert read_marker(tmp_path / "marts.duckdb") == {"run_2"}
    assert (tmp_path / "current").resolve() == published.folder.resolve()
    assert not [*tmp_path.rglob(".partial-*")]


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from orchestration.publishing import publish_set
from tests.python.fake_warehouse import AS_OF_ON

def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(publish_set, sys.argv[3], die)
facts = publish_set.RunFacts(AS_OF_ON, datetime(2026, 7, 1, 9))
publish_set.publish(
    Path(sys.argv[1]), Path(sys.argv[2]), facts, report=lambda marts, target: None
)
"""


@pytest.mark.parametrize("step", ["flush_tree", "_switch"])
def test_a_killed_run_leaves_the_old_set_and_the_next_one_tidies_up(
    warehouse, second_warehouse, tmp_path, step
):
    publish_fast(warehouse, tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, second_warehouse, tmp_path, step],
        cwd=PROJECT,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert read_marker(tmp_path / "marts.duckdb") == {"run_1"}
    publish_fast(second_warehouse, tmp_path, run=9)
    assert read_marker(tmp_path / "marts.duckdb") == {"run_2"}
    assert not [*tmp_path.rglob(".partial-*")]


def test_only_the_last_sets_are_kept_for_rollback(warehouse, tmp_path):
    sets = [publish_fast(warehouse, tmp_path, run).set_id for run in range(5)]
    assert list_sets(tmp_path) == sets[1:]
    publish_fast(warehouse, tmp_path, run=5, older_sets_kept=1)
    assert len(list_sets(tmp_path)) == 2


def test_rollback_returns_to_an_older_set_and_knows_no_other(
    warehouse, second_warehouse, tmp_path
):
    old = publish_fast(warehouse, tmp_path)
    publish_fast(second_warehouse, tmp_path, run=1)
    rollback(tmp_path, old.set_id)
    assert read_marker(tmp_path / "marts.duckdb") == {"run_1"}
    with pytest.raises(UnknownSetError, match=old.set_id):
        rollback(tmp_path, "yesterday")


def test_the_set_in_use_is_never_pruned_after_a_rollback(
    warehouse, second_warehouse, tmp_path
):
    old = publish_fast(second_warehouse, tmp_path)
    publish_fast(warehouse, tmp_path, run=1)
    rollback(tmp_path, old.set_id)
    publish_fast(warehouse, tmp_path, run=2, older_sets_kept=0)
    assert read_marker(tmp_path / "marts.duckdb") == {"run_1"}
    assert len(list_sets(tmp_path)) == 1


def test_a_folder_in_the_way_is_named_and_not_deleted(warehouse, tmp_path):
    (tmp_path / "parquet").mkdir()
    (tmp_path / "parquet/mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(Exception, match="parquet is a folder"):
        publish_fast(warehouse, tmp_path)
    assert (tmp_path / "parquet/mine.txt").exists()


def test_a_warehouse_without_marts_is_refused(tmp_path):
    with duckdb.connect(tmp_path / "bare.duckdb") as con:
        con.execute("create table int_only as select 1 as one")
    with pytest.raises(MartsError, match="build it first"):
        publish_fast(tmp_path / "bare.duckdb", tmp_path / "out")


def test_the_headline_is_the_last_twelve_periods_and_prints(
    warehouse, tmp_path, capsys
):
    publish_fast(warehouse, tmp_path)
    headline = read_headline(tmp_path / "marts.duckdb")
    assert len(headline) == 12
    assert f"{headline['period_end_on'].iloc[-1]:%Y-%m-%d}" == "2026-06-30"
    assert set(read_summary(tmp_path / "marts.duckdb")) == {
        "As of",
        "MRR",
        "Paying accounts",
        "Health",
    }
    print_headline(tmp_path / "marts.duckdb")
    printed = capsys.readouterr().out
    assert "2026-06-30" in printed
    assert f"{headline['nrr_rate'].iloc[-1] * 100:.1f}%" in printed


def test_the_headline_of_empty_marts_says_what_it_needs(tmp_path, capsys):
    publish_fast(write_empty_warehouse(tmp_path / "w.duckdb"), tmp_path / "out")
    assert read_headline(tmp_path / "out/marts.duckdb").empty
    print_headline(tmp_path / "out/marts.duckdb")
    assert "No retention yet" in capsys.readouterr().out
