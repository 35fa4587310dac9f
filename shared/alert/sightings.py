"""What the ledger remembers of each finding of a violation, once an event has told of one of them."""

from dataclasses import replace

from shared.alert.entry import Entry, Sighting
from shared.finding.violation import State, Violation

# Of a resource that is made anew every day each finding leaves a trace; an event that is later than so many others has
# to be taken for one of a finding that nobody knew.
MOST_ENDED_SIGHTINGS = 4
MOST_SIGHTINGS = 16  # more standards than there are


def seen(violation: Violation, entry: Entry | None) -> dict[str, Sighting]:
    """What is known of the violation's findings, once this is: those that ended long ago are forgotten."""
    known = entry.findings.get(violation.finding_id) if entry else None
    is_open = violation.state is State.OPEN
    sighting = Sighting(
        is_open=is_open,
        episode_started_at=violation.episode_started_at,
        updated_at=violation.updated_at,
        reported_at=violation.reported_at,
        severity=violation.severity if is_open else (known.severity if known else None),
        has_passed=violation.state is State.PASSED,
    )
    others = dict(entry.findings) if entry else {}
    others.pop(violation.finding_id, None)
    if violation.state is State.PASSED:
        others = {finding_id: _passed_too(other, violation) for finding_id, other in others.items()}
    return {**_latest(others), violation.finding_id: sighting}


def _latest(sightings: dict[str, Sighting]) -> dict[str, Sighting]:
    ranked = sorted(sightings.items(), key=lambda one: one[1].reported_at, reverse=True)
    still_open = [one for one in ranked if one[1].is_open]
    ended = [one for one in ranked if not one[1].is_open]
    return dict([*still_open[:MOST_SIGHTINGS], *ended[:MOST_ENDED_SIGHTINGS]])


def _passed_too(sighting: Sighting, violation: Violation) -> Sighting:
    # All findings of a violation come from the same check. One that was updated since tells of a later answer.
    is_later = sighting.episode_started_at > violation.episode_started_at and sighting.updated_at > violation.updated_at
    return replace(sighting, is_open=sighting.is_open and is_later)
