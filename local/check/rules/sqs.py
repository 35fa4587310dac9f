"""Queues."""

from local.check.answer import Answer
from local.check.rule import Rule, any_of, given, judged, rule, true
from local.check.rules.policy import is_public, some_policy
from local.check.template import Resource, Template

QUEUE = "SQS::Queue"
_POLICIES = {"AWS::SQS::QueuePolicy": "Queues", "AWS::SQS::QueueInlinePolicy": "Queue"}


def _not_public(queue: Resource, template: Template) -> Answer:
    return ~some_policy(queue, template, "QueueName", _POLICIES, is_public)


RULES: list[Rule] = [
    # A new queue is encrypted with SSE-SQS unless told otherwise (Amazon SQS Developer Guide, "Encryption at rest").
    rule("SQS.1", QUEUE, any_of(true("SqsManagedSseEnabled", default=True), given("KmsMasterKeyId"))),
    judged("SQS.3", QUEUE, _not_public),
]
