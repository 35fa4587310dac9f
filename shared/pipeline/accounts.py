"""What AWS Organizations knows of an account, asked seldom, and never in the way of an alert."""

from datetime import UTC, datetime, timedelta

from shared.aws.lookup_cache import LookupCache
from shared.aws.organization import Organization
from shared.errors import OrganizationError, OrganizationFault
from shared.finding.account import Account
from shared.pipeline.patience import Patience
from shared.telemetry import Telemetry

LIFETIME = timedelta(days=1)
REFUSAL_LIFETIME = timedelta(hours=1)
PAUSE = timedelta(minutes=1)  # after a failure that may pass, so that the next alerts don't wait for another one

_NOTHING = Account()
_NOT_TOLD = Account(is_told=False)


class Accounts:
    """Finds what is known of accounts; `organization` is None where the stack may not ask."""

    def __init__(
        self, *, organization: Organization | None, cache: LookupCache, patience: Patience, telemetry: Telemetry
    ) -> None:
        self._organization = organization
        self._cache = cache
        self._patience = patience
        self._telemetry = telemetry
        self._not_before = datetime.min.replace(tzinfo=UTC)
        self._meanwhile = _NOT_TOLD

    def find(self, account_id: str, now: datetime) -> Account:
        """An account's tags and units, as far as AWS Organizations tells; it never raises."""
        if self._organization is None:
            self._warn_once_that_nothing_is_read()
            return _NOTHING
        key = account_key(account_id)
        if known := self._cache.get(key, now):
            tags = tuple((name, value) for name, value in known["tags"])
            return Account(tags=tags, units=frozenset(known["units"]))
        if now < self._not_before:
            return self._meanwhile
        if self._patience.is_over(now):
            return _NOT_TOLD
        account, lifetime = _NOTHING, REFUSAL_LIFETIME
        try:
            with self._patience.tried():
                account, lifetime = self._organization.account(account_id, now), LIFETIME
        except OrganizationError as error:
            self._telemetry.log.warning("account not looked up", extra={"account": account_id, "why": str(error)})
            if error.fault is OrganizationFault.UNAVAILABLE:
                self._not_before, self._meanwhile = now + PAUSE, _NOT_TOLD
                return _NOT_TOLD
            if error.fault is OrganizationFault.DENIED:
                self._not_before, self._meanwhile = now + REFUSAL_LIFETIME, _NOTHING
        answer = {"tags": [list(tag) for tag in account.tags], "units": sorted(account.units)}
        self._cache.put(key, answer, now + lifetime)
        return account

    def _warn_once_that_nothing_is_read(self) -> None:
        if self._not_before < datetime.max.replace(tzinfo=UTC):
            self._not_before = datetime.max.replace(tzinfo=UTC)
            why = "the routes ask for tags or units of accounts: set ReadOrganization to true, or they find nothing"
            self._telemetry.log.warning("accounts not looked up", extra={"why": why})


def account_key(account_id: str) -> str:
    """Under which key the ledger's table keeps what AWS Organizations says about an account."""
    return f"account/{account_id}"
