"""What a cloud assembly says of its constructs besides their templates: where each resource comes from, and which
findings its author acknowledged.

Source: aws-cdk-lib, "cloud-assembly-schema" (MetadataEntry) and "Validations".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_LOGICAL_ID = "aws:cdk:logicalId"
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Constructs:
    """Construct paths, as "Stack/Bucket/Resource", by logical id; and by construct path the ids of rules that are
    acknowledged for the construct and all within it, each with the reason."""

    paths: Mapping[str, str] = field(default_factory=dict)
    by_path: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def acknowledged(self, path: str | None) -> dict[str, str]:
        """The rules that are acknowledged for a construct, or one that it is part of."""
        found: dict[str, str] = {}
        parts = path.split("/") if path else []
        for end in range(len(parts)):
            found |= self.by_path.get("/".join(parts[: end + 1]), {})
        return found


NO_CONSTRUCTS = Constructs()


def constructs_of(metadata: Mapping[str, Any]) -> Constructs:
    """What an artifact's metadata says: {"/Stack/Bucket": [{"type", "data"}, …]}."""
    paths: dict[str, str] = {}
    by_path: dict[str, dict[str, str]] = {}
    for path, entries in metadata.items():
        for entry in entries if isinstance(entries, list) else []:
            kind, data = (entry.get("type"), entry.get("data")) if isinstance(entry, dict) else (None, None)
            if kind == _LOGICAL_ID and isinstance(data, str):
                paths[data] = path.strip("/")
            elif kind == _ACKNOWLEDGED and isinstance(data, dict):
                rules = {str(id_).rpartition("::")[2]: str(reason) for id_, reason in data.items()}
                by_path.setdefault(path.strip("/"), {}).update(rules)
    return Constructs(paths=paths, by_path=by_path)
