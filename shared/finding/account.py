"""What is known of an account besides what its findings say."""

from dataclasses import dataclass

from shared.finding.tag import Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account's tags, and the ids of the organizational units it is in, whichever of them holds another: {"ou-ab12-
    payments1", "r-ab12"}. Both are empty where AWS Organizations has none, or refuses to tell; where it just doesn't
    answer for now, `is_told` is false besides."""

    tags: Tags = ()
    units: frozenset[str] = frozenset()
    is_told: bool = True
