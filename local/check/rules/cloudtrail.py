"""Trails."""

from local.check.answer import Answer, some
from local.check.parameter import texts
from local.check.rule import Rule, customizable, given, judged, rule, true
from local.check.rules.policy import attached
from local.check.rules.related import is_key
from local.check.template import Resource, Template
from local.check.value import at

TRAIL = "CloudTrail::Trail"


def _logged_if_of_a_trail(bucket: Resource, template: Template) -> Answer:
    keeps_trail = some(
        attached(bucket, trail, at(trail.properties, "S3BucketName"), "BucketName")
        for trail in template.of_type("AWS::CloudTrail::Trail")
    )
    return ~keeps_trail | given("LoggingConfiguration")(bucket.properties)


RULES: list[Rule] = [
    rule("CloudTrail.2", TRAIL, given("KMSKeyId")),
    rule("CloudTrail.4", TRAIL, true("EnableLogFileValidation")),
    rule("CloudTrail.5", TRAIL, given("CloudWatchLogsLogGroupArn")),
    customizable(
        lambda arns: rule(
            "CloudTrail.10", "CloudTrail::EventDataStore", is_key("KmsKeyId", arns) if arns else given("KmsKeyId")
        ),
        texts("kmsKeyArns"),
    ),
    judged("CloudTrail.7", "S3::Bucket", _logged_if_of_a_trail),
]
