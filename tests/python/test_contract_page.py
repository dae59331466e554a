from orchestration.landing.contract import read_contracts
from orchestration.landing.contract_page import PAGE, contract_page
from orchestration.places import PROJECT

TEMPLATE = PROJECT / "docs" / "template" / "files"


def test_the_page_says_what_the_loader_enforces():
    assert (PROJECT / PAGE).read_text(encoding="utf-8") == contract_page(), "make docs"


def test_the_template_has_every_entity_with_every_column():
    for table in (table for table in read_contracts() if table.source == "files"):
        header = (TEMPLATE / f"{table.name}.csv").read_text(encoding="utf-8")
        named = set(header.splitlines()[0].split(","))
        assert named <= set(table.column_names), table.name
        missing = set(table.column_names) - named
        assert missing <= {"merged_into_account_id", "industry"}, table.name
