"""What is known of an account besides what its findings say."""

from dataclasses import dataclass

from shared.finding.tag import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account's tags, and the ids of the organizational units it is in, whichever of them holds another: {"ou-ab12-
    payments1", "r-ab12"}. Both are empty where AWS Organizations doesn't tell."""

    tags: Tags = ()
    units: frozenset[str] = frozenset()
