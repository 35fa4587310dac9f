"""The schemas of resource types as cfn-lint has them today. `python -m local.check.refresh_schemas` writes them anew.

Of cfn-lint only the data is wanted, and little of that: to install it would take 150 MB more.
"""

import json
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from local.check.schema import SCHEMAS

REGION = "us-east-1"  # where every type of resource is found first
_NAMED = ("properties", "definitions")
_ALTERNATIVES = ("oneOf", "anyOf", "allOf")


def schemas_as_read() -> str:
    """What local/check/schema.py reads of every resource type, as JSON with a line each. Shape: {type: schema}."""
    folder = Path(str(distribution("cfn-lint").locate_file("cfnlint/data/schemas")))
    names: dict[str, str] = _read(folder / "providers" / f"{REGION}.json")
    schemas = {kind: _shortened(_read(folder / "resources" / f"{name}.json")) for kind, name in names.items()}
    lines = (f"{json.dumps(kind)}:{json.dumps(schemas[kind], separators=(',', ':'))}" for kind in sorted(schemas))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _shortened(part: dict[str, Any]) -> dict[str, Any]:
    """A part of a schema, with what tells the types of values alone."""
    short: dict[str, Any] = {key: part[key] for key in ("$ref", "type") if key in part}
    if isinstance(part.get("items"), dict):
        short["items"] = _shortened(part["items"])
    for key in _NAMED:
        named = part.get(key, {})
        if short_named := {name: _shortened(one) for name, one in named.items() if isinstance(one, dict)}:
            short[key] = short_named
    for key in _ALTERNATIVES:
        alternatives = [_shortened(one) for one in part.get(key, ()) if isinstance(one, dict)]
        if telling := [one for one in alternatives if one]:
            short[key] = telling
    return short


def _read(file: Path) -> dict[str, Any]:
    return dict(json.loads(file.read_text(encoding="utf-8")))


if __name__ == "__main__":
    SCHEMAS.write_text(schemas_as_read(), encoding="utf-8")
