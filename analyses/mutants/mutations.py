"""Make wrong versions of a model's SQL, one small change each."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import sqlglot
from sqlglot import exp

DIALECT = "duckdb"
SWAPPED: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.Add: exp.Sub,
    exp.Sub: exp.Add,
    exp.NEQ: exp.EQ,
}
RENAMED = {"valid_from": "valid_to", "valid_to": "valid_from"}


@dataclass(frozen=True)
class Mutant:
    """A wrong version of a model, and what was changed in it."""

    sql: str
    rule: str
    before: str
    after: str


def _swapped(node: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    """Yield the nodes that may stand in for one, each with the rule's name."""
    if type(node) in SWAPPED:
        other = SWAPPED[type(node)]
        yield (
            "operator",
            other(this=node.this.copy(), expression=node.expression.copy()),
        )
    if isinstance(node, exp.And | exp.Or):
        yield "term dropped", node.this.copy()
        yield "term dropped", node.expression.copy()
    if isinstance(node, exp.Min):
        yield "min to max", exp.Max(this=node.this.copy())
    if isinstance(node, exp.Max):
        yield "max to min", exp.Min(this=node.this.copy())
    if isinstance(node, exp.Greatest | exp.Least):
        other = exp.Least if isinstance(node, exp.Greatest) else exp.Greatest
        terms = [term.copy() for term in node.expressions]
        yield "greatest and least", other(this=node.this.copy(), expressions=terms)
    if isinstance(node, exp.Coalesce):
        yield "default dropped", node.this.copy()
    if isinstance(node, exp.Not | exp.Neg):
        yield "negation dropped", node.this.copy()
    if isinstance(node, exp.Literal) and not node.is_string and "." not in node.this:
        yield "one more", exp.Literal.number(int(node.this) + 1)
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        yield (
            "branch never taken",
            exp.If(this=exp.false(), true=node.args["true"].copy()),
        )
    if isinstance(node, exp.Lead):
        yield "lead to lag", exp.Lag(this=node.this.copy())
    is_listed = isinstance(node.parent, exp.Select | exp.Alias)
    if isinstance(node, exp.Column) and node.name in RENAMED and not is_listed:
        turned = node.copy()
        turned.set("this", exp.to_identifier(RENAMED[node.name]))
        yield "interval turned", turned


def _is_typed(node: exp.Expression) -> bool:
    """Tell whether a node belongs to a type: no number of decimal(18, 6) is logic."""
    return node.find_ancestor(exp.DataType) is not None


def mutants_of(sql: str, share: float, random: Random) -> Iterator[Mutant]:
    """Yield a random share of the mutants of a statement, in the order of its text."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    for place, node in enumerate(tree.walk(bfs=False)):
        if _is_typed(node):
            continue
        for rule, other in _swapped(node):
            if random.random() >= share:
                continue
            changed = tree.copy()
            target = next(
                n for i, n in enumerate(changed.walk(bfs=False)) if i == place
            )
            target.replace(other)
            yield Mutant(
                changed.sql(dialect=DIALECT),
                rule,
                node.sql(dialect=DIALECT),
                other.sql(dialect=DIALECT),
            )
