"""Whom an announcement rings, where others write of the same person or channel at the same moment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from shared.alert.bell import Bell
from shared.aws.burst_ledger import ADMISSION_ATTEMPTS, Admission, BurstLedger
from shared.aws.table import Table
from shared.errors import ClaimHeldError
from shared.policy.owner import Mention, MentionKind
from tests.findings import violation

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
HANA = Mention(kind=MentionKind.USER, id="U0HANASATO1")
TEAM = Mention(kind=MentionKind.GROUP, id="S0SETTLE001")
BELL = Bell(name="a-violation", mentions=(HANA, TEAM))
NONE, CONFLICT, FULL = ({"Code": code} for code in ("None", "TransactionConflict", "ConditionalCheckFailed"))


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def attempt(stub: Stubber, *reasons: dict[str, str]) -> None:
    """An attempt whose transaction is cancelled for these reasons, of traffic and each mention; none: it is made."""
    stub.add_response("get_item", {})
    if not reasons:
        stub.add_response("transact_write_items", {})
        return
    cancelled: dict[str, Any] = {"CancellationReasons": list(reasons)}
    asked = {"TransactItems": ANY}
    stub.add_client_error("transact_write_items", "TransactionCanceledException", "", 400, None, asked, None, cancelled)


def admit(stub: Stubber) -> Admission:
    ledger = BurstLedger(Table(stub.client, "ledger"))
    return ledger.admit(violation(), "C0000000007", limit=20, now=NOW, bell=BELL)


def test_a_conflict_over_a_person_is_tried_again_and_rings_them_all_the_same(stub: Stubber) -> None:
    attempt(stub, NONE, CONFLICT, NONE)
    attempt(stub)
    assert admit(stub) == Admission(burst_id=None, mentions=(HANA, TEAM))


def test_who_was_rung_too_often_is_not_rung_though_another_was_in_conflict(stub: Stubber) -> None:
    attempt(stub, NONE, FULL, CONFLICT)
    attempt(stub)
    assert admit(stub) == Admission(burst_id=None, mentions=(TEAM,))


def test_an_announcement_that_meets_conflicts_only_goes_back_to_the_queue(stub: Stubber) -> None:
    for _ in range(ADMISSION_ATTEMPTS):
        attempt(stub, CONFLICT, NONE, NONE)
    with pytest.raises(ClaimHeldError, match="it will be tried again"):
        admit(stub)
