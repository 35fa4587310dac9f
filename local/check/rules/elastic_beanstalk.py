"""Environments of Elastic Beanstalk.

What an application's own source bundle sets (.ebextensions) stands in no template: the settings here are those that
the template gives.
"""

from collections.abc import Sequence

from local.check.answer import Answer, every, of, undecided
from local.check.parameter import number, some_of
from local.check.rule import Judgement, Rule, all_of, any_item, customizable, equal, judged
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, at

ENVIRONMENT = "ElasticBeanstalk::Environment"
_UPDATES, _LOGS = "aws:elasticbeanstalk:managedactions", "aws:elasticbeanstalk:cloudwatch:logs"
_DEFAULT_DAYS = 7  # AWS Elastic Beanstalk Developer Guide, "General options for all environments", RetentionInDays


def _set(namespace: str, option: str, *values: object, default: bool = False) -> Judgement:
    """Whether an option has one of the values, as its `default` has or hasn't. An environment's own settings come
    before those of its configuration template."""
    named = all_of(equal("Namespace", namespace), equal("OptionName", option))
    right = all_of(named, equal("Value", *values))

    def is_set(holder: Resource, otherwise: Answer) -> Answer:
        is_named, is_right = (any_item("OptionSettings", one)(holder.properties) for one in (named, right))
        return is_right | (~is_named & otherwise)

    def judge(environment: Resource, template: Template) -> Answer:
        name = at(environment.properties, "TemplateName")
        if name is ABSENT:
            return is_set(environment, of(default))
        saved = template.by_id.get(name.logical_id) if isinstance(name, Reference) else None
        if saved is not None:
            return is_set(environment, is_set(saved, of(default)))
        unknown = name.source if isinstance(name, Unknown) else f"the configuration template {name}"
        return is_set(environment, undecided(unknown))

    return judge


def _all(*judgements: Judgement) -> Judgement:
    return lambda environment, template: every(judge(environment, template) for judge in judgements)


def _takes_updates(levels: Sequence[str]) -> Judgement:
    takes_any = _set(_UPDATES, "ManagedActionsEnabled", "true")
    return _all(takes_any, _set(f"{_UPDATES}:platformupdate", "UpdateLevel", *levels)) if levels else takes_any


def _streams_logs(days: float | None) -> Judgement:
    streams = _set(_LOGS, "StreamLogs", "true")
    if days is None:
        return streams
    return _all(streams, _set(_LOGS, "RetentionInDays", days, default=days == _DEFAULT_DAYS))


RULES: list[Rule] = [
    judged(
        "ElasticBeanstalk.1",
        ENVIRONMENT,
        _set("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced"),
    ),
    customizable(
        lambda levels: judged("ElasticBeanstalk.2", ENVIRONMENT, _takes_updates(levels)),
        some_of("UpdateLevel", "minor", "patch", default=()),
    ),
    customizable(
        lambda days: judged("ElasticBeanstalk.3", ENVIRONMENT, _streams_logs(days)), number("RetentionInDays")
    ),
]
