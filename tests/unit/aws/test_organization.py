"""What AWS Organizations is asked about an account, within two seconds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from shared.aws.organization import Organization
from shared.errors import OrganizationError, OrganizationFault
from shared.finding.account import Account

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
ID, OTHER = "111122223333", "444455556666"
OU, ROOT = "ou-ab12-payments1", "r-ab12"


class Stub:
    """boto3's client, whose answers are checked against the service's model; each takes some seconds."""

    def __init__(self, seconds: float = 0.2) -> None:
        self.client = boto3.client("organizations", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
        self.stubber = Stubber(self.client)
        self.now, self._seconds = 0.0, seconds
        self.client.meta.events.register("before-call.organizations", self._pass_time)
        self.stubber.activate()

    def tags(self, account: str, tags: dict[str, str], token: str | None = None, after: str | None = None) -> None:
        answer: dict[str, Any] = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        asked = {"ResourceId": account} | ({"NextToken": after} if after else {})
        self.stubber.add_response("list_tags_for_resource", answer | ({"NextToken": token} if token else {}), asked)

    def parent(self, child: str, parent: str) -> None:
        kind = "ROOT" if parent == ROOT else "ORGANIZATIONAL_UNIT"
        self.stubber.add_response("list_parents", {"Parents": [{"Id": parent, "Type": kind}]}, {"ChildId": child})

    def _pass_time(self, **_: Any) -> None:
        self.now += self._seconds


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()
    yield made
    made.stubber.assert_no_pending_responses()


def test_an_account_has_its_tags_and_every_unit_up_to_the_root(stub: Stub) -> None:
    stub.tags(ID, {"Owner": "team-settlement"}, token="2")
    stub.tags(ID, {"env": "prod"}, after="2")
    stub.parent(ID, OU)
    stub.parent(OU, ROOT)
    found = Organization(stub.client, lambda: stub.now).account(ID, NOW)
    assert found == Account(tags=(("Owner", "team-settlement"), ("env", "prod")), units=frozenset({OU, ROOT}))


def test_a_unit_that_is_known_is_asked_about_again_after_a_day(stub: Stub) -> None:
    organization = Organization(stub.client, lambda: stub.now)
    stub.tags(ID, {})
    stub.parent(ID, OU)
    stub.parent(OU, ROOT)
    stub.tags(OTHER, {})
    stub.parent(OTHER, OU)
    assert organization.account(ID, NOW).units == organization.account(OTHER, NOW).units
    stub.tags(ID, {})
    stub.parent(ID, ROOT)
    assert organization.account(ID, NOW + timedelta(days=1)).units == {ROOT}


def test_no_call_begins_that_might_end_after_two_seconds_and_the_next_attempt_goes_on() -> None:
    stub = Stub(seconds=0.7)
    organization = Organization(stub.client, lambda: stub.now)
    stub.tags(ID, {"Owner": "team-settlement"})
    stub.parent(ID, OU)
    with pytest.raises(OrganizationError) as caught:
        organization.account(ID, NOW)
    assert (caught.value.fault, stub.now <= 2) == (OrganizationFault.UNAVAILABLE, True)
    stub.parent(OU, ROOT)
    assert organization.account(ID, NOW) == Account(tags=(("Owner", "team-settlement"),), units=frozenset({OU, ROOT}))


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("AccessDeniedException", OrganizationFault.DENIED),
        ("AWSOrganizationsNotInUseException", OrganizationFault.DENIED),
        ("TargetNotFoundException", OrganizationFault.UNKNOWN),
        ("TooManyRequestsException", OrganizationFault.UNAVAILABLE),
        ("ServiceException", OrganizationFault.UNAVAILABLE),
    ],
)
def test_what_is_refused_for_good_is_told_from_what_may_pass(stub: Stub, code: str, fault: OrganizationFault) -> None:
    stub.stubber.add_client_error("list_tags_for_resource", code)
    with pytest.raises(OrganizationError) as caught:
        Organization(stub.client).account(ID, NOW)
    assert caught.value.fault is fault
