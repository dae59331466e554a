"""Rounding stays inside of a rate by construction, and fails no data test.

What a data test compares as doubles it compares within `double_tolerance`; what is a
decimal or a count, exactly.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from jinja2 import Environment
from sqlglot import exp
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from orchestration.health_validation.auc import Ranking, auc_of
from orchestration.health_validation.validate import validate
from tests.python.books import item
from tests.python.conftest import CompiledProject, Warehouse, models_of

SETS = 4_000
TOLERANCE = 1e-9
COMPARISONS = (
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE),
    *(exp.Between, exp.In, exp.NullSafeEQ, exp.NullSafeNEQ),
)
# Kinds of tests that ask for presence, membership or keys, or compare dates.
WITHOUT_AMOUNTS = {
    *("unique", "not_null", "accepted_values", "relationships"),
    *("unique_together", "never_null", "no_overlap"),
}
# A share of decimals is 0 exactly where nothing is scored, and above it anywhere else.
EXACT = {("a_customer_without_a_score_is_unknown_and_only_then", "scored_mrr_rate")}
Types = dict[str, dict[str, str]]


def separated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw scores with ties, of which each lost one lies below each kept one."""
    lost, kept = rng.integers(1, 40, 2)
    scores = np.r_[rng.integers(0, 50, lost), rng.integers(50, 99, kept)].astype(float)
    weights = np.round(np.exp(rng.normal(6, 2, lost + kept)), int(rng.integers(0, 7)))
    return scores, np.arange(lost + kept) < lost, weights + 0.01


def test_a_perfectly_separated_set_has_an_auc_of_1_exactly_and_turned_round_of_0() -> (
    None
):
    rng = np.random.default_rng(9)
    aucs = []
    for _ in range(SETS):
        scores, is_lost, weights = separated(rng)
        aucs.append(
            (auc_of(scores, is_lost, weights), auc_of(scores, ~is_lost, weights))
        )
    assert set(aucs) == {(1.0, 0.0)}


def test_an_auc_lies_within_0_and_1_exactly_whatever_the_weights() -> None:
    rng = np.random.default_rng(10)
    for _ in range(400):
        scores = rng.integers(0, int(rng.integers(1, 30)), 50).astype(float)
        is_lost = rng.random(50) < 0.3
        weights = np.exp(rng.normal(0, 8, (10, 50))) * (rng.random((10, 50)) < 0.7)
        aucs = Ranking(scores).auc(weights * is_lost, weights * ~is_lost)
        assert np.all(np.isnan(aucs) | ((aucs >= 0) & (aucs <= 1)))


@pytest.mark.parametrize("seed", range(3))
def test_intervals_and_shares_of_a_validation_lie_within_0_and_1_exactly(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    customers = 90
    is_lost = np.arange(customers) < 30
    score = np.where(is_lost, 0, 50) + rng.integers(0, 50, customers) / 7
    facts = pd.DataFrame(
        {
            "ultimate_parent_id": [f"p{number}" for number in range(customers)],
            "observed_on": pd.Timestamp("2025-01-31"),
            "tier": rng.choice(["smb", "enterprise"], customers),
            "desired_outcome": "reporting",
            "engagement_model": "digital",
            "mrr": np.round(np.exp(rng.normal(6, 2, customers)), 6),
            "capacity_rate": 1 / 7,
            "is_followed_by_loss": is_lost,
            "is_early_leaver": False,
        }
    )
    own = facts.assign(scorer="health_score", is_foil=False, score=score)
    foil = facts.assign(scorer="login_only", is_foil=True, score=rng.random(customers))
    outcomes = pd.concat(
        [own.assign(health_band=np.where(score < 30, "red", "green")), foil],
        ignore_index=True,
    )
    found = validate(outcomes)
    for column in (
        *("auc", "auc_low", "auc_high", "mrr_weighted_auc"),
        *("auc_without_early_leavers", "precision_at_capacity"),
        *("recall_at_capacity", "red_share", "green_share", "auc_p_value"),
    ):
        told = found[column].dropna()
        assert len(told) and told.between(0, 1).all(), column


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        opened.execute("attach ':memory:' as warehouse; use warehouse")
        yield opened


def beside(con: duckdb.DuckDBPyConnection, table: str, *ranges: str) -> pd.DataFrame:
    """Return the rows of a table that break one of the ranges, exactly compared."""
    return con.sql(
        f"from {table} where not coalesce({' and '.join(ranges)}, true)"
    ).df()


def test_shares_of_a_curve_lie_within_0_and_1_exactly(
    compiled: CompiledProject, con: duckdb.DuckDBPyConnection
) -> None:
    rng = np.random.default_rng(11)
    rows = []
    for number in range(SETS):
        at_risk = int(rng.integers(1, 40))
        for day in range(1, 12):
            reached, left, censored = rng.multinomial(
                at_risk, [0.3, 0.1, 0.05 * (number % 3), 0.6 - 0.05 * (number % 3)]
            )[:3]
            if day == 11:
                reached, left, censored = at_risk - left, left, 0
            if reached + left + censored:
                rows.append((str(number), day, at_risk, reached, left, censored))
            at_risk -= reached + left + censored
            if not at_risk:
                break
    waits = pd.DataFrame(  # noqa: F841 - DuckDB reads it by its name.
        rows,
        columns=[
            *("segment_value", "waited_days", "at_risk_count"),
            *("reached_count", "left_count", "censored_count"),
        ],
    )
    con.execute(
        "create table int_value_waits_counted as"
        " select 'all' as segment_dimension, * from waits"
    )
    for name in (
        "int_value_waits_survived",
        "int_value_curves_estimated",
        "int_value_curve_errors_estimated",
        "fct_time_to_value_curves",
    ):
        con.execute(f"create table {name} as {compiled.node(name)['compiled_code']}")
    rates = (
        *("not_reached_rate", "waiting_rate", "reached_rate", "left_rate"),
        *("not_reached_low_rate", "not_reached_high_rate"),
        *("reached_low_rate", "reached_high_rate"),
    )
    wrong = beside(
        con,
        "fct_time_to_value_curves",
        *(f"coalesce({rate} between 0 and 1, true)" for rate in rates),
    )
    assert wrong.empty, wrong


def test_scores_and_their_parts_lie_within_0_and_100_exactly(
    compiled: CompiledProject, con: duckdb.DuckDBPyConnection
) -> None:
    rng = np.random.default_rng(12)
    scored = []
    for number in range(SETS):
        count = int(rng.integers(2, 9))
        weights = rng.random(count)
        weights = np.round(weights / weights.sum(), 12)
        score = [0.0, 100.0, 100 / 3, 99.99999999999999][number % 4]
        scored += [
            (f"a{number}", f"m{k}", f"f{k}", weight, score, k)
            for k, weight in enumerate(weights)
        ]
    rows = pd.DataFrame(  # noqa: F841 - DuckDB reads it by its name.
        scored,
        columns=[
            *("account_id", "measure", "family", "weight", "measure_score"),
            "measure_number",
        ],
    )
    con.execute(
        """
        create table int_health_measures_scored as
        select *, date '2025-01-31' as health_on, 'p' as profile, 'v' as policy_version,
            true as is_chosen, 1.0::double as input_value, 0 as freshness_days
        from rows;
        create table int_health_days_awaited as
        select distinct account_id, health_on, account_id as spell_key
        from int_health_measures_scored;
        create table int_health_policies_dated as
        select date '2025-01-31' as date_on, 'p' as profile, 'v' as policy_version,
            'weighted_mean' as combining, true as is_chosen, true as is_reference
        """
    )
    sql = compiled.node("int_health_scores_weighed")["compiled_code"]
    con.execute(f"create table weighed as {sql}")
    wrong = beside(
        con,
        "weighed",
        "score_before_exceptions between 0 and 100",
        "coverage_rate between 0 and 1",
    )
    assert wrong.empty, wrong


def test_an_interval_of_a_loss_rate_lies_within_0_and_1_and_around_the_rate(
    compiled: CompiledProject, con: duckdb.DuckDBPyConnection
) -> None:
    con.execute(
        """
        create table fct_health_outcomes as
        select 's' as scorer, concat(lost, 'of', many, 'n', customer)
            as ultimate_parent_id, 1.0::double as score, concat(many, '/', lost)
            as health_band, 't' as tier, 'o' as desired_outcome,
            'e' as engagement_model, customer < lost as is_followed_by_loss,
            1.5::decimal(18, 6) as mrr
        from range(1, 90) as sizes (many), range(0, 90) as losses (lost),
            range(0, 90) as customers (customer)
        where customer < many and (lost in (0, 1, many - 1, many));
        create table segment_dimensions as select 'all' as segment_dimension
        """
    )
    sql = compiled.node("fct_health_calibration")["compiled_code"]
    con.execute(f"create table calibration as {sql}")
    assert len(con.sql("from calibration").fetchall()) > 300
    wrong = beside(
        con,
        "calibration",
        "loss_low_rate between 0 and loss_rate",
        "loss_high_rate between loss_rate and 1",
    )
    assert wrong.empty, wrong


def test_what_lies_beside_its_range_by_more_than_rounding_is_left_to_be_seen(
    con: duckdb.DuckDBPyConnection, compiled: CompiledProject
) -> None:
    bounded = partial(_rendered, compiled, "within_rounding")
    [kept] = con.sql(
        f"select {bounded('1.0 + 1e-12', 0, 1)}, {bounded('-1e-16', 0, 1)},"
        f" {bounded('1.001', 0, 1)}, {bounded('-0.001', 0, 1)}, {bounded('null', 0, 1)}"
    ).fetchall()
    assert [None if x is None else float(x) for x in kept] == [
        *(1.0, 0.0, 1.001, -0.001, None)
    ]


def _rendered(compiled: CompiledProject, macro: str, *arguments: object) -> str:
    texts = [
        compiled.manifest["macros"][f"macro.customer_success_warehouse.{name}"][
            "macro_sql"
        ]
        for name in ("nearly_between", macro)
    ]
    call = f"{{{{ {macro}{arguments!r} }}}}"
    return (
        Environment()
        .from_string("".join(texts) + call)
        .render(var=lambda _name: TOLERANCE)
    )


@pytest.fixture(scope="module")
def types(warehouse: Warehouse) -> Types:
    """Return the columns of every model and seed, with the engine's types."""
    book = warehouse.build(
        {"subscription_items": [item("i", "a", "2024-01-05")]},
        *(node["name"] for node in models_of(warehouse.compiled.manifest)),
        as_of="2025-12-31",
    )
    found: Types = {}
    for table, column, kind in book.con.execute(
        "select table_name, column_name, data_type from duckdb_columns()"
        " where database_name = 'warehouse'"
    ).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def _is_double(side: exp.Expression) -> bool:
    """Tell whether a side of a comparison is a double; 0.1 as written is a decimal."""
    if isinstance(side, exp.Literal):
        return False
    parts = (
        side.find_all(exp.Least, exp.Greatest, exp.Coalesce, exp.Case)
        if isinstance(side, exp.Least | exp.Greatest | exp.Coalesce | exp.Paren)
        else ()
    )
    kinds = [side.type, *(p.type for part in parts for p in part.find_all(exp.Column))]
    return any(kind is not None and kind.is_type("double") for kind in kinds)


def double_comparisons(
    manifest: dict[str, Any], types: Types
) -> Iterator[tuple[str, exp.Expression, bool, bool]]:
    """Yield each comparison of a data test: name, code, of doubles, with tolerance.

    A seed's value is as it was written and may be compared as it is; a sum of them
    is not.
    """
    nodes = manifest["nodes"]
    for node in nodes.values():
        kind = (node.get("test_metadata") or {}).get("name")
        if node["resource_type"] != "test" or kind in WITHOUT_AMOUNTS:
            continue
        parents = [nodes[key] for key in node["depends_on"]["nodes"] if key in nodes]
        read = {parent["name"]: types[parent["name"]] for parent in parents}
        schema = {"warehouse": {"main": read}}
        tree = qualify(
            sqlglot.parse_one(node["compiled_code"], dialect="duckdb"),
            schema=schema,
            dialect="duckdb",
            validate_qualify_columns=False,
        )
        tree = annotate_types(tree, schema=schema, dialect="duckdb")
        is_policy = all(parent["resource_type"] == "seed" for parent in parents)
        for code in tree.find_all(*COMPARISONS):
            names = ("this", "expression", "low", "high")
            sides = [code.args[name] for name in names if code.args.get(name)]
            is_written = is_policy and not code.find(exp.Sum, exp.Avg, exp.Sub, exp.Add)
            has_tolerance = any(
                number.is_number and float(number.this) == TOLERANCE
                for number in code.find_all(exp.Literal)
            )
            is_double = any(map(_is_double, sides)) and not is_written
            yield node["name"], code, is_double, has_tolerance


def test_a_data_test_compares_doubles_with_tolerance_and_nothing_else(
    compiled: CompiledProject, types: Types
) -> None:
    exact, loose, near = [], [], 0
    for name, code, is_double, has_tolerance in double_comparisons(
        compiled.manifest, types
    ):
        columns = list(code.find_all(exp.Column))
        near += has_tolerance
        is_known = not EXACT.isdisjoint((name, column.name) for column in columns)
        if is_double and not has_tolerance and not is_known:
            exact.append(f"{name}: {code.sql('duckdb')}")
        if has_tolerance and not any(map(_is_double, columns)):
            loose.append(f"{name}: {code.sql('duckdb')}")
    assert exact == []
    assert loose == []
    assert near > 80
