"""Secrets."""

import re

from local.check.answer import Answer, of, some, undecided
from local.check.parameter import number
from local.check.rule import Judgement, Predicate, Rule, always, at_most, customizable, judged
from local.check.rules.policy import attached, of_each_choice
from local.check.template import Resource, Template
from local.check.value import ABSENT, Value, at

_RATE = re.compile(r"rate\((\d+) (hour|day)s?\)")


def _rotates(is_in_time: Predicate) -> Judgement:
    """A schedule may name the secret by its attachment to a database, as well."""

    def judge(secret: Resource, template: Template) -> Answer:
        attachments = [
            (attachment, attached(secret, attachment, at(attachment.properties, "SecretId"), "Name"))
            for attachment in template.of_type("AWS::SecretsManager::SecretTargetAttachment")
        ]
        return some(
            (
                attached(secret, schedule, at(schedule.properties, "SecretId"), "Name")
                | some(
                    is_own & attached(attachment, schedule, at(schedule.properties, "SecretId"), "Name")
                    for attachment, is_own in attachments
                )
            )
            & is_in_time(schedule.properties)
            for schedule in template.of_type("AWS::SecretsManager::RotationSchedule")
        )

    return judge


def _within(days: float) -> Predicate:
    """Whether a schedule rotates at least once in so many days."""

    def ask_expression(expression: Value) -> Answer:
        found = _RATE.fullmatch(expression) if isinstance(expression, str) else None
        if found is None:
            return undecided("the schedule of the rotation")
        return of(int(found[1]) / (24 if found[2] == "hour" else 1) <= days)

    def ask_schedule(schedule: Value) -> Answer:
        by_expression = of_each_choice(at(schedule, "RotationRules.ScheduleExpression"), ask_expression)
        return of_each_choice(
            at(schedule, "RotationRules.AutomaticallyAfterDays"),
            lambda every_days: by_expression if every_days is ABSENT else at_most("", days)(every_days),
        )

    return ask_schedule


RULES: list[Rule] = [
    customizable(
        lambda days: judged(
            "SecretsManager.1", "SecretsManager::Secret", _rotates(always if days is None else _within(days))
        ),
        number("maximumAllowedRotationFrequency"),
    ),
]
