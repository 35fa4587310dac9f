"""Each step of an alert meets each fault once, at the same time, each with a violation of its own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.finding.violation import fingerprint
from tests.faults.conftest import EXHAUSTIVE
from tests.faults.ground import Ground, agreement, key_of, ledger_of
from tests.findings import finding, opened, passed

DRAIN_SECONDS = 300
TIMES_TO_FAIL = 3  # as often as boto3 asks before it gives up (shared/app.py)

# What AWS answers, or doesn't. An answer that is lost belongs to a request that was carried out.
AWS_FAULTS: dict[str, dict[str, Any]] = {
    "is throttled": {"error": {"code": "ThrottlingException"}, "times": TIMES_TO_FAIL},
    "fails": {"error": {"code": "InternalServerError", "status": 500}, "times": TIMES_TO_FAIL},
    "is unavailable": {"error": {"code": "ServiceUnavailable", "status": 503}, "times": TIMES_TO_FAIL},
    "is reset": {"reset": True, "times": TIMES_TO_FAIL},
    "loses one answer": {"response": {"abort_frac": 0.0}, "times": 1},
    "loses every answer": {"response": {"abort_frac": 0.0}, "times": TIMES_TO_FAIL},
    "is slow": {"latency": 1500, "times": 1},
    "hangs": {"timeout_ms": 7000, "times": 1},
}
ALERT_STEPS = {
    "the look at the ledger": {},  # what mentions it first: that of its batch, or of itself
    "the claim": {"operation": "UpdateItem"},
    "the record": {"operation": "PutItem"},
}
SLACK_FAULTS: dict[str, dict[str, Any]] = {
    "answers 429 for a moment": {"retry_after": 1},
    "answers 429 for long": {"retry_after": 7},
    "answers 500": {"status": 500},
    "answers 502": {"status": 502},
    "answers 503": {"status": 503},
    "answers 504": {"status": 504},
    "answers after its gateway gave up": {"drop": True},
    "answers too late": {"delay": 9},
    "has an internal error": {"error": "internal_error"},
    "knows no such channel": {"error": "channel_not_found"},
    "misses the app in the channel": {"error": "not_in_channel"},
    "says the channel is archived": {"error": "is_archived"},
    "refuses the token twice": {"error": "invalid_auth", "times": 2},
    "says the token was revoked": {"error": "token_revoked", "times": 2},
    "misses a scope": {"error": "missing_scope"},
    "says the app was removed": {"error": "account_inactive"},
}
CONNECTION_FAULTS: dict[str, dict[str, Any]] = {
    "resets the connection": {"reset": True, "times": 1},
    "breaks off before its answer": {"response": {"abort_frac": 0.0}, "times": 1},
    "breaks off within its answer": {"response": {"abort_frac": 0.5}, "times": 1},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One violation, and what its opening and its closing meet."""

    bucket: str
    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)


def mentions(text: str) -> str:
    return f"contains(to_string(@), '{text}')"


def trials(phase: str, updates: bool) -> list[Trial]:
    """What a phase tries: everything, or every seventh, which meets each step and most faults."""
    planned = list(all_trials(phase, updates))
    return planned if EXHAUSTIVE else planned[updates::7]


def all_trials(phase: str, updates: bool) -> Iterator[Trial]:
    """A violation for each step and fault of a phase; `updates` if the phase changes a message."""
    for number, (operation, fault) in enumerate((o, f) for o in ALERT_STEPS.values() for f in AWS_FAULTS.values()):
        bucket = f"{phase}-aws-{number:03d}-x"
        rule = {"service": "dynamodb", **operation, "body": mentions(bucket), **fault}
        yield Trial(bucket=bucket, rules={"aws": [rule]})
    if not updates:
        yield from trials_of_queue_and_secret(phase)
    for method in ["chat.postMessage", *(["chat.update"] if updates else [])]:
        for number, fault in enumerate(SLACK_FAULTS.values()):
            bucket = f"{phase}-slack-{method}-{number:03d}-x".lower().replace(".", "-")
            yield Trial(bucket=bucket, failures=[failure(bucket, method, fault)])
        for number, fault in enumerate(CONNECTION_FAULTS.values()):
            bucket = f"{phase}-line-{method}-{number:03d}-x".lower().replace(".", "-")
            rule = {"service": "*", "body": mentions(marker(bucket, method)), **fault}
            yield Trial(bucket=bucket, rules={"slack": [rule]})


def trials_of_queue_and_secret(phase: str) -> Iterator[Trial]:
    """A violation for each fault where a failed event is held back, and where the token is read."""
    for number, fault in enumerate(AWS_FAULTS.values()):
        bucket = f"{phase}-hold-{number:03d}-x"
        rule = {"service": "sqs", "operation": "ChangeMessageVisibility", **fault}
        yield Trial(
            bucket=bucket, rules={"aws": [rule]}, failures=[failure(bucket, "chat.postMessage", {"status": 503})]
        )
    for number, fault in enumerate(AWS_FAULTS.values()):
        bucket = f"{phase}-secret-{number:03d}-x"
        rule = {"service": "secretsmanager", "operation": "GetSecretValue", **fault}
        refused = failure(bucket, "chat.postMessage", {"error": "invalid_auth"})
        yield Trial(bucket=bucket, rules={"aws": [rule]}, failures=[refused])


def marker(bucket: str, method: str) -> str:
    """What the calls of a method about a bucket mention, and no others."""
    return bucket if method == "chat.update" else fingerprint(key_of(opened(bucket)))


def failure(bucket: str, method: str, fault: dict[str, Any]) -> dict[str, Any]:
    return {"method": method, "containing": marker(bucket, method), **fault}


def arrange(ground: Ground, planned: list[Trial]) -> None:
    for trial in planned:
        ground.aws.order(*trial.rules.get("aws", []))
        ground.slack.order(*trial.rules.get("slack", []))
        for one in trial.failures:
            ground.channel.fail_next(**one)


@pytest.fixture(scope="module")
def swift(ground: Ground) -> Ground:
    """Many at work, for most of them wait. Each takes a while to start, so few where there is little to do."""
    ground.work_side_by_side(12 if EXHAUSTIVE else 4)
    return ground


def test_no_fault_at_any_step_loses_or_repeats_a_message(swift: Ground) -> None:
    openings, closings = trials("open", updates=False), trials("close", updates=True)
    calm = [f"hub-{number}" for number in range(len(AWS_FAULTS))]
    buckets = [trial.bucket for trial in openings + closings] + calm
    for bucket in calm:
        swift.demo.hub.import_finding(finding(bucket))
    arrange(swift, openings)
    swift.hub.order(*({"operation": "BatchUpdateFindings", **fault} for fault in AWS_FAULTS.values()))
    swift.stack.enqueue_all([opened(bucket) for bucket in buckets])
    swift.drain(DRAIN_SECONDS)
    assert_met(swift)
    result = agreement(swift.stack, swift.channel, map(opened, buckets))
    assert result.is_perfect, result
    assert result.announced == len(buckets)

    arrange(swift, closings)
    swift.stack.enqueue_all([passed(bucket) for bucket in buckets])
    swift.drain(DRAIN_SECONDS)
    assert_met(swift)
    result = agreement(swift.stack, swift.channel, map(opened, buckets))
    assert result.is_perfect, result
    assert {ledger_of(swift.stack)[key_of(opened(bucket))]["state"] for bucket in buckets} == {"passed"}
    print(f"\nEvery step: {len(buckets)} violations opened and closed, {swift.injected.total()} faults besides Slack's")
    print(*(f"  {number:6}  {kind}" for kind, number in sorted(swift.injected.items())), sep="\n")


def assert_met(ground: Ground) -> None:
    """Every fault that was ordered has happened, or this would prove nothing."""
    assert [rule for proxy in (ground.aws, ground.hub, ground.slack) for rule in proxy.unmet] == []
    assert ground.channel.faults_waiting == 0
    ground.clear_faults()
