"""What a check found, sorted, and what the shell gets back."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from local.check.decide import Predicted
from local.check.selection import Scope
from local.words import enumerated, said
from shared.finding.violation import Severity

MOST_PARTS = 5  # of a resource; --format json has all
REMEDIATION = "https://docs.aws.amazon.com/console/securityhub/{control}/remediation"  # as findings have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What was found in so many templates with so many resources; `problems` says what could not be checked."""

    found: Sequence[Predicted]
    scope: Scope
    templates: int
    resources: int
    problems: Sequence[str]
    is_strict: bool = False  # whether what is undecided counts as violated

    @property
    def violations(self) -> list[Predicted]:
        """The worst first."""
        return [one for one in self.found if one.is_certain and not one.accepted]

    @property
    def accepted(self) -> list[Predicted]:
        return [one for one in self.found if one.accepted]

    @property
    def undecided(self) -> list[Predicted]:
        return [one for one in self.found if not one.is_certain and not one.accepted]

    def exit_code(self, fail_on: Severity) -> int:
        """2 where something could not be read; else 1 where something violates a control of that severity or above."""
        if self.problems:
            return 2
        counted = [*self.violations, *(self.undecided if self.is_strict else [])]
        return int(any(one.control.severity >= fail_on for one in counted))


def worst_first(one: Predicted) -> tuple[int, str, int, str, int, str]:
    """Controls of one severity stand as AWS counts them: S3.9 before S3.13."""
    service, _, number = one.control.id.casefold().rpartition(".")
    position = (one.template.file, one.resource.line or 0, one.resource.name)
    return (-one.control.severity, service, int(number) if number.isdigit() else 0, *position)


def place(one: Predicted) -> str:
    """Where the resource stands: file:line, or the file where no line is known."""
    line = one.resource.line
    return f"{one.template.file}:{line}" if line else one.template.file


def subject(one: Predicted) -> str:
    """The resource, with those of its parts that it is about: "Api: GET /orders, POST /orders"."""
    parts = [*one.parts[:MOST_PARTS], *(["…"] if len(one.parts) > MOST_PARTS else [])]
    return f"{one.resource.name}: {', '.join(parts)}" if parts else one.resource.name


def remediation(one: Predicted) -> str:
    """The address of what AWS says about mending it."""
    return REMEDIATION.format(control=one.control.id)


def doubt(one: Predicted) -> str:
    """Why it is undecided."""
    if one.problem:
        return said(f"its rule broke off: {one.problem}")
    return said(f"it depends on: {enumerated(said(source) for source in sorted(one.undecided))}")


def fingerprint(one: Predicted) -> str:
    """What stays the same as long as the same resource violates the same control, wherever its line is."""
    key = "/".join([one.template.account_id or "-", one.control.id, one.template.file, one.resource.name])
    return sha256(key.encode()).hexdigest()
