"""The rules of STYLE.md that a machine can hold: layers, names, docs, budgets."""

import re
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from sqlglot import exp

from orchestration.health_memory import REMEMBERED
from orchestration.landing.contract import CAPTURED, read_contracts
from tests.python.conftest import PROJECT, CompiledProject, models_of

MODELS = sorted(PROJECT.glob("models/**/*.sql"))
YAMLS = sorted(PROJECT.glob("models/**/_*.yml"))
NAME = re.compile(r"(stg_[a-z]+__[a-z_]+|int_[a-z0-9_]+|(dim|fct)_[a-z0-9_]+)")
RESERVED = {
    "date",
    "month",
    "year",
    "day",
    "order",
    "user",
    "group",
    "value",
    "timestamp",
}


def code_of(path: Path) -> str:
    """Return a model's text without comments and Jinja comments."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}", "", text, flags=re.S)
    return re.sub(r"--.*", "", text)


def sql_of(path: Path) -> str:
    """Return a model's code without what Jinja renders."""
    return re.sub(r"\{\{.*?\}\}", "", code_of(path), flags=re.S)


def layer_of(node: dict[str, Any]) -> str:
    """Return staging, intermediate or marts."""
    return Path(node["original_file_path"]).parts[1]


def offending(pattern: str, paths: list[Path] = MODELS) -> list[str]:
    """Name the files whose code matches; quotes count outside of Jinja only."""
    read = sql_of if '"' in pattern else code_of
    return [path.name for path in paths if re.search(pattern, read(path))]


def test_only_staging_reads_sources(compiled: CompiledProject) -> None:
    wrong = [
        node["name"]
        for node in models_of(compiled.manifest)
        if node["sources"] and layer_of(node) != "staging"
    ]
    assert wrong == []


def test_staging_is_one_model_per_source_table_and_joins_nothing(
    compiled: CompiledProject,
) -> None:
    read: dict[str, list[str]] = {}
    for node in models_of(compiled.manifest):
        if layer_of(node) == "staging":
            assert len(node["sources"]) == 1 and not node["refs"], node["name"]
            read.setdefault(".".join(node["sources"][0]), []).append(node["name"])
    assert {source: names for source, names in read.items() if len(names) > 1} == {}
    staging = [path for path in MODELS if "staging" in path.parts]
    assert offending(r"\bjoin\b", staging) == []


def test_staging_is_read_by_intermediate_and_marts_by_nothing_below(
    compiled: CompiledProject,
) -> None:
    """The run's clock alone, which is one row, is read everywhere.

    A Python model stands between two marts: dbt holds none to a contract.
    """
    wrong = []
    nodes = compiled.manifest["nodes"]
    for node in models_of(compiled.manifest):
        if node["language"] == "python":
            continue
        for parent_id in node["depends_on"]["nodes"]:
            parent = nodes.get(parent_id)
            if parent is None or parent["resource_type"] != "model":
                continue
            pair = (layer_of(parent), layer_of(node))
            is_run = parent["name"].startswith("stg_run__")
            is_calendar = parent["name"] == "dim_dates"
            if pair == ("staging", "marts") and not is_run:
                wrong.append((parent["name"], node["name"]))
            if pair == ("marts", "intermediate") and not is_calendar:
                wrong.append((parent["name"], node["name"]))
            if pair[1] == "staging":
                wrong.append((parent["name"], node["name"]))
    assert wrong == []


def test_names_state_layer_and_folder(compiled: CompiledProject) -> None:
    prefix = {
        "staging": ("stg_",),
        "intermediate": ("int_",),
        "marts": ("dim_", "fct_"),
    }
    wrong = []
    for node in models_of(compiled.manifest):
        path = Path(node["original_file_path"])
        is_named = NAME.fullmatch(node["name"]) and node["name"].startswith(
            prefix[layer_of(node)]
        )
        is_staged = layer_of(node) != "staging" or node["name"].startswith(
            f"stg_{path.parts[2]}__"
        )
        if not is_named or not is_staged or len(path.parts) > 4:
            wrong.append(str(path))
    assert wrong == []


def test_every_model_is_described_by_its_grain(compiled: CompiledProject) -> None:
    silent = [
        node["name"]
        for node in models_of(compiled.manifest)
        if not node["description"].startswith("One row")
    ]
    assert silent == []


def test_every_mart_column_is_contracted_and_documented(
    compiled: CompiledProject,
) -> None:
    wrong = []
    for node in models_of(compiled.manifest):
        if layer_of(node) != "marts":
            continue
        if not node["contract"]["enforced"]:
            wrong.append(node["name"])
        wrong += [
            f"{node['name']}.{column['name']}"
            for column in node["columns"].values()
            if not column["description"].strip() or not column["data_type"]
        ]
    assert wrong == []


def test_every_landed_column_is_typed_and_documented(
    compiled: CompiledProject,
) -> None:
    wrong = [
        f"{source['source_name']}.{source['name']}.{column['name']}"
        for source in compiled.manifest["sources"].values()
        for column in source["columns"].values()
        if not column["description"].strip() or not column["data_type"]
    ]
    wrong += [
        f"{source['source_name']}.{source['name']}"
        for source in compiled.manifest["sources"].values()
        if not source["description"].strip()
    ]
    assert wrong == []


def test_seeds_have_types_and_descriptions(compiled: CompiledProject) -> None:
    wrong = []
    for node in compiled.manifest["nodes"].values():
        if node["resource_type"] != "seed":
            continue
        path = PROJECT / node["original_file_path"]
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        types = node["config"]["column_types"]
        if not node["description"] or set(header) != set(types):
            wrong.append(node["name"])
        wrong += [
            f"{node['name']}.{name}"
            for name in header
            if not node["columns"].get(name, {}).get("description")
        ]
    assert wrong == []


def test_no_seed_holds_a_quote_that_the_second_engine_cannot_load() -> None:
    seeds = sorted(PROJECT.glob("seeds/**/*.csv"))
    assert [p.name for p in seeds if "'" in p.read_text(encoding="utf-8")] == []


def test_columns_are_named_for_their_type(compiled: CompiledProject) -> None:
    endings = {
        "_at": "timestamp",
        "_on": "date",
        "_month": "date",
        "_rate": "double",
        "_count": "bigint",
    }
    wrong = []
    for node in models_of(compiled.manifest):
        if layer_of(node) != "marts":
            continue
        for column in node["columns"].values():
            name, kind = column["name"], column["data_type"]
            if name in RESERVED:
                wrong.append(f"{node['name']}.{name} is a reserved word")
            if name.startswith(("is_", "has_")) and kind != "boolean":
                wrong.append(f"{node['name']}.{name} is {kind}")
            if kind == "boolean" and not name.startswith(("is_", "has_")):
                wrong.append(f"{node['name']}.{name} is boolean")
            # Summed over months it is wider: each may hold a whole book.
            money = ("decimal(18, 6)", "decimal(28, 6)")
            if name.endswith(("_mrr", "_arr")) and kind not in money:
                wrong.append(f"{node['name']}.{name} is {kind}")
            for ending, expected in endings.items():
                if name.endswith(ending) and kind != expected:
                    wrong.append(f"{node['name']}.{name} is {kind}")
    assert wrong == []


def test_marts_have_a_tested_key_and_a_law(compiled: CompiledProject) -> None:
    keys, laws = set(), set()
    for node in compiled.manifest["nodes"].values():
        if node["resource_type"] != "test":
            continue
        kind = (node.get("test_metadata") or {}).get("name", "singular")
        for parent in node["depends_on"]["nodes"]:
            if kind in ("unique", "unique_together"):
                keys.add(parent)
            if kind not in ("not_null", "unique", "unique_together"):
                laws.add(parent)
    marts = [n for n in models_of(compiled.manifest) if layer_of(n) == "marts"]
    assert [m["name"] for m in marts if m["unique_id"] not in keys] == []
    assert [m["name"] for m in marts if m["unique_id"] not in laws] == []


def test_models_stay_within_their_budgets(compiled: CompiledProject) -> None:
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in MODELS}
    refs = {n["name"]: len(n["refs"]) for n in models_of(compiled.manifest)}
    # A file is not split for its length alone; 200 lines ask for a reason.
    assert {name: n for name, n in lines.items() if n > 200} == {}
    assert {name: n for name, n in refs.items() if n > 7} == {}
    # Rule 19: what a reader must hold in mind is steps, not lines.
    steps = {
        path.name: len(
            re.findall(
                r"^(?:with )?\w+ as \(\n\n(?!    select \* from \{\{)",
                path.read_text("utf-8"),
                re.MULTILINE,
            )
        )
        for path in MODELS
    }
    assert {name: n for name, n in steps.items() if n > 8} == {}


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        (
            "no clock but the run's",
            r"\b(current_date|current_timestamp|now\(\)|getdate)",
        ),
        ("no engine branch", r"target\.(type|name)|adapter\.type"),
        ("no double-quoted identifier", r'"\w+"'),
        ("no select distinct", r"select\s+distinct"),
        (
            "no right join, using or comma join",
            r"right join|\busing\b|cross join lateral",
        ),
        ("no cast with ::", r"::"),
        ("no Jinja control flow", r"\{%-?\s*(if|for|set)\b"),
        ("no subquery in from", r"(from|join)\s*\(\s*select"),
        ("no group by number", r"group by \d"),
        ("no qualify or list type", r"\bunnest\(|generate_series|\blist\("),
        ("no varchar: string is both engines' word", r"\bvarchar\b"),
        ("no ignore nulls", r"ignore nulls"),
        ("no upper-case keyword", r"\b(SELECT|FROM|WHERE|JOIN|CASE)\b"),
    ],
    ids=lambda value: value if " " in value and "\\" not in value else "",
)
def test_no_model_breaks_the_rule(rule: str, pattern: str) -> None:
    assert offending(pattern) == [], rule


def test_no_model_is_ordered_at_its_end() -> None:
    """Windows have an `order by` inside parentheses; nothing else may."""
    wrong = []
    for path in MODELS:
        depth, outside = 0, []
        for line in code_of(path).splitlines():
            is_cte_level = depth <= 1
            if is_cte_level and re.match(r"\s*order by", line):
                outside.append(line)
            depth += line.count("(") - line.count(")")
        if outside:
            wrong.append(path.name)
    assert wrong == []


def test_models_begin_with_with_and_end_with_select_star() -> None:
    wrong = []
    for path in MODELS:
        lines = [line for line in code_of(path).splitlines() if line.strip()]
        begins = [line for line in lines if not line.startswith("{{ config")][0]
        ends = re.sub(r"\s+", " ", " ".join(lines[-12:]))
        last = re.search(r"\) select \* from \w+( where [^()]*( \w+)*.*)?$", ends)
        if begins.strip() not in ("with", "with recursive") or not last:
            wrong.append(path.name)
    assert wrong == []


def _branches(union: exp.Expression) -> list[exp.Expression]:
    """List the selects that a union is made of, from the first to the last."""
    if isinstance(union, exp.SetOperation):
        return [*_branches(union.left), *_branches(union.right)]
    return [union.unnest()]


def _unions_at_odds(sql: str) -> list[list[list[str]]]:
    """List the unions whose branches do not name the same columns in the same order."""
    named = [
        [
            ["*" if term.is_star else term.output_name for term in branch.expressions]
            for branch in _branches(union)
        ]
        for union in sqlglot.parse_one(sql, dialect="duckdb").find_all(exp.SetOperation)
        if not isinstance(union.parent, exp.SetOperation)
    ]
    return [
        branches
        for branches in named
        if any(names != branches[0] or {"*", ""} & {*names} for names in branches)
    ]


@pytest.mark.parametrize(
    ("sql", "is_at_odds"),
    [
        ("select a, b from x union all select c as a, b from y", False),
        ("select a, b from x union all select b, a from y", True),
        ("select a, b from x union all select * from y", True),
        ("select x.*, 1 as b from x union select a, b from y", True),
        ("select a from x union select a from y union all select b from z", True),
        ("with c as (select a from x union all select 1 from y) select * from c", True),
    ],
)
def test_a_union_that_goes_by_position_is_found(sql: str, is_at_odds: bool) -> None:
    assert bool(_unions_at_odds(sql)) == is_at_odds


def test_unions_name_every_column_in_one_order(compiled: CompiledProject) -> None:
    wrong = {
        node["name"]: unions
        for node in models_of(compiled.manifest)
        if node["language"] == "sql"
        for unions in [_unions_at_odds(node["compiled_code"])]
        if unions
    }
    assert wrong == {}


def test_yaml_is_one_file_per_folder_named_after_it() -> None:
    wrong = [
        str(path.relative_to(PROJECT))
        for path in YAMLS
        if not re.fullmatch(r"_\w+__(models|sources)\.yml", path.name)
    ]
    folders = {path.parent for path in MODELS}
    wrong += [
        str(folder.relative_to(PROJECT))
        for folder in folders
        if not list(folder.glob("_*__models.yml"))
    ]
    assert wrong == []


def test_unit_tests_are_named_as_sentences() -> None:
    wrong = []
    for path in YAMLS:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
        wrong += [
            unit["name"]
            for unit in declared.get("unit_tests", [])
            if len(unit["name"].split("_")) < 4
        ]
    assert wrong == []


def test_generic_tests_are_short_and_singular_tests_say_what_a_row_means() -> None:
    generic = sorted(PROJECT.glob("tests/generic/*.sql"))
    long = [p.name for p in generic if len(_body(p)) > 13]
    assert long == []
    singular = sorted(PROJECT.glob("tests/*.sql"))
    assert [p.name for p in singular if not p.name.startswith("assert_")] == []
    first = {p.name: p.read_text("utf-8").splitlines()[0] for p in singular}
    assert [
        name for name, line in first.items() if not line.startswith(("-- ", "{# "))
    ] == []


def _body(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        line for line in lines if line.strip() and "{%" not in line and "{#" not in line
    ]


def test_macros_are_one_per_file_and_documented() -> None:
    wrong = []
    for path in sorted(PROJECT.glob("macros/**/*.sql")):
        text = path.read_text(encoding="utf-8")
        names = re.findall(r"\{%-?\s*(?:macro|materialization) (\w+)[(,]", text)
        business = [n for n in names if not n.startswith(("default__", "spark__"))]
        if business != [path.stem] or not text.startswith("{#"):
            wrong.append(path.name)
    assert wrong == []


def test_nothing_in_the_tree_is_left_to_do() -> None:
    code = [*MODELS, *YAMLS, *PROJECT.glob("orchestration/**/*.py")]
    wrong = [
        path.name
        for path in code
        if re.search(r"\b(TODO|FIXME)\b", path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


# Both only say which identities are one account; what an item costs is not theirs.
MATCHED_BY = {"zendesk", "surveys"}


def test_a_table_says_which_memories_rest_on_it(compiled: CompiledProject) -> None:
    """What is held keeps closes and health from being remembered: by lineage."""
    resting = {
        "ledger": ["fct_mrr_movements"],
        "health": [mart for mart, _columns in REMEMBERED.values()],
    }
    declared: dict[str, set[str]] = {memory: set() for memory in resting}
    for table in read_contracts():
        for memory in table.feeds:
            declared[memory].add(f"{table.source}.{table.name}")
    for memory, marts in resting.items():
        below = set()
        for node in compiled.upstream(*marts):
            for parent in node["depends_on"].get("nodes", ()):
                if parent.startswith("source."):
                    source = compiled.manifest["sources"][parent]
                    below.add(f"{source['source_name']}.{source['name']}")
        landed = {name for name in below if not name.startswith("run.")}
        landed = {name for name in landed if f"{CAPTURED}." not in name}
        if memory == "ledger":
            landed = {name for name in landed if name.split(".")[0] not in MATCHED_BY}
        assert declared[memory] == landed, memory
