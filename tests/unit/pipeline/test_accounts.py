"""What is known of an account, and how often AWS Organizations is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.aws.organization import Organization
from shared.errors import OrganizationError, OrganizationFault
from shared.finding.account import Account
from shared.pipeline.accounts import Accounts
from shared.pipeline.patience import Patience
from shared.telemetry import Telemetry
from tests.unit.pipeline.lookups import Lookups

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
ID, OTHER = "111122223333", "444455556666"
PAYMENTS = Account(
    tags=(("Owner", "team-settlement"), ("env", "prod")), units=frozenset({"ou-ab12-payments1", "r-ab12"})
)


class Answering(Organization):
    """Answers every question alike."""

    def __init__(self, answer: Account | OrganizationFault) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def account(self, account_id: str, now: datetime) -> Account:
        self.asked.append(account_id)
        if isinstance(self.answer, OrganizationFault):
            raise OrganizationError("AWS Organizations doesn't answer", fault=self.answer)
        return self.answer


def accounts(organization: Organization | None, lookups: Lookups | None = None) -> Accounts:
    cache = (lookups or Lookups()).cache()
    return Accounts(organization=organization, cache=cache, patience=Patience(2), telemetry=Telemetry())


def test_an_account_is_asked_about_once_a_day_by_whichever_process() -> None:
    organization, lookups = Answering(PAYMENTS), Lookups()
    for hours in (0, 12, 23.9):
        assert accounts(organization, lookups).find(ID, NOW + timedelta(hours=hours)) == PAYMENTS
    assert organization.asked == [ID]
    accounts(organization, lookups).find(ID, NOW + timedelta(hours=24))
    assert len(organization.asked) == 2


def test_where_nobody_may_ask_no_account_is_asked_about_for_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    organization = Answering(OrganizationFault.DENIED)
    found = accounts(organization)
    assert {found.find(account, NOW + timedelta(minutes=50)) for account in (ID, OTHER) * 5} == {Account()}
    assert (organization.asked, [record.levelname for record in caplog.records]) == ([ID], ["WARNING"])
    organization.answer = PAYMENTS
    assert found.find(OTHER, NOW + timedelta(minutes=111)) == PAYMENTS


def test_an_account_that_is_in_no_organization_hides_no_other() -> None:
    organization = Answering(OrganizationFault.UNKNOWN)
    found = accounts(organization)
    assert found.find(OTHER, NOW) == Account()
    organization.answer = PAYMENTS
    assert found.find(ID, NOW) == PAYMENTS
    assert found.find(OTHER, NOW + timedelta(minutes=59)) == Account()
    assert found.find(OTHER, NOW + timedelta(minutes=60)) == PAYMENTS


def test_one_failure_that_may_pass_is_waited_for_and_no_more_in_a_minute() -> None:
    organization = Answering(OrganizationFault.UNAVAILABLE)
    found = accounts(organization)
    assert [found.find(account, NOW) for account in (ID, OTHER, ID)] == [Account(is_told=False)] * 3
    assert organization.asked == [ID]
    organization.answer = PAYMENTS
    assert found.find(ID, NOW + timedelta(minutes=1)) == PAYMENTS


def test_whoever_may_not_ask_at_all_is_told_once_what_to_set(caplog: pytest.LogCaptureFixture) -> None:
    found = accounts(None)
    assert [found.find(ID, NOW) for _ in range(3)] == [Account()] * 3
    (record,) = caplog.records
    assert "ReadOrganization" in record.__dict__["why"]
