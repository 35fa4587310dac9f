"""What became of a violation that is no longer listed: absent is not resolved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.digest.placement import Placement, Standing
from shared.finding.violation import State, Violation
from shared.policy.selection import Policy


class Fate(StrEnum):
    """What its findings say today. Only the first four are an end."""

    PASSED = "passed"
    ARCHIVED = "archived"
    SUPPRESSED = "suppressed"
    RESOLVED = "resolved"  # by hand
    RERATED = "rerated"  # it fails still, below the severity that is asked for
    UNDECIDED = "undecided"  # the check could not tell
    OUT_OF_SIGHT = "out_of_sight"  # no such finding: its account or Region is no longer visible, or it was deleted
    UNVERIFIED = "unverified"  # nobody could ask

    @property
    def is_end(self) -> bool:
        return self in _ENDS


class Caveat(StrEnum):
    """Why an empty list doesn't mean that every selected control passes."""

    SUPPRESSED = "suppressed"  # something fails that somebody suppressed, or resolved by hand
    LOWERED = "lowered"  # something fails whose severity was lowered below what is asked for
    UNDECIDED = "undecided"  # some check could not tell
    EXEMPT = "exempt"  # something fails that the routes accept, or drop
    UNKNOWN = "unknown"  # that could not be asked, or something that left the list is not known to have ended


_ENDS = frozenset({Fate.PASSED, Fate.ARCHIVED, Fate.SUPPRESSED, Fate.RESOLVED})
_BY_STATE = {
    State.PASSED: Fate.PASSED,
    State.ARCHIVED: Fate.ARCHIVED,
    State.SUPPRESSED: Fate.SUPPRESSED,
    State.RESOLVED: Fate.RESOLVED,
    State.OTHER: Fate.UNDECIDED,
}
# What counts where the findings of one violation, of several standards for instance, disagree: one that fails still;
# then a pass, for it is one check; then a doubt, for all the others have to agree.
_ORDER = (
    *(Fate.RERATED, Fate.PASSED, Fate.UNVERIFIED, Fate.UNDECIDED),
    *(Fate.SUPPRESSED, Fate.RESOLVED, Fate.ARCHIVED, Fate.OUT_OF_SIGHT),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A violation that a digest listed and that is not known to have ended, or whose end the alert queue did not take
    yet: each digest since that of `since` found the same."""

    violation: Violation
    fate: Fate
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A violation that an earlier digest listed and this one doesn't.

    `fate` is None where nobody could ask, or tell; `before` is what the last digest found, if it was absent then. An
    end `is_passed_on` once the alert queue has it. `placed_before` is where it was told, `placement` where it would be
    today; both are None without routes.
    """

    violation: Violation
    fate: Fate | None
    is_passed_on: bool
    before: Away | None
    placed_before: Placement | None = None
    placement: Placement | None = None

    @property
    def is_news(self) -> bool:
        """Whether a reader is to hear of it: the last digest listed it to be acted on, and has not told the same."""
        was_told = self.placed_before is None or self.placed_before.standing is Standing.OPEN
        return was_told and (self.before is None or self.before.fate is not self.fate)


def fate_of(findings: Collection[Violation], policy: Policy, *, unreadable: int = 0) -> Fate | None:
    """What all findings of a violation say together, some of them unreadable; None if it belongs on the list."""
    if any(finding.is_listed and policy.selects(finding) for finding in findings):
        return None
    fates = {_fate(finding) for finding in findings} | ({Fate.UNVERIFIED} if unreadable else {Fate.OUT_OF_SIGHT})
    return next(fate for fate in _ORDER if fate in fates)


def _fate(finding: Violation) -> Fate:
    if finding.is_listed:
        return Fate.RERATED
    if finding.is_replaced:
        return Fate.UNDECIDED
    return _BY_STATE[finding.state]
