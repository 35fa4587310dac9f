"""Violations as JSON, to be put aside and read again."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.finding.violation import Resource, Severity, Violation
from shared.text import quoted

_TIMES = ("episode_started_at", "updated_at", "reported_at")


def encode(violation: Violation) -> str:
    """The violation on one line."""
    content = asdict(violation) | {name: getattr(violation, name).isoformat() for name in _TIMES}
    if not violation.other_findings:
        del content["other_findings"]  # most have none, and a release before this one can't read them
    for resource in content["resources"]:
        if not resource["tags"]:
            del resource["tags"]  # likewise
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Violation:
    """What `encode` wrote; raises ValueError for anything else."""
    try:
        return _violation(json.loads(text))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"it holds no violation: {quoted(error)}") from error


def _violation(content: dict[str, Any]) -> Violation:
    provided = content.get("provider_severity")
    read = content | {
        "severity": Severity(content["severity"]),
        "provider_severity": None if provided is None else Severity(provided),
        "standards": tuple(content["standards"]),
        "other_findings": tuple(content.get("other_findings", ())),
        "resources": tuple(map(_resource, content["resources"])),
    }
    return Violation(**read | {name: datetime.fromisoformat(content[name]) for name in _TIMES})


def _resource(content: dict[str, Any]) -> Resource:
    return Resource(**content | {"tags": tuple((key, value) for key, value in content.get("tags", ()))})
