"""Risks that a template's author accepts, in a resource's metadata.

Metadata: {shirase: {accepted: [{control: Lambda.2, reason: …, until: "2027-03-31"}]}}, and what cdk-nag is told to
pass over, by its rules' ids: {cdk_nag: {rules_to_suppress: [{id: …, reason: …}]}} (cdk-nag's README), or the
acknowledgements of a cloud assembly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from local.check.controls import Control
from local.check.nag import rule_called
from local.check.template import Resource
from local.errors import TemplateError
from shared.policy.pattern import matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Why a violation is accepted, and to the end of which day; for good if that is None."""

    reason: str
    until: date | None = None


def accepted(control: Control, resource: Resource, today: date) -> Accepted | None:
    """Why a control's violation by a resource is accepted; None if it isn't, or isn't any more."""
    for pattern, acceptance in _own(resource):
        if matches(pattern, control.id) and (acceptance.until is None or today <= acceptance.until):
            return acceptance
    rules = {claim.partition(":")[2] for claim in (control.decided_by, *control.claimed_by) if claim.startswith("nag:")}
    suppressed = (*_suppressed(resource), *resource.acknowledged.items())
    return next((Accepted(reason=reason) for id_, reason in suppressed if rule_called(id_) in rules), None)


def is_passed_over(resource: Resource, today: date) -> bool:
    """Whether everything is accepted of a resource: of a stack within the stack, that its template isn't checked."""
    return any(pattern == "*" and (one.until is None or today <= one.until) for pattern, one in _own(resource))


def _own(resource: Resource) -> Iterator[tuple[str, Accepted]]:
    told = resource.metadata.get("shirase") or {}
    entries = told.get("accepted") or [] if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise TemplateError(f"{resource.logical_id}: Metadata.shirase.accepted is no list")
    for number, entry in enumerate(entries):
        where = f"{resource.logical_id}: Metadata.shirase.accepted[{number}]"
        yield (
            _required(entry, "control", where),
            Accepted(reason=_required(entry, "reason", where), until=_day(_required(entry, "until", where), where)),
        )


def _required(entry: Any, key: str, where: str) -> str:
    value = entry.get(key) if isinstance(entry, Mapping) else None
    if not isinstance(value, str) or not value.strip():
        raise TemplateError(f"{where}.{key} is missing: an accepted risk has a control, a reason, and until when")
    return value.strip()


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TemplateError(f"{where}.until is {text!r}: write a day as 2027-03-31") from None


def _suppressed(resource: Resource) -> Iterator[tuple[str, str]]:
    told = resource.metadata.get("cdk_nag")
    entries = told.get("rules_to_suppress") if isinstance(told, Mapping) else None
    for entry in entries if isinstance(entries, list) else []:
        # With "applies_to" a part of what the rule finds is passed over, which no control is.
        if isinstance(entry, Mapping) and isinstance(entry.get("id"), str) and "applies_to" not in entry:
            yield entry["id"], str(entry.get("reason") or "")
