"""Whom a digest may look up in Slack: as many as alerts can spare."""

from collections.abc import Callable

from shared.policy.owner import FindPerson, Person, Ring

# Slack lets an app ask for 50 a minute ("users.lookupByEmail method", Tier 3), and alerts ask, too.
MOST_LOOKED_UP = 40
SECONDS_TO_LOOK_UP = 60

_NOT_ASKED = Person(ring=Ring.UNAVAILABLE)


class BoundedPeople:
    """Asks once for each address, and for no more once Slack doesn't answer, or enough was asked."""

    def __init__(self, ask: FindPerson, seconds_left: Callable[[], float]) -> None:
        self._ask = ask
        self._seconds_left = seconds_left
        self._known: dict[str, Person] = {}
        self._is_answered = True

    def find(self, email: str) -> Person:
        """Who has the address; not known where nobody may ask any more, which is not the same as nobody."""
        address = email.casefold()
        if address not in self._known:
            if not self._is_answered or len(self._known) >= MOST_LOOKED_UP or self._seconds_left() <= 0:
                return _NOT_ASKED
            self._known[address] = self._ask(email)
            self._is_answered = self._known[address].ring is not Ring.UNAVAILABLE
        return self._known[address]
