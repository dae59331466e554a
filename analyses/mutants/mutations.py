"""Make wrong versions of a model's SQL, one small change each."""

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Place:
    """Where a statement can be made wrong: a node of its tree, and which way."""

    number: int
    way: int


def _results_exchanged(case: exp.Case) -> Iterator[exp.Expression]:
    """Yield a case with two neighbouring literals of its results exchanged."""
    count = len(case.args["ifs"])
    for first in range(count if case.args.get("default") else count - 1):
        other = case.copy()
        results = [branch.args["true"] for branch in other.args["ifs"]]
        results += [other.args["default"]] if other.args.get("default") else []
        one, two = results[first : first + 2]
        is_words = all(isinstance(term, exp.Literal) for term in (one, two))
        if is_words and one != two:
            words = one.copy(), two.copy()
            one.replace(words[1])
            two.replace(words[0])
            yield other


def _columns_exchanged(select: exp.Select) -> Iterator[exp.Expression]:
    """Yield a branch of a union with two neighbouring columns exchanged."""
    for first in range(len(select.expressions) - 1):
        other = select.copy()
        one, two = other.expressions[first : first + 2]
        if all(isinstance(term.unalias(), exp.Column) for term in (one, two)):
            sources = one.unalias().copy(), two.unalias().copy()
            one.replace(exp.alias_(sources[1], one.alias_or_name))
            two.replace(exp.alias_(sources[0], two.alias_or_name))
            yield other


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
            exp.If(this=exp.null(), true=node.args["true"].copy()),
        )
    if isinstance(node, exp.Case):
        for other in _results_exchanged(node):
            yield "results exchanged", other
    if isinstance(node, exp.Select) and isinstance(node.parent, exp.Union):
        for other in _columns_exchanged(node):
            yield "columns exchanged", other
    if isinstance(node, exp.Join) and node.args.get("on"):
        turned = node.copy()
        turned.set("side", None if node.side else "left")
        turned.set("kind", None)
        yield "inner and left", turned
    if isinstance(node, exp.Ordered) and node.find_ancestor(exp.Window):
        turned = node.copy()
        turned.set("desc", not node.args.get("desc"))
        yield "order turned", turned
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


def places_of(sql: str) -> list[Place]:
    """List where a statement can be made wrong, in the order of its text."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    return [
        Place(number, way)
        for number, node in enumerate(tree.walk(bfs=False))
        if not _is_typed(node)
        for way, _ in enumerate(_swapped(node))
    ]


def mutant_at(sql: str, place: Place) -> Mutant:
    """Make a statement wrong in one place."""
    tree = sqlglot.parse_one(sql, dialect=DIALECT)
    node = next(n for i, n in enumerate(tree.walk(bfs=False)) if i == place.number)
    rule, other = list(_swapped(node))[place.way]
    before, after = node.sql(dialect=DIALECT), other.sql(dialect=DIALECT)
    node.replace(other)
    return Mutant(tree.sql(dialect=DIALECT), rule, before, after)
