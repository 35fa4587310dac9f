"""Topics."""

from local.check.answer import Answer
from local.check.rule import Rule, given, judged, rule
from local.check.rules.policy import is_public, some_policy
from local.check.template import Resource, Template

TOPIC = "SNS::Topic"
_POLICIES = {"AWS::SNS::TopicPolicy": "Topics", "AWS::SNS::TopicInlinePolicy": "TopicArn"}


def _not_public(topic: Resource, template: Template) -> Answer:
    return ~some_policy(topic, template, "TopicName", _POLICIES, is_public)


RULES: list[Rule] = [
    rule("SNS.1", TOPIC, given("KmsMasterKeyId")),
    # A topic without a policy of its own is its owner's alone ("Overview of managing access in Amazon SNS").
    judged("SNS.4", TOPIC, _not_public),
]
