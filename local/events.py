"""Event files: as AWS sends them, or a finding as the console and the API show it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

EVENTS = Path(__file__).parent.parent / "events"

Event = dict[str, Any]


class UnreadableEventError(Exception):
    """Raised when a file holds neither an event nor a finding; names the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEvent:
    """One event, and the name of the file it came from."""

    name: str
    event: Event


def event_files() -> list[Path]:
    """Every file of events/, by name."""
    return sorted(EVENTS.glob("*.json"))


def load_all(files: Iterable[Path]) -> tuple[list[SampleEvent], list[UnreadableEventError]]:
    """The events of all files in the order in which they happened, and what could not be read."""
    samples: list[SampleEvent] = []
    problems: list[UnreadableEventError] = []
    for file in files:
        try:
            samples += load(file)
        except UnreadableEventError as error:
            problems.append(error)
    return sorted(samples, key=lambda sample: str(sample.event.get("time", ""))), problems


def load(file: Path) -> list[SampleEvent]:
    """The events of one file: an EventBridge event, an ASFF finding, a list of either, or an answer of GetFindings."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableEventError(f"{file}: can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError(f"{file}: is no JSON ({error})") from error
    if isinstance(content, dict) and isinstance(content.get("Findings"), list):
        content = content["Findings"]
    parts = content if isinstance(content, list) else [content]
    events = [_as_event(part, file) for part in parts]
    if len(events) == 1:
        return [SampleEvent(name=file.name, event=events[0])]
    return [SampleEvent(name=f"{file.name} [{number}]", event=event) for number, event in enumerate(events, 1)]


def _as_event(content: object, file: Path) -> Event:
    if isinstance(content, dict) and "detail-type" in content:
        return content
    if isinstance(content, dict) and "ProductArn" in content and "Id" in content:
        return imported_event(content)
    raise UnreadableEventError(
        f"{file}: is neither an EventBridge event (it has no detail-type) nor an ASFF finding (no Id and ProductArn)"
    )


def imported_event(finding: Event) -> Event:
    """The event with which Security Hub would report a finding."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Security Hub Findings - Imported",
        "source": "aws.securityhub",
        "account": str(finding.get("AwsAccountId", "")),
        "time": finding.get("ProcessedAt") or finding.get("UpdatedAt"),
        "region": finding.get("Region") or str(finding["ProductArn"]).split(":")[3:4][0],
        "resources": [f"{finding['ProductArn']}/{finding['Id']}"],
        "detail": {"findings": [finding]},
    }
