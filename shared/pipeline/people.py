"""Who in Slack an owner is, asked seldom, and never in the way of an alert."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from shared.aws.lookup_cache import LookupCache
from shared.errors import ShiraseError, SlackError
from shared.pipeline.patience import Patience
from shared.policy.owner import Person, Ring
from shared.slack.directory import Directory
from shared.slack.refusal import TOKEN_PROBLEMS
from shared.telemetry import Telemetry
from shared.text import masked

LIFETIMES = {
    Ring.RUNG: timedelta(hours=24),
    Ring.BOT: timedelta(hours=24),
    Ring.UNKNOWN: timedelta(hours=6),
    Ring.UNAVAILABLE: timedelta(hours=1),
}
# After a failure that may pass nobody is asked about: the next alerts shall not wait for another one.
PAUSE = timedelta(minutes=1)

_UNAVAILABLE = Person(ring=Ring.UNAVAILABLE)


class People:
    """Finds people by e-mail address, of which the ledger's table keeps no more than a hash."""

    def __init__(self, *, directory: Directory, cache: LookupCache, patience: Patience, telemetry: Telemetry) -> None:
        self._directory = directory
        self._cache = cache
        self._patience = patience
        self._telemetry = telemetry
        self._not_before = datetime.min.replace(tzinfo=UTC)

    def find(self, email: str, now: datetime) -> Person:
        """Who has an address, as far as Slack says; it never raises."""
        key = owner_key(email)
        if known := self._cache.get(key, now):
            return Person(ring=Ring(known["ring"]), user_id=known.get("user_id"))
        if now < self._not_before or self._patience.is_over(now):
            return _UNAVAILABLE
        try:
            with self._patience.tried():
                person = self._directory.find(email)
        except SlackError as error:
            person, pause = _UNAVAILABLE, self._pause_after(error)
            self._put_off(email, error, now + pause)
            if not error.is_final:
                return person
        except ShiraseError as error:  # of the token
            self._put_off(email, error, now + PAUSE)
            return _UNAVAILABLE
        answer = {"ring": person.ring.value} | ({"user_id": person.user_id} if person.user_id else {})
        self._cache.put(key, answer, now + LIFETIMES[person.ring])
        return person

    def _pause_after(self, error: SlackError) -> timedelta:
        """For how long Slack is asked about nobody: an address that it doesn't take says nothing of others."""
        if error.retry_after is not None:
            return timedelta(seconds=error.retry_after)
        if error.is_final:
            return LIFETIMES[Ring.UNAVAILABLE] if error.reason in TOKEN_PROBLEMS else timedelta()
        return PAUSE

    def _put_off(self, email: str, error: ShiraseError, until: datetime) -> None:
        self._not_before = until
        self._telemetry.log.warning("owner not looked up", extra={"owner": masked(email), "why": str(error)})


def owner_key(email: str) -> str:
    """Under which key the ledger's table keeps what Slack says about an address."""
    return f"owner/{sha256(email.strip().lower().encode()).hexdigest()}"
