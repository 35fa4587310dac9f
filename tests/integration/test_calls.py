"""What an alert costs in calls, which the bill counts."""

from tests.bench import bench_cost
from tests.bench.bare import record
from tests.findings import opened
from tests.integration.surroundings import Surroundings

READS = {"GetItem"}
WRITES = {"PutItem", "UpdateItem"}


def test_a_new_violation_makes_the_calls_that_the_bill_counts(around: Surroundings) -> None:
    operations = [operation for _, operation, _ in record(lambda: around.deliver(opened()))]
    assert sum(operation in READS for operation in operations) == bench_cost.READS_NEW
    assert sum(operation in WRITES for operation in operations) == bench_cost.WRITES_NEW
    assert operations.count("chat_postMessage") == bench_cost.SLACK_CALLS_NEW
    assert operations.count("GetSecretValue") == 1
