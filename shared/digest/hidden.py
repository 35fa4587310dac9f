"""What fails and is shown as less than that: suppressed, resolved by hand, or lowered in severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.digest.fate import Caveat
from shared.finding.violation import State, Violation
from shared.policy.selection import Policy


class Hiding(StrEnum):
    """How a failing violation is hidden. One that is listed all the same, for another finding of it says so, is not
    suppressed; one that is suppressed counts as that, whatever its severity."""

    SUPPRESSED = "suppressed"  # or resolved by hand
    LOWERED = "lowered"  # by hand or by a rule: it is listed with less, or not at all


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenCount:
    """How many are hidden in one way, None where that is not known; or `is_more` than that.

    `since` is how many of them the last digest that could count them did not have; None if that can't be told.
    """

    count: int | None
    is_more: bool = False
    since: int | None = None

    @property
    def is_exact(self) -> bool:
        return self.count is not None and not self.is_more


def is_hidden(violation: Violation, hiding: Hiding, policy: Policy) -> bool:
    """Whether a finding says that its violation is hidden so, and its control is asked for."""
    if not policy.targets(violation.control_id):
        return False
    if hiding is Hiding.SUPPRESSED:
        return violation.state in {State.SUPPRESSED, State.RESOLVED}
    return violation.is_listed and violation.lowered_from is not None


def doubts(hidden: Mapping[Hiding, HiddenCount]) -> tuple[Caveat, ...]:
    """What keeps the selected controls from passing where nothing is listed."""
    return tuple(dict.fromkeys(caveat for hiding, found in hidden.items() if (caveat := _doubt(hiding, found))))


def _doubt(hiding: Hiding, found: HiddenCount) -> Caveat | None:
    if found.count is None:
        return Caveat.UNKNOWN
    return Caveat(hiding) if found.count else None
