"""The benchmark's three contenders agree on one book; nothing is timed here."""

import pytest

from analyses.ledger_benchmark.contenders import RIVALS, Arena, open_arena
from analyses.ledger_benchmark.made_book import land_made_book
from orchestration.compiled_project import CompiledProject


@pytest.fixture(scope="module")
def arena(compiled: CompiledProject, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    folder = tmp_path_factory.mktemp("ledger_benchmark")
    arena = open_arena(compiled, folder, land_made_book(folder, 400))
    arena.run_ledger()
    for rival in RIVALS:
        arena.run_rival(rival)
    return arena


def test_the_ledger_the_bare_intervals_and_the_month_spine_agree(
    arena: Arena,
) -> None:
    assert arena.disagreements() == []


def test_the_made_book_reaches_every_movement(arena: Arena) -> None:
    reached = arena.con.execute("select distinct movement from fct_mrr_movements")
    assert {row[0] for row in reached.fetchall()} == {
        *("new", "expansion", "contraction", "churn", "reactivation"),
        *("pause", "resume", "fx"),
    }


def test_the_made_book_is_used_whole(arena: Arena) -> None:
    used = arena.count("int_subscription_items_conformed")
    assert used == arena.count("stg_files__subscription_items") > 1000


@pytest.mark.parametrize("table", ["bare_intervals", "month_spine"])
def test_a_rival_that_loses_one_row_disagrees(arena: Arena, table: str) -> None:
    arena.con.execute("begin")
    arena.con.execute(
        f"delete from {table} where rowid = (select min(rowid) from {table})"
    )
    disagreements = arena.disagreements()
    arena.con.execute("rollback")
    assert disagreements != []
