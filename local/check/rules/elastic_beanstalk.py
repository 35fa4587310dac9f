"""Environments of Elastic Beanstalk.

What an application's own source bundle sets (.ebextensions) stands in no template: the settings here are those that
the template gives.
"""

from local.check.answer import NO, Answer, undecided
from local.check.rule import Judgement, Predicate, Rule, all_of, any_item, equal, judged
from local.check.template import Resource, Template
from local.check.value import ABSENT, Reference, Unknown, at

ENVIRONMENT = "ElasticBeanstalk::Environment"


def _set(namespace: str, option: str, value: str) -> Judgement:
    """Whether an option has a value. An environment's own settings come before those of its configuration template."""
    named = all_of(equal("Namespace", namespace), equal("OptionName", option))
    right = all_of(named, equal("Value", value))

    def judge(environment: Resource, template: Template) -> Answer:
        own = environment.properties
        is_named, is_right = (any_item("OptionSettings", one)(own) for one in (named, right))
        return is_right | (~is_named & _set_by_template(environment, template, right))

    return judge


def _set_by_template(environment: Resource, template: Template, right: Predicate) -> Answer:
    name = at(environment.properties, "TemplateName")
    if name is ABSENT:
        return NO
    saved = template.by_id.get(name.logical_id) if isinstance(name, Reference) else None
    if saved is None:
        return undecided(name.source if isinstance(name, Unknown) else f"the configuration template {name}")
    return any_item("OptionSettings", right)(saved.properties)


RULES: list[Rule] = [
    judged(
        "ElasticBeanstalk.1",
        ENVIRONMENT,
        _set("aws:elasticbeanstalk:healthreporting:system", "SystemType", "enhanced"),
    ),
    judged(
        "ElasticBeanstalk.2", ENVIRONMENT, _set("aws:elasticbeanstalk:managedactions", "ManagedActionsEnabled", "true")
    ),
    judged("ElasticBeanstalk.3", ENVIRONMENT, _set("aws:elasticbeanstalk:cloudwatch:logs", "StreamLogs", "true")),
]
