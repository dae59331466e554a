"""Make a book by SQL, in place of what the models below the health score would give."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from orchestration.compiled_project import CompiledProject
from orchestration.landing.land import land
from tests.python.books import item, write_book

MARTS = (
    "fct_account_health_days",
    "fct_health_contributions",
    "fct_health_profile_months",
)
LAST = date(2025, 12, 31)
FIRST_LANDED = date(2020, 1, 1)

# Per account and day about four rows of use, per account a ticket in two months and an
# answer in seven weeks. Numbers follow from hashes, so that a book is always the same.
ROWS = {
    "int_account_balances_accumulated": """
        select 'a' || a as account_id, $first as valid_from, 100 + a % 5000 as mrr
        from range($accounts) as accounts (a)
    """,
    "int_account_segments_assigned": """
        select 'a' || a as account_id, date '1900-01-01' as valid_from,
            'a' || a as ultimate_parent_id, 'smb' as tier,
            'reporting' as desired_outcome, 'digital' as engagement_model
        from range($accounts) as accounts (a)
    """,
    "int_subscription_items_priced": """
        select 'files' as source_system, 'a' || a as account_id, 'a' || a as item_id,
            'a' || a as subscription_id, 'Platform' as product, $first as valid_from,
            5 + a % 20 as quantity, true as is_paying, false as is_billed_monthly,
            $first + 365 * (1 + cast(floor(($last - $first) / 365) as integer))
            as contract_end_on
        from range($accounts) as accounts (a)
    """,
    "int_feature_days_rolled_up": """
        with

        drawn as (

            select a, d, u, hash(a, d, u) as h
            from range($accounts) as accounts (a)
            cross join range(cast($last - $first + 1 as bigint)) as days (d)
            cross join range(6) as users (u)

        )

        select 'a' || a as account_id, 'a' || a || '-' || u as user_id,
            case h // 1000 % 8
                when 0 then 'report_created' when 1 then 'report_shared'
                when 2 then 'dashboard_viewed' when 3 then 'workflow_automated'
                when 4 then 'data_imported' when 5 then 'error_shown'
                when 6 then 'logged_in' else 'api_called'
            end as event_name,
            $first + cast(d as integer) as occurred_on,
            $first + cast(d + case when h % 97 = 0 then 2 else 0 end as integer)
            as known_on,
            1 + h % 5 as event_count
        from drawn
        where h % 10 < 6
    """,
    "int_tickets_conformed": """
        select 'files' as source_system, 't' || a || '-' || d as ticket_id,
            'a' || a as account_id, 1 + hash(a, d) % 4 as severity_level,
            cast($first + cast(d * 60 + a % 60 as integer) as timestamp) as opened_at,
            opened_at + interval 3 hour as first_response_at,
            opened_at + interval 30 hour as solved_at, 0 as reopened_count
        from range($accounts) as accounts (a)
        cross join range(cast(($last - $first) // 60 as bigint)) as terms (d)
    """,
    "int_survey_responses_conformed": """
        select 'files' as source_system, 'r' || a || '-' || d as response_id,
            'a' || a as account_id, 'nps' as kind, hash(a, d) % 11 as score,
            cast($first + cast(d * 50 + a % 50 as integer) as timestamp)
            as responded_at
        from range($accounts) as accounts (a)
        cross join range(cast(($last - $first) // 50 as bigint)) as terms (d)
    """,
}


@dataclass(frozen=True)
class MadeBook:
    """An open database with all that health rests on, and nothing of health yet."""

    con: duckdb.DuckDBPyConnection
    compiled: CompiledProject
    landed: Path

    def health_nodes(self) -> list[str]:
        """Name the models of the health folders, each behind its parents."""
        return [
            node["name"]
            for node in self.compiled.upstream(*MARTS)
            if "/health/" in node["original_file_path"]
            and node["resource_type"] == "model"
        ]

    def create(self, name: str) -> None:
        """Make one model of health, in place of what it was."""
        node = self.compiled.node(name)
        kind = "view" if node["config"]["materialized"] == "view" else "table"
        self.con.execute(f"drop {kind} if exists {name}")
        self.con.execute(self.compiled.creating(node, self.landed))


def make_book(
    compiled: CompiledProject, folder: Path, accounts: int, first: date
) -> MadeBook:
    """Build the models below health over a book of one account, then fill them."""
    landed = folder / "landed"
    tables = {"subscription_items": [item("i", "a", FIRST_LANDED)]}
    land(write_book(folder / "landing", tables), landed, f"{LAST}", "USD", _silent)
    con = duckdb.connect(str(folder / "book.duckdb"), config={"threads": 2})
    con.execute("set TimeZone = 'UTC'")
    con.execute("attach ':memory:' as warehouse; use warehouse")
    book = MadeBook(con, compiled, landed)
    health = set(book.health_nodes())
    for node in compiled.upstream(*MARTS):
        if node["name"] not in health:
            con.execute(compiled.creating(node, landed))
    for name, rows in ROWS.items():
        _fill(con, compiled, name, rows, accounts, first)
    for name in ("int_ticket_statuses_dated", "int_ticket_severities_dated"):
        con.execute(
            compiled.creating(compiled.node(name), landed).replace(
                "create view", "create or replace view"
            )
        )
    return book


def _silent(_line: str) -> None:
    """Say nothing."""


def _fill(
    con: duckdb.DuckDBPyConnection,
    compiled: CompiledProject,
    name: str,
    rows: str,
    accounts: int,
    first: date,
) -> None:
    kind = compiled.node(name)["config"]["materialized"]
    con.execute(f"create or replace temp table empty as from {name} limit 0")
    con.execute(f"drop {'view' if kind == 'view' else 'table'} {name}")
    con.execute(f"create table {name} as from empty")
    asked = {"accounts": accounts, "first": first, "last": LAST}
    used = {key: value for key, value in asked.items() if f"${key}" in rows}
    con.execute(f"insert into {name} by name {rows}", used)
