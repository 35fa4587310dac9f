"""AWS Organizations, as far as routes ask it: an account's tags, and the organizational units it is in."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import OrganizationError, OrganizationFault
from shared.finding.account import Account
from shared.text import excerpt

# One account takes a call for its tags and one for each unit above it. They come after one another, mostly 0.2 s each
# from far away, on one connection: with a client that waits 0.8 s for an answer, none ends later than after 2 s.
LAST_CALL_SECONDS = 1.2
UNIT_LIFETIME = timedelta(days=1)

_DENIED = {
    "AccessDeniedException",
    "AccessDenied",
    "AWSOrganizationsNotInUseException",
    "UnsupportedAPIEndpointException",
}
_UNKNOWN = {"TargetNotFoundException", "ChildNotFoundException", "InvalidInputException"}
_MOST_LEVELS = 10  # units are nested five deep (AWS Organizations User Guide, "Quotas")


class Organization:
    """Looks accounts up; `client` is boto3's Organizations client.

    What one attempt found out before its time was up counts for the next one.
    """

    def __init__(self, client: Any, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._tags: dict[str, tuple[tuple[str, str], ...]] = {}  # of accounts whose units aren't known yet
        self._parents: dict[str, tuple[datetime, str]] = {}

    def account(self, account_id: str, now: datetime) -> Account:
        """Its tags, and every unit and the root above it; raises OrganizationError if that isn't told."""
        deadline = self._clock() + LAST_CALL_SECONDS
        try:
            if account_id not in self._tags:
                self._tags[account_id] = self._tags_of(account_id, deadline)
            units = frozenset(self._above(account_id, deadline, now))
        except ClientError as error:
            raise _explained(account_id, error) from error
        except BotoCoreError as error:
            raise _unavailable(account_id, error) from error
        return Account(tags=self._tags.pop(account_id), units=units)

    def _tags_of(self, account_id: str, deadline: float) -> tuple[tuple[str, str], ...]:
        pages = self._pages(self._client.list_tags_for_resource, deadline, ResourceId=account_id)
        return tuple((tag["Key"], tag["Value"]) for page in pages for tag in page["Tags"])

    def _above(self, account_id: str, deadline: float, now: datetime) -> Iterator[str]:
        child = account_id
        for _ in range(_MOST_LEVELS):
            child = self._parent_of(child, deadline, now)
            yield child
            if child.startswith("r-"):
                return

    def _parent_of(self, child: str, deadline: float, now: datetime) -> str:
        until, parent = self._parents.get(child, (now, ""))
        if until > now:
            return parent
        pages = self._pages(self._client.list_parents, deadline, ChildId=child)
        found = [one["Id"] for page in pages for one in page["Parents"]]  # one: "a child can have only a single parent"
        if not found:
            raise OrganizationError(f"{excerpt(child)} stands nowhere", fault=OrganizationFault.UNAVAILABLE)
        self._parents[child] = (now + UNIT_LIFETIME, found[0])
        return str(found[0])

    def _pages(self, call: Callable[..., Any], deadline: float, **asked: str) -> Iterator[dict[str, Any]]:
        while True:
            if self._clock() > deadline:
                raise OrganizationError("AWS Organizations takes too long", fault=OrganizationFault.UNAVAILABLE)
            page = call(**asked)
            yield page
            if not page.get("NextToken"):
                return
            asked["NextToken"] = page["NextToken"]


def _explained(account_id: str, error: ClientError) -> OrganizationError:
    code = error.response["Error"]["Code"]
    if code in _DENIED:
        return OrganizationError(
            f"AWS Organizations doesn't answer this account: {excerpt(error)}. Only the management account and "
            "delegated administrators may ask; without, account_tag and ou of the routes find nothing",
            fault=OrganizationFault.DENIED,
        )
    if code in _UNKNOWN:
        return OrganizationError(
            f"AWS Organizations doesn't know the account {excerpt(account_id)}: {excerpt(error)}",
            fault=OrganizationFault.UNKNOWN,
        )
    return _unavailable(account_id, error)


def _unavailable(account_id: str, error: Exception) -> OrganizationError:
    return OrganizationError(
        f"AWS Organizations can't be asked about the account {excerpt(account_id)} just now: {excerpt(error)}",
        fault=OrganizationFault.UNAVAILABLE,
    )
