"""The topics whose SQL is made wrong: where their models lie."""

from typing import Any

from orchestration.compiled_project import CompiledProject

TOPICS = {
    "revenue": ("models/intermediate/revenue/", "models/marts/revenue/"),
    "retention": ("models/intermediate/retention/", "models/marts/retention/"),
    "accounts": ("models/intermediate/accounts/", "models/marts/customers/"),
    "renewals": ("models/intermediate/renewals/", "models/marts/renewals/"),
    "health": ("models/intermediate/health/", "models/marts/health/"),
}


def topic_of(node: dict[str, Any]) -> str | None:
    """Name the topic whose folders hold a model; None for any other node."""
    if node["resource_type"] != "model" or node["language"] != "sql":
        return None
    path = node["original_file_path"]
    return next(
        (topic for topic, folders in TOPICS.items() if path.startswith(folders)), None
    )


def models_of_topic(compiled: CompiledProject, topic: str) -> list[dict[str, Any]]:
    """List the models of a topic by name."""
    nodes = compiled.manifest["nodes"].values()
    return sorted(
        (node for node in nodes if topic_of(node) == topic),
        key=lambda node: str(node["name"]),
    )


def is_mart(node: dict[str, Any]) -> bool:
    """Tell whether a node is a published model."""
    return node["original_file_path"].startswith("models/marts/")


def sql_models(compiled: CompiledProject) -> list[str]:
    """Name every model that no Python model stands below."""
    return [
        node["name"]
        for node in compiled.manifest["nodes"].values()
        if node["resource_type"] == "model"
        and all(
            parent.get("language") != "python"
            for parent in compiled.upstream(node["name"])
        )
    ]
