"""The books that judge a mutant: what they must read, found without its SQL."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from analyses.mutants.rebuilding import Rebuilding
from tests.python import (
    test_bad_revenue_input,
    test_retention_policies,
    test_worked_cases,
)
from tests.python.books import Row
from tests.python.conftest import Book, Warehouse
from tests.python.random_books import AS_OF, random_book
from tests.python.retention_oracle import RetentionOracle
from tests.python.revenue_oracle import RevenueOracle
from tests.python.test_revenue_oracle import (
    MONTH_KEY,
    MOVEMENT_KEY,
    RETENTION_KEY,
    assert_same,
)

MARTS = ("fct_mrr_movements", "fct_account_mrr_months", "fct_retention")
MOVEMENTS = """
    select account_id, currency, effective_on, movement,
        sum(mrr_delta) as mrr_delta, sum(mrr_delta_native) as mrr_delta_native
    from fct_mrr_movements where movement <> 'fx' group by all
    having sum(mrr_delta_native) <> 0
"""


@dataclass(frozen=True)
class Judge:
    """A built book and the checks that it must pass."""

    name: str
    rebuilding: Rebuilding
    check: Callable[[Book], None]


def _check_of_oracle(seed: int) -> Callable[[Book], None]:
    """Read a random book day by day, once, and return the comparison with it."""
    tables = random_book(seed)
    oracle = RevenueOracle(
        items=tables["subscription_items"],
        as_of=AS_OF,
        accounts=tables["accounts"],
        account_history=tables["account_history"],
        exchange_rates=tables["exchange_rates"],
    )
    months, movements = oracle.account_months(), oracle.movements()
    retention = RetentionOracle(oracle).retention()

    def check(book: Book) -> None:
        assert_same(book.table("fct_account_mrr_months"), months, MONTH_KEY)
        assert_same(book.query(MOVEMENTS), movements, MOVEMENT_KEY)
        kept = book.query("from fct_retention where segment_dimension = 'all'")
        assert_same(kept, retention, RETENTION_KEY)

    return check


def _check_cases(book: Book) -> None:
    for number in range(len(test_worked_cases.CASES)):
        test_worked_cases.test_case(book, number)
    test_worked_cases.test_reported_currency_falls_where_constant_currency_stands(book)


def _check_policies(book: Book) -> None:
    for policy in test_retention_policies.EXPECTED:
        test_retention_policies.test_the_same_book_reads_as_its_policy_says(
            book, policy
        )
    test_retention_policies.test_the_chain_has_a_new_base_every_month(book)


def _bad_items() -> tuple[list[Row], dict[tuple[str, str], str | None]]:
    """Return the planted items of all cases, and what the models must say of each."""
    items, rules = [], {}
    for name, case in test_bad_revenue_input.CASES.items():
        told = {line: rule for _, line, rule in (*case.kept_out, *case.warned)}
        at_load = {"below 0", "above 100"}
        if case.accounts or at_load & {*told.values()} or "duplicate" in str(told):
            continue
        for number, row in enumerate(case.items):
            item_id = f"{name}-{row['item_id']}"
            items.append(row | {"item_id": item_id})
            rules[item_id, row["valid_from"]] = told.get(6 + number)
    return items, rules


def _check_rules(book: Book) -> None:
    checked = book.query(
        """
        select item_id, cast(valid_from as varchar),
            coalesce(quarantine_rule, warning_rule)
        from int_subscription_items_checked
        """
    )
    found = {(row[0], row[1]): row[2] for row in checked.itertuples(index=False)}
    assert found == _bad_items()[1]


def _check_laws(book: Book) -> None:
    assert book.broken_laws() == []


def judges(make: Callable[[], Warehouse], models: list[str]) -> list[Judge]:
    """Build every judge; each has a warehouse, and so a landing, of its own."""
    policies = make().build(test_retention_policies.BOOK, *models, as_of="2025-03-31")
    cases = make().build(
        test_worked_cases._landing(), *models, as_of=test_worked_cases.AS_OF
    )
    bad = make().build(
        {"subscription_items": _bad_items()[0]}, *models, as_of="2024-12-31"
    )
    random = make().build(random_book(1), *models, as_of=AS_OF.isoformat())
    of_cases = Rebuilding(cases)
    return [
        Judge("bad input", Rebuilding(bad), _check_rules),
        Judge("policies", Rebuilding(policies), _check_policies),
        Judge("oracle", Rebuilding(random), _check_of_oracle(1)),
        Judge("worked cases", of_cases, _check_cases),
        Judge("laws", of_cases, _check_laws),
    ]


def caught_by(judge: Judge, name: str, sql: str) -> str | None:
    """Name a judge that finds a model's other SQL wrong; None where it does not."""
    with judge.rebuilding.changed(name, sql) as changed:
        if not changed:
            return None
        try:
            judge.check(judge.rebuilding.book)
        except (AssertionError, IndexError, KeyError, pytest.fail.Exception):
            return judge.name
    return None
