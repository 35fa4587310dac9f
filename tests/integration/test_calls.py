"""What an alert costs in calls, which the bill counts."""

import pytest
from botocore.exceptions import ClientError

from shared.aws.ledger import Ledger
from shared.aws.table import Table
from tests.bench import bench_cost
from tests.bench.bare import record
from tests.findings import opened, passed, violation
from tests.integration.surroundings import Surroundings

READS = {"GetItem"}
WRITES = {"PutItem", "UpdateItem"}


def test_a_new_violation_makes_the_calls_that_the_bill_counts(around: Surroundings) -> None:
    operations = [operation for _, operation, _ in record(lambda: around.deliver(opened()))]
    assert sum(operation in READS for operation in operations) == bench_cost.READS_NEW
    assert sum(operation in WRITES for operation in operations) == bench_cost.WRITES_NEW
    assert operations.count("chat_postMessage") == bench_cost.SLACK_CALLS_NEW
    assert operations.count("GetSecretValue") == 1


def test_the_repeats_of_a_batch_are_judged_by_one_read(around: Surroundings) -> None:
    events = [opened(number) for number in (1, 2, 3, 3, 3)]
    around.deliver(*events)
    operations = [operation for _, operation, _ in record(lambda: around.deliver(*events, "no JSON", {"id": "1"}))]
    assert [one for one in operations if one in READS | WRITES | {"BatchGetItem"}] == ["BatchGetItem"]


def test_what_a_batch_changes_is_read_anew(around: Surroundings) -> None:
    around.deliver(opened(1), opened(2), opened(1), passed(1), passed(2), opened(2), passed(1))
    assert len(around.posted) == 2
    assert around.metrics["AlertClosed"] == 2


def test_a_read_ahead_that_fails_loses_nothing(around: Surroundings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "BatchGetItem")

    monkeypatch.setattr(Table, "get_some", refuse)
    assert around.deliver(opened(1), opened(2)) == []
    assert len(around.posted) == 2


def test_what_was_read_ahead_a_while_ago_is_read_anew(around: Surroundings) -> None:
    seconds = iter([0.0, 0.5, 2.0])
    ledger, keys = Ledger(around.table, lambda: next(seconds)), [violation(1).key, violation(2).key]
    ledger.read_ahead(keys)
    around.deliver(opened(1), opened(2))
    assert [ledger.look_up(key).entry is None for key in keys] == [True, False]
