"""Repositories of container images."""

from collections.abc import Sequence

from local.check.answer import Answer, some, undecided
from local.check.parameter import texts
from local.check.rule import (
    Predicate,
    Rule,
    all_of,
    any_item,
    any_of,
    customizable,
    equal,
    given,
    judged,
    negated,
    rule,
    true,
    unsettled,
)
from local.check.rules.policy import any_text
from local.check.rules.related import is_key
from local.check.template import Resource, Template
from local.check.value import Value, at

REPOSITORY = "ECR::Repository"
_KEY = "EncryptionConfiguration.KmsKey"
_all_repositories = any_item("Rules", any_item("RepositoryFilters", equal("Filter", "*")))


def _by_key_of_aws(properties: Value) -> Answer:
    key = at(properties, _KEY)
    return any_text(key, lambda text: text.endswith("alias/aws/ecr"))


def _has_own_key(arns: Sequence[str]) -> Predicate:
    """Whether a key that AWS doesn't manage encrypts it; if there are `arns`, one of these."""
    own = is_key(_KEY, arns) if arns else all_of(given(_KEY), negated(_by_key_of_aws))
    return all_of(equal("EncryptionConfiguration.EncryptionType", "KMS", "KMS_DSSE"), own)


def _is_scanned(repository: Resource, template: Template) -> Answer:
    """By itself, or as the registry is configured; what its filters leave out is undecided."""
    by_registry = [
        _all_repositories(one.properties) | (given("Rules")(one.properties) & undecided("the filters of the registry"))
        for one in template.of_type("AWS::ECR::RegistryScanningConfiguration")
    ]
    return true("ImageScanningConfiguration.ScanOnPush")(repository.properties) | some(by_registry)


RULES: list[Rule] = [
    judged("ECR.1", REPOSITORY, _is_scanned),
    rule(
        "ECR.2",
        REPOSITORY,
        any_of(
            equal("ImageTagMutability", "IMMUTABLE"),
            all_of(
                equal("ImageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
                unsettled("whether Security Hub accepts exclusions from immutability"),
            ),
        ),
    ),
    rule("ECR.3", REPOSITORY, given("LifecyclePolicy.LifecyclePolicyText")),
    customizable(lambda arns: rule("ECR.5", REPOSITORY, _has_own_key(arns)), texts("kmsKeyArns")),
]
