"""Read from dbt's manifest which marts there are and what their columns mean."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MART_PREFIXES = ("dim_", "fct_")


@dataclass(frozen=True)
class MartDocs:
    """Descriptions of one mart and its columns, and which columns are personal."""

    description: str
    columns: dict[str, str]
    personal: frozenset[str]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _is_personal(column: dict[str, Any]) -> bool:
    meta = column.get("meta", {}) | column.get("config", {}).get("meta", {})
    return meta.get("personal") is True


def _mart_docs(node: dict[str, Any]) -> MartDocs:
    columns = node["columns"].values()
    return MartDocs(
        description=_one_line(node["description"]),
        columns={c["name"]: _one_line(c["description"]) for c in columns},
        personal=frozenset(c["name"] for c in columns if _is_personal(c)),
    )


def read_mart_docs(dbt_manifest: Path) -> dict[str, MartDocs]:
    """Return the documentation of every mart in a `target/manifest.json`, by name."""
    nodes = json.loads(dbt_manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["name"]: _mart_docs(node)
        for node in nodes
        if node["resource_type"] == "model" and node["name"].startswith(MART_PREFIXES)
    }
