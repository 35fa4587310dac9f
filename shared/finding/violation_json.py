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
    times = {name: getattr(violation, name).isoformat() for name in _TIMES}
    return json.dumps(asdict(violation) | times, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Violation:
    """What `encode` wrote; raises ValueError for anything else."""
    try:
        return _violation(json.loads(text))
    except (KeyError, TypeError) as error:
        raise ValueError(f"it holds no violation: {quoted(error)}") from error


def _violation(content: dict[str, Any]) -> Violation:
    read = content | {
        "severity": Severity(content["severity"]),
        "standards": tuple(content["standards"]),
        "resources": tuple(Resource(**resource) for resource in content["resources"]),
    }
    return Violation(**read | {name: datetime.fromisoformat(content[name]) for name in _TIMES})
