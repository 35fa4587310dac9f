"""What the routes in use say about a violation; without routes, what the stack's settings say."""

from collections.abc import Callable
from datetime import datetime

from shared.finding.account import Account
from shared.finding.violation import Violation
from shared.policy.owner import FindPerson, Ownership, Person, Ring
from shared.policy.route import Destination, Silence
from shared.policy.routes import Routes
from shared.policy.selection import Policy
from shared.telemetry import Telemetry

_NOBODY = Ownership()


class Router:
    """Asks the routes. None of the collaborators raises: `read_routes` gives those in use at a time (None if there are
    none), `account_of` what is known of an account, `find_person` of an e-mail address."""

    def __init__(
        self,
        *,
        settings: Policy,
        channel: str,
        read_routes: Callable[[datetime], Routes | None],
        account_of: Callable[[str, datetime], Account],
        find_person: Callable[[str, datetime], Person],
        telemetry: Telemetry,
    ) -> None:
        self._settings = settings
        self._channel = channel
        self._read_routes = read_routes
        self._account_of = account_of
        self._find_person = find_person
        self._telemetry = telemetry

    def policy(self, now: datetime) -> Policy:
        """What is asked for, by now."""
        routes = self._read_routes(now)
        return routes.policy(self._settings, now.date()) if routes else self._settings

    def is_routing(self, now: datetime) -> bool:
        """Whether routes are in use by now."""
        return self._read_routes(now) is not None

    def digests_by_channel(self, now: datetime) -> bool:
        """Whether each channel gets a digest of its own rows by now."""
        routes = self._read_routes(now)
        return routes is not None and routes.digests_by_channel

    def person(self, email: str, now: datetime) -> Person:
        """What Slack knows of an e-mail address."""
        return self._find_person(email, now)

    def asks_organization(self, now: datetime) -> bool:
        """Whether anything depends on what is known of accounts by now."""
        routes = self._read_routes(now)
        return routes is not None and routes.asks_organization

    def account(self, account_id: str, now: datetime) -> Account:
        """What is known of an account."""
        return self._account_of(account_id, now)

    def destination(
        self,
        violation: Violation,
        now: datetime,
        find_person: FindPerson | None = None,
        account: Account | None = None,
    ) -> Destination:
        """Where a violation that is announced now goes, and who is mentioned; a digest looks people and accounts up by
        itself."""
        routes = self._read_routes(now)
        if routes is None:
            return Destination(channel=self._channel, line=None, ownership=_NOBODY, silence=Silence.NOT_ASKED)
        if account is None:
            account = self._account_of(violation.account_id, now) if routes.asks_organization else Account()
        ask = find_person or (lambda email: self._find_person(email, now))
        destination = routes.destination(violation, account, ask)
        if find_person is None and _has_unknown(destination.ownership):
            self._telemetry.count("OwnerUnknown")
        return destination

    def channels(self, now: datetime) -> tuple[str, ...]:
        """Every channel that something may go to by now, the default one first."""
        routes = self._read_routes(now)
        return routes.channels if routes else (self._channel,)

    def tag_names(self, now: datetime) -> frozenset[str]:
        """The names of the tags that anything depends on by now; none without routes."""
        routes = self._read_routes(now)
        return routes.tag_names if routes else frozenset()


def _has_unknown(ownership: Ownership) -> bool:
    return bool(ownership.unknown) or any(known.ring is Ring.UNKNOWN for known in ownership.owners)
