"""Secrets."""

from local.check.answer import Answer, some
from local.check.rule import Rule, judged
from local.check.rules.policy import attached
from local.check.template import Resource, Template
from local.check.value import at


def _rotates(secret: Resource, template: Template) -> Answer:
    """A schedule may name the secret by its attachment to a database, as well."""
    attachments = [
        (attachment, attached(secret, attachment, at(attachment.properties, "SecretId"), "Name"))
        for attachment in template.of_type("AWS::SecretsManager::SecretTargetAttachment")
    ]
    return some(
        attached(secret, schedule, at(schedule.properties, "SecretId"), "Name")
        | some(
            is_own & attached(attachment, schedule, at(schedule.properties, "SecretId"), "Name")
            for attachment, is_own in attachments
        )
        for schedule in template.of_type("AWS::SecretsManager::RotationSchedule")
    )


RULES: list[Rule] = [
    judged("SecretsManager.1", "SecretsManager::Secret", _rotates),
]
