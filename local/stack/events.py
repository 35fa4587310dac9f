"""Event files: as AWS sends them, or a finding as the console and the API show it."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

from local.errors import InputError
from local.root import ROOT
from local.stack.encoding import explain_unreadable
from shared.text import excerpt

EVENTS = ROOT / "events"
SUFFIXES = {".json", ".ndjson", ".jsonl"}
ADVICE = "name an event file, such as events/s3_bucket_public.json, or a folder of them"

SECURITY_HUB = "aws.securityhub"
IMPORTED = "Security Hub Findings - Imported"

# Findings in formats of their own, by the fields that tell them.
FORMATS = {
    "a finding in GuardDuty's own format": {"AccountId", "Id", "Type", "Service"},
    "a finding in Inspector's own format": {"findingArn", "awsAccountId", "type"},
    "a finding in OCSF, which the new Security Hub sends": {"class_uid", "metadata"},
}
YAML_KEY = re.compile(r"[\"']?[A-Za-z][\w-]*[\"']?:(?: |$)")
NOT_SPACE = re.compile(r"\S")

Event = dict[str, Any]


class UnreadableEventError(Exception):
    """Raised when a text holds neither an event nor a finding; `line` and `column` say where it is no JSON, from 1."""

    def __init__(self, text: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(text)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEvent:
    """One event, and the name of the file it came from."""

    name: str
    event: Event


def event_files(path: Path = EVENTS) -> list[Path]:
    """Every event file of a folder, by name; for any other path, and for a folder without one, the path itself."""
    try:
        return sorted(file for file in path.glob("*") if file.suffix in SUFFIXES) or [path]
    except OSError:
        return [path]  # load() tells what is the matter with it


def sample_events() -> list[SampleEvent]:
    """The events of events/ in the order in which they happened; raises InputError if one can't be read."""
    samples, problems = load_all([EVENTS])
    if problems:
        raise InputError("; ".join(map(str, problems)))
    return samples


def load_all(paths: Iterable[Path]) -> tuple[list[SampleEvent], list[UnreadableEventError]]:
    """The events of all files and folders in the order in which they happened, and what could not be read."""
    samples: list[SampleEvent] = []
    problems: list[UnreadableEventError] = []
    for file in chain.from_iterable(map(event_files, paths)):
        try:
            samples += load(file)
        except UnreadableEventError as error:
            problems.append(error)
    return sorted(samples, key=lambda sample: str(sample.event.get("time", ""))), problems


def load(file: Path) -> list[SampleEvent]:
    """The events of one file; raises UnreadableEventError naming the file."""
    try:
        content = file.read_bytes()
        if problem := explain_unreadable(content):
            raise UnreadableEventError(problem)
        events = parse(content.decode())
    except IsADirectoryError as error:
        raise UnreadableEventError(f"{file}: is a folder without *.json; {ADVICE}") from error
    except OSError as error:
        raise UnreadableEventError(f"{file}: can't be read ({error.strerror}); {ADVICE}") from error
    except UnreadableEventError as error:
        raise UnreadableEventError(f"{file}: {error}", error.line, error.column) from error
    if len(events) == 1:
        return [SampleEvent(name=file.name, event=events[0])]
    return [SampleEvent(name=f"{file.name} [{number}]", event=event) for number, event in enumerate(events, 1)]


def parse(text: str) -> list[Event]:
    """The events of a text: EventBridge events, ASFF findings, lists of either, or answers of GetFindings, one or more
    after another, each on a line of its own (NDJSON) or over several."""
    values = list(_decode(text))
    if len(values) == 1 and not _is_many(values[0]):
        return [_as_event(values[0])]
    parts = [part for value in values for part in _parts(value)]
    if not parts:
        raise UnreadableEventError("is an empty list")
    return [_as_event(part, f"item {number} ") for number, part in enumerate(parts, 1)]


def _is_many(content: object) -> bool:
    return isinstance(content, list) or (isinstance(content, dict) and isinstance(content.get("Findings"), list))


def _parts(content: Any) -> list[object]:
    if not _is_many(content):
        return [content]
    return list(content["Findings"] if isinstance(content, dict) else content)


def _decode(text: str) -> Iterator[object]:
    """The JSON values of a text, one after another."""
    text = text.removeprefix("\ufeff")
    decoder = json.JSONDecoder(parse_constant=_refuse_constant)
    end = 0
    if not text.strip():
        raise UnreadableEventError("is empty")
    try:
        while start := NOT_SPACE.search(text, end):
            value, end = decoder.raw_decode(text, start.start())
            yield value
    except json.JSONDecodeError as error:
        if _looks_like_yaml(text):
            raise UnreadableEventError(
                "is no JSON, and looks like YAML: routes go by `make routes FILE=…`, templates by `make check "
                "TEMPLATE=…`"
            ) from error
        raise UnreadableEventError(f"is no JSON ({error})", error.lineno, error.colno) from error
    except (ValueError, RecursionError) as error:
        raise UnreadableEventError(f"is no JSON ({error})") from error


def _looks_like_yaml(text: str) -> bool:
    """Whether it begins, after comments, with a key on a line of its own, and goes on."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(("#", "---"))]
    return len(lines) > 1 and YAML_KEY.match(lines[0]) is not None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _as_event(content: object, which: str = "") -> Event:
    if isinstance(content, dict) and "detail-type" in content:
        return content
    if isinstance(content, dict) and "ProductArn" in content and "Id" in content:
        return imported_event(content)
    raise UnreadableEventError(
        f"{which}is neither an EventBridge event (it has no detail-type) nor an ASFF finding (no Id and ProductArn)"
        f"{_hint(content)}"
    )


def _hint(content: object) -> str:
    """What an object looks like that is no finding of ours, and whence to take one; empty if it is nothing known."""
    for name, fields in FORMATS.items():
        if isinstance(content, dict) and fields <= content.keys():
            return f"; it looks like {name}: take what `aws securityhub get-findings` shows"
    return ""


def foreign_service(event: Event) -> str | None:
    """What an event of another service than Security Hub is, and what to do instead; None for one of Security Hub."""
    source = event.get("source")
    if source == SECURITY_HUB:
        return None
    kind = f"its source is {excerpt(source)!r}, its detail-type {excerpt(event.get('detail-type'))!r}"
    return (
        f"it is no event of Security Hub ({kind}); shirase tells of Security Hub's own checks: lead other events to "
        "Slack by a rule of their own, to an SNS topic that Amazon Q Developer in chat applications reads"
    )


def imported_event(finding: Event, told_at: datetime | None = None) -> Event:
    """The event with which Security Hub reports a finding, then or when the finding was processed.

    The user guide has its shape: "EventBridge event formats for Security Hub CSPM".
    """
    time = f"{told_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if told_at else None
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": IMPORTED,
        "source": SECURITY_HUB,
        "account": str(finding.get("AwsAccountId", "")),
        "time": time or finding.get("ProcessedAt") or finding.get("UpdatedAt"),
        "region": finding.get("Region") or "".join(str(finding["ProductArn"]).split(":")[3:4]),
        "resources": [f"{finding['ProductArn']}/{finding['Id']}"],
        "detail": {"findings": [finding]},
    }
