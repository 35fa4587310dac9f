"""Which of the controls are asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from local.check.controls import ACCOUNT, Control
from shared.finding.violation import Severity
from shared.policy.pattern import matches

STANDARDS = {"fsbp": {"fsbp"}, "cis": {"cis"}, "default": {"fsbp", "cis"}, "all": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Patterns of control ids, the lowest severity, and the key of STANDARDS; `enabled` has the ids of the controls
    that a hub has switched on, in lower case, None where no hub was asked."""

    patterns: tuple[str, ...] = ("*",)
    min_severity: Severity = Severity.INFORMATIONAL
    standard: str = "default"
    enabled: frozenset[str] | None = None

    def takes(self, control: Control) -> bool:
        wanted = STANDARDS[self.standard]
        if self.enabled is not None:
            is_wanted = control.id.lower() in self.enabled
        else:
            is_wanted = wanted is None or not wanted.isdisjoint(control.standards)
        return (
            is_wanted
            and control.severity >= self.min_severity
            and any(matches(pattern, control.id) for pattern in self.patterns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The controls that are asked for: those that are checked, those that only the deployed account can tell, and those
    for which there is no rule yet."""

    checked: tuple[Control, ...]
    of_account: tuple[Control, ...]
    without_rule: tuple[Control, ...]


def scope_of(selection: Selection, controls: Iterable[Control]) -> Scope:
    """The controls that a selection takes, in their order."""
    taken = [control for control in controls if selection.takes(control)]
    return Scope(
        checked=tuple(control for control in taken if control.is_checked),
        of_account=tuple(control for control in taken if control.decided_by == ACCOUNT),
        without_rule=tuple(control for control in taken if not control.decided_by),
    )
